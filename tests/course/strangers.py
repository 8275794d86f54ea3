"""Wrong attempts at the tasks of the course, thought up by somebody who saw only the text of each task.

Each is a name and the code that binds ``attempt``; the code finds ``mailflow`` imported. They were written without a look at what
checks them, and each was called wrong from the text of its task before it was checked; the later ones knew the verdicts on the
earlier ones.
"""

TRUTH = """
company = mailflow.load("worldwide")
everybody = [item.name for item in company.servers]
scenario = mailflow.Scenario(company).fail("New York-Seattle")
trace = scenario.send(mailflow.Message.write("nora@contoso.com", "sam@contoso.com"), at=1).run(until=1000)
seconds = 181.7
unaware = "PAR01 PAR02 BRU01 BRU02 BER01 BER02 BER03 SEA01 SEA02 SEA03 TOK01 TOK02 TOK03 SYD01 SYD02 CPT01 CPT02".split()
"""
"""An honest answer to "who is wrong": ``(trace, seconds, unaware)``. What follows it in an attempt spoils it."""

SPLIT = """
lines = ("Seattle-Tokyo", "Tokyo-Seattle", "London-Brussels", "Brussels-London")
scenario = mailflow.Scenario(mailflow.load("four corners"))
for name in lines:
    scenario.fail(name)
scenario.send(mailflow.Message.write("sara@contoso.com", "taro@contoso.com"), at=1)
"""
"""Two halves of "four corners" that cannot tell each other anything."""

SARA = 'message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")\n'

WRONG: dict[str, list[tuple[str, str]]] = {
    "first delivery": [
        (
            "writes to Ben",
            'attempt = mailflow.Scenario(mailflow.load("one server")).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))',
        ),
        (
            "Carla writes, and gets no mail",
            'attempt = mailflow.Scenario(mailflow.load("one server")).send(mailflow.Message.write("carla@contoso.com", "anna@contoso.com"))',
        ),
        (
            "her store is dismounted for good",
            """
message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).stop("Archived Store", "LON01").send(message, at=1)
""",
        ),
        (
            "a trace that says delivered",
            """
class Lie(mailflow.Trace):
    def status(self, step=-1):
        return {"m1": [("carla@contoso.com", "delivered", "LON01, Archived Store")]}

message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message).run()
attempt.__class__ = Lie
""",
        ),
        (
            "Ben's trace with Carla's name written over his",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
text = mailflow.Scenario(mailflow.load("one server")).send(message).run().to_json()
attempt = mailflow.Trace.from_json(text.replace("ben@contoso.com", "carla@contoso.com"))
""",
        ),
        (
            "only a report of failure comes to Carla",
            'attempt = mailflow.Scenario(mailflow.load("one server")).send(mailflow.Message.write("carla@contoso.com", "nobody@contoso.com"))',
        ),
        (
            "a Carla of another company",
            'attempt = mailflow.Scenario(mailflow.load("one server")).send(mailflow.Message.write("anna@contoso.com", "carla@fabrikam.com"))',
        ),
        (
            "Carla stands in the header only",
            """
message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, to="ben@contoso.com")
""",
        ),
        (
            "a board that does not take the mail",
            """
message = mailflow.Message.write("kim@fabrikam.com", "board@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message)
""",
        ),
        (
            "a scenario that runs another one",
            """
class Other(mailflow.Scenario):
    def run(self, until=None, *, progress=None):
        message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        return mailflow.Scenario(mailflow.load("one server")).send(message).run()

attempt = Other(mailflow.load("one server")).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))
""",
        ),
        (
            "a changed company under the old name",
            """
from dataclasses import replace

company = mailflow.load("one server")
people = []
for item in company.recipients:
    if item.name in ("ben", "carla"):
        other = {"ben": "carla", "carla": "ben"}[item.name]
        item = replace(item, addresses=(f"{other}@contoso.com",))
    people.append(item)
company = replace(company, recipients=tuple(people))
company.__dict__["ready_made"] = "one server"
attempt = mailflow.Scenario(company).send(mailflow.Message.write("anna@contoso.com", "carla@contoso.com"))
""",
        ),
    ],
    "exipc backs up": [
        (
            "on the other server",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON01")
for number in range(3):
    attempt.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com", f"Number {number}"), at=1)
attempt.start("SMTP", "LON01", at=60)
""",
        ),
        (
            "two messages",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for number in range(2):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=1)
attempt.start("SMTP", "LON02", at=60)
""",
        ),
        (
            "never started again",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for number in range(3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=1)
""",
        ),
        (
            "seven seconds",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for number in range(3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=1)
attempt.start("SMTP", "LON02", at=8)
""",
        ),
        (
            "one after another, each twenty seconds",
            """
attempt = mailflow.Scenario(mailflow.load("two servers"))
for number in range(3):
    attempt.stop("SMTP", "LON02", at=100 * number)
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=100 * number + 1)
    attempt.start("SMTP", "LON02", at=100 * number + 21)
""",
        ),
        (
            "the third comes when the others have waited long",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for number in range(3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=1 + 15 * (number == 2))
attempt.start("SMTP", "LON02", at=20)
""",
        ),
        (
            "the store is stopped, so the mail never gets to the queue",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("information store", "LON02")
for number in range(3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=1)
attempt.start("information store", "LON02", at=60)
""",
        ),
        (
            "the queue in the other direction",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("information store", "LON02")
for number in range(3):
    attempt.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com", f"Number {number}"), at=1)
attempt.start("information store", "LON02", at=60)
""",
        ),
        (
            "one message for three",
            """
message = mailflow.Message.write("ben@contoso.com", ["anna@contoso.com", "carla@contoso.com", "journal@contoso.com"])
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02").send(message, at=1).start("SMTP", "LON02", at=60)
""",
        ),
        (
            "one of the three is returned",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for name in ("anna", "carla", "nobody"):
    attempt.send(mailflow.Message.write("ben@contoso.com", f"{name}@contoso.com"), at=1)
attempt.start("SMTP", "LON02", at=60)
""",
        ),
        (
            "three wait and never arrive, three others do",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for number in range(3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "nobody@fabrikam.com", f"Number {number}"), at=1)
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=100)
attempt.start("SMTP", "LON02", at=60)
""",
        ),
        (
            "a third that comes back counts for one",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for name in ("anna", "carla", "nobody"):
    attempt.send(mailflow.Message.write("ben@contoso.com", f"{name}@contoso.com"), at=1)
attempt.start("SMTP", "LON02", at=60)
""",
        ),
        (
            "two short waits of six seconds",
            """
attempt = mailflow.Scenario(mailflow.load("two servers"))
for number in range(3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=1 + number)
attempt.stop("SMTP", "LON02").start("SMTP", "LON02", at=9).stop("SMTP", "LON02", at=9.0001).start("SMTP", "LON02", at=15)
""",
        ),
        (
            "a slow model in place of a backlog",
            """
from mailflow.transport.parameters import Durations

attempt = mailflow.Scenario(mailflow.load("two servers"), parameters=mailflow.Parameters(durations=Durations(exipc=3)))
for number in range(3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", f"Number {number}"), at=1 + number)
""",
        ),
    ],
    "three ways in": [
        (
            "all three in by one server",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
for way in ("mapi", "smtp", "pickup"):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", way), by=way, server="LON01")
""",
        ),
        (
            "two of the three in by one server",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
for way, server in (("mapi", "LON01"), ("smtp", "LONFE"), ("pickup", "LONFE")):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", way), by=way, server=server)
""",
        ),
        (
            "one message that passes many servers",
            'attempt = mailflow.Scenario(mailflow.load("two sites")).send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"))',
        ),
        (
            "to Odile",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
for way, server in (("mapi", "LON01"), ("smtp", "LONFE"), ("pickup", "LON02")):
    attempt.send(mailflow.Message.write("anna@contoso.com", "odile@contoso.com", way), by=way, server=server)
""",
        ),
        (
            "three servers, all by SMTP",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
for server in ("LON01", "LONFE", "LON02"):
    attempt.send(mailflow.Message.write("kim@fabrikam.com", "pierre@contoso.com", server), by="smtp", server=server)
""",
        ),
        (
            "one of them never comes out of the Pickup folder",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).stop("SMTP", "LONFE")
for way, server in (("mapi", "LON01"), ("smtp", "PAR02"), ("pickup", "LONFE")):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", way), by=way, server=server, at=1)
""",
        ),
        (
            "another company with a Pierre",
            """
attempt = mailflow.Scenario(mailflow.load("worldwide"))
for way, server in (("mapi", "LON02"), ("smtp", "PAR01"), ("pickup", "PAR02")):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", way), by=way, server=server)
""",
        ),
        (
            "one of them has Pierre in the header and Ben in the envelope",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
for way, server, to in (("mapi", "LON01", "pierre"), ("pickup", "LON02", "pierre"), ("smtp", "LONFE", "ben")):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", way), by=way, server=server, to=f"{to}@contoso.com")
""",
        ),
        (
            "the company changed so that Pierre lives in London",
            """
from dataclasses import replace

company = mailflow.load("two sites")
company = replace(company, recipients=tuple(replace(item, server="LON01") if item.name == "pierre" else item for item in company.recipients))
attempt = mailflow.Scenario(company)
for way, server in (("mapi", "LON01"), ("smtp", "LONFE"), ("pickup", "LON02")):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", way), by=way, server=server)
""",
        ),
        (
            "the third goes to another Pierre",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
for way, server, to in (("mapi", "LON01", "contoso.com"), ("smtp", "LONFE", "contoso.com"), ("pickup", "LON02", "fabrikam.com")):
    attempt.send(mailflow.Message.write("anna@contoso.com", f"pierre@{to}", way), by=way, server=server)
""",
        ),
        (
            "Pierre's store is dismounted for good",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).stop("Mailbox Store", "PAR02")
for way, server in (("mapi", "LON01"), ("smtp", "LONFE"), ("pickup", "LON02")):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", way), by=way, server=server, at=1)
""",
        ),
    ],
    "three queues": [
        (
            "three messages, each in one of the queues",
            """
attempt = mailflow.Scenario(mailflow.load("one server"))
for number, part in enumerate(("antivirus", "global catalog", "information store")):
    start = 100 * number
    message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com", part)
    attempt.stop(part, "LON01", at=start).send(message, at=start + 1).start(part, "LON01", at=start + 30)
""",
        ),
        (
            "two queues",
            """
message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, at=1)
for number, part in enumerate(("antivirus", "global catalog")):
    attempt.stop(part, "LON01").start(part, "LON01", at=30 * (number + 1))
""",
        ),
        (
            "never arrives",
            """
message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, at=1).stop("information store", "LON01")
for number, part in enumerate(("antivirus", "global catalog")):
    attempt.stop(part, "LON01").start(part, "LON01", at=30 * (number + 1))
""",
        ),
        (
            "four seconds in each",
            """
message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, at=1)
for number, part in enumerate(("antivirus", "global catalog", "information store")):
    attempt.stop(part, "LON01").start(part, "LON01", at=1 + 4 * (number + 1))
