"""What notebook 01 claims."""

import re

import mailflow
from mailflow.facts import fact, rules

from .reading import Said, Shown, claim, flat, keys, of_kind


@claim("01-05", "Anna and Ben are on the same server.", of="01-06")
def on_the_same_server(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["trace"])
    assert {event.server for event in shown.names["trace"]} == {"LON01"}


@claim("01-07", "It crosses {times}: out of the store and back into it.", of="01-06")
def it_crosses_twice(said: Said, shown: Shown) -> None:
    crossings = of_kind(shown.names["trace"], "submission.to-exipc", "delivery.to-store")
    assert [event.step.key for event in crossings] == ["submission.to-exipc", "delivery.to-store"]
    assert len(crossings) == said["times"]


@claim(
    "01-07",
    "Even mail between {n} neighbours leaves the store, because **every** message passes the advanced queuing engine",
    of="01-06",
)
def even_between_neighbours(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    assert "queuing.submitted" in keys(trace)
    assert len({trace[0].values["sender"], *trace[0].values["recipients"]}) == said["n"]


@claim("01-07", "The next chart shows which process holds the message, and for how long.", of="01-08")
def who_holds_it(said: Said, shown: Shown) -> None:
    held = re.findall(r"LON01: (client|Store\.exe|EXIPC|Inetinfo\.exe) (\d+) ms", shown.text)
    assert [name for name, _ in held] == ["client", "Store.exe", "EXIPC", "Inetinfo.exe"]
    assert shown.text.startswith("Chart of who holds m1: ")
    trace = shown.names["trace"]
    assert sum(int(time) for _, time in held) == round(1000 * (trace[-1].time - trace[0].time))
    (taken, put, crossed) = (
        of_kind(trace, key)[0].time for key in ("submission.to-store", "submission.to-exipc", "submission.from-store")
    )
    (handed, written) = (of_kind(trace, key)[0].time for key in ("delivery.to-store", "delivery.delivered"))
    client, store, tube = (round(1000 * time) for time in (taken, put - taken, crossed - put + written - handed))
    assert [int(time) for _, time in held[:3]] == [client, store, tube]


@claim(
    "01-09",
    "The store keeps the content and puts a **handle** on the message into the queue. On the other side the store driver turns "
    "the handle into a **MailMsg**: an envelope plus a pointer to the content (T15). {n} steps say so.",
    of="01-10",
)
def a_handle_crosses(said: Said, shown: Shown) -> None:
    *steps, rule = shown.lines
    put, made = re.split(r"(?=The store driver)", flat(" ".join(steps)))
    assert said["n"] == len([put, made])
    assert [put.strip(), made] == [
        event.sentence for event in shown.names["trace"] if event.sentence in (put.strip(), made)
    ]
    assert re.match(r"Store\.exe puts a handle on m1\.1 into Store_out_queue of EXIPC\. .*only the handle crosses", put)
    assert (
        "store driver in Inetinfo.exe makes the MailMsg object m1.1: an envelope for ben@contoso.com and a pointer"
        in made
    )
    assert "'T15'" in rule
    assert rule == f"{shown.names['made'].rule.numbers} {shown.names['made'].rule.sure}"


@claim("01-11", "Stop the SMTP service, and send {n} messages.", of="01-12")
def three_messages(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["waiting"])
    assert len(shown.names["waiting"].messages) == said["n"]


@claim("01-13", "The store puts it into `{queue:text}`. Nobody takes it out at the other end.", of="01-14")
def nobody_takes_it_out(said: Said, shown: Shown) -> None:
    assert shown.value == {f"exipc/{said['queue']}": ["m1.1", "m2.1", "m3.1"]}
    assert shown.value == shown.names["waiting"].at().queues("LON01")


@claim("01-13", "The store still works, so Outlook gets rid of its mail.", of="01-12")
def outlook_gets_rid_of_it(said: Said, shown: Shown) -> None:
    assert len(of_kind(shown.names["waiting"], "submission.to-store")) == 3


@claim("01-17", "With the store stopped, Outlook cannot submit at all: the message stays in the Outbox.", of="01-16")
def it_stays_in_the_outbox(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["waiting"])
    closed = shown.names["closed"]
    stuck = closed.at(closed.step_at(29))
    assert [item.place for item in stuck.mails.values()] == ["outbox"]
    assert not of_kind(closed, "submission.to-store")


@claim("01-17", "MAPI clients hand their mail to `Store.exe` itself, by remote procedure calls (T1).", of="01-06")
def handed_to_the_store(said: Said, shown: Shown) -> None:
    assert (
        "Store.exe on LON01 by MAPI, inside remote procedure calls"
        in of_kind(shown.names["trace"], "submission.to-store")[0].sentence
    )


@claim("01-17", "| EXIPC | {n} queues for each protocol, in shared memory |")
def two_queues(said: Said, shown: Shown) -> None:
    assert said["n"] == len({"Store_out_queue", "Client_out_queue"})
    assert all(name in str(fact("T6")) for name in ("Store_out_queue", "Client_out_queue"))


@claim(
    "01-17",
    "It is identified by its IP address *and* port, so no {n} may share both. The model refuses a file that tries.",
    of="01-18",
)
def the_model_refuses(said: Said, shown: Shown) -> None:
    assert shown.lines[0] == "my organization: 1 fault"
    fault = re.fullmatch(
        r'  server "LON01"\.virtual_servers: (\d) listen on all addresses port 25; each needs its own IP address and port',
        shown.lines[1],
    )
    assert fault
    assert int(fault[1]) == said["n"]
    assert "toml" not in shown.text.lower(), "the real rule answers, and no syntax error"


@claim("01-17", "With an address of its own the {n} one works:", of="01-18")
def the_second_works(said: Said, shown: Shown) -> None:
    answer = flat(" ".join(shown.lines[2:]))
    assert answer == flat(shown.names["answer"])
    assert "TCP port 25 of lon01.contoso.com, where the virtual server Internet listens" in answer
    servers = shown.names["scenario"].organization.server["LON01"].virtual_servers
    assert [item.name for item in servers].index("Internet") + 1 == said["n"]


@claim("01-19", "For SMTP it is an ordinary server: it takes mail in and sends it on.", of="01-20")
def it_takes_mail_in(said: Said, shown: Shown) -> None:
    sites = shown.names["sites"]
    run = mailflow.Scenario(sites).send(shown.names["inbound"]).run()
    shown.plays(run)
    front = next(server.name for server in sites.servers if server.role == "front-end")
    assert of_kind(run, "smtp.connect")[0].values["peer"] == f"{front.lower()}.contoso.com"
    assert "smtp.content" in [event.step.key for event in run if event.server == front]


@claim(
    "01-20a",
    "{n} clients ask, one after another: Outlook, a browser at `LONFE`, and a POP3 client at `LON01`.",
    of="01-20b",
)
def three_clients(said: Said, shown: Shown) -> None:
    run = shown.names["reading"].run()
    assert shown.lines == [str(event) for event in run if event.step.key.startswith("reading.")]
    asked = of_kind(run, "reading.mapi", "reading.asked")
    assert [event.server for event in asked] == ["LON01", "LONFE", "LON01"]
    assert len(asked) == said["n"]
    assert [event.time for event in asked] == [60, 70, 80]
    assert [event.step.key for event in of_kind(run, "reading.shown", "reading.failed")] == [
        "reading.shown",
        "reading.shown",
        "reading.failed",
    ]


@claim(
    "01-20c",
    "Outlook meets no service of IIS. The browser opens port {tls} of `LONFE`, but between the {n} servers HTTP uses port {plain} (T28).",
    of="01-20b",
)
def port_eighty_inside(said: Said, shown: Shown) -> None:
    run = shown.names["reading"].run()
    assert "No service of IIS takes part." in shown.lines[0]
    first, inside = of_kind(run, "reading.asked")[0], of_kind(run, "reading.passed-on")[0]
    assert (first.values["port"], inside.values["port"]) == (said["tls"], said["plain"])
    assert len({first.server, str(inside.values["host"])}) == said["n"]
    assert f"port {said['plain']}" in str(fact("T28"))


@claim(
    "01-20c",
    "On `LON01` the request crosses EXIPC, which has a pair of queues for each protocol (T4). The POP3 client sees nothing: setup "
    "leaves POP3 and IMAP4 disabled (T26).",
    of="01-20b",
)
def pop3_is_disabled(said: Said, shown: Shown) -> None:
    run = shown.names["reading"].run()
    (crossed,) = of_kind(run, "reading.to-store")
    assert (crossed.server, crossed.values["protocol"]) == ("LON01", "HTTP")
    assert of_kind(run, "reading.failed")[0].values["why"] == "the POP3 service of LON01 does not run"
    assert "POP3, IMAP4 and NNTP" in str(fact("T26"))


@claim(
    "01-20c",
    'You start them with `start("POP3", "LON01")`, and for the way through the front-end server on `LONFE`, too.',
)
def started_on_both(said: Said, shown: Shown) -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).start("POP3", "LON01")
    assert of_kind(scenario.copy().read("anna", by="pop3", at=1).run(), "reading.shown")
    scenario.read("anna", by="pop3", server="LONFE", at=1)
    assert of_kind(scenario.run(), "reading.failed")
    assert of_kind(scenario.start("POP3", "LONFE").run(), "reading.shown")


