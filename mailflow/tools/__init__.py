"""What an administrator looks with. A tool reads a trace or an organization and changes nothing.

The tools that one needs most stand in `mailflow` itself; those here are imported when they are first used.
"""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily

if TYPE_CHECKING:
    from mailflow.tools.bad_mail import badmail as badmail
    from mailflow.tools.diagnosis import smtpdiag as smtpdiag
    from mailflow.tools.events import event_log as event_log
    from mailflow.tools.performance import counters as counters
    from mailflow.tools.port25 import telnet as telnet
    from mailflow.tools.protocol import protocol_log as protocol_log

_HOME = {
    "badmail": "mailflow.tools.bad_mail",
    "counters": "mailflow.tools.performance",
    "event_log": "mailflow.tools.events",
    "protocol_log": "mailflow.tools.protocol",
    "smtpdiag": "mailflow.tools.diagnosis",
    "telnet": "mailflow.tools.port25",
}

__all__ = ["badmail", "counters", "event_log", "protocol_log", "smtpdiag", "telnet"]


__getattr__ = lazily(__name__, _HOME)
