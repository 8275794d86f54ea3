"""What notebook 08 claims."""

import re

import mailflow
from mailflow import plots
from mailflow.facts import fact
from mailflow.player.questions import questions

from .reading import Said, Shown, claim, keys, of_kind, silent


@claim(
    "08-01",
    "- say which of the {n} version numbers rises, and who may raise it, - read a link state table, and compare two of them.",
)
def three_numbers(said: Said, shown: Shown) -> None:
    raised = [event.values["part"] for event in shown.names["events"]]
    assert raised == ["major", "minor", "user"]
    assert len(raised) == said["n"]


silent("08-01", "compare two of them", "what the reader will do")


@claim(
    "08-04",
    "Its bridgehead is `{bridgehead:text}`; the master of London is `{master:text}`. In Paris, mail from London arrives at "
    "`{far:text}`, and the master is `{far_master:text}`.",
    of="08-05",
)
def bridgeheads_that_are_no_masters(said: Said, shown: Shown) -> None:
    world = shown.names["world"]
    assert world.connector["London-Brussels"].local_bridgeheads == (said["bridgehead"],)
    assert world.connector["London-Paris"].remote_bridgeheads == (said["far"],)
    masters = {group.name: group.master for group in world.routing_groups}
    for name, server in (("London", said["master"]), ("Paris", said["far_master"])):
        assert (masters[name] or next(item.name for item in world.servers if item.routing_group == name)) == server
    assert [event.server for event in of_kind(shown.names["trace"], "routing.raised")] == [said["master"]]


