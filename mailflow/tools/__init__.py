"""What an administrator looks with. A tool reads a trace and changes nothing."""