@claim("01-20c", "Anna tries {n} ways: Outlook, a browser at `LON01`, a browser at `LONFE`.", of="01-20d")
def three_ways_to_read(said: Said, shown: Shown) -> None:
    assert all(line.count("sees ") == said["n"] for line in shown.lines)


@claim(
    "01-20e",
    "Without its store nobody reads. Without IIS everybody but Outlook is shut out; that web mail stops with *IIS Admin* is "
    "*unconfirmed*. And a front-end server without a global catalog cannot tell whose server to ask.",
    of="01-20d",
)
def who_reads_what(said: Said, shown: Shown) -> None:
    sees, blind = "sees it", "sees nothing"
    assert shown.lines == [
        f"HTTP of LONFE stops: {[sees, sees, blind]}",
        f"IIS Admin of LON01 stops: {[sees, blind, blind]}",
        f"information store of LON01 stops: {[blind, blind, blind]}",
        f"global catalog of LONFE stops: {[sees, sees, blind]}",
    ]
    assert rules()["stop_with_iis_admin"].sure == "unconfirmed"
    last = of_kind(shown.names["tried"].run(), "reading.failed")[0]
    assert last.values["why"] == "LONFE reaches no global catalog and cannot tell which server holds the mailbox"


@claim("01-01", "- explain why EXIPC exists, and what its {n} queues tell you,")
def goal_of_two_queues(said: Said, shown: Shown) -> None:
    assert said["n"] == len({"Store_out_queue", "Client_out_queue"})


@claim("01-24", "EXIPC joins the {n}, {one} queue for each direction.")
def recap_of_exipc(said: Said, shown: Shown) -> None:
    crossed = of_kind(shown.names["trace"], "submission.to-exipc", "delivery.to-store")
    queues = [
        next(name for name in ("Store_out_queue", "Client_out_queue") if name in event.sentence) for event in crossed
    ]
    assert len(queues) == said["n"]
    assert {queues.count(name) for name in queues} == {said["one"]}
