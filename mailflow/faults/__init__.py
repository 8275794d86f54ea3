"""Find the fault: somebody complains, the tools are yours, and the configuration is not shown.

`fault` (also ``mailflow.fault``) draws a case. What can be wrong, and what can be done about it, is said in the words of this module.

Of the cases in the fact base these spare ones are not staged, because a fact is missing that says what would be seen:

- A group whose members have many restrictions: K52 names it as a reason for a slow categorizer, and no fact says what time a restriction costs.
- A peer that answers DATA late and in several lines: T105 says when mail expires, and no fact for how long a server waits for the rest.
- A virus scanner inside the store: K55 says what a store that takes nothing looks like, and no fact when a delivery to a scanned one times out.
- Permissions on objects of the directory: K52 names them as a reason for mail awaiting directory lookup, and neither an event nor a sign in a tool.
"""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily

if TYPE_CHECKING:
    from mailflow.faults.draft import KINDS as KINDS
    from mailflow.faults.draft import Draft as Draft
    from mailflow.faults.draft import Letter as Letter
    from mailflow.faults.draft import case as case
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
    "case": "mailflow.faults.draft",
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
