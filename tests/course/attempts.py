"""Attempts at every exercise and mission: right ones in several spellings, and wrong ones with what the check says of them.

A wrong attempt is a name, what makes it, and words of the answer. No checker knows any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import mailflow
from mailflow.organization import AddressSpace, Contact, Organization, SmtpConnector
from mailflow.organization.model import AnyConnector, PolicyDomain, RecipientPolicy, ServerPolicy, VirtualServer
from mailflow.trace import Trace

from ..conftest import altered

Make = Callable[[], object]
Wrong = tuple[str, Make, str]

load, reconfigure, Scenario, write = mailflow.load, mailflow.reconfigure, mailflow.Scenario, mailflow.Message.write

ANNA, BEN, CARLA, PIERRE, ODILE = (f"{name}@contoso.com" for name in ("anna", "ben", "carla", "pierre", "odile"))
SARA, BRUNO, TARO = (f"{name}@contoso.com" for name in ("sara", "bruno", "taro"))
KIM, LEE = "kim@fabrikam.com", "lee@northwindtraders.com"


def one() -> mailflow.Scenario:
    return Scenario(load("one server"))


def two(**parameters: Any) -> mailflow.Scenario:
    return Scenario(load("two servers"), **parameters)


def sites() -> mailflow.Scenario:
    return Scenario(load("two sites"))


def four() -> mailflow.Scenario:
    return Scenario(load("four corners"))


def world() -> mailflow.Scenario:
    return Scenario(load("worldwide"))


def several(scenario: mailflow.Scenario, sender: str, to: str, times: Iterable[float] = (1, 2, 3)) -> mailflow.Scenario:
    for second in times:
        scenario.send(write(sender, to, subject=f"At {second}"), at=second)
    return scenario


# -- 00 ---------------------------------------------------------------------------------------------------------------

RIGHT: dict[str, list[Make]] = {}
WRONG: dict[str, list[Wrong]] = {}

RIGHT["first delivery"] = [
    lambda: one().send(write(ANNA, CARLA)),
    lambda: one().send(write(ANNA, "Carla@Contoso.COM")),
    lambda: one().send(write(ANNA, [BEN, CARLA])),
    lambda: one().send(write(BEN, "everybody@contoso.com")),
    lambda: one().send(write(BEN, "finance@contoso.com")),
    lambda: one().send(write(KIM, CARLA), by="smtp", server="LON01"),
    lambda: one().send(write(ANNA, BEN, bcc=[CARLA])),
    lambda: one().send(write(ANNA, CARLA)).run(),
]
WRONG["first delivery"] = [
    ("nothing sent", one, "Nothing was sent"),
    ("to somebody else", lambda: one().send(write(ANNA, BEN)), "ben@contoso.com: delivered"),
    ("a typing error", lambda: one().send(write(ANNA, "karla@contoso.com")), "karla@contoso.com: bounced"),
    ("another domain", lambda: one().send(write(ANNA, "carla@fabrikam.com")), "carla@fabrikam.com: relayed"),
    ("only a report reaches her", lambda: one().send(write(CARLA, "nix@contoso.com")), "nix@contoso.com: bounced"),
    ("she only sends", lambda: one().send(write(CARLA, BEN)), "ben@contoso.com: delivered"),
    ("her store is dismounted", lambda: one().stop("Archived Store").send(write(ANNA, CARLA), at=1), "carla@contoso.com: waiting"),
    ("too large", lambda: one().send(write(ANNA, CARLA, attachments={"a": 12_000_000})), "carla@contoso.com: bounced"),
    ("another organization", lambda: two().send(write(ANNA, CARLA)), "Yours is another organization"),
    ("she moved", lambda: Scenario(reconfigure(load("one server"), "LON01", tarpit_seconds=5)).send(write(ANNA, CARLA)), "another organization"),
    ("a service is stopped", lambda: one().stop("SMTP").send(write(ANNA, CARLA), at=1), "carla@contoso.com: waiting"),
    ("the board refuses", lambda: one().send(write("finn@contoso.com", "board@contoso.com")), "Carla has no message"),
    ("only a stop", lambda: one().stop("SMTP"), "No message was sent"),
]  # fmt: skip

# -- 01 ---------------------------------------------------------------------------------------------------------------

RIGHT["exipc backs up"] = [
    lambda: several(two().stop("SMTP", "LON02"), BEN, ANNA).start("SMTP", "LON02", at=60),
    lambda: several(two().stop("SMTP", "LON02"), CARLA, BEN, (0, 5, 9)).start("SMTP", "LON02", at=20),
    lambda: several(two().stop("SMTP", "LON02"), BEN, KIM, range(5)).start("SMTP", "LON02", at=60),
    lambda: several(two().stop("SMTP", "LON02"), BEN, ANNA).start("SMTP", "LON02", at=60).run(),
]
WRONG["exipc backs up"] = [
    ("three at once with nothing stopped", lambda: several(two(), BEN, ANNA, (1, 1, 1)), "You stopped none"),
    ("three at once and a stop elsewhere", lambda: several(two().stop("SMTP", "LON01").start("SMTP", "LON01", at=60), BEN, ANNA, (1, 1, 1)), "together for 0 seconds"),
    ("the information store", lambda: several(two().stop("information store", "LON02"), BEN, ANNA).start("information store", "LON02", at=60), "together for 0 seconds"),
    ("the queue of the other server", lambda: several(two().stop("SMTP", "LON01"), ANNA, BEN).start("SMTP", "LON01", at=60), "LON02 held 0 messages at most"),
    ("never started again", lambda: several(two().stop("SMTP", "LON02"), BEN, ANNA), "did not arrive in the end"),
    ("only two messages", lambda: several(two().stop("SMTP", "LON02"), BEN, ANNA, (1, 2)).start("SMTP", "LON02", at=60), "held 2 messages at most"),
    ("too short", lambda: several(two().stop("SMTP", "LON02"), BEN, ANNA).start("SMTP", "LON02", at=6), "It takes 10"),
    ("the run of the notebook", lambda: several(Scenario(load("one server")).stop("SMTP"), ANNA, BEN), "another organization"),
    ("two services", lambda: several(two().stop("SMTP", "LON02").stop("routing engine", "LON02"), BEN, ANNA).start("SMTP", "LON02", at=60), "You stopped 2"),
    ("one of the three bounces", lambda: several(two().stop("SMTP", "LON02"), BEN, "nix@contoso.com").start("SMTP", "LON02", at=60), "did not arrive in the end"),
    ("one after another", lambda: several(two().stop("SMTP", "LON02").start("SMTP", "LON02", at=30), BEN, ANNA, (1, 40, 50)), "held 1 message at most"),
    ("the network instead", lambda: several(two().fail("LON02").restore("LON02", at=60), BEN, ANNA), "You stopped none"),
]  # fmt: skip

# -- 02 ---------------------------------------------------------------------------------------------------------------


def three_ways(mapi: str = ANNA, smtp: str = "LONFE", pickup: str = "PAR01", to: str = PIERRE) -> mailflow.Scenario:
    made = sites().send(write(mapi, to))
    return made.send(write(KIM, to), by="smtp", server=smtp).send(write(ODILE, to), by="pickup", server=pickup)


RIGHT["three ways in"] = [
    three_ways,
    lambda: three_ways(BEN, "LON01", "PAR02"),
    lambda: three_ways(to="Pierre@contoso.com"),
    lambda: three_ways(to="both-sites@contoso.com"),
    lambda: three_ways().run(),
]
WRONG["three ways in"] = [
    ("nothing", sites, "by MAPI, SMTP or the Pickup folder"),
    ("one way only", lambda: several(sites(), ANNA, PIERRE), "by SMTP or the Pickup folder"),
    ("all at one server", lambda: three_ways(ODILE, "PAR01", "PAR01"), "not each at another server"),
    ("two at one server", lambda: three_ways(ANNA, "LON01", "PAR01"), "not each at another server"),
    ("to somebody else", lambda: three_ways(to=BEN), "by MAPI, SMTP or the Pickup folder"),
    ("the run of the notebook", lambda: Scenario(load("two servers")).send(write(ANNA, BEN)).send(write(ANNA, BEN), by="pickup", server="LON01"), "another organization"),
    ("a report as third", lambda: sites().send(write(PIERRE, "nix@contoso.com")).send(write(KIM, PIERRE), by="smtp", server="LONFE").send(write(ODILE, PIERRE), by="pickup", server="PAR01"), "by MAPI"),
    ("the line is down", lambda: three_ways().fail("London-Paris"), "by MAPI or SMTP"),
    ("Pickup by a client", lambda: sites().send(write(ANNA, PIERRE)).send(write(KIM, PIERRE), by="smtp", server="LONFE").send(write(KIM, PIERRE), by="smtp", server="PAR01"), "by the Pickup folder"),
    ("SMTP is stopped where it enters", lambda: three_ways().stop("SMTP", "LONFE"), "by SMTP"),
    ("Pierre's store", lambda: three_ways().stop("Mailbox Store", "PAR02"), "by MAPI, SMTP or the Pickup folder"),
    ("a typing error in one", lambda: sites().send(write(ANNA, "piere@contoso.com")).send(write(KIM, PIERRE), by="smtp", server="LONFE").send(write(ODILE, PIERRE), by="pickup", server="PAR01"), "by MAPI"),
]  # fmt: skip

# -- 03 ---------------------------------------------------------------------------------------------------------------


def chain(first: float = 20, second: float = 40, third: float = 60, to: str = BEN) -> mailflow.Scenario:
    made = one().stop("antivirus").stop("global catalog").stop("Mailbox Store").send(write(ANNA, to), at=1)
    return made.start("antivirus", at=first).start("global catalog", at=second).start("Mailbox Store", at=third)


RIGHT["three queues"] = [
    chain,
    lambda: chain(60, 200, 3600),
    lambda: one().send(write(KIM, BEN), by="smtp", server="LON01", at=1).stop("antivirus").start("antivirus", at=20)
    .stop("global catalog", at=10).start("global catalog", at=50).stop("Mailbox Store", at=49).start("Mailbox Store", at=90),
    lambda: chain().run(),
]  # fmt: skip
WRONG["three queues"] = [
    ("nothing stopped", lambda: one().send(write(ANNA, BEN)), "did not wait ten seconds in Messages pending submission"),
    ("nothing sent", one, "No message of anybody arrived"),
    ("never arrives", lambda: one().stop("antivirus").send(write(ANNA, BEN), at=1), "No message of anybody arrived"),
    ("the clock stops early", lambda: one().stop("Mailbox Store").send(write(ANNA, BEN), at=1).run(until=0.06), "No message of anybody arrived"),
    ("a message for each queue", lambda: one().stop("antivirus").start("antivirus", at=20).send(write(ANNA, BEN)).stop("global catalog", at=30).start("global catalog", at=50).send(write(ANNA, BEN), at=30).stop("Mailbox Store", at=60).start("Mailbox Store", at=80).send(write(ANNA, BEN), at=60), "arrived, and did not wait"),
    ("all back at once", lambda: chain(20, 20, 20), "did not wait ten seconds in Messages awaiting directory lookup"),
    ("the wrong order", lambda: chain(60, 40, 20), "did not wait ten seconds in Messages awaiting directory lookup or Local delivery"),
    ("too short in the middle", lambda: chain(20, 25, 60), "Messages awaiting directory lookup"),
    ("SMTP instead of the sink", lambda: one().stop("SMTP").stop("global catalog").stop("Mailbox Store").send(write(ANNA, BEN), at=1).start("SMTP", at=20).start("global catalog", at=40).start("Mailbox Store", at=60), "Messages pending submission"),
    ("to somebody outside", lambda: chain(to=KIM), "Local delivery"),
    ("another organization", lambda: Scenario(replace(load("one server"), title="Mine")).send(write(ANNA, BEN)), "another organization"),
    ("the notebook's run", lambda: one().stop("global catalog").start("global catalog", at=20).send(write(ANNA, BEN)), "Messages pending submission or Local delivery"),
    ("a report waits instead", lambda: chain(to="nix@contoso.com"), "No message of anybody arrived"),
]  # fmt: skip

STUCK = write(ANNA, BEN)
RIGHT["stuck without a stop"] = [
    lambda: [two().fail("LON02").send(STUCK, at=1), two().fail("LON02").send(STUCK, at=1).freeze("lon02.contoso.com", "LON01", at=5), two().disable_outbound_mail("LON01").send(STUCK, at=1)],
    lambda: [two().pause("", "LON02").send(STUCK, at=1), two().send(write(ANNA, BEN, deliver_after=datetime(2003, 11, 1, tzinfo=UTC))), two().disable_outbound_mail("LON01").send(STUCK, at=1)],
]  # fmt: skip
WRONG["stuck without a stop"] = [
    ("three times the same", lambda: [two().fail("LON02").send(STUCK, at=1), two().pause("", "LON02").send(STUCK, at=1)], "1 of 3 ways found: Retry."),
    ("it is stopped", lambda: two().stop("SMTP", "LON02").send(STUCK, at=1), "A service was stopped: SMTP on LON02"),
    ("it arrives", lambda: two().send(STUCK), "is delivered"),
    ("it comes back", lambda: two().send(write(ANNA, BEN, attachments={"a": 12_000_000})), "is bounced"),
    ("later it arrives", lambda: two().fail("LON02").restore("LON02", at=3000).send(STUCK, at=1), "is delivered"),
    ("somebody else's", lambda: two().fail("LON02").send(write(BEN, ANNA), at=1), "no message from anna@contoso.com to ben@contoso.com alone"),
    ("another organization", lambda: one().send(STUCK), "another organization"),
    ("the queue is not there yet", lambda: two().freeze("lon02.contoso.com", "LON01").send(STUCK, at=1), "is delivered"),
]  # fmt: skip


def back(organization: Organization | None = None, message: mailflow.Message = STUCK) -> mailflow.Scenario:
    return Scenario(organization or load("two servers")).send(message, at=1)


BEN_OUTSIDE = Contact(name="ben", display_name="Ben", addresses=(BEN,), target_address="ben@fabrikam.com")
PLAN = write(ANNA, BEN, attachments={"plan.doc": 200_000})
RIGHT["back to Anna"] = [
    lambda: [back(reconfigure(load("two servers"), "LON02", max_message_kb=100), PLAN), back().fail("LON02"), back().fail("LON02").delete("lon02.contoso.com", "LON01", at=60)],
    lambda: [back(message=write(ANNA, BEN, attachments={"a": 12_000_000})), back().fail("LON02"), back(reconfigure(load("two servers"), "LON02", max_message_kb=100), PLAN)],
]  # fmt: skip
WRONG["back to Anna"] = [
    ("two limits, one code", lambda: [back(message=write(ANNA, BEN, attachments={"a": 12_000_000})), back(reconfigure(load("two servers"), "LON01", max_message_kb=100), PLAN)], "1 of 3 ways found: 5.2.3."),
    ("it arrives", back, "is delivered"),
    ("Ben does not exist", lambda: back(message=write(ANNA, "bem@contoso.com")), "no message from anna@contoso.com to ben@contoso.com alone"),
    ("Ben has no mailbox", lambda: back(replace(load("two servers"), recipients=tuple(BEN_OUTSIDE if item.name == "ben" else item for item in load("two servers").recipients))), "must both have a mailbox"),
    ("it only waits", lambda: back().fail("LON02").restore("LON02", at=90_000), "is delivered"),
    ("deleted without a report", lambda: back().fail("LON02").delete("lon02.contoso.com", "LON01", ndr=False, at=60), "is deleted"),
    ("many messages", lambda: back().send(write(ANNA, "nix@contoso.com")), "Send one message"),
    ("Anna cannot hear of it", lambda: back(message=write(ANNA, BEN, attachments={"a": 12_000_000})).stop("Mailbox Store", "LON01"), "no report reached Anna"),
    ("another organization", lambda: one().send(STUCK), 'This is about mailflow.load("two servers")'),
]  # fmt: skip

# -- 04 ---------------------------------------------------------------------------------------------------------------

FOUR = [BEN, ANNA, "yuki@contoso.com", KIM]
RIGHT["four destinations"] = [
    lambda: world().send(write(BEN, FOUR)),
    lambda: world().send(write(ANNA, FOUR)),
    lambda: world().send(write(BEN, [address.upper() for address in FOUR])),
    lambda: world().send(write(BEN, BEN, cc=[ANNA], bcc=["yuki@contoso.com", KIM])).run(),
]
WRONG["four destinations"] = [
    ("nothing", world, "Nobody sent a message"),
    ("a message each", lambda: several(several(several(several(world(), BEN, BEN, [1]), BEN, ANNA, [1]), BEN, "yuki@contoso.com", [1]), BEN, KIM, [1]), "No single message"),
    ("the run of the notebook", lambda: sites().send(write(ANNA, [ANNA, BEN, PIERRE, KIM])), "another organization"),
    ("a report as neighbour", lambda: world().send(write(BEN, [ANNA, "yuki@contoso.com", KIM, "nix@contoso.com"])), "did not reach the same server"),
    ("nobody in the group", lambda: world().send(write("yuki@contoso.com", ["yuki@contoso.com", BEN, KIM])), "did not reach the same routing group"),
    ("nobody outside", lambda: world().send(write(BEN, [BEN, ANNA, "yuki@contoso.com"])), "did not reach the Internet"),
    ("the Internet does not answer", lambda: world().fail("DNS").send(write(BEN, FOUR), at=1), "the Internet"),
    ("a typing error", lambda: world().send(write(BEN, [BEN, "ana@contoso.com", "yuki@contoso.com", KIM])), "same routing group"),
    ("Ben's store is away", lambda: world().stop("Mailbox Store", "LON03").send(write(BEN, FOUR), at=1), "same server"),
    ("two messages share it", lambda: world().send(write(BEN, [BEN, ANNA])).send(write(BEN, ["yuki@contoso.com", KIM])), "No single message"),
    ("all servers in one group", lambda: Scenario(mailflow.one_routing_group(load("worldwide"))).send(write(BEN, FOUR)), "another organization"),
    ("the clock stops", lambda: world().fail("DNS").send(write(BEN, FOUR), at=1).run(until=1.1), "the Internet"),
]  # fmt: skip


def line(**settings: Any) -> Organization:
    return reconfigure(load("two sites"), "London-Paris", **settings)


RIGHT["three, two, one"] = [
    lambda: [load("two sites"), line(remote_bridgeheads=["PAR02"]), line(local_bridgeheads=["LON01"], remote_bridgeheads=["PAR02"])],
    lambda: [load("two sites"), line(local_bridgeheads=["LON01"]), line(local_bridgeheads=[], remote_bridgeheads=["PAR02"])],
]  # fmt: skip
WRONG["three, two, one"] = [
    ("two of them", lambda: [load("two sites"), line(remote_bridgeheads=["PAR02"])], "2 of 3 ways found: 3 sessions; 2 sessions."),
    ("the same twice", lambda: [line(local_bridgeheads=["LON01"]), line(remote_bridgeheads=["PAR02"])], "1 of 3 ways found: 2 sessions."),
    ("one routing group", lambda: mailflow.one_routing_group(load("two sites")), "and nothing else"),
    ("people move", lambda: replace(load("two sites"), recipients=tuple(altered(item, server="PAR01") if item.name == "pierre" else item for item in load("two sites").recipients)), "and nothing else"),
    ("no line at all", lambda: replace(load("two sites"), connectors=()), "does not reach Pierre"),
    ("a limit", lambda: line(max_message_kb=0), "does not reach Pierre"),
    ("another organization", lambda: load("one server"), "and nothing else"),
    ("as it is drawn", lambda: line(remote_bridgeheads=["PAR01", "PAR02"]), "some take 2 and some 3 sessions"),
    ("by another connector", lambda: slow(load("two sites"), cost=1), "It should take London-Paris"),
]  # fmt: skip


def out(organization: Organization | None = None, *failing: str, to: str = LEE) -> mailflow.Scenario:
    made = Scenario(organization or load("two sites"))
    for name in failing:
        made.fail(name)
    return made.send(write(ODILE, to), at=1)


MX1, MX2 = "mx1.northwindtraders.com", "mx2.northwindtraders.com"
DOOR = reconfigure(load("two sites"), "Internet", local_bridgeheads=["LON01"])
RIGHT["out of the house"] = [
    lambda: [out(None, MX2), out(None, MX1), out(DOOR, MX1)],
    lambda: [out(None, MX2), out(DOOR, MX2), out(reconfigure(load("two sites"), "Internet", local_bridgeheads=["LON02"]), MX2)],
]  # fmt: skip
WRONG["out of the house"] = [
    ("the same door twice", lambda: [out(None, MX2), out(None, MX2)], "1 of 3 ways found: LONFE to mx1"),
    ("both hosts are away", lambda: out(None, MX1, MX2), "waiting"),
    ("to somebody else", lambda: out(to=KIM), "is not for lee@northwindtraders.com"),
    ("somebody else writes", lambda: sites().send(write(PIERRE, LEE)), "Odile sent no message"),
    ("nothing", sites, "Odile sent no message"),
    ("the line inside is down", lambda: out(None, "Paris-London"), "waiting"),
    ("another organization", lambda: one().send(write(ANNA, LEE)), "and nothing else"),
]  # fmt: skip

# -- 05 ---------------------------------------------------------------------------------------------------------------

HOSTS = "\na A 192.0.2.91\nb A 192.0.2.92\nc A 192.0.2.93"


def mx(first: int, second: int, third: int) -> str:
    return f"@ MX {first} a\n@ MX {second} b\n@ MX {third} c{HOSTS}"


RIGHT["two and a spare"] = [
    lambda: mx(10, 10, 20),
    lambda: mx(30, 5, 5),
    lambda: (
        "\n    @ MX 10 a\n    @ MX 10 b\n    @ MX 20 c\n    a A 192.0.2.91\n    b A 192.0.2.92\n    c A 192.0.2.93\n"
    ),
    lambda: "@ MX 10 a\n  MX 10 b\n  MX 20 c" + HOSTS,
    lambda: (
        "@ 3600 IN MX 10 a.branch.example.\n@ 3600 IN MX 10 b.branch.example.\n@ IN MX 11 c.branch.example." + HOSTS
    ),
    lambda: (
        "branch.example. MX 0 x\nbranch.example. MX 0 y\nbranch.example. MX 1 z\nx A 10.0.0.1\ny A 10.0.0.2\nz A 10.0.0.3"
    ),
]
WRONG["two and a spare"] = [
    ("all different", lambda: mx(10, 20, 30), "a.branch.example; then b.branch.example; then c.branch.example"),
    ("all equal", lambda: mx(10, 10, 10), "Two should share, and one should be spare"),
    ("one and two spare", lambda: mx(10, 20, 20), "Two should share, and one should be spare"),
    ("one host", lambda: "@ MX 10 a" + HOSTS, "It finds a.branch.example"),
    ("no number", lambda: "@ MX ten a", "This is no zone: line 1"),
    ("no addresses", lambda: "@ MX 10 a\n@ MX 10 b\n@ MX 20 c", "no mail exchanger has an address"),
    ("the spare has no address", lambda: "@ MX 10 a\n@ MX 10 b\n@ MX 20 c\na A 192.0.2.91\nb A 192.0.2.92", "does not find three hosts"),
    ("two names, one address", lambda: mx(10, 10, 20).replace("192.0.2.92", "192.0.2.91"), "the same address"),
    ("the same host twice", lambda: "@ MX 10 a\n@ MX 10 a\n@ MX 20 c" + HOSTS, "does not find three hosts"),
    ("four hosts", lambda: mx(10, 10, 20) + "\n@ MX 20 d\nd A 192.0.2.94", "does not find three hosts"),
    ("for another name", lambda: mx(10, 10, 20).replace("@", "www"), "does not find three hosts"),
    ("addresses alone", lambda: "@ A 192.0.2.91\n@ A 192.0.2.92\n@ A 192.0.2.93", "does not find three hosts"),
    ("only blanks", lambda: "  \n ", "There are no records"),
    ("the pair of the notebook", lambda: "@ MX 10 a\n@ MX 10 b\na A 192.0.2.81\nb A 192.0.2.82", "does not find three hosts"),
]  # fmt: skip
RIGHT["plans for a load"] = [
    lambda: [mx(10, 10, 10), mx(10, 20, 30), mx(10, 20, 20)],
    lambda: [mx(0, 0, 0), mx(3, 2, 1), mx(9, 9, 5)],
]
WRONG["plans for a load"] = [
    ("the exercise again", lambda: mx(10, 10, 20), "that was the exercise"),
    ("other numbers, same plan", lambda: [mx(10, 20, 30), mx(1, 2, 3)], "1 of 3 ways found: one, then one, then one."),
    ("two hosts", lambda: "@ MX 10 a\n@ MX 10 b" + HOSTS, "does not find three different hosts"),
    ("no addresses", lambda: "@ MX 10 a\n@ MX 10 b\n@ MX 20 c", "does not find three different hosts"),
    ("one address", lambda: mx(10, 10, 10).replace("192.0.2.92", "192.0.2.91"), "does not find three different hosts"),
    ("nonsense", lambda: "three hosts please", "This is no zone: line 1"),
]  # fmt: skip
RIGHT["the same door"] = [
    lambda: ["@ MX 10 door\ndoor A 192.0.2.91", "@ A 192.0.2.91", "@ MX 10 door\ndoor CNAME host\nhost A 192.0.2.91"],
    lambda: ["@ MX 5 a\n@ MX 9 b\na A 192.0.2.91\nb A 192.0.2.92", "  @ A 192.0.2.91  ", "@ MX 1 x\nx CNAME y\ny CNAME z\nz A 192.0.2.91"],
    lambda: ["@ MX 10 a\na A 192.0.2.91", "@ A 192.0.2.91", "@ CNAME x\nx A 192.0.2.91"],
]  # fmt: skip
WRONG["the same door"] = [
    ("another door", lambda: "@ MX 10 a\na A 192.0.2.92", "does not arrive at 192.0.2.91"),
    ("no address", lambda: "@ MX 10 a", "A sender finds no host"),
    ("the MX hides the address", lambda: "@ MX 10 gone\n@ A 192.0.2.91", "A sender finds no host"),
    ("aliases in a circle", lambda: "@ MX 10 a\na CNAME b\nb CNAME a", "A sender finds no host"),
    ("two MX records are one way", lambda: ["@ MX 10 a\na A 192.0.2.91", "@ MX 90 b\nb A 192.0.2.91"], "1 of 3 ways found: an MX record."),
    ("one alias, whatever it leads to", lambda: ["@ CNAME x\nx A 192.0.2.91", "@ CNAME y\ny MX 1 a\na A 192.0.2.91"], "1 of 3 ways found: the domain as an alias. Numbers 1 and 2 of your list are the same way"),
    ("nothing", lambda: "\n", "There are no records"),
]  # fmt: skip

# -- 06 ---------------------------------------------------------------------------------------------------------------

PLAIN = load("one server")
CARELESS = reconfigure(PLAIN, "LON01", relay_mode="all except the list below")
PUZZLE = reconfigure(PLAIN, "LON01", authenticated_may_relay=False, relay_list=["192.0.2.0/24"])
INSIDE = "only the list below"


def set_up(organization: Organization, **settings: Any) -> Organization:
    return reconfigure(organization, "LON01", **settings)


def connector(pattern: str = "partner.example", **settings: Any) -> SmtpConnector:
    usual: dict[str, Any] = {"relay_to_address_spaces": True, "local_bridgeheads": ("LON01",)}
    spaces = tuple(AddressSpace(pattern=item) for item in pattern.split())
    return SmtpConnector(
        name="Partner", routing_group="First Routing Group", address_spaces=spaces, **{**usual, **settings}
    )


def with_connector(*made: AnyConnector) -> Organization:
    return replace(PLAIN, connectors=(*PLAIN.connectors, *made))


def with_domain(domain: str, authoritative: bool = True) -> Organization:
    (policy,) = PLAIN.recipient_policies
    domains = (*policy.domains, PolicyDomain(domain=domain, authoritative=authoritative))
    return replace(PLAIN, recipient_policies=(RecipientPolicy(name=policy.name, domains=domains),))


RIGHT["close the relay"] = [
    lambda: set_up(CARELESS, relay_mode=INSIDE, relay_list=["192.0.2.200"]),
    lambda: set_up(PLAIN, relay_list=["192.0.2.200"]),
    lambda: set_up(CARELESS, relay_mode=INSIDE, relay_list=["192.0.2.200/32"]),
    lambda: set_up(CARELESS, relay_mode=INSIDE, relay_list=("192.0.2.200",), tarpit_seconds=0),
]
WRONG["close the relay"] = [
    ("still open", lambda: CARELESS, "still reaches victim@elsewhere.example"),
    ("the printer is forgotten", lambda: PLAIN, "The branch printer at 192.0.2.200"),
    ("the printer is kept out", lambda: set_up(CARELESS, relay_list=["192.0.2.200"]), "still reaches"),
    ("a whole network", lambda: set_up(PLAIN, relay_list=["192.0.2.0/24"]), "A stranger at 192.0.2.199"),
    ("a very large network", lambda: set_up(PLAIN, relay_list=["192.0.0.0/8"]), "still reaches"),
    ("no anonymous access", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], anonymous=False), "who is your own user"),
    ("nobody may log on", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], authenticated_may_relay=False), "who logs on from"),
    ("one computer more", lambda: set_up(PLAIN, relay_list=["192.0.2.200", "198.19.7.7"]), "A stranger at 198.19.7.7"),
    ("a friend by name", lambda: set_up(PLAIN, relay_list=["192.0.2.200", "friend.example"]), "(friend.example)"),
    ("by a connector", lambda: with_connector(connector("*")), "Change settings of LON01 and nothing else"),
    ("only the printer may connect", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], allowed_clients=["192.0.2.200"]), "who is your own user"),
    ("everybody listed as an exception", lambda: set_up(CARELESS, relay_list=["0.0.0.0/1", "128.0.0.0/1"]), "The branch printer at 192.0.2.200"),
    ("TLS for all", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], certificate=True, require_tls=True), "who is your own user"),
    ("a smart host that is away", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], smart_host="[203.0.113.250]"), "without connectors, it is waiting"),
    ("a name server that is away", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], external_dns=["203.0.113.250"]), "does not leave any more: it is waiting"),
    ("another port", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], port=2525), "Mail of normal priority from kim@fabrikam.com"),
    ("nobody can log on", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], authentication=[]), "Ben logs on from"),
    ("nothing may leave", lambda: set_up(PLAIN, relay_list=["192.0.2.200"], max_message_kb=0), "does not"),
    ("a second virtual server", lambda: reconfigure(replace(PLAIN, servers=(replace(PLAIN.servers[0], virtual_servers=(VirtualServer(relay_list=("192.0.2.200",)), VirtualServer(name="B", port=26))),)), "LON01"), "its one SMTP virtual server"),
]  # fmt: skip
RIGHT["one partner"] = [
    lambda: with_connector(connector()),
    lambda: with_connector(connector("Partner.Example")),
    lambda: with_connector(connector("@partner.example", cost=50)),
    lambda: with_connector(connector(smart_host="mail.partner.example")),
    lambda: with_connector(connector(max_message_kb=5000)),
]
WRONG["one partner"] = [
    ("nothing changed", lambda: PLAIN, "Which rule lets anybody relay to one domain?"),
    ("every domain", lambda: with_connector(connector("*")), "A stranger still reaches victim@elsewhere.example"),
    ("the box is not ticked", lambda: with_connector(connector(relay_to_address_spaces=False)), "is refused"),
    ("a second domain", lambda: with_connector(connector("partner.example friend.example")), "A stranger still reaches x@friend.example"),
    ("everything below it", lambda: with_connector(connector("*.example")), "A stranger still reaches"),
    ("everything below the partner", lambda: with_connector(connector("*partner.example")), "A stranger still reaches x@notpartner.example"),
    ("a local domain", lambda: with_domain("partner.example"), "Add a connector and change nothing else"),
    ("a shared domain", lambda: with_domain("partner.example", authoritative=False), "Add a connector and change nothing else"),
    ("urgent mail only", lambda: with_connector(connector(priorities=("high",))), "Without the connector Internet: Mail of normal priority from kim@fabrikam.com"),
    ("no reports", lambda: with_connector(connector(message_types=("non-system",))), "Without the connector Internet: A report to pat@partner.example"),
    ("on the list", lambda: set_up(PLAIN, relay_list=["0.0.0.0/0"]), "Add a connector and change nothing else"),
    ("a typing error", lambda: with_connector(connector("partner.exmaple")), "is refused"),
    ("the usual connector relays", lambda: reconfigure(PLAIN, "Internet", relay_to_address_spaces=True), "A stranger still reaches victim@elsewhere.example"),
    ("a routing group that is not there", lambda: with_connector(replace(connector(), routing_group="Nowhere")), "This organization does not work"),
    ("a smart host that nobody knows", lambda: with_connector(connector(smart_host="nobody.example")), "The connector has to send it on"),
    ("instead of the usual one", lambda: replace(PLAIN, connectors=(connector(),)), "to kim@fabrikam.com, sent at 09:01, is bounced"),
    ("the bridgehead is elsewhere", lambda: with_connector(connector(local_bridgeheads=("LON99",))), "This organization does not work"),
]  # fmt: skip
RIGHT["travelling user"] = [
    lambda: set_up(PUZZLE, authenticated_may_relay=True),
    lambda: set_up(PLAIN, relay_list=["192.0.2.0/24"]),
    lambda: set_up(PUZZLE, authenticated_may_relay=True, relay_list=["192.0.2.0/25", "192.0.2.128/25"]),
    lambda: set_up(PUZZLE, authenticated_may_relay=True, authentication=["basic"], max_message_kb=20_000),
]
WRONG["travelling user"] = [
    ("the organization as it comes", lambda: PLAIN, "The computer at 192.0.2.1 in the office"),
    ("the office is forgotten", lambda: set_up(PUZZLE, authenticated_may_relay=True, relay_list=[]), "in the office"),
    ("half of the office", lambda: set_up(PUZZLE, authenticated_may_relay=True, relay_list=["192.0.2.0/25"]), "The computer at 192.0.2.128 in the office"),
    ("small mail only", lambda: set_up(PUZZLE, authenticated_may_relay=True, max_message_kb=2000), "Mail of 3,000 KB from kim@fabrikam.com"),
    ("nothing changed", lambda: PUZZLE, "who logs on from"),
    ("where the user is today", lambda: set_up(PUZZLE, relay_list=["192.0.2.0/24", "198.51.100.4"]), "A stranger at 198.51.100.4"),
    ("one address that probes might try", lambda: set_up(PUZZLE, relay_list=["198.18.0.4"]), "A stranger at 198.18.0.4"),
    ("one address that no probe has", lambda: set_up(PUZZLE, relay_list=["198.19.4.3"]), "A stranger at 198.19.4.3"),
    ("everybody", lambda: set_up(PUZZLE, relay_list=["0.0.0.0/0"]), "A stranger at"),
    ("the list turned round", lambda: set_up(PUZZLE, relay_mode="all except the list below"), "A stranger at"),
    ("both", lambda: set_up(PUZZLE, authenticated_may_relay=True, relay_mode="all except the list below"), "A stranger at"),
    ("no anonymous access", lambda: set_up(PUZZLE, authenticated_may_relay=True, anonymous=False), "who is your own user"),
    ("a wider list", lambda: set_up(PUZZLE, authenticated_may_relay=True, relay_list=["192.0.0.0/16"]), "A stranger at 19"),
    ("a connector", lambda: replace(PUZZLE, connectors=(*PUZZLE.connectors, connector("fabrikam.com"))), "Change settings of LON01 and nothing else"),
    ("an empty list", lambda: set_up(PUZZLE, relay_list=[]), "who logs on from"),
    ("only known clients", lambda: set_up(PUZZLE, authenticated_may_relay=True, allowed_clients=["198.51.100.4"]), "who is your own user"),
    ("nobody can log on", lambda: set_up(PUZZLE, authenticated_may_relay=True, authentication=[]), "Ben logs on"),
]  # fmt: skip
RIGHT["open it yourself"] = [
    lambda: [CARELESS, set_up(PLAIN, relay_list=["0.0.0.0/0"]), reconfigure(PLAIN, "Internet", relay_to_address_spaces=True)],
    lambda: [CARELESS, set_up(PLAIN, relay_list=["0.0.0.0/1", "128.0.0.0/1"]), with_connector(connector("*"))],
]  # fmt: skip
WRONG["open it yourself"] = [
    ("as it comes", lambda: PLAIN, "This is no open relay"),
    ("two lists", lambda: [set_up(PLAIN, relay_list=["0.0.0.0/0"]), set_up(PLAIN, relay_list=["0.0.0.0/1", "128.0.0.0/1"])], "1 of 3 ways found: a list that names everybody."),
    ("half the world", lambda: set_up(PLAIN, relay_list=["0.0.0.0/1"]), "is no open relay"),
    ("one partner", lambda: with_connector(connector()), "This is no open relay"),
    ("only com", lambda: with_connector(connector("*.com")), "not open to the whole world"),
    ("a network", lambda: set_up(PLAIN, relay_list=["192.0.0.0/16"]), "no open relay"),
    ("who logs on", lambda: set_up(PLAIN, authenticated_may_relay=True), "no open relay"),
]  # fmt: skip


def filtered(name: str, **settings: Any) -> Organization:
    return set_up(replace(PLAIN, global_settings=replace(PLAIN.global_settings, **settings)), filters=[name])


RIGHT["shut one out"] = [
    lambda: [set_up(PLAIN, denied_clients=["198.51.100.4"]), filtered("sender", blocked_senders=("@elsewhere.example",)), filtered("connection", blocked_clients=("198.51.100.4",))],
    lambda: [set_up(PLAIN, denied_clients=["198.51.100.4/31"]), filtered("sender", blocked_senders=("promo@elsewhere.example",)), filtered("connection", blocked_clients=("198.51.100.4/30",))],
]  # fmt: skip
WRONG["shut one out"] = [
    ("as it comes", lambda: PLAIN, "still reaches Anna"),
    ("the filter is not switched on", lambda: set_up(filtered("sender", blocked_senders=("@elsewhere.example",)), filters=[]), "still reaches Anna"),
    ("everybody is out", lambda: set_up(PLAIN, anonymous=False), "Now Kim"),
    ("Anna gets nothing", lambda: filtered("recipient", blocked_recipients=(ANNA,)), "Now Kim"),
    ("the whole network", lambda: set_up(PLAIN, denied_clients=["198.51.100.0/24"]), "Now Kim"),
    ("the same verb twice", lambda: [set_up(PLAIN, denied_clients=["198.51.100.4"]), set_up(PLAIN, denied_clients=["198.51.100.0/28", "198.51.100.4"])], "at connect"),
    ("another sender", lambda: filtered("sender", blocked_senders=("other@elsewhere.example",)), "still reaches Anna"),
]  # fmt: skip

# -- 07 ---------------------------------------------------------------------------------------------------------------

BOTH = {"local_bridgeheads": ["LON01", "LON02"], "remote_bridgeheads": ["PAR01", "PAR02"]}
RIGHT["second bridgehead"] = [
    lambda: line(**BOTH),
    lambda: line(local_bridgeheads=["LONFE", "LON01"], remote_bridgeheads=["PAR02", "PAR01"]),
    lambda: line(local_bridgeheads=[], remote_bridgeheads=["PAR01", "PAR02"]),
    lambda: line(local_bridgeheads=("LON01", "LON02", "LONFE"), remote_bridgeheads=("PAR01", "PAR02"), cost=7),
    lambda: line(**BOTH, priorities=["low", "normal", "high"], schedule=["00:00-12:00", "12:00-00:00"]),
    lambda: reconfigure(line(**BOTH), "Paris-London", local_bridgeheads=["PAR01", "PAR02"]),
]


def moved(name: str, server: str) -> Organization:
    made = line(**BOTH)
    return replace(
        made, recipients=tuple(altered(item, server=server) if item.name == name else item for item in made.recipients)
    )


WRONG["second bridgehead"] = [
    ("nothing changed", lambda: load("two sites"), "When LON02 stops"),
    ("only this end", lambda: line(local_bridgeheads=["LON01", "LON02"]), "When PAR01 stops"),
    ("only the far end", lambda: line(remote_bridgeheads=["PAR01", "PAR02"]), "When LON02 stops"),
    ("another one instead", lambda: line(local_bridgeheads=["LON01"], remote_bridgeheads=["PAR02"]), "When LON01 stops"),
    ("one routing group", lambda: mailflow.one_routing_group(load("two sites")), "is gone"),
    ("Pierre moves to London", lambda: moved("pierre", "LON01"), "Change connectors of mailflow.load('two sites') and nothing else"),
    ("any server here", lambda: line(local_bridgeheads=[]), "When PAR01 stops"),
    ("a second line", lambda: replace(load("two sites"), connectors=(*load("two sites").connectors, replace(line(local_bridgeheads=["LON01"]).connector["London-Paris"], name="Two"))), "When PAR01 stops"),
    ("nothing passes", lambda: line(**BOTH, max_message_kb=0), "With every server up"),
    ("for system mail only", lambda: line(**BOTH, message_types=["system"]), "With every server up"),
    ("at night only", lambda: line(**BOTH, schedule=["01:00-02:00"]), "With every server up"),
    ("the way back", lambda: reconfigure(load("two sites"), "Paris-London", local_bridgeheads=["PAR01", "PAR02"], remote_bridgeheads=["LON01", "LON02"]), "When LON02 stops"),
    ("the same twice", lambda: line(local_bridgeheads=["LON02", "LON02"]), "When LON02 stops"),
    ("large mail at night", lambda: line(**BOTH, oversize_kb=2000, oversize_schedule=["20:00-06:00"]), "Mail of 3,000 KB from ben@contoso.com to pierre@contoso.com, sent at 09:30, is late"),
    ("no reports", lambda: line(**BOTH, message_types=["non-system"]), "A report to pierre@contoso.com"),
    ("nothing back", lambda: reconfigure(line(**BOTH), "Paris-London", max_message_kb=0), "from pierre@contoso.com to ben@contoso.com"),
    ("another organization", lambda: load("four corners"), "is gone"),
]  # fmt: skip


def slow(organization: Organization, **settings: Any) -> Organization:
    made = replace(load("two sites").connector["London-Paris"], name="Slow", **{"cost": 50, **settings})
    return replace(organization, connectors=(*organization.connectors, made))


RIGHT["fates of a large message"] = [
    lambda: [line(max_message_kb=1000), line(oversize_kb=1000, oversize_schedule=["20:00-06:00"]), slow(line(max_message_kb=1000))],
    lambda: [line(max_message_kb=3000), line(oversize_kb=2000, oversize_schedule=["12:00-13:00"]), slow(line(max_message_kb=50), cost=99)],
]  # fmt: skip
WRONG["fates of a large message"] = [
    ("as it comes", lambda: load("two sites"), "The large message took London-Paris, too"),
    ("two limits", lambda: [line(max_message_kb=1000), line(max_message_kb=2000)], "1 of 3 ways found: it comes back."),
    ("small mail is hit, too", lambda: line(max_message_kb=1), "A small message no longer arrives"),
    ("everything at night", lambda: line(schedule=["20:00-06:00"]), "A small message no longer arrives"),
    ("the limit is too high", lambda: line(max_message_kb=9000), "took London-Paris, too"),
    ("everything takes the other one", lambda: slow(line(cost=60)), "no longer takes London-Paris"),
    ("a limit on the server", lambda: reconfigure(load("two sites"), "LON02", max_message_kb=1000), "Change connectors"),
]  # fmt: skip


def tokyo(name: str = "Tokyo-Brussels", **settings: Any) -> Organization:
    return reconfigure(load("four corners"), name, **settings)


def without(name: str) -> Organization:
    usual = load("four corners")
    return replace(usual, connectors=tuple(item for item in usual.connectors if item.name != name))


RIGHT["turn it round"] = [
    lambda: [tokyo(cost=40), tokyo(priorities=["high"]), tokyo(message_types=["system"])],
    lambda: [tokyo("Seattle-Tokyo", cost=20), tokyo("Seattle-Tokyo", max_message_kb=0), tokyo(priorities=["low"])],
    lambda: [tokyo(cost=40), tokyo(priorities=["high"]), without("Tokyo-Brussels")],
]
WRONG["turn it round"] = [
    ("as it comes", lambda: load("four corners"), "It goes Seattle > Tokyo > Brussels"),
    ("two costs", lambda: [tokyo(cost=40), tokyo("Seattle-Tokyo", cost=40)], "1 of 3 ways found: cost."),
    ("a cost that is not enough", lambda: tokyo(cost=6), "It goes Seattle > Tokyo > Brussels"),
    ("London is closed, too", lambda: reconfigure(tokyo(priorities=["high"]), "London-Brussels", priorities=["high"]), "It goes nowhere"),
    ("two reasons at once", lambda: tokyo(cost=40, priorities=["high"]), "Change one thing at a time"),
    ("one group", lambda: mailflow.one_routing_group(load("four corners")), "Change connectors"),
    ("a schedule only waits", lambda: tokyo(schedule=["22:00-23:00"]), "It goes nowhere"),
]  # fmt: skip

# -- 08 ---------------------------------------------------------------------------------------------------------------


def cut(name: str = "New York-Seattle", sender: str = "nora@contoso.com", to: str = "sam@contoso.com") -> Trace:
    return world().fail(name).send(write(sender, to), at=1).run(until=300)


MINE = cut()


def still_up(trace: Trace, seconds: float, name: str = "New York-Seattle") -> list[str]:
    step = trace.step_at(seconds)
    servers = [item.name for item in load("worldwide").servers]
    return [item for item in servers if name not in mailflow.winroute(trace, item, at=step).table.down]


UP = still_up(MINE, 181.7)
ALL = [item.name for item in load("worldwide").servers]
RIGHT["who is wrong"] = [
    lambda: (MINE, 181.7, UP),
    lambda: (MINE, 181.7, set(UP)),
    lambda: (MINE, 181.7, ", ".join(UP)),
    lambda: (MINE, 181.7, [name.lower() for name in UP]),
    lambda: (MINE, 181.7, tuple(load("worldwide").server[name] for name in UP)),
    lambda: (MINE, 181.8, still_up(MINE, 181.8)),
    lambda: (world().fail("New York-Seattle").send(write("nora@contoso.com", "sam@contoso.com"), at=1), 181.7, UP),
]
WRONG["who is wrong"] = [
    ("everybody", lambda: (MINE, 181.7, ALL), "knows already"),
    ("nobody", lambda: (MINE, 181.7, []), "is not in your answer"),
    ("one is missing", lambda: (MINE, 181.7, UP[1:]), f"{UP[0]} is not in your answer"),
    ("too early", lambda: (MINE, 90, ALL), "0 of 25 servers know it"),
    ("too late", lambda: (MINE, 299, []), "25 of 25 servers know it"),
    ("a name that is none", lambda: (MINE, 181.7, ["LON1", *UP]), "There is no server LON1; did you mean LON01?"),
    ("the failure of the notebook", lambda: (cut("London-Brussels", ANNA, BRUNO), 181.7, ALL), "starts in London"),
    ("nothing fails", lambda: (world().send(write(ANNA, BRUNO)).run(), 1, ALL), "no connector is dead"),
    ("a smaller organization", lambda: (four().fail("Tokyo-Brussels").send(write(SARA, BRUNO), at=1).run(until=300), 181.7, []), 'mailflow.load("worldwide")'),
    ("the time as a text", lambda: (MINE, "181.7", UP), "a number without quotes"),
    ("a time before the start", lambda: (MINE, -1, UP), "a time in seconds from the start"),
    ("numbers for names", lambda: (MINE, 181.7, [1, 2]), "Each name is a text"),
    ("no list", lambda: (MINE, 181.7, 7), "a list of names of servers"),
    ("two parts", lambda: (MINE, UP), "You gave 2"),
    ("no trace", lambda: ("my run", 181.7, UP), "The first part is the trace"),
    ("those that know", lambda: (MINE, 181.7, sorted(set(ALL) - set(UP))), "is not in your answer"),
]  # fmt: skip

QUIET = reconfigure(load("four corners"), "TOK01", suppress_state_changes=True)


def broken(made: mailflow.Scenario, name: str, sender: str, to: str) -> mailflow.Scenario:
    return made.fail(name).send(write(sender, to), at=1)


def waiting_news() -> mailflow.Scenario:
    held = mailflow.Parameters(hold_back_seconds=6000)
    return broken(Scenario(load("four corners"), parameters=held), "Tokyo-Brussels", SARA, BRUNO)


def patient() -> mailflow.Scenario:
    return Scenario(load("four corners"), parameters=mailflow.Parameters(glitch_retries=1000))


RIGHT["keep it a secret"] = [
    lambda: [broken(sites(), "London-Paris", BEN, PIERRE), broken(Scenario(QUIET), "Tokyo-Brussels", SARA, BRUNO), broken(sites(), "Internet", ANNA, KIM)],
    lambda: [broken(sites(), "Paris-London", PIERRE, BEN), waiting_news(), broken(one(), "Internet", ANNA, KIM)],
    lambda: [broken(sites(), "London-Paris", BEN, PIERRE), broken(patient(), "Tokyo-Brussels", SARA, BRUNO), waiting_news()],
]  # fmt: skip
WRONG["keep it a secret"] = [
    ("everybody hears", lambda: broken(four(), "Tokyo-Brussels", SARA, BRUNO), "says DOWN for Tokyo-Brussels"),
    ("no mail tries", lambda: four().fail("Tokyo-Brussels"), "Mail tried a dead line 0 times"),
    ("nothing fails", lambda: four().send(write(SARA, BRUNO)), "no connector is dead"),
    ("nothing happens", four, "Nothing happens"),
    ("it comes back", lambda: broken(sites(), "London-Paris", BEN, PIERRE).restore("London-Paris", at=900), "no connector is dead"),
    ("too late", lambda: sites().fail("London-Paris", at=2000).send(write(BEN, PIERRE), at=2001), "within the first ten minutes"),
    ("two leaves", lambda: [broken(sites(), "London-Paris", BEN, PIERRE), broken(sites(), "Paris-London", PIERRE, BEN)], "1 of 3 ways found: left up: it is the only way."),
]  # fmt: skip
RIGHT["two truths"] = [
    lambda: [four().fail("TOK01").fail("TOK02").change("Seattle-London", cost=20, at=60), four().stop("routing engine", "LON01").change("Seattle-Tokyo", cost=20, at=60)],
]  # fmt: skip
WRONG["two truths"] = [
    ("two reasons at once", lambda: four().fail("TOK01").fail("TOK02").stop("routing engine", "LON01").change("Seattle-Tokyo", cost=20, at=60), "Change one thing at a time"),
    ("nothing happens", four, "all servers that have a table hold the same one"),
    ("everybody hears", lambda: four().change("Seattle-London", cost=20), "all servers that have a table hold the same one"),
    ("together again", lambda: four().fail("TOK01").fail("TOK02").change("Seattle-London", cost=20, at=60).restore("TOK01", at=300).restore("TOK02", at=300), "hold the same one"),
    ("no news to miss", lambda: four().stop("routing engine", "LON01"), "hold the same one"),
    ("another organization", lambda: sites().fail("PAR01"), "another organization"),
    ("too late", lambda: four().stop("routing engine", "LON01").change("Seattle-Tokyo", cost=20, at=3200), "hold the same one"),
    ("the same twice", lambda: [four().fail("TOK01").fail("TOK02").change("Seattle-London", cost=20, at=60), four().fail("BRU01").fail("BRU02").change("Seattle-London", cost=20, at=60)], "1 of 2 ways found"),
]  # fmt: skip

# -- 09 ---------------------------------------------------------------------------------------------------------------


def both(first: dict[str, Any], second: dict[str, Any]) -> Organization:
    return reconfigure(tokyo(**first), "Seattle-London", **second)


RIGHT["by London"] = [
    lambda: tokyo(cost=30),
    lambda: tokyo(cost=11),
    lambda: tokyo("Seattle-Tokyo", cost=99),
    lambda: tokyo("Seattle-London", cost=1),
    lambda: both({"cost": 20}, {"cost": 5}),
    lambda: tokyo(cost=30, max_message_kb=20_000, message_types=["non-system", "system"]),
]
WRONG["by London"] = [
    ("nothing changed", lambda: load("four corners"), "It should go by London"),
    ("a tie", lambda: tokyo(cost=10), "It should go by London"),
    ("a tie on the other leg", lambda: tokyo("Seattle-Tokyo", cost=15), "It should go by London"),
    ("not enough", lambda: tokyo(cost=9), "It should go by London"),
    ("Tokyo takes nothing", lambda: tokyo(cost=30, max_message_kb=0), "down"),
    ("Tokyo takes small mail only", lambda: tokyo(cost=30, max_message_kb=100), "With Seattle-London down, mail of 3,000 KB from sara@contoso.com"),
    ("London takes small mail only", lambda: reconfigure(tokyo(cost=30), "London-Brussels", max_message_kb=100), "some mail went Seattle > Tokyo > Brussels"),
    ("a limit instead of a cost", lambda: tokyo(priorities=["high"]), "With Seattle-London down"),
    ("the line to Tokyo is gone", lambda: replace(load("four corners"), connectors=tuple(item for item in load("four corners").connectors if item.name != "Tokyo-Brussels")), "The connector Tokyo-Brussels is gone"),
    ("the way back", lambda: tokyo("Brussels-Tokyo", cost=30), "It should go by London"),
    ("Sara moves to London", lambda: replace(tokyo(cost=30), recipients=tuple(altered(item, server="LON02") if item.name == "sara" else item for item in load("four corners").recipients)), "Change connectors of mailflow.load('four corners') and nothing else"),
    ("one group", lambda: mailflow.one_routing_group(load("four corners")), "Change connectors of mailflow.load('four corners') and nothing else"),
    ("a direct line", lambda: replace(tokyo(cost=30), connectors=(*tokyo(cost=30).connectors, altered(load("four corners").connector["Seattle-Tokyo"], name="Direct", to="Brussels", remote_bridgeheads=("BRU01",)))), "It should go by London"),
    ("London is dearer, too", lambda: both({"cost": 30}, {"cost": 60}), "It should go by London"),
    ("Tokyo at night", lambda: tokyo(cost=30, schedule=["01:00-02:00"]), "down"),
]  # fmt: skip


def lost(*failing: str) -> mailflow.Scenario:
    made = four()
    for name in failing:
        made.fail(name)
    return made.send(write(SARA, BRUNO), at=1)


RIGHT["where it strands"] = [
    lambda: [lost("SEA01"), lost("Seattle-London", "Seattle-Tokyo"), lost("BRU02")],
    lambda: [lost("Tokyo-Brussels", "London-Brussels"), lost("SEA01"), lost("BRU02")],
]
WRONG["where it strands"] = [
    ("it finds a way", lambda: lost("Tokyo-Brussels"), "stayed on one server for 3 minutes at most"),
    ("nothing fails", lost, "stayed on one server for 0 minutes at most"),
    ("a service is stopped", lambda: lost().stop("SMTP", "BRU02"), "nothing is stopped"),
    ("the same server twice", lambda: [lost("Seattle-London", "Seattle-Tokyo"), lost("TOK01", "LON01")], "1 of 3 ways found: SEA01."),
    ("too late", lambda: four().fail("BRU02").send(write(SARA, BRUNO), at=10_000), "It takes 30"),
    ("it never comes in", lambda: four().fail("SEA02").send(write(SARA, BRUNO), by="smtp", server="SEA02", at=1), "for 0 minutes at most, on no server"),
    ("put off by Sara", lambda: four().fail("Brussels-London").send(write(SARA, BRUNO, deliver_after=datetime(2003, 10, 6, 11, tzinfo=UTC))), "that is not the reason"),
    ("somebody else's", lambda: four().fail("BRU02").send(write(TARO, BRUNO), at=1), "no message from sara@contoso.com"),
    ("another organization", lambda: sites().send(write(ANNA, PIERRE)), "as it comes"),
    ("the costs are changed", lambda: Scenario(tokyo(cost=30)).fail("BRU02").send(write(SARA, BRUNO), at=1), "as it comes"),
]  # fmt: skip

DIRECT = altered(
    load("four corners").connector["Seattle-Tokyo"], name="Direct", to="Brussels", remote_bridgeheads=("BRU01",)
)
SHUT = ("Tokyo-Brussels", "London-Brussels")
RIGHT["to the rescue"] = [
    lambda: [lost(*SHUT).restore("London-Brussels", at=900), lost(*SHUT).add(DIRECT, at=900), lost().stop("SMTP", "BRU02").start("SMTP", "BRU02", at=900)],
    lambda: [lost("BRU02").restore("BRU02", at=700), lost(*SHUT).add(DIRECT, at=2000), lost().disable_outbound_mail("SEA02").enable_outbound_mail("SEA02", at=900)],
]  # fmt: skip
WRONG["to the rescue"] = [
    ("never rescued", lambda: lost(*SHUT), "is waiting"),
    ("never in need", lost, "It takes 600 or more"),
    ("too soon", lambda: lost(*SHUT).restore("London-Brussels", at=200), "It takes 600 or more"),
    ("two repairs", lambda: [lost(*SHUT).restore("London-Brussels", at=900), lost("BRU02").restore("BRU02", at=900)], "1 of 3 ways found: a line was repaired."),
    ("two rescues at once", lambda: lost(*SHUT).restore("London-Brussels", at=900).add(DIRECT, at=900), "no single kind of event rescued it"),
    ("somebody else's", lambda: four().send(write(TARO, BRUNO)), "no message from sara@contoso.com"),
    ("another organization", lambda: sites().send(write(ANNA, PIERRE)), 'mailflow.load("four corners")'),
]  # fmt: skip

__all__ = ["RIGHT", "WRONG"]

# -- 10 ---------------------------------------------------------------------------------------------------------------


def tracks(*names: str, base: Organization | str = "worldwide", **settings: Any) -> Organization:
    """An organization in which these servers track messages."""
    made = load(base) if isinstance(base, str) else base
    for name in names:
        made = reconfigure(made, name, message_tracking=True, **settings)
    return made


def policy(*names: str, **settings: Any) -> Organization:
    """The same by a policy for all of them."""
    made = ServerPolicy(name="Gateways", servers=names, **settings)
    return replace(load("worldwide"), server_policies=(made,))


GATES = ("LON01", "NYC01", "SEA01")
RIGHT["only the gateways"] = [
    lambda: tracks(*GATES, tracking_days=30),
    lambda: tracks(*GATES, tracking_days=None),
    lambda: policy(*GATES, tracking_days=90),
]
WRONG["only the gateways"] = [
    ("nobody tracks", lambda: load("worldwide"), "no log says who handed it out"),
    ("everybody tracks", lambda: tracks(*load("worldwide").server, tracking_days=30), "hands nothing to the Internet"),
    ("one too many", lambda: tracks(*GATES, "PAR01", tracking_days=30), "PAR01 tracks messages, and hands nothing"),
    ("only Europe", lambda: tracks("LON01", tracking_days=30), "no log says who handed it out"),
    ("Fabrikam forgotten", lambda: tracks("LON01", "SEA01", tracking_days=30), "to kim@fabrikam.com: no log"),
    ("the spare one forgotten", lambda: tracks("LON01", "NYC01", tracking_days=30), "to lee@northwindtraders.com: no log"),
    ("a week", lambda: tracks(*GATES), "keeps its log for 7 days"),
    ("a day too few", lambda: policy(*GATES, tracking_days=29), "keeps its log for 29 days"),
    ("with subjects", lambda: tracks(*GATES, tracking_days=30, subject_logging=True), "holds subjects"),
    ("a connector less", lambda: replace(tracks(*GATES, tracking_days=30), connectors=tuple(item for item in load("worldwide").connectors if item.name != "Internet America")), "and nothing else"),
    ("another organization", lambda: tracks("LON01", base="two sites", tracking_days=30), "and nothing else"),
    ("a policy that tracks nothing", lambda: policy(*GATES, message_tracking=False, tracking_days=30), "no log says"),
]  # fmt: skip

WHICH = write(SARA, BRUNO)


def corners(*servers: str) -> mailflow.Scenario:
    known = load("four corners")
    return Scenario(tracks(*(servers or known.server), base=known))


RIGHT["last entries"] = [
    lambda: [corners().stop("global catalog", "SEA02").send(WHICH, at=1), corners().fail("BRU02").send(WHICH, at=1), corners().stop("Mailbox Store", "BRU02").send(WHICH, at=1)],
    lambda: [corners().fail("Seattle-Tokyo").fail("Seattle-London").send(WHICH, at=1), corners().stop("Mailbox Store", "BRU02").send(WHICH, at=1), corners().stop("global catalog", "BRU02").send(WHICH, at=1)],
]  # fmt: skip
WRONG["last entries"] = [
    ("one number, three servers", lambda: [corners().stop("global catalog", name).send(WHICH, at=1) for name in ("SEA02", "BRU02")], "1 of 3 ways found: 1032"),
    ("it arrives", lambda: corners().send(WHICH, at=1), "is delivered"),
    ("it goes round", lambda: corners().fail("Tokyo-Brussels").send(WHICH, at=1), "is delivered"),
    ("nobody tracks", lambda: four().fail("BRU02").send(WHICH, at=1), "The logs know nothing"),
    ("the trail ends before", lambda: corners("SEA01", "SEA02").stop("Mailbox Store", "BRU02").send(WHICH, at=1), "the log says only: handed on"),
    ("somebody else's", lambda: corners().fail("BRU02").send(write(BRUNO, SARA), at=1), "no message from sara@contoso.com"),
    ("another organization", lambda: sites().fail("PAR02").send(write(ANNA, PIERRE), at=1), "and nothing else"),
    ("it comes back", lambda: corners().send(write(SARA, BRUNO, attachments={"a": 12_000_000}), at=1), "is bounced"),
]  # fmt: skip

LATE = write(ANNA, PIERRE)


def logs(*servers: str) -> mailflow.Scenario:
    return Scenario(tracks(*servers, base="two sites"))


LONDON = ("LON01", "LON02", "LONFE", "PAR01")
RIGHT["log and truth"] = [
    lambda: [logs(*LONDON).send(LATE, at=1), logs(*LONDON).stop("Mailbox Store", "PAR02").send(LATE, at=1), logs(*LONDON).fail("London-Paris").send(LATE, at=1).delete("London-Paris", "LON02", ndr=False, at=60)],
    lambda: [logs("LON01").send(LATE, at=1), logs("LON01").fail("London-Paris").send(LATE, at=1), logs("LON01", "LON02").fail("London-Paris").send(LATE, at=1).delete("London-Paris", "LON02", ndr=False, at=60)],
]  # fmt: skip
WRONG["log and truth"] = [
    ("the log is right", lambda: logs(*LONDON, "PAR02").send(LATE, at=1), "That is so: the message is delivered"),
    ("it waits and the log says so", lambda: logs(*LONDON, "PAR02").fail("London-Paris").send(LATE, at=1), "That is so: the message is waiting"),
    ("it came back and the log says so", lambda: logs(*LONDON, "PAR02").send(write(ANNA, "nix@contoso.com")), "That is so: the message is bounced"),
    ("out to the Internet", lambda: logs(*LONDON).send(write(ANNA, KIM)), "That is so: the message is relayed"),
    ("no log at all", lambda: sites().send(LATE), "No server tracks"),
    ("nothing is sent", lambda: logs("LON01"), "Send one message"),
    ("two messages", lambda: logs("LON01").send(LATE).send(LATE, at=5), "Send one message"),
    ("the log of somebody else", lambda: logs("LONFE").send(LATE), "The logs know nothing"),
    ("twice the same", lambda: [logs("LON01").send(LATE), logs("LON01", "LON02").send(LATE)], "1 of 3 ways found"),
    ("another organization", lambda: Scenario(tracks("LON01", base="two servers")).send(STUCK), "and nothing else"),
]  # fmt: skip


# -- 11 ---------------------------------------------------------------------------------------------------------------

BRIEF = mailflow.brief()
RING = BRIEF.text("ring")


def line_between(one: str, other: str, cost: int = 10) -> str:
    """The two connectors over one line, as they stand in a design."""
    rows = [
        f'{{ kind = "routing group", name = "{a}-{b}", routing_group = "{a}", to = "{b}", cost = {cost}, '
        f'local_bridgeheads = ["{a[:3].upper()}01"], remote_bridgeheads = ["{b[:3].upper()}01"] }},'
        for a, b in ((one, other), (other, one))
    ]
    return "\n".join(rows)


def ring_with(*lines: str) -> Organization:
    """The ring with lines across."""
    return BRIEF.design("\n".join([RING.rstrip().removesuffix("]"), *lines, "]"]))


ACROSS = (line_between("Brussels", "Berlin"), line_between("London", "Paris"))


def ring_where(**settings: Any) -> Organization:
    """The ring with other settings of BRU01."""
    return reconfigure(BRIEF.design("ring"), "BRU01", **settings)


def person(organization: Organization, name: str, **settings: Any) -> Organization:
    """The organization with other settings of one mailbox."""
    made = tuple(replace(item, **settings) if item.name == name else item for item in organization.recipients)
    return replace(organization, recipients=made)


RIGHT["an organization that survives"] = [
    lambda: ring_with(*ACROSS),
    lambda: ring_with(*reversed(ACROSS)),
]
WRONG["an organization that survives"] = [
    ("the star", lambda: BRIEF.design("star"), "Not yet reached: in time, mean delay."),
    ("the pairs", lambda: BRIEF.design("pairs"), "price a month"),
    ("another company", lambda: load("four corners"), 'routing group "Seattle": is no site'),
    ("one routing group", lambda: mailflow.one_routing_group(BRIEF.design("ring")), "The brief is broken"),
    ("nobody works there", lambda: replace(BRIEF.design("ring"), recipients=()), "is missing; everybody of the brief has a mailbox"),
    ("everybody moves to the hub", lambda: person(BRIEF.design("ring"), "maria", server="BRU01"), 'mailbox "maria": works in Madrid and lies in Brussels'),
    ("mail is turned aside", lambda: person(BRIEF.design("ring"), "maria", forward_to="bruno"), 'mailbox "maria": has settings of its own'),
    ("mail is refused", lambda: person(BRIEF.design("ring"), "maria", max_receive_kb=0), 'mailbox "maria": has settings of its own'),
    ("a line that nobody lets", lambda: ring_with(line_between("London", "Madrid")), "no line joins London and Madrid; for hire are Brussels-London"),
    ("no way out", lambda: replace(BRIEF.design("ring"), connectors=BRIEF.design("ring").connectors[:-1]), "none leads to the Internet"),
    ("a smart host", lambda: ring_where(smart_host="mail.fabrikam.com"), "smart_host leads mail past the lines"),
    ("no stranger gets in", lambda: ring_where(anonymous=False), "every gateway refuses some stranger's mail"),
]  # fmt: skip


def slides(organization: Organization) -> list[str]:
    return [slide.line for slide in BRIEF.present(BRIEF.judge(organization))]


@cache
def own_slides() -> tuple[str, str, str]:
    """The three lines of a design that is not one of the brief."""
    first, second, third = slides(BRIEF.design(RING.replace("cost = 10", "cost = 30", 2)))
    return first, second, third


def own(*numbers: int) -> list[str]:
    """Some of these lines, by number from 1."""
    return [own_slides()[number - 1] for number in numbers]


def another(organization: Organization, sender: str = ANNA, times: int = 1) -> str:
    """A line about other letters."""
    scenario = Scenario(organization)
    for _ in range(times):
        scenario.send(write(sender, "maria@contoso.com"))
    return scenario.run().share(step=-1)


RIGHT["present it"] = [lambda: own(1, 2, 3), lambda: ["\n".join([line[:40], line[40:]]) for line in own(1, 2, 3)]]
WRONG["present it"] = [
    ("one line", lambda: own(1), "This needs three lines, and there is 1."),
    ("two lines", lambda: own(1, 2), "and there are 2."),
    ("no line", lambda: ["a", "b", "c"], "Line 1: this text opens no scenario"),
    ("numbers", lambda: [1, 2, 3], "Line 1: "),
    ("all calm", lambda: own(1, 1, 1), "Line 2: show the moment of a failure"),
    ("all stormy", lambda: own(2, 2, 2), "Line 1: show a letter that arrives"),
    ("the end is missing", lambda: own(1, 2, 2), "Line 3: show the step"),
    ("the wrong order", lambda: own(1, 3, 2), "Line 2: show the moment"),
    ("a design of the brief", lambda: [another(BRIEF.design("star"))] * 3, "Present your own"),
    ("another company", lambda: [another(load("worldwide"))] * 3, "does not keep to the brief"),
    ("many letters", lambda: [another(BRIEF.design("star"), times=2)] * 3, "Line 1: show one letter; this run has 2."),
    ("another design", lambda: [*own(1, 2), another(BRIEF.design("mesh"))], "about different organizations"),
]  # fmt: skip
