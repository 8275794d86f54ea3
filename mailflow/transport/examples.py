"""Who the relay lab and the exercises about relaying speak of. Nobody real has these names."""

PARTNER_DOMAIN = "partner.example"
FOREIGN_DOMAIN = "elsewhere.example"
PRINTER = "192.0.2.200"
STRANGER = "198.51.100.4"
