"""Names and mail exchangers: the zones of an organization answer, and their MX records say where mail goes.

`mailflow.dns.resolver` is not loaded here: it needs dnspython, and most runs look up no name.
"""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily

if TYPE_CHECKING:
    from mailflow.dns.exchangers import Exchanger as Exchanger
    from mailflow.dns.exchangers import MxAnswer as MxAnswer
    from mailflow.dns.exchangers import ask_mx as ask_mx
    from mailflow.dns.exchangers import resolver_of as resolver_of

_HOME = {
    "Exchanger": "mailflow.dns.exchangers",
    "MxAnswer": "mailflow.dns.exchangers",
    "ask_mx": "mailflow.dns.exchangers",
    "resolver_of": "mailflow.dns.exchangers",
}

__all__ = ["Exchanger", "MxAnswer", "ask_mx", "resolver_of"]

__getattr__ = lazily(__name__, _HOME)
