"""What notebook 05 claims."""

import random
import re

import mailflow
from mailflow.dns import ask_mx

from .reading import Said, Shown, claim, keys, of_kind, word


@claim(
    "05-05",
    "Each line has a **preference** and a **host**. The lower number goes first. The last lines are the addresses of the hosts.",
    of="05-04",
)
def preferences_and_addresses(said: Said, shown: Shown) -> None:
    preferences = re.findall(
        r"^fabrikam\.com\tMX preference = (\d+), mail exchanger = (\S+)$", shown.text, re.MULTILINE
    )
    assert [int(number) for number, _ in preferences] == sorted(int(number) for number, _ in preferences)
    zone = next(zone for zone in shown.names["organization"].zones if zone.name == "fabrikam.com").records
    for number, host in preferences:
        assert f"MX {number} {host}." in zone
    addresses = dict(re.findall(r"^(\S+)\tinternet address = (\S+)$", shown.text, re.MULTILINE))
    assert list(addresses) == [host for _, host in preferences] == ["mail.fabrikam.com", "backup.fabrikam.com"]
    for host, address in addresses.items():
        assert re.search(rf"^{host.split('.')[0]} +3600 IN A +{address}$", zone, re.MULTILINE)
    assert shown.lines[-2:] == [f"{host}\tinternet address = {address}" for host, address in addresses.items()]


@claim(
    "05-05",
    "This is what Windows prints when you type `nslookup`, then `set type=mx`, then the name (T134).",
    of="05-04",
)
def as_windows_prints_it(said: Said, shown: Shown) -> None:
    assert shown.text.startswith(
        "Server:  dns.internet.example\nAddress:  192.0.2.53\n\nfabrikam.com\tMX preference = "
    )