""",
        ),
        (
            "all three parts back at the same moment",
            """
message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, at=1)
for part in ("antivirus", "global catalog", "information store"):
    attempt.stop(part, "LON01").start(part, "LON01", at=60)
""",
        ),
        (
            "in the end it is returned",
            """
message = mailflow.Message.write("anna@contoso.com", "nobody@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, at=1)
for number, part in enumerate(("antivirus", "global catalog", "information store")):
    attempt.stop(part, "LON01", at=0.5 if number < 2 else 2).start(part, "LON01", at=30 * (number + 1))
""",
        ),
        (
            "one of its two recipients never gets it",
            """
message = mailflow.Message.write("kim@fabrikam.com", ["ben@contoso.com", "carla@contoso.com"])
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, at=1).stop("Archived Store", "LON01")
for number, part in enumerate(("antivirus", "global catalog")):
    attempt.stop(part, "LON01").start(part, "LON01", at=30 * (number + 1))
""",
        ),
        (
            "one waits in two of them, another in the third",
            """
attempt = mailflow.Scenario(mailflow.load("one server")).stop("antivirus", "LON01").stop("global catalog", "LON01")
attempt.start("antivirus", "LON01", at=30).start("global catalog", "LON01", at=60).stop("information store", "LON01", at=100).start("information store", "LON01", at=160)
attempt.send(mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com", "One"), at=1)
attempt.send(mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com", "Two"), at=110)
""",
        ),
        (
            "nine seconds in the last one",
            """
message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server")).send(message, at=1).stop("information store", "LON01", at=2)
for part, at in (("antivirus", 30), ("global catalog", 60)):
    attempt.stop(part, "LON01").start(part, "LON01", at=at)
attempt.start("information store", "LON01", at=69)
""",
        ),
        (
            "another company with these queues",
            """
message = mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).send(message, at=1)
for number, part in enumerate(("global catalog", "information store")):
    attempt.stop(part, "LON01", at=0.5).start(part, "LON01", at=30 * (number + 1))
""",
        ),
        (
            "a slow model in place of three queues",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("one server"), parameters=mailflow.Parameters(durations=Durations(sinks=11, lookup=11, exipc=11, store=11, routing=11, decision=11))).send(message)
""",
        ),
    ],
    "stuck without a stop": [
        (
            "a stopped service",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02").send(message, at=1).run(until=90_000)
""",
        ),
        (
            "stopped, and the network fails as well to hide it",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON01").fail("LON02").send(message, at=1).run(until=90_000)
""",
        ),
        (
            "an hour",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1).restore("LON02", at=3600).run(until=90_000)
""",
        ),
        (
            "from Ben to Anna",
            """
message = mailflow.Message.write("ben@contoso.com", "anna@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON01").send(message, at=1).run(until=90_000)
""",
        ),
        (
            "to Carla, who lives beside Ben",
            """
message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1).run(until=90_000)
""",
        ),
        (
            "a queue that is frozen after the message has gone",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).send(message, at=1).freeze("lon02.contoso.com", "LON01", at=60).run(until=90_000)
""",
        ),
        (
            "deleted: gone, and not waiting",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1).delete("lon02.contoso.com", "LON01", at=60).run(until=90_000)
""",
        ),
        (
            "delivered, and only then the network fails",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).send(message, at=1).fail("LON01", at=1.6).run(until=90_000)
""",
        ),
        (
            "Ben in the header, Carla in the envelope",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1, to="carla@contoso.com").run(until=90_000)
""",
        ),
        (
            "one reason twice",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
one = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1).run(until=90_000)
two = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=100).restore("LON02", at=89_000).run(until=95_000)
attempt = [one, two]
""",
        ),
        (
            "one reason twice, at either end of one line",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = [mailflow.Scenario(mailflow.load("two servers")).fail(name).send(message, at=1).run(until=90_000) for name in ("LON01", "LON02")]
""",
        ),
        (
            "one reason twice, once with a decoy",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
plain = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1)
attempt = [plain, plain.copy().freeze("lon02.contoso.com", "LON01", at=60).unfreeze("lon02.contoso.com", "LON01", at=120)]
""",
        ),
        (
            "the whole mission by a slow model",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = [
    mailflow.Scenario(mailflow.load("two servers"), parameters=mailflow.Parameters(durations=slow)).send(message)
    for slow in (Durations(rpc=200_000), Durations(sinks=200_000), Durations(lookup=200_000), Durations(round_trip=200_000))
]
""",
        ),
        (
            "a model so slow that a call takes days",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers"), parameters=mailflow.Parameters(durations=Durations(rpc=200_000))).send(message)
""",
        ),
        (
            "a model so slow that a look into the directory takes days",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers"), parameters=mailflow.Parameters(durations=Durations(lookup=200_000))).send(message)
""",
        ),
        (
            "a model so slow that a word to the other server takes days",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers"), parameters=mailflow.Parameters(durations=Durations(round_trip=200_000))).send(message)
""",
        ),
        (
            "a stop by another name",
            """
from dataclasses import dataclass

from mailflow.simulation.verbs import Stop, verb

@verb
@dataclass(frozen=True, repr=False, eq=False)
class Nap(Stop):
    word = "nap"
    method = ""

message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).act(Nap("SMTP", "LON02")).send(message, at=1).run(until=90_000)
""",
        ),
    ],
    "back to Anna": [
        (
            "to somebody who does not exist",
            'attempt = mailflow.Scenario(mailflow.load("two servers")).send(mailflow.Message.write("anna@contoso.com", "nobody@contoso.com"))',
        ),
        (
            "Ben's name spelled wrong",
            'attempt = mailflow.Scenario(mailflow.load("two servers")).send(mailflow.Message.write("anna@contoso.com", "bne@contoso.com"))',
        ),
        (
            "Ben answers",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))
attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com", "Re: Hello"), at=60)
""",
        ),
        (
            "Ben gets it, and somebody else's part comes back",
            """
message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "nobody@fabrikam.com"])
attempt = mailflow.Scenario(mailflow.load("two servers")).send(message)
""",
        ),
        (
            "Carla's message comes back to Carla",
            """
message = mailflow.Message.write("carla@contoso.com", "anna@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON01").send(message, at=1)
""",
        ),
        (
            "a warning of delay, and then it arrives",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1).restore("LON02", at=50_000)
""",
        ),
        (
            "deleted without a report",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1).delete("lon02.contoso.com", "LON01", ndr=False, at=60)
""",
        ),
        (
            "the report does not reach her",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1)
attempt.stop("Mailbox Store", "LON01", at=30).delete("lon02.contoso.com", "LON01", at=60)
attempt = attempt.run(until=3600)
""",
        ),
        (
            "Ben in the header, nobody in the envelope",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).send(message, to="nobody@contoso.com")
""",
        ),
        (
            "Ben deleted before",
            """
from dataclasses import replace

company = mailflow.load("two servers")
company = replace(company, recipients=tuple(item for item in company.recipients if item.name != "ben"))
attempt = mailflow.Scenario(company).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))
""",
        ),
        (
            "one code twice",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = [
    mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=at).delete("lon02.contoso.com", "LON01", at=60)
    for at in (1, 20)
]
""",
        ),
        (
            "Anna in the header, Carla in the envelope: the report goes to Carla",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, sender="carla@contoso.com", by="smtp", server="LON01", at=1)
attempt.delete("lon02.contoso.com", "LON01", at=60)
""",
        ),
        (
            "Ben deleted before, also from his group",
            """
from dataclasses import replace

company = mailflow.load("two servers")
people = tuple(item for item in company.recipients if item.name != "ben")
people = tuple(replace(item, members=("anna", "carla", "partner")) if item.name == "project" else item for item in people)
company = replace(company, recipients=people)
attempt = mailflow.Scenario(company).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))
""",
        ),
        (
            "Ben's address is taken away",
            """
from dataclasses import replace

company = mailflow.load("two servers")
people = tuple(replace(item, addresses=("benjamin@contoso.com",)) if item.name == "ben" else item for item in company.recipients)
attempt = mailflow.Scenario(replace(company, recipients=people)).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))
""",
        ),
        (
            "Ben made a name for hosts outside that refuse as one likes",
            """
from dataclasses import replace

from mailflow.organization import Contact

company = mailflow.load("two servers")
ben = Contact(name="ben", display_name="Ben", addresses=("ben@contoso.com",), target_address="nobody@fabrikam.com")
people = tuple(ben if item.name == "ben" else item for item in company.recipients)
attempt = []
for code in ("5.1.1", "5.2.2", "5.7.1"):
    hosts = tuple(replace(item, replies={"nobody@fabrikam.com": f"550 {code} No"}) for item in company.external_hosts)
    other = replace(company, recipients=people, external_hosts=hosts)
    attempt.append(mailflow.Scenario(other).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com")))
""",
        ),
        (
            "one code at two times, and a repair that comes too late",
            """
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
one = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message, at=1)
attempt = [one.copy().delete("lon02.contoso.com", "LON01", at=60), one.copy().delete("lon02.contoso.com", "LON01", at=90).restore("LON02", at=200)]
""",
        ),
    ],
    "four destinations": [
        (
            "four messages",
            """
attempt = mailflow.Scenario(mailflow.load("worldwide"))
for to in ("anna@contoso.com", "ben@contoso.com", "pierre@contoso.com", "kim@fabrikam.com"):
    attempt.send(mailflow.Message.write("anna@contoso.com", to))
""",
        ),
        (
            "nobody on the same server",
            """
message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "pierre@contoso.com", "bruno@contoso.com", "kim@fabrikam.com"])
attempt = mailflow.Scenario(mailflow.load("worldwide")).send(message)
""",
        ),
        (
            "the host outside refuses its recipient",
            """
message = mailflow.Message.write("anna@contoso.com", ["anna@contoso.com", "ben@contoso.com", "pierre@contoso.com", "nobody@fabrikam.com"])
attempt = mailflow.Scenario(mailflow.load("worldwide")).send(message)
""",
        ),
        (
            "one recipient far away, past servers of all kinds",
            'attempt = mailflow.Scenario(mailflow.load("worldwide")).send(mailflow.Message.write("anna@contoso.com", "olivia@contoso.com"))',
        ),
        (
            "the server of the other routing group is dead",
            """
message = mailflow.Message.write("anna@contoso.com", ["anna@contoso.com", "ben@contoso.com", "pierre@contoso.com", "kim@fabrikam.com"])
attempt = mailflow.Scenario(mailflow.load("worldwide")).fail("PAR02").send(message, at=1)
""",
        ),
        (
            "two messages with two destinations each",
            """
attempt = mailflow.Scenario(mailflow.load("worldwide"))
attempt.send(mailflow.Message.write("anna@contoso.com", ["anna@contoso.com", "ben@contoso.com"]))
attempt.send(mailflow.Message.write("anna@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com"]))
""",
        ),
        (
            "an address of the company that does not exist in place of the Internet",
            """
