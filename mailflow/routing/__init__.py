"""What the servers need to know of each other to send mail: connectors, costs, and the choice of the next hop."""
