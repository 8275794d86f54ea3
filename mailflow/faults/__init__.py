"""Find the fault: somebody complains, the tools are yours, and the configuration is not shown.

`fault` (also ``mailflow.fault``) draws a case. What can be wrong, and what can be done about it, is said in the words of this module.

Every case of the fact base is staged. What no document gives stands in the cause that you are told at the end, and here:

- How long a name on a list of senders takes (F15B, KB895407): `Durations.restriction` has the figure of this course.
- How late a host must answer DATA (KB912341), and how an Exchange server mistakes the answer: the second is inferred from the copies that arrive.
- When the wait for a scanner's success ends (KB883522): at the end of local delivery, which is inferred.
- An event that tells missing permissions (KB884996): the log has none, because no document names one.
"""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily

if TYPE_CHECKING:
    from mailflow.faults.draft import KINDS as KINDS
    from mailflow.faults.draft import Draft as Draft
    from mailflow.faults.draft import Letter as Letter
    from mailflow.faults.game import Fault as Fault
    from mailflow.faults.game import fault as fault
    from mailflow.faults.steps import Setting as Setting
    from mailflow.faults.steps import Step as Step
    from mailflow.faults.steps import delete_mailbox as delete_mailbox
    from mailflow.faults.steps import delete_server as delete_server
    from mailflow.faults.steps import disable_outbound_mail as disable_outbound_mail
    from mailflow.faults.steps import enable_outbound_mail as enable_outbound_mail
    from mailflow.faults.steps import fail as fail
    from mailflow.faults.steps import freeze as freeze
    from mailflow.faults.steps import restore as restore
    from mailflow.faults.steps import set_master as set_master
    from mailflow.faults.steps import setting as setting
    from mailflow.faults.steps import start as start
    from mailflow.faults.steps import stop as stop
    from mailflow.faults.steps import unfreeze as unfreeze

_HOME = {
    "Draft": "mailflow.faults.draft",
    "Fault": "mailflow.faults.game",
    "KINDS": "mailflow.faults.draft",
    "Letter": "mailflow.faults.draft",
    "Setting": "mailflow.faults.steps",
    "Step": "mailflow.faults.steps",
    "delete_mailbox": "mailflow.faults.steps",
    "delete_server": "mailflow.faults.steps",
    "disable_outbound_mail": "mailflow.faults.steps",
    "enable_outbound_mail": "mailflow.faults.steps",
    "fail": "mailflow.faults.steps",
    "fault": "mailflow.faults.game",
    "freeze": "mailflow.faults.steps",
    "restore": "mailflow.faults.steps",
    "set_master": "mailflow.faults.steps",
    "setting": "mailflow.faults.steps",
    "start": "mailflow.faults.steps",
    "stop": "mailflow.faults.steps",
    "unfreeze": "mailflow.faults.steps",
}

__all__ = sorted(_HOME)


__getattr__ = lazily(__name__, _HOME)