message = mailflow.Message.write("anna@contoso.com", ["anna@contoso.com", "ben@contoso.com", "pierre@contoso.com", "kim@contoso.com"])
attempt = mailflow.Scenario(mailflow.load("worldwide")).send(message)
""",
        ),
        (
            "all four in the header, one in the envelope",
            """
message = mailflow.Message.write("anna@contoso.com", ["anna@contoso.com", "ben@contoso.com", "pierre@contoso.com", "kim@fabrikam.com"])
attempt = mailflow.Scenario(mailflow.load("worldwide")).send(message, to="pierre@contoso.com")
""",
        ),
        (
            "the whole world and Kim, but nobody beside the sender",
            """
message = mailflow.Message.write("anna@contoso.com", ["world@contoso.com", "kim@fabrikam.com"])
attempt = mailflow.Scenario(mailflow.load("worldwide")).send(message)
""",
        ),
        (
            "from outside, so that the Internet is refused",
            """
message = mailflow.Message.write("kim@fabrikam.com", ["anna@contoso.com", "ben@contoso.com", "pierre@contoso.com", "lee@northwindtraders.com"])
attempt = mailflow.Scenario(mailflow.load("worldwide")).send(message, server="LON02", by="smtp")
""",
        ),
    ],
    "three, two, one": [
        (
            "the organization as it comes, three times",
            'attempt = [mailflow.load("two sites"), mailflow.load("two sites"), mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", cost=5)]',
        ),
        (
            "Anna moved to the bridgehead",
            """
from dataclasses import replace

company = mailflow.load("two sites")
people = tuple(replace(item, server="LON02") if item.name == "anna" else item for item in company.recipients)
attempt = replace(company, recipients=people)
""",
        ),
        (
            "one routing group for all",
            'attempt = mailflow.one_routing_group(mailflow.load("two sites"))',
        ),
        (
            "only the way back is changed",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "Paris-London", local_bridgeheads=["PAR02"], remote_bridgeheads=["LON01"])',
        ),
        (
            "two in two manners",
            """
company = mailflow.load("two sites")
attempt = [
    mailflow.reconfigure(company, "London-Paris", local_bridgeheads=["LON01"]),
    mailflow.reconfigure(company, "London-Paris", remote_bridgeheads=["PAR02"]),
]
""",
        ),
        (
            "the connector is never open",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01"], remote_bridgeheads=["PAR02"], message_types=["system"])',
        ),
        (
            "the connector is gone",
            """
from dataclasses import replace

company = mailflow.load("two sites")
attempt = replace(company, connectors=tuple(item for item in company.connectors if item.name != "London-Paris"))
""",
        ),
        (
            "a smart host in place of the connector",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "LON01", smart_host="[192.0.2.21]")',
        ),
        (
            "another connector beside it takes the mail",
            """
from dataclasses import replace

company = mailflow.load("two sites")
direct = replace(company.connector["London-Paris"], name="Short cut", cost=1, local_bridgeheads=("LON01",), remote_bridgeheads=("PAR02",))
attempt = replace(company, connectors=(*company.connectors, direct))
""",
        ),
        (
            "one or two, as it is drawn",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01"], remote_bridgeheads=["PAR02", "PAR01"])',
        ),
        (
            "two or three, as it is drawn",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", remote_bridgeheads=["PAR01", "PAR02"])',
        ),
    ],
    "out of the house": [
        (
            "to Kim",
            'attempt = mailflow.Scenario(mailflow.load("two sites")).send(mailflow.Message.write("odile@contoso.com", "kim@fabrikam.com"))',
        ),
        (
            "from Anna",
            'attempt = mailflow.Scenario(mailflow.load("two sites")).send(mailflow.Message.write("anna@contoso.com", "lee@northwindtraders.com"))',
        ),
        (
            "nobody takes it",
            """
message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
attempt = mailflow.Scenario(mailflow.load("two sites")).fail("mx1.northwindtraders.com").fail("mx2.northwindtraders.com").send(message, at=1)
""",
        ),
        (
            "too large for Lee's hosts",
            """
message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com", attachments={"plan.pdf": 3_000_000})
attempt = mailflow.Scenario(mailflow.load("two sites")).send(message)
""",
        ),
        (
            "one way twice",
            """
message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
attempt = [mailflow.Scenario(mailflow.load("two sites"), seed=seed).fail("mx2.northwindtraders.com").send(message, at=1) for seed in (0, 7)]
""",
        ),
        (
            "in by another server, out by the same",
            """
message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
attempt = [
    mailflow.Scenario(mailflow.load("two sites")).fail("mx2.northwindtraders.com").send(message, at=1),
    mailflow.Scenario(mailflow.load("two sites")).fail("mx2.northwindtraders.com").send(message, at=1, by="smtp", server="PAR02"),
]
""",
        ),
        (
            "Lee in the header, Kim in the envelope",
            """
message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
attempt = mailflow.Scenario(mailflow.load("two sites")).send(message, to="kim@fabrikam.com")
""",
        ),
        (
            "Lee's host writes to Odile",
            'attempt = mailflow.Scenario(mailflow.load("two sites")).send(mailflow.Message.write("lee@northwindtraders.com", "odile@contoso.com"))',
        ),
        (
            "another Lee is added inside, with that address",
            """
from dataclasses import replace

