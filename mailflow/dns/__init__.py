"""Names and mail exchangers: the zones of an organization answer, and their MX records say where mail goes.

`mailflow.dns.resolver` is not loaded here: it needs dnspython, and most runs look up no name.
"""

from mailflow.dns.exchangers import Exchanger, MxAnswer, ask_mx, resolver_of

__all__ = ["Exchanger", "MxAnswer", "ask_mx", "resolver_of"]
