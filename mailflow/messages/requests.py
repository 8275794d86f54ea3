"""What the sender of a message asks of reports about it, in the parameters of MAIL FROM and RCPT TO.

Exchange offers them (T82) and names their standard (T112); what it does with them is in no document read here. So the standard, RFC
1891 and today RFC 3461, speaks. Reports of success (NOTIFY=SUCCESS), like read receipts, are left out of this model.

Source: N86, T82, T112.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})"
_EVENT = "(?:SUCCESS|FAILURE|DELAY)"
OF_MAIL = {
    "RET": re.compile("FULL|HDRS", re.IGNORECASE),
    "ENVID": re.compile(rf"(?=.{{1,100}}\Z){XTEXT}+"),
}
OF_RCPT = {
    "NOTIFY": re.compile(rf"NEVER|{_EVENT}(?:,{_EVENT})*", re.IGNORECASE),
    "ORCPT": re.compile(rf"(?=.{{1,500}}\Z)[A-Za-z0-9-]+;{XTEXT}+"),
}
FORMS = {
    "RET": "FULL or HDRS",
    "ENVID": "1 to 100 visible characters, with + and = as +2B and +3D",
    "NOTIFY": "NEVER, or some of SUCCESS, FAILURE and DELAY with commas between them",
    "ORCPT": "a kind of address and an address, such as rfc822;ben@contoso.com, with + and = as +2B and +3D",
}


class Requests(NamedTuple):
    """What a sender asks: RET and ENVID for the message, NOTIFY and ORCPT by envelope recipient, each as it stands on the wire."""

    ret: str = ""
    envid: str = ""
    notify: Mapping[str, str] = {}
    orcpt: Mapping[str, str] = {}

    def fault(self, recipients: tuple[str, ...]) -> str:
        """What is malformed, as "name: ..."; empty when nothing is."""
        known = {address.lower() for address in recipients}
        for name, value in (("ret", self.ret), ("envid", self.envid)):
            if value and not OF_MAIL[name.upper()].fullmatch(value):
                return f"{name}: {value!r} must be {FORMS[name.upper()]}"
        for name, values in (("notify", self.notify), ("orcpt", self.orcpt)):
            for address, value in values.items():
                if address.lower() not in known:
                    return f"{name}: {address!r} is none of the recipients {', '.join(recipients[:4])}"
                if not OF_RCPT[name.upper()].fullmatch(value):
                    return f"{name}: {value!r} must be {FORMS[name.upper()]}"
        return ""


def written(**parameters: str) -> str:
    """Parameters as they follow a path on the wire, each after a blank; those without a value are left out."""
    return "".join([f" {name}={value}" for name, value in parameters.items() if value])


def wanted(notify: str, kind: str) -> bool:
    """Whether NOTIFY asks for reports of a kind, "failure" or "delay". Without the parameter both are sent."""
    return not notify or kind.upper() in notify.upper().split(",")


def for_members(notify: str) -> str:
    """NOTIFY for the members that a group was replaced by: SUCCESS was for the group alone (RFC 3461, 5.2.7)."""
    if not notify:
        return ""
    return ",".join(event for event in notify.upper().split(",") if event != "SUCCESS") or "NEVER"


def plain(xtext: str) -> str:
    """The text that an xtext stands for."""
    return re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), xtext)
