"""What notebook 04 claims."""

from dataclasses import replace

import mailflow

from .reading import Said, Shown, claim, of_kind


@claim("04-05", "London and Paris are {n} **routing groups**.", of="04-04")
def two_routing_groups(said: Said, shown: Shown) -> None:
    rows = [line.split() for line in shown.lines]
    assert {group for _, group, _ in rows} == {"London", "Paris"}
    assert len(shown.names["organization"].routing_groups) == said["n"]
    assert [tuple(row) for row in rows] == [
        (item.name, item.routing_group, item.role) for item in shown.names["organization"].servers
    ]


@claim("04-05", "Between groups there is a **connector**, with a **bridgehead** server at each end.")
def a_bridgehead_at_each_end(said: Said, shown: Shown) -> None:
    connector = shown.names["organization"].connector["London-Paris"]
    assert connector.local_bridgeheads == ("LON02",)
    assert connector.remote_bridgeheads == ("PAR01",)


@claim("04-05", "Anna is on `{server:text}`. She writes to {n} people at once.", of="04-06")
def four_people(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["trace"])
    assert shown.names["organization"].by_address["anna@contoso.com"].server == said["server"]
    assert len(shown.names["message"].recipients) == said["n"]


@claim("04-07", "Here is what the routing engine of `LON01` said. Notice who was *not* asked about.", of="04-08")
def what_the_routing_engine_said(said: Said, shown: Shown) -> None:
    events = [event for event in of_kind(shown.names["trace"], "queuing.routed") if event.server == "LON01"]
    assert shown.unbroken == [event.sentence for event in events]
    asked = " ".join(shown.unbroken)
    for host in ("LON02", "PAR02", "fabrikam.com"):
        assert f"gives the next hop for {host}:" in asked


@claim(
    "04-09",
    "The copy for Anna herself asked nobody. Her mailbox is here, so it went straight to *Local delivery* (T55).",
    of="04-08",
)
def anna_asked_nobody(said: Said, shown: Shown) -> None:
    events = [event for event in shown.names["trace"] if event.mail == "m1.1"]
    assert "delivery.queued" in [event.step.key for event in events]
    assert "m1.1" not in shown.text
    assert len(shown.unbroken) == 3


@claim(
    "04-09",
    "No routing, no SMTP session. But the message did pass the advanced queuing engine. These parts worked on it:",
    of="04-10",
)
def same_server(said: Said, shown: Shown) -> None:
    parts = ["client", "information store", "EXIPC", "store driver", "advanced queuing", "categorizer"]
    assert shown.value == parts, "neither the routing engine nor the SMTP service"
    seen = {event.step.key for event in shown.names["same_server"]}
    assert "queuing.routed" not in seen
    assert "queuing.submitted" in seen


@claim("04-11", "{n} SMTP session, straight to Ben's server. The link queue has the name of that server.", of="04-12")
def same_group(said: Said, shown: Shown) -> None:
    server = shown.names["organization"].by_address["ben@contoso.com"].server
    assert shown.value == [f"{server.lower()}.contoso.com"]
    assert len(of_kind(shown.names["same_group"], "smtp.connect")) == said["n"]


@claim(
    "04-13",
    "The bridgehead in London is `{a:text}`, the one in Paris is `{b:text}`, and Pierre is on `{c:text}`.",
    of=("04-14", "04-16"),
)
def the_chain(said: Said, played: Shown, shown: Shown) -> None:
    played.plays(played.names["other_group"])
    assert list(dict.fromkeys(line.split()[0] for line in shown.lines)) == ["LON01", said["a"], said["b"], said["c"]]


@claim(
    "04-15",
    "Each server decided only about the **next hop**. No server laid out the whole path for the others (R101). And each one categorized the message again.",
    of="04-16",
)
def each_decided_anew(said: Said, shown: Shown) -> None:
    steps = [line.split() for line in shown.lines]
    servers = list(dict.fromkeys(server for server, _ in steps))
    assert [server for server, step in steps if step == "Categorized"] == servers
    assert [server for server, step in steps if step == "Routed"] == servers[:-1], "the last one has the mailbox"
    assert len(steps) == 2 * len(servers) - 1


@claim(
    "04-17",
    "The front-end server is its bridgehead, so the message goes there first. Then DNS names the host.",
    of="04-18",
)
def the_internet(said: Said, shown: Shown) -> None:
    trace = shown.names["internet"]
    shown.plays(trace)
    first, second = of_kind(trace, "smtp.connect")
    front = next(item.name for item in shown.names["organization"].servers if item.role == "front-end")
    assert first.values["peer"] == f"{front.lower()}.contoso.com"
    (asked,) = of_kind(trace, "dns.mx")
    assert first.number < asked.number < second.number
    assert asked.server == front