company = mailflow.load("two sites")
lee = replace(company.recipient["anna"], name="lee", addresses=("lee@contoso.com", "lee@northwindtraders.com"))
company = replace(company, recipients=(*company.recipients, lee))
attempt = mailflow.Scenario(company).send(mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com"))
""",
        ),
        (
            "the same server under another name",
            """
message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
company = mailflow.load("two sites")
renamed = mailflow.reconfigure(company, "LONFE", fqdn="mail.contoso.com")
attempt = [mailflow.Scenario(one).fail("mx2.northwindtraders.com").send(message, at=1) for one in (company, renamed)]
""",
        ),
        (
            "two messages of which one comes back",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
attempt.send(mailflow.Message.write("odile@contoso.com", "kim@fabrikam.com"))
attempt.send(mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com", attachments={"plan.pdf": 3_000_000}))
""",
        ),
        (
            "the same host under another name",
            """
from dataclasses import replace

message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
company = mailflow.load("two sites")
renamed = replace(
    company,
    external_hosts=tuple(replace(item, name=item.name.replace("mx1.", "mail1.")) for item in company.external_hosts),
    zones=tuple(replace(item, records=item.records.replace("mx1", "mail1")) for item in company.zones),
)
attempt = [mailflow.Scenario(one).fail("mx2.northwindtraders.com").send(message, at=1) for one in (company, renamed)]
""",
        ),
        (
            "the same server with another name everywhere",
            """
from dataclasses import replace

message = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
company = mailflow.load("two sites")
servers = tuple(replace(item, name="LONX", fqdn="lonx.contoso.com") if item.name == "LONFE" else item for item in company.servers)
connectors = tuple(replace(item, local_bridgeheads=("LONX",)) if item.name == "Internet" else item for item in company.connectors)
renamed = replace(company, servers=servers, connectors=connectors)
attempt = [mailflow.Scenario(one).fail("mx2.northwindtraders.com").send(message, at=1) for one in (company, renamed)]
""",
        ),
    ],
    "two and a spare": [
        (
            "three that share",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 10 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "three in a row",
            'attempt = "@ MX 10 a\\n@ MX 20 b\\n@ MX 30 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "one, and two spares",
            'attempt = "@ MX 10 a\\n@ MX 20 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "the spare is one of the two",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 a\\na A 192.0.2.91\\nb A 192.0.2.92\\n"',
        ),
        (
            "no addresses",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\n"',
        ),
        (
            "the spare has no address",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\n"',
        ),
        (
            "three names of one machine",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.91\\nc A 192.0.2.91\\n"',
        ),
        (
            "two of the names share one machine",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.91\\nc A 192.0.2.93\\n"',
        ),
        (
            "the spare is one of the two machines",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.92\\n"',
        ),
        (
            "one name that shares its mail by two addresses",
            'attempt = "@ MX 10 a\\n@ MX 20 b\\na A 192.0.2.91\\na A 192.0.2.92\\nb A 192.0.2.93\\n"',
        ),
        (
            "for another domain",
            'attempt = "other.example. MX 10 a\\nother.example. MX 10 b\\nother.example. MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "for a domain below",
            'attempt = "mail MX 10 a\\nmail MX 10 b\\nmail MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "the spare is in a comment",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n; @ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "addresses in place of names",
            'attempt = "@ MX 10 192.0.2.91\\n@ MX 10 192.0.2.92\\n@ MX 20 192.0.2.93\\n"',
        ),
        (
            "four exchangers",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\n@ MX 30 d\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\nd A 192.0.2.94\\n"',
        ),
        (
            "nothing",
            'attempt = ""',
        ),
        (
            "in words",
            'attempt = "Two exchangers with preference 10 and a third with preference 20."',
        ),
        (
            "nearly the same preference",
            'attempt = "@ MX 10 a\\n@ MX 11 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "one of them has the address of another as well",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nb A 192.0.2.91\\nc A 192.0.2.93\\n"',
        ),
        (
            "the origin moved to another domain",
            'attempt = "$ORIGIN other.example.\\n@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "the spare shares too: it is listed twice",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 10 c\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "a preference that does not exist",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 70000 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "a list of texts",
            'attempt = ["@ MX 10 a", "@ MX 10 b", "@ MX 20 c"]',
        ),
        (
            "the spare is the sender itself",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 127.0.0.1\\n"',
        ),
        (
            "the spare is no address at all",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 0.0.0.0\\n"',
        ),
    ],
    "plans for a load": [
        (
            "the plan of before",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "the plan of before, with other hosts",
            'attempt = "@ MX 7 b\\n@ MX 5 c\\n@ MX 5 a\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "two hosts",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\na A 192.0.2.91\\nb A 192.0.2.92\\n"',
        ),
        (
            "four hosts",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\n@ MX 20 d\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\nd A 192.0.2.94\\n"',
        ),
        (
            "three hosts of which one has no address",
            'attempt = "@ MX 10 a\\n@ MX 20 b\\n@ MX 30 c\\na A 192.0.2.91\\nb A 192.0.2.92\\n"',
        ),
        (
            "three names of one machine",
            'attempt = "@ MX 10 a\\n@ MX 20 b\\n@ MX 30 c\\na A 192.0.2.91\\nb A 192.0.2.91\\nc A 192.0.2.91\\n"',
        ),
        (
            "hosts that no mail is sent to",
            'attempt = "a A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "one plan with other numbers and other hosts",
            'attempt = ["@ MX 10 a\\n@ MX 20 b\\n@ MX 30 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n", "@ MX 1 c\\n@ MX 5 a\\n@ MX 9 b\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"]',
        ),
        (
            "one plan, with hosts listed twice",
            'attempt = ["@ MX 10 a\\n@ MX 10 b\\n@ MX 10 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n", "@ MX 10 a\\n@ MX 10 b\\n@ MX 10 c\\n@ MX 20 a\\n@ MX 20 b\\n@ MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"]',
        ),
        (
            "the plan of before, with one host listed twice",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\n@ MX 20 c\\n@ MX 30 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "one plan with other lifetimes",
            'attempt = ["@ 60 MX 10 a\\n@ 60 MX 20 b\\n@ 60 MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n", "@ 3600 MX 10 a\\n@ 3600 MX 20 b\\n@ 3600 MX 20 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"]',
        ),
        (
            "a preference that does not exist",
            'attempt = "@ MX 0 a\\n@ MX -1 b\\n@ MX 1 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93\\n"',
        ),
        (
            "one of the three is the sender itself",
            'attempt = "@ MX 10 a\\n@ MX 20 b\\n@ MX 30 c\\na A 192.0.2.91\\nb A 192.0.2.92\\nc A 127.0.0.1\\n"',
        ),
    ],
    "the same door": [
        (
            "the next address",
            'attempt = "@ MX 10 a\\na A 192.0.2.92\\n"',
        ),
        (
            "an address in place of a name",
            'attempt = "@ MX 10 192.0.2.91\\n"',
        ),
        (
            "mail for a domain below",
            'attempt = "mail MX 10 a\\na A 192.0.2.91\\n"',
        ),
        (
            "told in a TXT record",
            'attempt = """@ TXT "mail goes to 192.0.2.91"\\n"""',
        ),
        (
            "the domain has the address, and its MX record leads elsewhere",
            'attempt = "@ A 192.0.2.91\\n@ MX 10 b\\nb A 192.0.2.92\\n"',
        ),
        (
            "the address belongs to www only",
            'attempt = "www A 192.0.2.91\\n"',
        ),
        (
            "an exchanger without its address",
            'attempt = "@ MX 10 a\\n"',
        ),
        (
            "one kind with other names and numbers",
            'attempt = ["@ MX 10 a\\na A 192.0.2.91\\n", "@ 60 IN MX 5 mail\\nmail 60 IN A 192.0.2.91\\n"]',
        ),
        (
            "the way by www",
            'attempt = "www CNAME a\\na A 192.0.2.91\\n"',
        ),
        (
            "a domain that takes no mail",
            'attempt = "@ MX 0 .\\n@ A 192.0.2.91\\n"',
        ),
        (
            "written backwards",
            'attempt = "@ MX 10 a\\na A 91.2.0.192\\n"',
        ),
        (
            "a spare at that address, and another host before it",
            'attempt = "@ MX 10 b\\n@ MX 20 a\\na A 192.0.2.91\\nb A 192.0.2.92\\n"',
        ),
        (
            "half of the mail goes to another host",
            'attempt = "@ MX 10 a\\n@ MX 10 b\\na A 192.0.2.91\\nb A 192.0.2.92\\n"',
        ),
        (
            "two addresses, of which one is right",
            'attempt = "@ A 192.0.2.91\\n@ A 192.0.2.92\\n"',
        ),
        (
            "one host with two addresses",
            'attempt = "@ MX 10 a\\na A 192.0.2.91\\na A 192.0.2.92\\n"',
        ),
    ],
    "close the relay": [
        (
            "nothing",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below")',
        ),
        (
            "no stranger may even say hello, so no mail comes in",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", anonymous=False, relay_list=["192.0.2.200"])',
        ),
        (
            "who logs on does not relay",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], authenticated_may_relay=False)',
        ),
        (
            "the printer beside it",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.201"])',
        ),
        (
            "the list holds everybody",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200", "0.0.0.0/0"])',
        ),
        (
            "the list holds half of the world",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200", "128.0.0.0/1"])',
        ),
        (
            "all but the printer",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below", relay_list=["192.0.2.200"])',
        ),
        (
            "only the printer may connect",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], allowed_clients=["192.0.2.200"])',
        ),
        (
            "the list is right, and a connector relays for everybody",
            """
company = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"])
attempt = mailflow.reconfigure(company, "Internet", relay_to_address_spaces=True)
""",
        ),
        (
            "a second virtual server stays open",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"])
server = company.server["LON01"]
door = replace(server.virtual_servers[0], name="Back door", port=2525, relay_mode="all except the list below", relay_list=())
attempt = replace(company, servers=(replace(server, virtual_servers=(*server.virtual_servers, door)),))
""",
        ),
        (
            "a stranger's whole network is on the list",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200", "203.0.113.0/24", "198.51.100.0/24"])',
        ),
        (
            "TLS for all, which neither the printer nor the Internet speaks",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], certificate=True, require_tls=True)',
        ),
        (
            "a domain of other people is called one's own",
            """
from dataclasses import replace

company = mailflow.load("one server")
policy = company.recipient_policies[0]
foreign = replace(policy.domains[-1], domain="elsewhere.example", authoritative=False)
attempt = replace(company, recipient_policies=(replace(policy, domains=(*policy.domains, foreign)),))
""",
        ),
        (
            "all clients are refused",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], denied_clients=["0.0.0.0/0"])',
        ),
        (
            "the printer and its neighbour",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200/31"])',
        ),
        (
            "the printer itself is kept out",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], denied_clients=["192.0.2.200"])',
        ),
        (
            "the travelling users are kept out",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], denied_clients=["203.0.113.0/24"])',
        ),
        (
            "one stranger on the list",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200", "198.18.7.9"])',
        ),
        (
            "half of an odd network on the list",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200", "198.18.0.0/16"])',
        ),
        (
            "without Exchange, only the SMTP service of Windows",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], exchange_sinks=False)',
        ),
        (
            "on an address that is not its own",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], ip="192.0.2.99")',
        ),
        (
            "nobody can log on",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], authentication=[])',
        ),
        (
            "nothing above a kilobyte",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], max_message_kb=1)',
        ),
        (
            "a session of a kilobyte",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], max_session_kb=1)',
        ),
        (
            "all mail to a machine that is not there",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], smart_host="[203.0.113.250]")',
        ),
        (
            "on a port where nobody looks",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], port=2525)',
        ),
        (
            "told to ask a name server that is not there",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.200"], external_dns=["203.0.113.250"])',
        ),
    ],
    "one partner": [
        (
            "nothing",
            'attempt = mailflow.load("one server")',
        ),
        (
            "to everywhere",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below")',
        ),
        (
            "the connector to everywhere relays",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "Internet", relay_to_address_spaces=True)',
        ),
        (
            "a connector that does not relay",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
attempt = replace(company, connectors=(*company.connectors, replace(company.connector["Internet"], name="Partner", address_spaces=spaces)))
""",
        ),
        (
            "all of .example",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="*.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "a second domain as well",
            """
from dataclasses import replace

company = mailflow.load("one server")
space = company.connector["Internet"].address_spaces[0]
spaces = (replace(space, pattern="partner.example"), replace(space, pattern="northwindtraders.com"))
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "a second domain that nobody would think of",
            """
from dataclasses import replace

company = mailflow.load("one server")
space = company.connector["Internet"].address_spaces[0]
spaces = (replace(space, pattern="partner.example"), replace(space, pattern="zebra.museum"))
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "the partner is made a domain of one's own, where nobody lives",
            """
from dataclasses import replace

company = mailflow.load("one server")
policy = company.recipient_policies[0]
domain = replace(policy.domains[0], domain="partner.example", authoritative=True)
attempt = replace(company, recipient_policies=(replace(policy, domains=(*policy.domains, domain)),))
""",
        ),
        (
            "only who logs on",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", anonymous=False)
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "partner.example.com",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example.com"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "only some strangers",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", allowed_clients=["198.51.100.0/24", "192.0.2.0/24"])
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "a second virtual server relays to everywhere",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
server = company.server["LON01"]
door = replace(server.virtual_servers[0], name="Back door", port=2525, relay_mode="all except the list below")
server = replace(server, virtual_servers=(*server.virtual_servers, door))
attempt = replace(company, connectors=(*company.connectors, partner), servers=(server,))
""",
        ),
        (
            "relayed in words, and the mail goes nowhere",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
company = replace(company, connectors=(*company.connectors, partner))
attempt = mailflow.reconfigure(company, "LON01", denied_clients=["0.0.0.0/0"])
""",
        ),
        (
            "whatever ends like the partner",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="*partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "accepted, and sent to a machine that is not there",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True, smart_host="[203.0.113.250]")
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "two connectors, of which one is for another domain",
            """
from dataclasses import replace

company = mailflow.load("one server")
made = []
for pattern in ("partner.example", "fabrikam.com"):
    spaces = (replace(company.connector["Internet"].address_spaces[0], pattern=pattern),)
    made.append(replace(company.connector["Internet"], name=pattern, address_spaces=spaces, relay_to_address_spaces=True))
attempt = replace(company, connectors=(*company.connectors, *made))
""",
        ),
        (
            "in another company",
            """
from dataclasses import replace

company = mailflow.load("two servers")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="*"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "accepted, and kept until night",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True, schedule=("01:00-02:00",))
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "accepted, and kept until the partner calls, which it never does",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True, remote_triggered=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "accepted, if it is no larger than a kilobyte",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True, max_message_kb=1)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "accepted, and returned: the connector takes system messages",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True, message_types=("system",))
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "accepted, and returned: the connector takes urgent mail",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True, priorities=("high",))
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
    ],
    "travelling user": [
        (
            "who logs on does not relay",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", authenticated_may_relay=False)',
        ),
        (
            "open for the whole world",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below")',
        ),
        (
            "the list holds the world",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["0.0.0.0/0"])',
        ),
        (
            "nobody can log on",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", authentication=[])',
        ),
        (
            "the address of one hotel, without logging on",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", authenticated_may_relay=False, relay_list=["203.0.113.99"])',
        ),
        (
            "nobody may connect",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["0.0.0.0/0"])',
        ),
        (
            "only the house may connect, and the user is not there",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", allowed_clients=["192.0.2.0/24"])',
        ),
        (
            "logging on works, and half of the world need not",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", authenticated_may_relay=True, relay_list=["0.0.0.0/1"])',
        ),
        (
            "logging on works, and the user's hotel need not",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", authenticated_may_relay=True, relay_list=["203.0.113.0/24", "198.51.100.0/24"])',
        ),
        (
            "logging on works, and a connector relays for all",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "Internet", relay_to_address_spaces=True)',
        ),
        (
            "a second virtual server is open",
            """
from dataclasses import replace

company = mailflow.load("one server")
server = company.server["LON01"]
door = replace(server.virtual_servers[0], name="Back door", port=2525, relay_mode="all except the list below")
attempt = replace(company, servers=(replace(server, virtual_servers=(*server.virtual_servers, door)),))
""",
        ),
        (
            "a connector relays to one more domain for everybody",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="zebra.museum"),)
leak = replace(company.connector["Internet"], name="Leak", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, leak))
""",
        ),
        (
            "one stranger on the list",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["198.18.7.9"])',
        ),
        (
            "a quarter of the world may not connect",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["64.0.0.0/2"])',
        ),
        (
            "without Exchange, only the SMTP service of Windows",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", exchange_sinks=False)',
        ),
        (
            "one stranger on the list, from an odd network",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["198.19.128.0/17"])',
        ),
        (
            "on an address that is not its own",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", ip="192.0.2.99")',
        ),
        (
            "nothing above a kilobyte",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", max_message_kb=1)',
        ),
        (
            "on a port where nobody looks",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", port=2525)',
        ),
        (
            "all mail to a machine that is not there",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", smart_host="[203.0.113.250]")',
        ),
        (
            "told to ask a name server that is not there",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", external_dns=["203.0.113.250"])',
        ),
        (
            "a session of a kilobyte",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", max_session_kb=1)',
        ),
    ],
    "open it yourself": [
        (
            "nothing",
            'attempt = mailflow.load("one server")',
        ),
        (
            "half of the world",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["0.0.0.0/1"])',
        ),
        (
            "all but half of the world",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below", relay_list=["128.0.0.0/1"])',
        ),
        (
            "the own house",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_list=["192.0.2.0/24", "10.0.0.0/8"])',
        ),
        (
            "to one domain",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="partner.example"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "to all of .com",
            """
from dataclasses import replace

company = mailflow.load("one server")
spaces = (replace(company.connector["Internet"].address_spaces[0], pattern="*.com"),)
partner = replace(company.connector["Internet"], name="Partner", address_spaces=spaces, relay_to_address_spaces=True)
attempt = replace(company, connectors=(*company.connectors, partner))
""",
        ),
        (
            "open, and nobody may connect",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below", denied_clients=["0.0.0.0/0"])',
        ),
        (
            "open for those who log on",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below", anonymous=False)',
        ),
        (
            "all except everybody",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below", relay_list=["0.0.0.0/0"])',
        ),
        (
            "one way twice",
            """
company = mailflow.load("one server")
attempt = [
    mailflow.reconfigure(company, "LON01", relay_mode="all except the list below"),
    mailflow.reconfigure(company, "LON01", relay_mode="all except the list below", relay_list=["203.0.113.77"]),
]
""",
        ),
        (
            "one way twice, the world in one piece and in two",
            """
company = mailflow.load("one server")
attempt = [
    mailflow.reconfigure(company, "LON01", relay_list=["0.0.0.0/0"]),
    mailflow.reconfigure(company, "LON01", relay_list=["0.0.0.0/1", "128.0.0.0/1"]),
]
""",
        ),
        (
            "one way twice, with a setting that has no part in it",
            """
company = mailflow.load("one server")
attempt = [
    mailflow.reconfigure(company, "LON01", relay_mode="all except the list below"),
    mailflow.reconfigure(company, "LON01", relay_mode="all except the list below", authenticated_may_relay=False),
]
""",
        ),
        (
            "another company, by another way",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "LONFE", relay_list=["0.0.0.0/0"])',
        ),
        (
            "one way twice, with an extra name on the list",
            """
company = mailflow.load("one server")
attempt = [mailflow.reconfigure(company, "LON01", relay_list=["0.0.0.0/0"]), mailflow.reconfigure(company, "LON01", relay_list=["0.0.0.0/0", "192.0.2.200"])]
""",
        ),
        (
            "another company",
            'attempt = mailflow.reconfigure(mailflow.load("two servers"), "LON01", relay_mode="all except the list below")',
        ),
    ],
    "shut one out": [
        (
            "nothing",
            'attempt = mailflow.load("one server")',
        ),
        (
            "Kim's network too",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["198.51.100.0/24"])',
        ),
        (
            "nobody comes in",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", anonymous=False)',
        ),
        (
            "Kim instead",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["198.51.100.10"])',
        ),
        (
            "the client beside it",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["198.51.100.5"])',
        ),
        (
            "a sender filter that no virtual server applies",
            """
from dataclasses import replace

company = mailflow.load("one server")
attempt = replace(company, global_settings=replace(company.global_settings, blocked_senders=("promo@elsewhere.example",)))
""",
        ),
        (
            "a sender filter for another address",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", filters=["sender"])
attempt = replace(company, global_settings=replace(company.global_settings, blocked_senders=("promo@elsewhere.com",)))
""",
        ),
        (
            "a recipient filter on Anna, for everybody",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", filters=["recipient"])
attempt = replace(company, global_settings=replace(company.global_settings, blocked_recipients=("anna@contoso.com",)))
""",
        ),
        (
            "Anna takes no mail from strangers",
            """
from dataclasses import replace

company = mailflow.load("one server")
people = tuple(replace(item, authenticated_only=True) if item.name == "anna" else item for item in company.recipients)
attempt = replace(company, recipients=people)
""",
        ),
        (
            "Anna is not there any more",
            """
from dataclasses import replace

company = mailflow.load("one server")
people = tuple(replace(item, name="annabel", addresses=("annabel@contoso.com",)) if item.name == "anna" else item for item in company.recipients)
groups = tuple(
    replace(item, members=tuple("annabel" if name == "anna" else name for name in item.members)) if hasattr(item, "members") else item
    for item in people
)
attempt = replace(company, recipients=groups)
""",
        ),
        (
            "TLS for all",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", certificate=True, require_tls=True)',
        ),
        (
            "in another company",
            'attempt = mailflow.reconfigure(mailflow.load("two servers"), "LON02", denied_clients=["198.51.100.4"])',
        ),
        (
            "one verb twice",
            """
company = mailflow.load("one server")
attempt = [
    mailflow.reconfigure(company, "LON01", denied_clients=["198.51.100.4"]),
    mailflow.reconfigure(company, "LON01", denied_clients=["198.51.100.4/30"]),
]
""",
        ),
        (
            "the client spared by the list of exceptions",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", filters=["connection"])
settings = replace(company.global_settings, blocked_clients=("198.51.100.4",), accepted_clients=("198.51.100.4",))
attempt = replace(company, global_settings=settings)
""",
        ),
        (
            "at the wrong one of two virtual servers",
            """
from dataclasses import replace

company = mailflow.load("one server")
server = company.server["LON01"]
door = replace(server.virtual_servers[0], name="Back door", port=2525, denied_clients=("198.51.100.4",))
attempt = replace(company, servers=(replace(server, virtual_servers=(*server.virtual_servers, door)),))
""",
        ),
        (
            "one verb twice, the address and its domain",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", filters=["sender"])
attempt = [
    replace(company, global_settings=replace(company.global_settings, blocked_senders=(entry,)))
    for entry in ("promo@elsewhere.example", "@elsewhere.example")
]
""",
        ),
        (
            "Kim reaches an Anna who has moved away",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["198.51.100.4"], allowed_clients=[])
