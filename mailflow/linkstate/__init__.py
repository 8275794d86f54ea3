"""What servers tell each other: the tables they hold, the master, TCP port 691, port 25 and the MTA, and how a failure is
noticed.
"""
