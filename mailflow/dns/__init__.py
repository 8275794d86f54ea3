"""Names and mail exchangers: the zones of an organization answer, and their MX records say where mail goes."""

from mailflow.dns.resolver import Exchanger, MxAnswer, Resolver, ask_mx

__all__ = ["Exchanger", "MxAnswer", "Resolver", "ask_mx"]