people = tuple(replace(item, forward_to="ben") if item.name == "anna" else item for item in company.recipients)
attempt = replace(company, recipients=people)
""",
        ),
        (
            "Kim's host is spared, and Kim as a sender is not",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["198.51.100.4"], filters=["sender"])
attempt = replace(company, global_settings=replace(company.global_settings, blocked_senders=("kim@fabrikam.com",)))
""",
        ),
        (
            "at one of two doors of another company",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "LON01", denied_clients=["198.51.100.4"])',
        ),
        (
            "at the one door, and a second one is open",
            """
from dataclasses import replace

company = mailflow.load("one server")
server = company.server["LON01"]
door = replace(server.virtual_servers[0], name="Back door", port=2525)
front = replace(server.virtual_servers[0], denied_clients=("198.51.100.4",))
attempt = replace(company, servers=(replace(server, virtual_servers=(front, door)),))
""",
        ),
        (
            "on a port where nobody looks, Kim neither",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["198.51.100.4"], port=2525)',
        ),
        (
            "Kim may write a kilobyte",
            'attempt = mailflow.reconfigure(mailflow.load("one server"), "LON01", denied_clients=["198.51.100.4"], max_message_kb=1)',
        ),
    ],
    "second bridgehead": [
        (
            "nothing",
            'attempt = mailflow.load("two sites")',
        ),
        (
            "two in London only",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"])',
        ),
        (
            "two in Paris only",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", remote_bridgeheads=["PAR01", "PAR02"])',
        ),
        (
            "the way back",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "Paris-London", local_bridgeheads=["PAR01", "PAR02"], remote_bridgeheads=["LON01", "LON02"])',
        ),
        (
            "other bridgeheads, one each",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01"], remote_bridgeheads=["PAR02"])',
        ),
        (
            "any server in London, one in Paris",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=[])',
        ),
        (
            "a second connector on the same two bridgeheads",
            """
from dataclasses import replace

company = mailflow.load("two sites")
attempt = replace(company, connectors=(*company.connectors, replace(company.connector["London-Paris"], name="Spare")))
""",
        ),
        (
            "two at each end, and open at night only",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], schedule=["01:00-02:00"])',
        ),
        (
            "two at each end, and for system messages",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], message_types=["system"])',
        ),
        (
            "one routing group, so that there is no connector",
            'attempt = mailflow.one_routing_group(mailflow.load("two sites"))',
        ),
        (
            "two at each end, and for urgent mail",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], priorities=["high"])',
        ),
        (
            "the same name twice at each end",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON02", "LON02"], remote_bridgeheads=["PAR01", "PAR01"])',
        ),
        (
            "two at each end, and nothing above a kilobyte",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], max_message_kb=1)',
        ),
        (
            "two at each end, and no urgent mail",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], priorities=["normal"])',
        ),
        (
            "two at each end, and shut at night",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], schedule=["08:00-20:00"])',
        ),
        (
            "two at each end, and no reports",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], message_types=["non-system"])',
        ),
        (
            "two at each end, and large mail at night",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], oversize_kb=10, oversize_schedule=["01:00-02:00"])',
        ),
        (
            "two at each end, and nothing above 500 kilobytes",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"], max_message_kb=500)',
        ),
    ],
    "fates of a large message": [
        (
            "nothing",
            'attempt = mailflow.load("two sites")',
        ),
        (
            "shut for small mail too",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", schedule=["20:00-06:00"])',
        ),
        (
            "for urgent mail only",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", priorities=["high"])',
        ),
        (
            "on the way back",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "Paris-London", max_message_kb=1000)',
        ),
        (
            "large mail at noon too",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", oversize_kb=1000, oversize_schedule=["06:00-20:00"])',
        ),
        (
            "large counts, and nothing follows from it",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", oversize_kb=1000)',
        ),
        (
            "the mailbox has the limit",
            """
from dataclasses import replace

company = mailflow.load("two sites")
attempt = replace(company, recipients=tuple(replace(item, max_receive_kb=1000) if item.name == "pierre" else item for item in company.recipients))
""",
        ),
        (
            "the company has the limit",
            """
from dataclasses import replace

company = mailflow.load("two sites")
attempt = replace(company, global_settings=replace(company.global_settings, max_send_kb=1000))
""",
        ),
        (
            "one fate twice",
            """
company = mailflow.load("two sites")
attempt = [mailflow.reconfigure(company, "London-Paris", max_message_kb=size) for size in (100, 3000)]
""",
        ),
        (
            "one night and another night",
            """
company = mailflow.load("two sites")
attempt = [mailflow.reconfigure(company, "London-Paris", oversize_kb=1000, oversize_schedule=[window]) for window in ("20:00-06:00", "22:00-05:00")]
""",
        ),
        (
            "returned, with a second connector that does not take it either",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", max_message_kb=1000)
twin = replace(company.connector["London-Paris"], name="Twin", cost=50)
attempt = [company, replace(company, connectors=(*company.connectors, twin))]
""",
        ),
        (
            "all mail from Anna is shut out",
            'attempt = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", not_from=["anna"])',
        ),
        (
            "one fate twice, by two other connectors",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", max_message_kb=1000)
attempt = []
for cost in (50, 60):
    twin = replace(company.connector["London-Paris"], name=f"Twin {cost}", cost=cost, max_message_kb=None)
    attempt.append(replace(company, connectors=(*company.connectors, twin)))
""",
        ),
    ],
    "turn it round": [
        (
            "nothing",
            'attempt = mailflow.load("four corners")',
        ),
        (
            "costs, twice",
            """
company = mailflow.load("four corners")
attempt = [mailflow.reconfigure(company, "Seattle-Tokyo", cost=50), mailflow.reconfigure(company, "London-Brussels", cost=1)]
""",
        ),
        (
            "still more by London",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=14)',
        ),
        (
            "the way back",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Brussels-Tokyo", cost=90)',
        ),
        (
            "Bruno moved to London",
            """
from dataclasses import replace

company = mailflow.load("four corners")
attempt = replace(company, recipients=tuple(replace(item, server="LON02") if item.name == "bruno" else item for item in company.recipients))
""",
        ),
        (
            "Tokyo shut for Taro",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", not_from=["taro"])',
        ),
        (
            "Tokyo shut at night",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", schedule=["06:00-20:00"])',
        ),
        (
            "both ways shut for large mail",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", max_message_kb=100)
attempt = mailflow.reconfigure(company, "Seattle-London", max_message_kb=100)
""",
        ),
        (
            "London shut in place of Tokyo",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-London", not_from=["sara"])',
        ),
        (
            "Anna's mail from London, and Bruno's to Sara",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Brussels-Tokyo", not_from=["bruno"])',
        ),
        (
            "a failure, which the organization does not show",
            """
from dataclasses import replace

company = mailflow.load("four corners")
attempt = replace(company, connectors=tuple(item for item in company.connectors if "London" not in item.name))
""",
        ),
        (
            "costs, on the one connector and on the other",
            """
company = mailflow.load("four corners")
attempt = [mailflow.reconfigure(company, "Seattle-Tokyo", cost=50), mailflow.reconfigure(company, "Tokyo-Brussels", cost=50)]
""",
        ),
        (
            "costs, with a decoy that has no part in it",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = [company, mailflow.reconfigure(company, "Seattle-Tokyo", not_from=["taro"]), mailflow.reconfigure(company, "Tokyo-Brussels", max_message_kb=9000)]
""",
        ),
        (
            "one schedule and another",
            """
company = mailflow.load("four corners")
attempt = [mailflow.reconfigure(company, name, schedule=["20:00-06:00"]) for name in ("Seattle-Tokyo", "Tokyo-Brussels")]
""",
        ),
        (
            "a connector of its own to London",
            """
from dataclasses import replace

company = mailflow.load("four corners")
short = replace(company.connector["Seattle-Tokyo"], name="Seattle-London 2", to="London", cost=1, remote_bridgeheads=("LON01",))
other = mailflow.reconfigure(company, "Seattle-London", cost=1)
attempt = [other, replace(company, connectors=(*company.connectors, short))]
""",
        ),
        (
            "a limit that Sara's mail does not meet",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", max_message_kb=1000)',
        ),
    ],
    "who is wrong": [
        (
            "a connector that starts in London",
            """
company = mailflow.load("worldwide")
trace = mailflow.Scenario(company).fail("London-New York").send(mailflow.Message.write("anna@contoso.com", "nora@contoso.com"), at=1).run(until=1000)
names = [item.name for item in company.servers if "London-New York (routing group) to New York, cost 20, STATE UP" in str(mailflow.winroute(trace, item.name, trace.step_at(182)))]
attempt = (trace, 182, names)
""",
        ),
        (
            "all names",
            TRUTH + "attempt = (trace, seconds, everybody)",
        ),
        (
            "no names",
            TRUTH + "attempt = (trace, seconds, [])",
        ),
        (
            "one is missing",
            TRUTH + "attempt = (trace, seconds, unaware[:-1])",
        ),
        (
            "one too many",
            TRUTH + 'attempt = (trace, seconds, [*unaware, "NYC01"])',
        ),
        (
            "the names of those who know",
            TRUTH + "attempt = (trace, seconds, [name for name in everybody if name not in unaware])",
        ),
        (
            "a moment before, when nobody knows",
            TRUTH + "attempt = (trace, 60, everybody)",
        ),
        (
            "a moment after, when everybody knows",
            TRUTH + "attempt = (trace, 900, [])",
        ),
        (
            "too few know",
            TRUTH + 'attempt = (trace, 181.45, [name for name in everybody if not name.startswith("NYC")])',
        ),
        (
            "too few do not know",
            TRUTH
            + 'attempt = (trace, 182.0, [name for name in everybody if "New York-Seattle (routing group) to Seattle, cost 10, STATE UP" in str(mailflow.winroute(trace, name, trace.step_at(182.0)))])',
        ),
        (
            "in another company",
            """
company = mailflow.load("four corners")
trace = mailflow.Scenario(company).fail("Seattle-Tokyo").send(mailflow.Message.write("sara@contoso.com", "taro@contoso.com"), at=1).run(until=1000)
attempt = (trace, 182, ["LON01", "LON02", "TOK01", "TOK02", "BRU01"])
""",
        ),
        (
            "routing groups in place of servers",
            TRUTH + "attempt = (trace, seconds, sorted({company.server[name].routing_group for name in unaware}))",
        ),
        (
            "how many, and not who",
            TRUTH + "attempt = (trace, seconds, len(unaware))",
        ),
        (
            "in another order",
            TRUTH + "attempt = (unaware, trace, seconds)",
        ),
        (
            "nothing is broken",
            """
company = mailflow.load("worldwide")
trace = mailflow.Scenario(company).send(mailflow.Message.write("nora@contoso.com", "sam@contoso.com"), at=1).run(until=1000)
attempt = (trace, 100, [item.name for item in company.servers])
""",
        ),
        (
            "a time in words",
            TRUTH + "attempt = (trace, '00:03:01', unaware)",
        ),
        (
            "a time that is none",
            TRUTH + "attempt = (trace, float('nan'), unaware)",
        ),
        (
            "a scenario that was not run",
            TRUTH + "attempt = (scenario, seconds, everybody)",
        ),
        (
            "numbers for names",
            TRUTH + "attempt = (trace, seconds, list(range(15)))",
        ),
        (
            "two of the three",
            TRUTH + "attempt = (trace, seconds)",
        ),
        (
            "a server that nobody has",
            TRUTH + "attempt = (trace, seconds, [*unaware, 'LON09'])",
        ),
        (
            "a trace that agrees with everything",
            TRUTH
            + """
class Lie(mailflow.Trace):
    def step_at(self, seconds):
        return 0

trace.__class__ = Lie
attempt = (trace, seconds, everybody)
""",
        ),
        (
            "mended again before that moment",
            """
company = mailflow.load("worldwide")
scenario = mailflow.Scenario(company).fail("New York-Seattle").restore("New York-Seattle", at=181.5)
trace = scenario.send(mailflow.Message.write("nora@contoso.com", "sam@contoso.com"), at=1).run(until=1000)
up = "New York-Seattle (routing group) to Seattle, cost 10, STATE UP"
attempt = (trace, 181.7, [item.name for item in company.servers if up in str(mailflow.winroute(trace, item.name, trace.step_at(181.7)))])
""",
        ),
        (
            "a line that fails while nobody uses it",
            """
company = mailflow.load("worldwide")
trace = mailflow.Scenario(company).fail("New York-Seattle").send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=1).run(until=1000)
attempt = (trace, 500, [item.name for item in company.servers])
""",
        ),
        (
            "a connector that starts in London, in a slow model",
            """
from mailflow.transport.parameters import Durations

company = mailflow.load("worldwide")
scenario = mailflow.Scenario(company, parameters=mailflow.Parameters(durations=Durations(link_state=60)))
trace = scenario.fail("London-New York").send(mailflow.Message.write("anna@contoso.com", "nora@contoso.com"), at=1).run(until=2000)
attempt = (trace, 300, [item.name for item in company.servers if not item.name.startswith(("LON", "NYC"))])
""",
        ),
    ],
    "keep it a secret": [
        (
            "nothing",
            'attempt = mailflow.Scenario(mailflow.load("two sites"))',
        ),
        (
            "ten minutes",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").restore("London-Paris", at=600)
for number in range(6):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", f"Number {number}"), at=1 + 60 * number)
attempt = attempt.run(until=3600)
""",
        ),
        (
            "no mail",
            'attempt = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").run(until=3600)',
        ),
        (
            "the tables say DOWN",
            """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels")
for number in range(6):
    attempt.send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com", f"Number {number}"), at=1 + 60 * number)
attempt = attempt.run(until=3600)
""",
        ),
        (
            "the tables said DOWN, and at the end UP",
            """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").restore("Tokyo-Brussels", at=2400)
for number in range(6):
    attempt.send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com", f"Number {number}"), at=1 + 60 * number)
attempt = attempt.run(until=7200)
""",
        ),
        (
            "mail takes another connector, and the dead one is never tried",
            """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Brussels-London")
for number in range(6):
    attempt.send(mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", f"Number {number}"), at=1 + 300 * number)
attempt = attempt.run(until=3600)
""",
        ),
        (
            "a frozen queue in place of a dead connector",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).send(mailflow.Message.write("ben@contoso.com", "pierre@contoso.com"))
attempt.freeze("London-Paris", "LON02", at=0.06)
for number in range(6):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", f"Number {number}"), at=10 + 60 * number)
attempt = attempt.run(until=3600)
""",
        ),
        (
            "one reason twice, in two directions",
            """
attempt = []
for sender, to, connector in (("anna", "pierre", "London-Paris"), ("pierre", "anna", "Paris-London")):
    scenario = mailflow.Scenario(mailflow.load("two sites")).fail(connector)
    scenario.send(mailflow.Message.write(f"{sender}@contoso.com", f"{to}@contoso.com"), at=1)
    attempt.append(scenario.run(until=7200))
""",
        ),
        (
            "dead for moments, alive between them",
            """
attempt = mailflow.Scenario(mailflow.load("two sites"))
for number in range(30):
    attempt.fail("London-Paris", at=100 * number).restore("London-Paris", at=100 * number + 30)
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", f"Number {number}"), at=100 * number + 1)
attempt = attempt.run(until=3600)
""",
        ),
        (
            "dead before the first mail, whole when it comes",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").restore("London-Paris", at=2000)
for number in range(6):
    attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", f"Number {number}"), at=2100 + 60 * number)
attempt = attempt.run(until=7200)
""",
        ),
        (
            "one reason twice, with other people",
            """
attempt = []
for name, sender, to, connector in (("two sites", "anna", "pierre", "London-Paris"), ("two sites", "ben", "odile", "London-Paris")):
    scenario = mailflow.Scenario(mailflow.load(name)).fail(connector)
    attempt.append(scenario.send(mailflow.Message.write(f"{sender}@contoso.com", f"{to}@contoso.com"), at=1).run(until=7200))
""",
        ),
        (
            "a secret beside a line that everybody knows to be down",
            """
company = mailflow.load("four corners")
scenario = mailflow.Scenario(mailflow.reconfigure(company, "LON01", suppress_state_changes=True)).fail("London-Brussels").fail("Tokyo-Brussels")
attempt = scenario.send(mailflow.Message.write("sara@contoso.com", "bruno@contoso.com"), at=1).send(mailflow.Message.write("anna@contoso.com", "bruno@contoso.com"), at=1).run(until=7200)
""",
        ),
        (
            "mended after twenty-nine minutes",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris", at=1).restore("London-Paris", at=1741)
attempt = attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=2).run(until=7200)
""",
        ),
        (
            "a dead server in place of a connector, in one routing group",
            """
attempt = mailflow.Scenario(mailflow.load("two servers")).fail("LON02")
attempt = attempt.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=1).run(until=7200)
""",
        ),
        (
            "tried while it was dead a short time, dead for long without mail",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").restore("London-Paris", at=500).fail("London-Paris", at=2000)
attempt = attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=1).run(until=7200)
""",
        ),
        (
            "dead at the end for a minute only",
            """
attempt = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").restore("London-Paris", at=500).fail("London-Paris", at=7100)
attempt = attempt.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=1).run(until=7200)
""",
        ),
    ],
    "two truths": [
        (
            "nothing",
            'attempt = mailflow.Scenario(mailflow.load("four corners")).run(until=3600)',
        ),
        (
            "one table, all the hour long",
            """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels")
attempt = attempt.send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com"), at=1).run(until=3600)
""",
        ),
        (
            "healed after half an hour",
            SPLIT
            + """
for name in lines:
    scenario.restore(name, at=1800)
attempt = scenario.run(until=3600)
""",
        ),
        (
            "healed two minutes before the end",
            SPLIT
            + """
for name in lines:
    scenario.restore(name, at=3300)
attempt = scenario.run(until=3600)
""",
        ),
        (
            "split in the last five minutes",
            """
scenario = mailflow.Scenario(mailflow.load("four corners"))
for name in ("Seattle-Tokyo", "Tokyo-Seattle", "London-Brussels", "Brussels-London"):
    scenario.fail(name, at=3300)
for number in range(5):
    scenario.send(mailflow.Message.write("sara@contoso.com", "taro@contoso.com", f"Number {number}"), at=3301 + number)
attempt = scenario.run(until=3600)
""",
        ),
        (
            "in another company",
            """
scenario = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").fail("Paris-London").set_master("London", "LON02", at=60)
attempt = scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=1).run(until=3600)
""",
        ),
        (
            "one reason twice",
            SPLIT
            + """