@claim(
    "08-04",
    "Step from the moment the master hears of it. The map counts who knows. *{inside}* and *{between}* show the TCP port that is used.",
    of="08-05",
)
def ports(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    shown.plays(trace)
    assert f"TCP port {said['inside']}" in of_kind(trace, "routing.pushed")[0].sentence
    assert f"TCP port {said['between']} of" in of_kind(trace, "smtp.connect")[0].sentence
    assert of_kind(trace, "routing.reported")[0].number == shown.names["raised"].number - 1


@claim(
    "08-04",
    "On the way you are asked which number rises, whether a table changes anything, and who hears next.",
    of="08-05",
)
def what_is_asked(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    asked = questions(trace, shown.names["ask"], start=shown.names["raised"].number - 1)
    assert ["Which number" in asked[0].prompt, "Does its own table change" in asked[1].prompt] == [True, True]
    assert {question.prompt.endswith("which server learns this next?") for question in asked[2:]} == {True}


@claim(
    "08-06",
    "You saw {kinds} kinds of transport. - **Inside a routing group: TCP port {inside}.** Every member keeps a connection open to port "
    "{same} of its master.",
    of="08-05",
)
def two_kinds_of_transport(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    inside = of_kind(trace, "routing.reported", "routing.pushed", "routing.given")
    assert said["inside"] == said["same"]
    assert all(f"over TCP port {said['inside']}" in event.sentence for event in inside)
    assert len({"routing.pushed", "routing.orginfo"}.intersection(keys(trace))) == said["kinds"]


@claim(
    "08-06",
    "- **Between routing groups: TCP port {port}.** {n} bridgeheads meet in an ordinary SMTP session. The verb is `{verb:text}` (R70).",
    of="08-05",
)
def between_routing_groups(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    for event in of_kind(trace, "routing.digest", "routing.orginfo"):
        assert said["verb"] in event.sentence
    ends = {(event.server, event.values["peer"]) for event in of_kind(trace, "routing.digest")}
    assert {len(pair) for pair in ends} == {said["n"]}
    opened = of_kind(trace, "smtp.connect")
    assert all(f"opens TCP port {said['port']} of" in event.sentence for event in opened)


@claim("08-06", "First they compare a digest. Only if it differs does a table travel (R71).", of="08-05")
def first_a_digest(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    differing = [event for event in of_kind(trace, "routing.digest") if "has another one" in event.sentence]
    assert len(of_kind(trace, "routing.orginfo")) == 2 * len(differing)
    assert keys(trace).index("routing.digest") < keys(trace).index("routing.orginfo")
    assert len(differing) < len(of_kind(trace, "routing.digest"))


@claim("08-06", "That a new version makes them connect even without mail is *unconfirmed* (R76).")
def without_mail(said: Said, shown: Shown) -> None:
    assert fact("R76").sure == "unconfirmed"
    assert mailflow.Parameters().link_state_without_mail


@claim("08-06", "You saw {one} report go up: from `{member:text}` to `{master:text}`.", of="08-05")
def one_report_went_up(said: Said, shown: Shown) -> None:
    reports = of_kind(shown.names["trace"], "routing.reported")
    assert len(reports) == said["one"]
    assert reports[0].sentence.startswith(
        f"{said['member']} tells its routing group master {said['master']} over TCP port 691"
    )


@claim(
    "08-06",
    "hands it to *its own* master, and that one pushes it to its members (R72; for this side *inferred*): `{bridgehead:text}` to `{master:text}`. Most bridgeheads here are masters themselves",
    of="08-05",
)
def handed_to_its_own_master(said: Said, shown: Shown) -> None:
    given = of_kind(shown.names["trace"], "routing.given")
    assert [
        event.sentence.startswith(f"{said['bridgehead']} hands what it learned to its own master {said['master']}")
        for event in given
    ] == [True]
    learned = {
        event.values["peer"]
        for event in of_kind(shown.names["trace"], "routing.orginfo")
        if "New for" in event.sentence
    }
    assert len(given) < len(learned) / 2


@claim(
    "08-08",
    "The steps of the curve are the hops. The seconds are this model's own: no document gives figures for real networks.",
    of="08-07",
)
def the_curve(said: Said, shown: Shown) -> None:
    trace, raised = shown.names["trace"], shown.names["raised"]
    known = {
        item.name: mailflow.winroute(trace, item.name).table.groups["London"].version
        for item in shown.names["world"].servers
    }
    upto = [name for name, version in known.items() if str(version) == raised.values["new"]]
    learned = of_kind(trace, "routing.pushed", "routing.given", "routing.orginfo", "routing.by-mta")
    last = max(event.time for event in learned if "London 1.1.0" in event.sentence)
    assert shown.text.strip() == (
        f"Line chart: {len(upto)} of {len(known)} servers know version {raised.values['new']} of London, "
        f"the last one after {last - raised.time:.2f} seconds."
    )


@claim("08-08", "The same message, nothing broken. How many tables are sent?", of="08-09")
def a_quiet_day(said: Said, shown: Shown) -> None:
    first, second = shown.lines
    assert first == "tables sent: 0"
    assert second.strip("'") == of_kind(shown.names["quiet"], "routing.digest")[0].sentence
    assert "has the same one, so nothing more is sent" in second
    assert "routing.orginfo" not in keys(shown.names["quiet"])


@claim(
    "08-10",
    "The tool **WinRoute** connects to port {port} of a server and shows the table that *this* server holds.",
    of="08-11",
)
def the_tool(said: Said, shown: Shown) -> None:
    table, world = shown.names["shown"].table, shown.names["world"]
    assert shown.text.strip() == (
        f"WinRoute: Link state table of SYD02, TCP port {said['port']}, {len(world.routing_groups)} routing groups, {table.size} bytes"
    )


@claim(
    "08-10",
    "The upper pane is the table in plain words, the middle one lists address spaces, and the lower one is the packet as it travels.",
    of="08-11",
)
def three_panes(said: Said, shown: Shown) -> None:
    winroute = shown.names["shown"]
    assert "Fabrikam (SMTP), fabrikam.com cost 50, STATE UP" in winroute.tree
    assert "Internet Europe (SMTP), * cost 10, STATE UP" in winroute.tree
    for space, cost in (("fabrikam.com", 50), ("*", 10)):
        assert re.search(rf"^SMTP +{re.escape(space)} +{cost} ", winroute.address_spaces, re.MULTILINE)
    assert len(winroute.raw) == winroute.table.size


@claim(
    "08-12", "Here at the moment when `{knows:text}` has just heard, and `{behind:text}` beside it has not:", of="08-13"
)
def just_heard(said: Said, shown: Shown) -> None:
    trace, moment, some = (shown.names[name] for name in ("trace", "moment", "some"))
    versions = {name: str(mailflow.winroute(trace, name, moment).table.groups["London"].version) for name in some}
    behind = [name for name, version in versions.items() if version != "1.1.0"]
    assert versions[said["knows"]] == "1.1.0"
    assert said["behind"] in behind
    assert shown.text.strip() == (
        f"Table of versions: {len(some) - len(behind)} of {len(some)} servers are up to date. Behind: {', '.join(behind)}."
    )


@claim(
    "08-14",
    "An administrator changes a cost, a link breaks, a service stops.",
    of="08-15",
)
def which_number_rises(said: Said, shown: Shown) -> None:
    rows = [re.fullmatch(r"(major|minor|user) +1\.0\.0 to (\d\.\d\.\d)  (.*)", line) for line in shown.lines]
    assert [row and row.groups() for row in rows] == [
        ("major", "2.0.0", "an administrator changed the configuration"),
        ("minor", "1.1.0", "LON01 cannot use the connector London-Brussels"),
        ("user", "1.0.1", "the SMTP service of TOK01 stopped"),
    ], "R48"


@claim(
    "08-16",
    "- **major**: an administrator changed the configuration. - **minor**: a connector was found broken, or working again. - **user**: services, members, or the role of the master.",
    of="08-15",
)
def by_name(said: Said, shown: Shown) -> None:
    told = {line.split()[0]: line for line in shown.lines}
    assert "administrator" in told["major"]
    assert "connector" in told["minor"]
    assert "service" in told["user"]


@claim(
    "08-16",
    "The article gives {n} bytes for each entry. Count what this model's packet needs, and what the published sample needed.",
    of="08-17",
)
def bytes_of_an_entry(said: Said, shown: Shown) -> None:
    assert f"{said['n']} bytes" in str(fact("R53"))
    world = shown.names["world"]
    ours, sample = shown.lines
    table = shown.names["shown"].table
    assert (
        ours
        == f"worldwide: {table.size} bytes for {len(world.routing_groups)} routing groups and {len(world.servers)} servers"
    )
    assert sample == f"the sample of the documentation: {0x457} bytes for 1 routing group, 2 servers and 1 connector"
    assert table.size / (len(world.routing_groups) + len(world.servers)) > said["n"]


@claim("08-18", "{n} bytes cannot hold names, addresses and bridgeheads in text form.", of="08-17")
def too_few_bytes(said: Said, shown: Shown) -> None:
    sizes = [int(number) for number in re.findall(r": (\d+) bytes", shown.text)]
    assert sizes == [shown.names["shown"].table.size, 1111]
    assert all(size / entries > said["n"] for size, entries in zip(sizes, (10 + 25, 1 + 2 + 1), strict=True))
    assert f"{said['n']} bytes" in str(fact("R53"))


@claim(
    "08-20",
    "{times} times the servers, far more than {same} times the bytes: more receivers, and a larger table for each of them.",
    of="08-19",
)
def far_more_bytes(said: Said, shown: Shown) -> None:
    found = {
        int(servers): int(size.replace(",", ""))
        for servers, size in re.findall(r"(\d+) servers: ([\d,]+) KB", shown.text)
    }
    assert said["times"] == said["same"] == 10
    for servers, size in found.items():
        if servers * said["times"] in found:
            assert found[servers * said["times"]] > 5 * said["same"] * size
    grown = [mailflow.grown(groups, 5, shape="hub") for groups in (2, 5, 10, 20, 40)]
    assert list(found) == [len(item.servers) for item in grown]
    assert shown.text.strip() == repr(plots.traffic(grown))


@claim("08-24", "Inside a routing group news goes to the master and comes back from it, on port {inside}.")
def recap_of_691(said: Said, shown: Shown) -> None:
    for event in of_kind(shown.names["trace"], "routing.reported", "routing.pushed"):
        assert f"TCP port {said['inside']}" in event.sentence


@claim(
    "08-24",
    "Between routing groups bridgeheads compare digests on port {between}, and send whole tables when they differ.",
)
def recap_of_25(said: Said, shown: Shown) -> None:
    assert all(
        f"TCP port {said['between']} of" in event.sentence for event in of_kind(shown.names["trace"], "smtp.connect")
    )


@claim("08-24", "WinRoute shows the table of {one} server. Compare {n} to see how far news came.")
def recap_of_winroute(said: Said, shown: Shown) -> None:
    trace, moment = shown.names["trace"], shown.names["moment"]
    shots = [mailflow.winroute(trace, name, moment).table.groups["London"].version for name in ("NYC02", "NYC03")]
    assert len(set(map(str, shots))) == len(shots) == said["n"]
    assert said["one"] == 1


@claim(
    "08-23",
    "It makes the first server of a routing group its master by default, and has the role moved by hand. Both are right (R8, R12).",
)
def the_first_server(said: Said, shown: Shown) -> None:
    for group in mailflow.load("worldwide").routing_groups:
        assert group.master == next(
            item.name for item in shown.names["world"].servers if item.routing_group == group.name
        )
    moved = mailflow.Scenario(shown.names["world"]).set_master("London", "LON03", at=1).run()
    assert mailflow.winroute(moved, "LON01").table.groups["London"].master == "LON03"
