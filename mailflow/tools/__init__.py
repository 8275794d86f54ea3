"""What an administrator looks with. A tool reads a trace or an organization and changes nothing."""
