"""What strangers say to a listener, from the first command to the last state: for the tests and for `scripts/soak.py`."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from hypothesis import strategies as st

import mailflow
from mailflow.live import SmtpServer
from mailflow.organization import Organization
from mailflow.trace import Trace
from mailflow.transport.session import Session
from tests.messages.test_hostile import DAMAGED
from tests.simulation.test_properties import check_invariant

Step = tuple[bytes, bytes]
"""A command line without its end, and what the client sends if the server then reads content, a chunk or credentials."""

ORGANIZATIONS = ("one server", "two servers", "two sites")
LABELS = [
    "a",
    "A1",
    "x" * 63,
    "x" * 64,
    "",
    "-",
    "-a",
    "a-",
    "_",
    "*",
    "xn--a",
    "xn--mnchen-3ya",
    "a\\",
    "\\999",
    "\\046",
    "123",
    "{",
    "%s",
]
KNOWN = ["contoso.com", "fabrikam.com", "CONTOSO.COM", "northwindtraders.com", "lon01.contoso.com", "192.0.2.1", "[192.0.2.1]",
         "[IPv6:::1]", "[]", "[", "com", "x." * 126 + "y", "x." * 127 + "y", "a.b.c.d.e.test"]  # fmt: skip
DOMAINS = st.sampled_from(KNOWN) | st.lists(st.sampled_from(LABELS), min_size=1, max_size=5).map(".".join)
LOCALS = st.sampled_from(
    ["anna", "ben", "nobody", "everyone", "all", "postmaster", '"anna"', '"a b"', '"a@b"', "anna%x.test", "x!anna", "(c)anna", "a.", ".a",
     "", "'", "a" * 64, "a" * 300, "=?utf-8?q?x?=", "{server}", "%(x)s", "a,b", "a;b", "a:b", "@x.test:anna", "\\", '"', "~`|^#$"]
)  # fmt: skip
ADDRESSES = st.builds("{}@{}".format, LOCALS, DOMAINS) | LOCALS | DOMAINS.map("kim@{}".format)
PATHS = ADDRESSES.map("<{}>".format) | ADDRESSES | st.just("<>")
GOOD = ["<anna@contoso.com>", "<kim@fabrikam.com>", "<nobody@contoso.com>", "<ben>"]
ENDS = st.sampled_from(["", "", " SIZE=10", " BODY=8BITMIME", " SIZE=99999999999", " X=Y"])
DATA = DAMAGED | st.binary(max_size=60)
SMALL_TALK = st.sampled_from(
    ["EHLO client", "HELO x", "RSET", "NOOP", "VRFY anna", "DATA", "BDAT 0 LAST", "BDAT 7", "AUTH LOGIN", "AUTH LOGIN YW5uYQ==", "QUIT x",
     "XEXCH50 9 2", "HELP", "TURN", "EHLO [::1]", "MAIL", "RCPT"]
).map(str.encode)  # fmt: skip
NOISE = st.tuples(SMALL_TALK | st.binary(max_size=530), DATA)


@st.composite
def transactions(draw: st.DrawFn) -> list[Step]:
    """One message, most of it in a sensible order."""
    steps = [(f"MAIL FROM:{draw(PATHS)}{draw(ENDS)}", b"")]
    for path in draw(st.lists(st.sampled_from(GOOD) | PATHS, min_size=1, max_size=4)):
        steps.append((f"RCPT TO:{path}", b""))
    content = draw(DATA)
    steps.append((draw(st.sampled_from(["DATA", f"BDAT {len(content)} LAST"])), content))
    return [(line.encode("ascii", "replace"), data) for line, data in steps]


SESSIONS = st.lists(transactions() | NOISE.map(lambda step: [step]), min_size=1, max_size=5).map(
    lambda parts: [(b"EHLO client", b""), *(step for part in parts for step in part)]
)
CLIENTS = st.sampled_from(["203.0.113.99", "192.0.2.10", "10.0.0.7", "2001:db8::1", "printer", ""])


@cache
def organization(name: str) -> Organization:
    """A ready-made organization in which every mailbox store archives by envelope journaling."""
    made = mailflow.load(name)
    journal = next(item.name for item in made.recipients if type(item).__name__ == "Mailbox")
    servers = [
        replace(
            server,
            mailbox_stores=tuple(replace(store, journal_to=journal) for store in server.mailbox_stores),
        )
        for server in made.servers
    ]
    return replace(
        made, servers=tuple(servers), global_settings=replace(made.global_settings, envelope_journaling=True)
    )


def converse(session: Session, steps: Sequence[Step]) -> int:
    """Say all this, as far as the server listens. Returns how many messages it acknowledged."""
    reply, acknowledged = session.greet(), 0
    for line, data in steps:
        reply = session.command(line + b"\r\n")
        while reply.then in ("content", "chunk", "credentials"):
            if reply.then == "content":
                reply = session.content(data)
            elif reply.then == "chunk":
                reply = session.chunk(data.ljust(reply.size)[: reply.size] if reply.size <= 10_000 else None)
            else:
                reply = session.credentials(data)
        assert reply.text[:3].isdigit(), reply
        acknowledged += reply.text.startswith("250 2.6.0")
        if reply.then == "close":
            break
    return acknowledged


def check_listener(name: str, client: str, steps: Sequence[Step]) -> None:
    """A whole session, and all that becomes of its messages."""
    listener = SmtpServer(organization(name), client_ip=client)
    acknowledged = converse(listener.session(), steps)
    assert len(listener.accepted) == acknowledged
    check_trace(listener.trace())
    for item in listener.accepted:
        check_trace(elsewhere(listener.organization, item.message))


def elsewhere(where: Organization, message: mailflow.Message) -> Trace:
    """The same message, as somebody sends it who does not come by the listener."""
    scenario = mailflow.Scenario(where)
    scenario.send(message, by="pickup", server=where.servers[-1].name)
    scenario.send(message, by="smtp", client="kim", at=1)
    return scenario.run()


def check_trace(trace: Trace) -> None:
    """Every recipient is in exactly one known state at every step, and everything about the run can be said."""
    check_invariant(trace)
    text = trace.to_json()
    again = Trace.from_json(text)
    assert again.to_json() == text
    assert text.encode() is not None
    assert again.transcript() == trace.transcript()
    assert len(trace.transcript().splitlines()) == len(trace)
    assert trace.share()
    for message in trace.messages:
        assert all(copy.content for copy in trace.archived(message).values())