first = scenario.run(until=3600)
scenario.send(mailflow.Message.write("anna@contoso.com", "taro@contoso.com"), at=60)
attempt = [first, scenario.run(until=3600)]
""",
        ),
        (
            "the organization is another one",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "SEA01", product="5.5")
scenario = mailflow.Scenario(company).fail("Tokyo-Brussels")
attempt = scenario.send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com"), at=1).run(until=3600)
""",
        ),
        (
            "different in the second in which news travels",
            """
scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels", at=3415)
attempt = scenario.send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com"), at=3418.4).run(until=3600)
""",
        ),
        (
            "parted, with nothing to disagree about",
            """
scenario = mailflow.Scenario(mailflow.load("four corners"))
for name in ("Seattle-Tokyo", "Tokyo-Seattle", "London-Brussels", "Brussels-London"):
    scenario.fail(name)
attempt = scenario.run(until=3600)
""",
        ),
        (
            "one server is of an age without tables",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "LON02", product="5.5")
attempt = mailflow.Scenario(company).fail("Tokyo-Brussels").send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com"), at=1).run(until=3600)
""",
        ),
        (
            "split at first, whole for the rest",
            """
scenario = mailflow.Scenario(mailflow.load("four corners")).fail("SEA01").restore("SEA01", at=1500).fail("Tokyo-Brussels", at=10)
attempt = scenario.send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com"), at=20).run(until=7200)
""",
        ),
        (
            "split after the hour",
            """
