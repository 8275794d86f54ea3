"""What happens to a message on one server: information store, EXIPC, advanced queuing, categorizer, delivery and the
SMTP service.

This room asks the world around it only through `mailflow.transport.node.Network`; it knows neither routing nor the
scenario.
"""
