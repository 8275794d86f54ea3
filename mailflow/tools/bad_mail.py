"""The BadMail folder of a server: what could be neither delivered nor returned, before Service Pack 1 and after it.

Source: K92, K93, K94, K95, T52.
"""

from __future__ import annotations

from typing import Final

from mailflow.facts import rule
from mailflow.facts.kinds import need_server
from mailflow.names import message_of
from mailflow.tools.listing import Listing
from mailflow.trace import Trace, clock
from mailflow.trace.telling import step_of

__all__ = ["ENDINGS", "UNLIMITED", "badmail"]

ENDINGS: Final = (".BAD", ".BDR", ".BDP")
"""A message makes three files: itself, and two of which no document says what they hold (Source: K93)."""

UNLIMITED: Final = 0xFFFFFFFF
"""`MaxBadMailFolderSize` as it was before SP1 (Source: K94)."""

BADMAIL = 1021
COLUMNS: Final = ("Time", "MailMsg", "Size (bytes)", "Written", "Files")


@rule
def is_written(service_pack: int, max_kb: int, folder_bytes: int) -> bool:
    """Before SP1 every such message is written. From SP1 on nothing is, unless `MaxBadMailFolderSize` names a size that is not reached yet.

    Old files stay. That the size is looked at before each message is a choice of this model: the server looks every so many minutes.

    Source: K94.
    """
    return service_pack < 1 or max_kb == UNLIMITED or folder_bytes < max_kb * 1024


def badmail(
    trace: Trace, server: str, at: int = -1, *, service_pack: int = 2, max_kb: int = 0, already_bytes: int = 0
) -> Listing:
    r"""What came to the BadMail folder of a server up to a step, and whether it was written there.

    What is not written is gone: then event 1021 in the tracking log is the only trace of it (Source: K95).

    Example:
        >>> import mailflow
        >>> from mailflow.tools import badmail
        >>> message = mailflow.Message(b"Subject: x\r\n\r\n", "", ["nix@contoso.com"])
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(message, by="pickup", server="LON01").run()
        >>> badmail(trace, "LON01", service_pack=0).column("Written"), badmail(trace, "LON01").column("Written")
        (['yes'], ['no'])

    Args:
        service_pack: that of Exchange 2003 on this server; 0 for none.
        max_kb: the registry value `MaxBadMailFolderSize`: 0 as if it was absent, `UNLIMITED` for no limit.
        already_bytes: what lies in the folder before.

    Raises:
        ValueError: no such server.
        IndexError: there is no such step.
    """
    known = [item["name"] for item in trace.organization["servers"]]
    need_server(server, known)
    last = trace.number(at) if len(trace) else -1
    rows, held, files = [], already_bytes, 0
    for time, where, kind, _, mail, *_ in trace.records[: last + 1]:
        if where != server or step_of(kind).tracking != BADMAIL:
            continue
        size = trace.messages[message_of(mail)]["size"]
        written = is_written(service_pack, max_kb, held)
        held, files = (held + size, files + len(ENDINGS)) if written else (held, files)
        told = " ".join(f"{mail}{ending}" for ending in ENDINGS) if written else ""
        rows.append((clock(time), str(mail), str(size), "yes" if written else "no", told))
    return Listing(f"BadMail of {server}", COLUMNS, tuple(rows), (f"{files} files, {held} bytes.",))