scenario = mailflow.Scenario(mailflow.load("four corners"))
for name in ("Seattle-Tokyo", "Tokyo-Seattle", "London-Brussels", "Brussels-London"):
    scenario.fail(name, at=3700)
attempt = scenario.send(mailflow.Message.write("sara@contoso.com", "taro@contoso.com"), at=3701).run(until=7200)
""",
        ),
        (
            "a model in which news takes an hour",
            """
from mailflow.transport.parameters import Durations

attempt = mailflow.Scenario(mailflow.load("four corners"), parameters=mailflow.Parameters(durations=Durations(link_state=4000))).fail("Tokyo-Brussels")
attempt.send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com"), at=1)
""",
        ),
    ],
    "by London": [
        (
            "nothing",
            'attempt = mailflow.load("four corners")',
        ),
        (
            "Tokyo is removed",
            """
from dataclasses import replace

company = mailflow.load("four corners")
attempt = replace(company, connectors=tuple(item for item in company.connectors if "Tokyo" not in item.name))
""",
        ),
        (
            "still by Tokyo",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=14)',
        ),
        (
            "a tie",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=15)',
        ),
        (
            "the way back",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Brussels-London", cost=1)',
        ),
        (
            "Tokyo shut for mail, at no other cost",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", message_types=["system"])',
        ),
        (
            "Tokyo open at night",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50, schedule=["01:00-02:00"])',
        ),
        (
            "London dearer still",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "London-Brussels", cost=100)',
        ),
        (
            "a connector of its own, past both",
            """
from dataclasses import replace

