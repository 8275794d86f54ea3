"""`mailflow tracking two-sites --to kim@fabrikam.com`: run a message, and ask the tracking center where it is; or read real log files."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import mailflow
from mailflow.commands import forms, letter
from mailflow.organization.model import Organization, ServerPolicy
from mailflow.tools.tracking_center import TrackingCenter, tracking_center


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = (
        "Search message tracking logs and follow each message from server to server. With an organization, one message is run in it first; "
        "with log files of Exchange 2000 or 2003, of one server or several, those are searched."
    )
    parser.add_argument(
        "source",
        nargs="+",
        metavar="ORGANIZATION|FILE",
        help='a ready-made organization, such as "two-sites", or a .toml file; or tracking log files, such as 20031006.log',
    )
    run_ = parser.add_argument_group("the message that is run in an organization")
    letter.fill(run_)
    run_.add_argument(
        "--seconds", type=_seconds, metavar="NUMBER", help="stop the clock after so many; by default it runs to the end"
    )
    run_.add_argument(
        "--track",
        action="append",
        default=[],
        metavar="SERVER",
        help="track on this server, too, may be given again; by default on those that do by the organization, or on all if none does",
    )
    search = parser.add_argument_group("what is searched")
    search.add_argument("--sender", default="", metavar="ADDRESS", help="messages of this sender")
    search.add_argument(
        "--recipient",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="messages to this recipient, may be given again",
    )
    search.add_argument(
        "--server", default="", help="only what the log of this server has, and what follows from there"
    )
    search.add_argument(
        "--since",
        type=_moment,
        metavar="TIME",
        help='nothing before, such as "2003-10-06" or "2003-10-06 09:00", in UTC',
    )
    search.add_argument("--until", type=_moment, metavar="TIME", help="nothing after")
    search.add_argument("--id", default="", metavar="MESSAGE-ID", help="the message with this id")
    forms.fill(parser)
    output = parser.add_argument_group("instead of an answer")
    output.add_argument("--log", metavar="SERVER", help="print the log of this server")
    output.add_argument(
        "--save", metavar="FOLDER", help="write the files of every log there, in a folder for each server"
    )


def _seconds(text: str) -> float:
    if text.isdecimal():
        return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{text!r} is no time; write "2003-10-06 09:00"') from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def run(options: argparse.Namespace) -> int:
    """Search, and print what is found."""
    center = _center(options)
    if options.log is not None:
        if options.log not in center.logs:
            raise ValueError(f"there is no log of {options.log!r}; there is {', '.join(center.logs) or 'none'}")
        for line in center.logs[options.log].lines():
            print(line)  # noqa: T201
        return 0
    if options.save is not None:
        _save(center, Path(options.save))
        return 0
    found = center.find(
        sender=options.sender,
        recipients=options.recipient,
        server=options.server,
        since=options.since,
        until=options.until,
        message_id=options.id,
    )
    forms.show(forms.Shown(found, found.data), options)
    return 0


def _center(options: argparse.Namespace) -> TrackingCenter:
    first = options.source[0]
    files = [name for name in options.source if Path(name).exists() and Path(name).suffix != ".toml"]
    if files or len(options.source) > 1:
        _need_no_run(options)
        logs = [mailflow.read_tracking_log(name) for name in options.source]
        for log in logs:
            for item in log.damaged:
                print(f"{log.title}, {item}", file=sys.stderr)  # noqa: T201
        return tracking_center(logs)
    organization = _tracking(mailflow.load(first), options.track)
    message = letter.written(options, organization)
    return tracking_center(mailflow.Scenario(organization).send(message).run(options.seconds))


def _need_no_run(options: argparse.Namespace) -> None:
    """See that nobody asks of files what only a run has, and gets an answer to another question."""
    given = {
        "--from": options.writer,
        "--to": options.to,
        "--seconds": options.seconds is not None,
        "--track": options.track,
    }
    name = next((name for name, value in given.items() if value), "")
    if name:
        instead = {"--from": ": write --sender", "--to": ": write --recipient"}.get(name, "")
        raise ValueError(f"{name} belongs to a message that is run in an organization; log files are searched{instead}")


def _tracking(organization: Organization, wanted: list[str]) -> Organization:
    """The organization with tracking where it is asked for; everywhere if nobody asks and it tracks nowhere."""
    if not wanted and any(map(organization.tracking, organization.servers)):
        return organization
    for name in wanted:
        organization = mailflow.reconfigure(organization, name, message_tracking=True, subject_logging=True)
    if wanted:
        return organization
    policy = ServerPolicy(name="Tracking", servers=tuple(organization.server), subject_logging=True)
    return replace(organization, server_policies=(*organization.server_policies, policy))


def _save(center: TrackingCenter, folder: Path) -> None:
    for name, log in center.logs.items():
        place = folder / f"{name}.log"
        place.mkdir(parents=True, exist_ok=True)
        for path in log.save(place):
            print(path)  # noqa: T201