@claim("05-05", "The player asks for the verdict before it shows it.", of="05-06")
def the_verdict(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    shown.plays(trace)
    player = shown.last()
    assert shown.text == repr(player)
    (asked,) = (question for question in player.questions if question.kind == "verdict")
    step = trace[asked.at]
    assert step.step.key == "smtp.rcpt"
    assert asked.options[asked.answer].startswith(f"{step.values['reply'][:3]}:")
    assert not any(str(step.values["reply"]) in event.sentence for event in trace[: asked.at])
    assert trace.status()["m1"][0][1] == "relayed"


@claim("05-07", "Its answer names the order in which the hosts are tried.", of="05-08")
def the_order_of_hosts(said: Said, shown: Shown) -> None:
    found = re.fullmatch(
        r"LON01 asks DNS about the mail exchangers of a domain: fabrikam\.com IN MX\? The answer: (\d+) (\S+), (\d+) (\S+)\. "
        r"It tries (\S+), then (\S+)\.",
        shown.words,
    )
    assert found
    assert (found[2], found[4]) == (found[5], found[6])
    assert (int(found[1]), int(found[3])) == (10, 20), "as the zone has it"
    assert keys(shown.names["trace"]).index("dns.mx") < keys(shown.names["trace"]).index("smtp.connect")


@claim("05-11", "The next host on the list took it.", of="05-10")
def the_next_host_took_it(said: Said, shown: Shown) -> None:
    assert shown.value == {"m1": [("kim@fabrikam.com", "relayed", "backup.fabrikam.com")]}


@claim(
    "05-11",
    'The same happens when the first host answers with a *4.x.x* code, which means "not now" (T129).',
    of="05-12",
)
def the_same_after_not_now(said: Said, shown: Shown) -> None:
    busy = shown.names["busy"]
    assert [event.values["peer"] for event in of_kind(busy, "smtp.connect")] == [
        "mail.fabrikam.com",
        "backup.fabrikam.com",
    ]
    assert word(of_kind(busy, "smtp.rcpt")[0], "reply").startswith("451 4.")
    assert busy.status()["m1"][0][1:] == ("relayed", "backup.fabrikam.com")


@claim("05-11", "A *5.x.x* code is final: then nobody else is asked, and the sender gets a report.", of="05-12")
def five_is_final(said: Said, shown: Shown) -> None:
    to = "nobody@fabrikam.com"
    run = mailflow.Scenario(shown.names["organization"]).send(mailflow.Message.write("anna@contoso.com", to)).run()
    assert len(of_kind(run, "smtp.connect")) == 1
    assert run.status()["m1"][0][1] == "bounced"
    assert of_kind(run, "notification.made")[0].values["sender"] == "anna@contoso.com"


@claim(
    "05-11",
    "`busy@fabrikam.com` is put off by the first host. Compare the run with one in which that host takes the message, and go to "
    "where they part.",
    of="05-12",
)
def where_they_part(said: Said, shown: Shown) -> None:
    taken, busy = shown.names["taken"], shown.names["busy"]
    shown.plays(busy)
    assert shown.code.count("mailflow.compare(busy, taken,") == 1
    apart = next(one.number for one, other in zip(taken, busy, strict=False) if one.sentence != other.sentence)
    here, there = taken[apart], busy[apart]
    assert here.step.key == there.step.key == "smtp.rcpt", "before it nothing differs"
    assert (word(here, "reply")[:3], word(there, "reply")[:3]) == ("250", "451")
    assert taken.status()["m1"][0][1:] == ("relayed", "mail.fabrikam.com")


DECISIONS = {
    "pair.example": ("deliver", "10 a.pair.example, 10 b.pair.example"),
    "plain.example": ("deliver", "no MX, but plain.example has an address, which counts as preference 0"),
    "dead.example": ("bounce", "10 gone.dead.example: no mail exchanger has an address"),
    "one.circle.example": ("bounce", "the names of one.circle.example point at each other"),
    "nobody.example": ("bounce", "no such domain as nobody.example (NXDOMAIN)"),
    "fabrikam.com": ("defer", "the name servers of fabrikam.com give no usable answer just now"),
}


@claim("05-17", "Read the lines from the top.", of="05-16")
def from_the_top(said: Said, shown: Shown) -> None:
    rows = [line.split(maxsplit=2) for line in shown.lines]
    assert {domain: (outcome, why) for domain, outcome, why in rows} == DECISIONS
    assert [row[0] for row in rows] == list(DECISIONS)


@claim(
    "05-17",
    "- **{n} hosts with the same number** share the mail: each sender picks one at random (T126).",
    of=("05-16", "05-18"),
)
def the_same_number(said: Said, shown: Shown, drawn: Shown) -> None:
    numbers = re.search(
        r"^pair\.example +deliver +(\d+) a\.pair\.example, (\d+) b\.pair\.example$", shown.text, re.MULTILINE
    )
    assert numbers
    assert numbers[1] == numbers[2]
    assert len(numbers.groups()) == said["n"]
    tries = drawn.number(r"Chart of (\d+) tries")
    counts = [int(number) for number in re.findall(r"(\d+) times", drawn.text)]
    assert counts[0] + counts[1] == tries == counts[2] + counts[3] == 1000
    assert (counts[0], counts[1]) == (counts[3], counts[2])
    assert abs(counts[0] - tries / 2) < tries / 20
    orders = {tuple(ask_mx(shown.names["resolver"], "pair.example", random.Random(seed)).hosts) for seed in range(20)}
    assert len(orders) == said["n"]


@claim(
    "05-17",
    "Here is how often each host of `{domain:text}` was tried first, and how often second.",
    of="05-18",
)
def how_often(said: Said, shown: Shown) -> None:
    hosts = ["a", "b"]
    told = re.findall(r"(\w)\.(\S+) (first|second) \d+ times", shown.text)
    assert told == [(host, said["domain"], place) for place in ("first", "second") for host in hosts]


@claim("05-17", "the domain itself counts as its only host, with preference {n} (T127).", of="05-16")
def the_domain_itself(said: Said, shown: Shown) -> None:
    assert re.search(rf"^plain\.example .*counts as preference {said['n']}$", shown.text, re.MULTILINE)


@claim(
    "05-17",
    "- **A name that does not exist** is final: the sender gets a report at once (T127; its code is *inferred*, T132). - **No usable answer just now** is not "
    "final: the mail waits and is tried again (T127, T132).",
    of="05-16",
)
def final_and_not(said: Said, shown: Shown) -> None:
    assert re.search(r"^nobody\.example +bounce ", shown.text, re.MULTILINE)
    assert re.search(r"^fabrikam\.com +defer ", shown.text, re.MULTILINE)


@claim(
    "05-19",
    "{n} domains of the list above look alike to a user: `{a:text}`, which does not exist, and `{b:text}`, of which nobody "
    "tells just now. The next cell goes further and lets no DNS server answer at all. They end very differently.",
    of=("05-16", "05-20"),
)
def they_end_differently(said: Said, listed: Shown, shown: Shown) -> None:
    rows = {line.split()[0]: line for line in listed.lines}
    assert "NXDOMAIN" in rows[said["a"]]
    assert "no usable answer" in rows[said["b"]]
    assert 'fail("DNS")' in shown.code
    assert len({said["a"], said["b"]}) == said["n"]
    endings = re.findall(
        r"^after +([\d.]+) hours: LON01 writes a delivery status notification \((\w+), ([\d.]+)\) to anna@contoso\.com ",
        shown.text,
        re.MULTILINE,
    )
    assert endings == [("0.0", "failure", "5.4.0"), ("12.0", "delay", "4.4.7"), ("48.0", "failure", "4.4.7")], "T132"
    assert len(shown.lines) == len(endings)


@claim(
    "05-21",
    "The wrong name came back in a moment. The silent DNS server cost {n} days, because *no answer* may always become an answer. "
    "After {late} hours Anna was told that it is late.",
    of="05-20",
)
def it_cost_two_days(said: Said, shown: Shown) -> None:
    hours = [float(number) for number in re.findall(r"after +([\d.]+) hours", shown.text)]
    assert hours == [0, said["late"], 24 * said["n"]]


@claim("05-21", "The same zones can be asked with a real DNS client.", of="05-22")
def on_real_sockets(said: Said, shown: Shown) -> None:
    assert shown.value == ["10 a.pair.example.", "10 b.pair.example."]


@claim(
    "05-23",
    "python -m mailflow.live dns one-server --port {served} dig @127.0.0.1 -p {dug} fabrikam.com MX nslookup -port={asked} -type=mx fabrikam.com 127.0.0.1",
)
def one_port_for_all(said: Said, shown: Shown) -> None:
    assert said["served"] == said["dug"] == said["asked"] != 5353, "5353 is multicast DNS"