@claim("04-19", "The MX records of the domain decide which host is asked first. Lower numbers come first.", of="04-20")
def lower_numbers_first(said: Said, shown: Shown) -> None:
    (reply,) = shown.value
    numbers = [int(part.split()[0]) for part in reply.split(", ")]
    assert numbers == sorted(numbers)
    assert reply == "10 mail.fabrikam.com, 20 backup.fabrikam.com", "as the zone has it"


@claim(
    "04-20a",
    "Without {n}, the server's own **virtual server** delivers to the Internet: to its smart host if it has {it}, else by the MX "
    "records (T58).",
    of="04-20b",
)
def the_virtual_server_delivers(said: Said, shown: Shown) -> None:
    assert said["n"] == said["it"] == 1
    assert not shown.names["bare"].connectors
    assert shown.lines == [
        "by MX records    ('relayed', 'mail.fabrikam.com')",
        "by a smart host  ('relayed', 'backup.fabrikam.com')",
    ]
    for company, asked in ((shown.names["bare"], 1), (shown.names["smart"], 0)):
        run = mailflow.Scenario(company).send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).run()
        assert len(of_kind(run, "dns.mx")) == asked, "only the first one asks for MX records"


@claim("04-21", "Does the message wait, or does it go elsewhere?", of="04-21a")
def it_goes_elsewhere(said: Said, shown: Shown) -> None:
    assert shown.value == {"m1": [("kim@fabrikam.com", "relayed", "backup.fabrikam.com")]}


@claim("04-24", "Now the line between the {n} sites fails. There is no other way to Paris.", of="04-25")
def no_other_way(said: Said, shown: Shown) -> None:
    assert len(shown.names["organization"].routing_groups) == said["n"]
    ways = [item.name for item in shown.names["organization"].connectors if getattr(item, "to", "") == "Paris"]
    assert ways == ["London-Paris"]
    shown.plays(shown.names["cut_trace"])
    first = of_kind(shown.names["cut_trace"], "link.failed")[0]
    assert (first.server, first.number - 1) == ("LON02", shown.names["failed"] - 1)
    assert "the network link of London-Paris is down" in first.sentence


@claim("04-26", "The message waited on `{server:text}`, in the link queue of the connector.", of="04-25")
def it_waited(said: Said, shown: Shown) -> None:
    trace = shown.names["cut_trace"]
    shown.plays(trace)
    waiting = trace.at(trace.step_at(400))
    assert [(item.server, item.place) for item in waiting.mails.values()] == [
        (said["server"], "link/London-Paris/PAR02")
    ]


@claim(
    "04-26",
    "Exchange 2003 leaves a connector *up* when it is the only way to or from a **leaf**, a routing group with {n} neighbour. Paris is a "
    "leaf here, so the mail simply waits and is tried again (R89).",
    of="04-25",
)
def left_up_at_a_leaf(said: Said, shown: Shown) -> None:
    (left,) = of_kind(shown.names["cut_trace"], "routing.left-up")
    assert left.server == "LON02"
    neighbours = {item.to for item in shown.names["organization"].connectors if item.routing_group == "Paris"}
    assert len(neighbours) == said["n"]
    leaf = mailflow.fact("R89").clauses[0]
    assert ("leaf routing group" in leaf.says, leaf.sure) == (True, "documented")
    assert shown.names["cut_trace"].status()["m1"][0][1] == "delivered"


@claim(
    "04-26",
    "By the rules of Exchange 2000 the connector is marked down, and the message waits as unreachable.",
)
def by_the_rules_of_2000(said: Said, shown: Shown) -> None:
    rules = mailflow.Parameters(keep_up_without_alternative=False)
    scenario = mailflow.Scenario(shown.names["organization"], parameters=rules).fail("London-Paris")
    scenario.restore("London-Paris", at=400)
    old = scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")).run()
    waiting = old.at(old.step_at(390))
    assert [item.place for item in waiting.mails.values()] == ["queue/Messages with an unreachable destination"]
    assert of_kind(old, "routing.raised")


@claim("04-31", "Same routing group: {n} session, straight to the server.")
def recap_of_the_group(said: Said, shown: Shown) -> None:
    assert len(of_kind(shown.names["same_group"], "smtp.connect")) == said["n"]


@claim(
    "04-31",
    "It says that the virtual server can deliver to the Internet, too. It can, and needs no connector: it sends to its smart host, or "
    "asks for the MX records itself (T58).",
)
def without_a_connector(said: Said, shown: Shown) -> None:
    organization = shown.names["organization"]
    bare = replace(organization, connectors=tuple(item for item in organization.connectors if item.name != "Internet"))
    letter = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    run = mailflow.Scenario(bare).send(letter).run()
    assert [event.server for event in of_kind(run, "dns.mx")] == ["LON01"]
    assert run.status()["m1"][0][1:] == ("relayed", "mail.fabrikam.com")
    smart = mailflow.reconfigure(bare, "LON01", smart_host="backup.fabrikam.com")
    assert mailflow.Scenario(smart).send(letter).run().status()["m1"][0][1:] == ("relayed", "backup.fabrikam.com")