company = mailflow.load("four corners")
direct = replace(company.connector["Seattle-London"], name="Seattle-Brussels", to="Brussels", cost=1, remote_bridgeheads=("BRU01",))
attempt = replace(company, connectors=(*company.connectors, direct))
""",
        ),
        (
            "costs are right, and the spare way misses its second half",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = replace(company, connectors=tuple(item for item in company.connectors if item.name != "Tokyo-Brussels"))
""",
        ),
        (
            "costs are right, and the spare way takes nothing above a kilobyte",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = mailflow.reconfigure(company, "Tokyo-Brussels", max_message_kb=1)
""",
        ),
        (
            "costs are right, and a third way comes before Tokyo",
            """
from dataclasses import replace

company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
direct = replace(company.connector["Seattle-London"], name="Seattle-Brussels", to="Brussels", cost=30, remote_bridgeheads=("BRU01",))
attempt = replace(company, connectors=(*company.connectors, direct))
""",
        ),
        (
            "costs are right, and the spare way takes nothing above 500 kilobytes",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = mailflow.reconfigure(company, "Tokyo-Brussels", max_message_kb=500)
""",
        ),
        (
            "costs are right, and the spare way lets large mail wait for the night",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50, oversize_kb=10, oversize_schedule=["01:00-02:00"])',
        ),
        (
            "costs are right, and the spare way takes urgent mail only",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = mailflow.reconfigure(company, "Tokyo-Brussels", max_message_kb=9000, cost=100, priorities=["high"])
""",
        ),
        (
            "costs are right, and London takes only small mail",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = mailflow.reconfigure(company, "London-Brussels", max_message_kb=500)
""",
        ),
        (
            "costs are right, and the spare way takes no urgent mail",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50, priorities=["normal"])',
        ),
        (
            "costs are right, and the spare way is shut at night",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50, schedule=["08:00-20:00"])',
        ),
        (
            "costs are right, and the spare way takes no reports",
            'attempt = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50, message_types=["non-system"])',
        ),
        (
            "costs are right, and London is shut at night",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = mailflow.reconfigure(company, "London-Brussels", schedule=["08:00-20:00"])
""",
        ),
        (
            "costs are right, and London takes no urgent mail",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", cost=50)
attempt = mailflow.reconfigure(company, "Seattle-London", priorities=["normal", "low"])
""",
        ),
    ],
    "where it strands": [
        (
            "nothing",
            SARA + 'attempt = mailflow.Scenario(mailflow.load("four corners")).send(message)',
        ),
        (
            "a stopped service",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).stop("SMTP", "SEA01").send(message, at=1).run(until=3600)',
        ),
        (
            "networks and a stopped service",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).stop("SMTP", "BRU02").fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1).run(until=3600)',
        ),
        (
            "twenty minutes",
            SARA
            + """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Seattle-London").fail("Seattle-Tokyo").send(message, at=1)
attempt = attempt.restore("Seattle-Tokyo", at=1200).restore("Seattle-London", at=1200).run(until=7200)
""",
        ),
        (
            "to Anna",
            'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("LON02").send(mailflow.Message.write("sara@contoso.com", "anna@contoso.com"), at=1).run(until=3600)',
        ),
        (
            "from Taro",
            'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("BRU02").send(mailflow.Message.write("taro@contoso.com", "bruno@contoso.com"), at=1).run(until=3600)',
        ),
        (
            "a frozen queue",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("SEA01").send(message, at=1).freeze("sea01.contoso.com", "SEA02", at=60).restore("SEA01", at=70).run(until=3600)',
        ),
        (
            "returned at once",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("BRU02").send(message, at=1).delete("bru02.contoso.com", "BRU01", at=60).run(until=3600)',
        ),
        (
            "one server twice",
            SARA
            + """
attempt = [
    mailflow.Scenario(mailflow.load("four corners")).fail("BRU02").send(message, at=1).run(until=3600),
    mailflow.Scenario(mailflow.load("four corners")).fail("BRU02").fail("London-Brussels").send(message, at=100).run(until=5400),
]
""",
        ),
        (
            "it is delivered, and a second one for Taro is stuck",
            SARA
            + """
other = mailflow.Message.write("sara@contoso.com", "taro@contoso.com")
attempt = mailflow.Scenario(mailflow.load("four corners")).send(message, at=1).fail("TOK02", at=60).send(other, at=61).run(until=3600)
""",
        ),
        (
            "Bruno in the header, Anna in the envelope",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("LON02").send(message, to="anna@contoso.com", at=1).run(until=3600)',
        ),
        (
            "a stop by another name",
            """
from dataclasses import dataclass

from mailflow.simulation.verbs import Stop, verb

@verb
@dataclass(frozen=True, repr=False, eq=False)
class Nap(Stop):
    word = "nap"
    method = ""

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Brussels-London").act(Nap("SMTP", "BRU02")).send(message, at=1)
""",
        ),
        (
            "a changed company",
            """
company = mailflow.reconfigure(mailflow.load("four corners"), "Tokyo-Brussels", schedule=["20:00-06:00"])
message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = mailflow.Scenario(company).fail("London-Brussels").send(message, at=1).run(until=3600)
""",
        ),
        (
            "twenty-five minutes in the end, after ten minutes elsewhere",
            """
message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("SEA01").restore("SEA01", at=550).fail("BRU02").restore("BRU02", at=2050)
attempt = attempt.send(message, at=1).run(until=7200)
""",
        ),
        (
            "the whole mission by a slow model, and a line that has no part in it",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = [
    mailflow.Scenario(mailflow.load("four corners"), parameters=mailflow.Parameters(durations=slow)).fail("Brussels-London").send(message)
    for slow in (Durations(rpc=5000), Durations(round_trip=300), Durations(round_trip=200), Durations(lookup=700))
]
""",
        ),
        (
            "a model so slow that an hour passes before the message leaves",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = mailflow.Scenario(mailflow.load("four corners"), parameters=mailflow.Parameters(durations=Durations(rpc=5000))).fail("Brussels-London").send(message)
""",
        ),
        (
            "a word to the next server takes an hour",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = mailflow.Scenario(mailflow.load("four corners"), parameters=mailflow.Parameters(durations=Durations(round_trip=5000))).fail("Brussels-London").send(message)
""",
        ),
        (
            "twenty-three minutes in one place and twenty-three in another",
            SARA
            + """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("SEA01").restore("SEA01", at=1200).fail("BRU02").restore("BRU02", at=2400)
attempt = attempt.send(message, at=1).run(until=7200)
""",
        ),
        (
            "it waits on purpose, and a line that it does not need fails",
            """
from datetime import UTC, datetime

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", deliver_after=datetime(2003, 10, 6, 12, tzinfo=UTC))
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Brussels-London").send(message, at=1)
""",
        ),
    ],
    "to the rescue": [
        (
            "nothing",
            SARA + 'attempt = mailflow.Scenario(mailflow.load("four corners")).send(message)',
        ),
        (
            "eight minutes",
            SARA
            + """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
attempt = attempt.restore("Tokyo-Brussels", at=480).run(until=7200)
""",
        ),
        (
            "never",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1).run(until=7200)',
        ),
        (
            "it waits on purpose, and nothing is broken",
            """
from datetime import UTC, datetime

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", deliver_after=datetime(2003, 10, 6, 9, 20, tzinfo=UTC))
attempt = mailflow.Scenario(mailflow.load("four corners")).send(message)
""",
        ),
        (
            "it waits on purpose, and a line that it does not need is repaired",
            """
from datetime import UTC, datetime

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", deliver_after=datetime(2003, 10, 6, 9, 20, tzinfo=UTC))
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("London-Brussels").send(message, at=1).restore("London-Brussels", at=1190)
""",
        ),
        (
            "sent late, and not stuck",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").restore("Tokyo-Brussels", at=700).send(message, at=900)',
        ),
        (
            "a second message in place of the first",
            SARA
            + """
again = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", "Did you get my mail?")
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
attempt.delete("Tokyo-Brussels", "TOK01", at=30).delete("London-Brussels", "LON01", at=250)
attempt = attempt.restore("Tokyo-Brussels", at=1000).restore("London-Brussels", at=1000).send(again, at=2000).run(until=9000)
""",
        ),
        (
            "Anna's message",
            """
message = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
attempt = attempt.restore("London-Brussels", at=900).run(until=7200)
""",
        ),
        (
            "returned after ten minutes",
            SARA
            + """
attempt = mailflow.Scenario(mailflow.load("four corners")).fail("BRU02").send(message, at=1).delete("bru02.contoso.com", "BRU01", at=900)
attempt = attempt.run(until=7200)
""",
        ),
        (
            "one rescue at two times",
            SARA
            + """
attempt = []
for at in (900, 1500):
    scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
    attempt.append(scenario.restore("Tokyo-Brussels", at=at).run(until=7200))
""",
        ),
        (
            "one rescue, and a change that has no part in it",
            SARA
            + """
attempt = []
for decoy in (False, True):
    scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
    if decoy:
        scenario.change("Brussels-Seattle" if False else "Brussels-London", cost=99, at=899)
    attempt.append(scenario.restore("Tokyo-Brussels", at=900).run(until=7200))
""",
        ),
        (
            "one rescue, and a useless connector a second before",
            SARA
            + """
from dataclasses import replace

company = mailflow.load("four corners")
useless = replace(company.connector["Brussels-London"], name="Brussels-London 2")
scenario = mailflow.Scenario(company).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
first = scenario.copy().restore("Tokyo-Brussels", at=900).run(until=7200)
second = scenario.copy().restore("Tokyo-Brussels", at=900).add(useless, at=901).run(until=7200)
attempt = [first, second]
""",
        ),
        (
            "one rescue, and a service that was never away",
            SARA
            + """
scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
attempt = [scenario.copy().restore("Tokyo-Brussels", at=900), scenario.copy().stop("SMTP", "TOK02").start("SMTP", "TOK02", at=899).restore("Tokyo-Brussels", at=900)]
""",
        ),
        (
            "one rescue, and a change after it",
            SARA
            + """
scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
attempt = [scenario.copy().restore("Tokyo-Brussels", at=900), scenario.copy().restore("Tokyo-Brussels", at=900).change("Seattle-London", cost=10, at=900.5)]
""",
        ),
        (
            "one kind of rescue, on either line",
            SARA
            + """
scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
attempt = [scenario.copy().restore("Tokyo-Brussels", at=900), scenario.copy().restore("London-Brussels", at=900)]
""",
        ),
        (
            "mended after four seconds",
            SARA
            + 'attempt = mailflow.Scenario(mailflow.load("four corners")).fail("BRU02").send(message, at=1).restore("BRU02", at=5).unfreeze("bru02.contoso.com", "BRU01", at=400)',
        ),
        (
            "a second line is broken and mended, while the first stays down",
            SARA
            + """
scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").fail("London-Brussels").send(message, at=1)
attempt = scenario.fail("Brussels-Tokyo", at=100).restore("Brussels-Tokyo", at=900).run(until=7200)
""",
        ),
        (
            "one rescue, and a push that was not needed",
            SARA
            + """
scenario = mailflow.Scenario(mailflow.load("four corners")).fail("BRU02").send(message, at=1).restore("BRU02", at=300)
attempt = [scenario.copy(), scenario.copy().force_connection("bru02.contoso.com", "BRU01", at=900)]
""",
        ),
        (
            "a slow model, and a line that was not needed",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
scenario = mailflow.Scenario(mailflow.load("four corners"), parameters=mailflow.Parameters(durations=Durations(rpc=700)))
attempt = scenario.fail("London-Brussels").send(message).restore("London-Brussels", at=690)
""",
        ),
        (
            "one rescue, and the same by a name of one's own",
            """
from dataclasses import dataclass

from mailflow.simulation.verbs import Start, verb

@verb
@dataclass(frozen=True, repr=False, eq=False)
class Nap(Start):
    word = "nap"
    method = ""

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
scenario = mailflow.Scenario(mailflow.load("four corners")).stop("SMTP", "BRU02").send(message, at=1)
attempt = [scenario.copy().start("SMTP", "BRU02", at=900), scenario.copy().act(Nap("SMTP", "BRU02"), at=900)]
""",
        ),
        (
            "a slow look into the directory, and a line that was mended in time",
            """
from mailflow.transport.parameters import Durations

message = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
scenario = mailflow.Scenario(mailflow.load("four corners"), parameters=mailflow.Parameters(durations=Durations(lookup=200)))
attempt = scenario.fail("London-Brussels").fail("Tokyo-Brussels").send(message).restore("Tokyo-Brussels", at=20)
""",
        ),
    ],
}
"""Attempts by task: a name, and the code."""

RIGHT_WAYS: dict[tuple[str, str], int] = {
    ("stuck without a stop", "one reason twice"): 1,
    ("stuck without a stop", "one reason twice, at either end of one line"): 1,
    ("stuck without a stop", "one reason twice, once with a decoy"): 1,
    ("back to Anna", "one code twice"): 1,
    ("back to Anna", "one code at two times, and a repair that comes too late"): 1,
    ("three, two, one", "the organization as it comes, three times"): 1,
    ("three, two, one", "only the way back is changed"): 1,
    ("three, two, one", "two in two manners"): 1,
    ("out of the house", "one way twice"): 1,
    ("out of the house", "in by another server, out by the same"): 1,
    ("out of the house", "the same server under another name"): 1,
    ("plans for a load", "one plan with other numbers and other hosts"): 1,
    ("plans for a load", "one plan, with hosts listed twice"): 1,
    ("plans for a load", "one plan with other lifetimes"): 1,
    ("the same door", "one kind with other names and numbers"): 1,
    ("open it yourself", "one way twice"): 1,
    ("open it yourself", "one way twice, the world in one piece and in two"): 1,
    ("open it yourself", "one way twice, with a setting that has no part in it"): 1,
    ("open it yourself", "one way twice, with an extra name on the list"): 1,
    ("shut one out", "one verb twice"): 1,
    ("shut one out", "one verb twice, the address and its domain"): 1,
    ("fates of a large message", "one fate twice"): 1,
    ("fates of a large message", "one night and another night"): 1,
    ("fates of a large message", "returned, with a second connector that does not take it either"): 1,
    ("fates of a large message", "one fate twice, by two other connectors"): 1,
    ("turn it round", "costs, twice"): 1,
    ("turn it round", "costs, on the one connector and on the other"): 1,
    ("turn it round", "costs, with a decoy that has no part in it"): 1,
    ("turn it round", "a connector of its own to London"): 1,
    ("keep it a secret", "one reason twice, in two directions"): 1,
    ("keep it a secret", "one reason twice, with other people"): 1,
    ("two truths", "one reason twice"): 1,
    ("where it strands", "one server twice"): 1,
    ("to the rescue", "one rescue at two times"): 1,
    ("to the rescue", "one rescue, and a change that has no part in it"): 1,
    ("to the rescue", "one rescue, and a useless connector a second before"): 1,
    ("to the rescue", "one rescue, and a service that was never away"): 1,
    ("to the rescue", "one rescue, and a change after it"): 1,
    ("to the rescue", "one kind of rescue, on either line"): 1,
    ("to the rescue", "one rescue, and a push that was not needed"): 1,
    ("to the rescue", "one rescue, and the same by a name of one's own"): 1,
    ("out of the house", "the same host under another name"): 1,
    ("out of the house", "the same server with another name everywhere"): 1,
}
"""How many ways of a mission are really right in an attempt, where that is not none."""
