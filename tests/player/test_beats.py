"""A run as a story: how many beats, what they unfold into, how they read; chapters; and following."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

import mailflow
from mailflow.names import MessageId
from mailflow.player.beats import FEWEST, MOST, Story, outline
from mailflow.player.breakable import BreakablePlayer
from mailflow.player.widget import Player
from mailflow.simulation.scenario import Way
from mailflow.trace import Trace
from mailflow.trace.follow import Copy, Followed, Manifest, follow
from mailflow.trace.packing import unpacked
from tests.player.notebooks import NOTEBOOKS, shown
from tests.simulation.test_properties import scenarios

SHORT = 12
"""A run with fewer steps than this may have fewer beats."""


LONGEST = 310
"""Letters of a beat: what its place in the player holds, and a reader takes in at once."""


def check(story: Story, trace: Trace) -> None:
    """What holds for the story of any run."""
    beats = story.beats
    assert [beat.first for beat in beats] == [0, *(beat.last + 1 for beat in beats[:-1])]
    assert beats[-1].last == len(trace) - 1
    assert all(beat.first <= beat.at <= beat.last for beat in beats)
    assert all(beat.at == beat.last for beat in beats[:-1]), "a beat ends with the step that it tells"
    assert all(before.text != after.text for before, after in pairwise(beats))
    assert all(beat.text.strip() == beat.text and beat.text for beat in beats)
    starts = [chapter.beat for chapter in story.chapters]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert [beats[chapter.beat].first for chapter in story.chapters] == [chapter.first for chapter in story.chapters]
    assert len({chapter.title for chapter in story.chapters}) == len(story.chapters)
    assert len(beats) <= MOST


@pytest.mark.no_cover
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_player_of_the_course_has_a_story(notebook: str) -> None:
    for item in shown(notebook):
        story = mailflow.story(item.trace, item.tell)
        check(story, item.trace)
        assert len(story.beats) >= FEWEST or len(item.trace) < SHORT, item.cell
        assert [beat.text for beat in story.beats if len(beat.text) > LONGEST] == [], item.cell
        arrived = [name for beat in story.beats for name in beat.arrived]
        ended = [row for rows in item.trace.status().values() for row in rows if row[1] == "delivered"]
        assert len(arrived) == len(ended), f"{item.cell}: somebody gets mail and no beat says so"


@given(scenarios())
def test_any_run_has_a_story(scenario: mailflow.Scenario) -> None:
    trace = scenario.run()
    story = mailflow.story(trace)
    check(story, trace)
    assert len(story.beats) >= FEWEST or len(trace) < 2 * FEWEST or len(story.beats) == len(set(story.beats))


def run(organization: str, to: str | list[str]) -> Trace:
    message = mailflow.Message.write("anna@contoso.com", to, subject="Lunch?")
    return mailflow.Scenario(mailflow.load(organization)).send(message).run()


def test_the_beats_alone_read_as_a_text() -> None:
    text = str(mailflow.story(run("two servers", "ben@contoso.com"))).splitlines()
    assert text[0] == "LON01: from the Outbox to the line"
    assert text[1] == "  1. Anna writes “Lunch?” to Ben. It lies in the Outbox as m1.1."
    assert [line for line in text if line and not line.startswith(" ")][1:] == [
        "Over the wire to LON02",
        "Delivered",
        "The journal copy",
    ]
    assert text[-1] == "  17. Mailbox Store of LON01 takes m1.4. Journal has the journal copy ✔"
    assert repr(mailflow.story(run("one server", "ben@contoso.com"))).startswith(
        "LON01: from the Outbox to the mailbox\n"
    )


def test_what_comes_by_pickup_is_told_as_a_file_in_its_folder() -> None:
    message = mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com", subject="Lunch?")
    trace = mailflow.Scenario(mailflow.load("one server")).send(message, by="pickup", server="LON01").run()
    assert mailflow.story(trace).beats[0].text == (
        "Somebody puts “Lunch?” as a text file into the Pickup folder of LON01. It is called m1.1."
    )


def test_who_is_refused_is_told_of_them_alone_where_another_recipient_was_taken() -> None:
    letter = mailflow.Message.write("kim@fabrikam.com", ["anna@contoso.com", "victim@elsewhere.example"])
    trace = mailflow.Scenario(mailflow.load("one server")).send(letter, by="smtp", server="LON01").run()
    assert trace.status()["m1"][0][1] == "delivered"
    (refused,) = (beat.text for beat in mailflow.story(trace).beats if "gives up" in beat.text)
    assert "For them it never entered the organization" in refused
    assert "This mail never entered" not in refused


def test_the_climax_is_a_chapter_of_its_own_and_names_who_has_the_mail() -> None:
    story = mailflow.story(run("one server", ["ben@contoso.com", "carla@contoso.com"]))
    assert [chapter.title for chapter in story.chapters][-2:] == ["Delivered", "The journal copy"]
    climax = story.beats[story.chapters[-2].beat]
    assert climax.arrived == ("Ben", "Carla")
    assert climax.text.endswith("Ben and Carla have it ✔")
    outside = mailflow.story(run("one server", "kim@fabrikam.com"))
    assert outside.chapters[-1].title == "Handed over to mail.fabrikam.com"
    assert outside.beats[-1].arrived == (), "nobody here knows whether Kim has it"


def test_a_story_tells_what_it_is_asked_to_tell() -> None:
    trace = run("one server", "kim@fabrikam.com")

    def told(*names: str) -> set[str]:
        return {trace[beat.at].step.key for beat in mailflow.story(trace, names).beats}

    assert "dns.mx" in told("dns")
    assert {"smtp.mail", "smtp.rcpt", "smtp.content"} <= told("SMTP service")
    assert "smtp.rcpt" in told("smtp.rcpt")
    with pytest.raises(
        ValueError, match=r"story: nothing is called 'weather'; there is EXIPC, IIS, MTA, .*categorizer"
    ):
        mailflow.story(trace, ["weather"])
    with pytest.raises(ValueError, match=r"nothing is called 'smtp\.r'"):
        mailflow.play(trace, tell=["smtp.r"])


def test_the_categorizer_has_a_chapter_where_it_decides_much() -> None:
    story = mailflow.story(run("one server", ["everybody@contoso.com", "david@contoso.com"]), ["categorizer"])
    assert [chapter.title for chapter in story.chapters[:3]] == [
        "LON01: from the Outbox to the line",
        "The categorizer of LON01 decides",
        "LON01: the copies go their ways",
    ]
    texts = [beat.text for beat in story.beats]
    assert "A contact stands for an address outside: partner@contoso.com becomes kim@fabrikam.com." in texts
    assert "David has an alternate recipient: the mail goes to Emma instead." in texts


def test_a_second_server_is_told_shorter_than_the_first() -> None:
    trace = run("two servers", "ben@contoso.com")
    beats = [trace[beat.at] for beat in mailflow.story(trace).beats]
    queue = [event.server for event in beats if event.step.key == "queuing.awaiting-lookup"]
    assert queue == ["LON01"]


def test_no_one_answers_and_what_follows_is_told_once_each() -> None:
    scenario = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").restore("LON02", at=400)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Late")).run()
    texts = [beat.text for beat in mailflow.story(trace).beats]
    first, *more = [text for text in texts if "Retry" in text]
    assert first.startswith("LON01 cannot reach LON02: LON02 is down.")
    assert len(more) == 1
    assert more[0].startswith("LON01 tries three more times to reach LON02, from 00:01:00 to 00:03:00, in vain.")


def test_the_way_of_news_is_told_wave_by_wave() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
    trace = mailflow.Scenario(mailflow.load("worldwide")).fail("London-Brussels").send(letter, at=1).run(until=240)
    waves = [beat for beat in mailflow.story(trace).beats if "servers know it" in beat.text]
    assert [beat.text.rpartition("Now ")[2] for beat in waves] == [
        "7 of 25 servers know it.",
        "13 of 25 servers know it.",
        "18 of 25 servers know it.",
        "all 25 servers know it.",
    ]
    for beat in waves:
        held = [table for table in trace.at(beat.at).tables.values() if table]
        assert f"{len(held)}" in beat.text


def test_what_reads_like_the_beat_before_it_is_told_once() -> None:
    scenario = mailflow.Scenario(mailflow.load("two servers"))
    for sender in ("anna@contoso.com", "anna@contoso.com", "ben@contoso.com", "ben@contoso.com"):
        scenario.send(mailflow.Message.write(sender, "anna@contoso.com", subject="Hello"))
    trace = scenario.stop("information store", "LON01").run()
    check(mailflow.story(trace), trace)


def test_a_chapter_about_a_change_without_a_state_is_named_after_the_step() -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
    scenario = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02").send(message)
    story = mailflow.story(scenario.disable_outbound_mail("LON01", at=5).run(until=60))
    assert story.chapters[-1].title == "Outbound mail switched"


def test_what_a_master_takes_in_at_its_return_is_told_in_one_breath() -> None:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", subject="Which way?")
    four = mailflow.reconfigure(mailflow.load("four corners"), "Seattle-Tokyo", local_bridgeheads=["SEA02"])
    scenario = mailflow.Scenario(four).stop("routing engine", "SEA01").fail("Seattle-Tokyo", at=1).send(letter, at=2)
    text = str(mailflow.story(scenario.start("routing engine", "SEA01", at=1000).run(until=1100)))
    assert (
        "SEA01, the master of Seattle, rebuilds its table and works off its State Change Queue of one change. It takes in: "
        "the routing engine of SEA01 started (user number, now 1.0.1) and SEA02 cannot use the connector Seattle-Tokyo "
        "(minor number, now 1.1.1)."
    ) in text
    assert "so m1.1 for Bruno leaves the link queue Seattle-Tokyo and is routed anew: Brussels is reached" in text


def test_a_stored_trace_tells_the_same_story() -> None:
    trace = run("two sites", ["pierre@contoso.com", "kim@fabrikam.com", "nix@contoso.com"])
    assert mailflow.story(Trace.from_json(trace.to_json())) == mailflow.story(trace)
    silent = Trace([], organization=trace.organization, messages={})
    assert mailflow.story(silent) == Story((), ())


def test_a_host_that_does_not_answer_is_told() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).fail("mail.fabrikam.com")
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).run()
    text = str(mailflow.story(trace))
    assert (
        "The host before could not be reached, or said no. So LON01 turns to the next one: backup.fabrikam.com" in text
    )


# -- following --------------------------------------------------------------------------------------------------------


def test_following_a_copy_finds_its_way_from_the_group_to_the_mailbox() -> None:
    trace = run("one server", ["everybody@contoso.com", "nix@contoso.com"])
    ben = follow(trace, recipient="ben@contoso.com")
    assert ben[0] == 0
    assert trace[ben[-1]].step.key == "delivery.delivered"
    assert "ben@contoso.com" in str(trace[ben[-1]].values["recipients"])
    keys = [trace[number].step.key for number in ben]
    assert keys.count("categorizer.expanded") == 2, "Everybody, and Sales in it"
    assert "notification.bounced" not in keys, "that happens to somebody else"
    assert "notification.bounced" in [trace[n].step.key for n in follow(trace, recipient="nix@contoso.com")]
    assert {trace[number].message for number in ben} == {"m1"}
    assert follow(trace, message="m2") == [event.number for event in trace if event.message == "m2"]
    assert follow(trace, message="m1", recipient="ben@contoso.com") == ben


@pytest.mark.no_cover
@settings(max_examples=25)
@given(scenarios())
def test_each_copy_is_followed_from_the_message_to_its_end(scenario: mailflow.Scenario) -> None:
    trace = scenario.run()
    manifest = Manifest(trace)
    for message, known in manifest.recipients.items():
        whole = set(follow(trace, message=message))
        for index, item in enumerate(known):
            assert index in manifest.line(Copy(MessageId(message), index))
            steps = follow(trace, message=message, recipient=item.address)
            assert set(steps) <= whole
            assert steps[0] == min(whole) or item.how == "journal", "a journal mailbox comes in later"
            touched = [
                event.number
                for event in trace
                if any(
                    getattr(e, "recipient", None) == index and trace[event.number].message == message
                    for e in event.effects
                )
            ]
            assert set(touched) <= set(steps)


def test_following_a_server_finds_what_it_does_and_what_is_done_to_it() -> None:
    trace = run("two servers", "ben@contoso.com")
    steps = follow(trace, server="LON02")
    assert all(trace[number].server == "LON02" or "lon02" in trace[number].sentence.lower() for number in steps)
    assert {event.number for event in trace if event.server == "LON02"} < set(steps)
    down = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").run(until=1)
    assert follow(down, server="LON02") == [0]
    assert follow(down, server="LON01") == []


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({}, "name a message"),
        ({"server": "LON01", "message": "m1"}, "name a message"),
        ({"server": "LON99"}, "no such server; there is LON01"),
        ({"message": "m9"}, "no such message; there is m1"),
        ({"recipient": "nobody@contoso.com"}, "no message of this trace"),
        ({"message": "m1", "recipient": "nobody@contoso.com"}, "not among ben@contoso.com"),
    ],
)
def test_what_cannot_be_followed_is_said(wanted: dict[str, str], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        follow(run("one server", "ben@contoso.com"), **wanted)


def plain(data: object) -> Any:
    """The data as it comes back from the browser's JSON."""
    return json.loads(json.dumps(data))


def beside(player: Player) -> Any:
    """What a player tells the browser beside its trace."""
    return json.loads(unpacked(player.beside))


def test_the_browser_gets_stories_and_what_can_be_followed_as_data() -> None:
    trace = run("one server", ["ben@contoso.com", "carla@contoso.com"])
    data = plain(outline(trace, trace, tell=["dns"]))
    assert len(data["stories"]) == 2
    beat = data["stories"][0]["beats"][0]
    assert (beat["at"], beat["first"], beat["last"], beat["mail"], beat["server"]) == (0, 0, 0, "m1.1", "LON01")
    assert data["stories"][0]["chapters"][0]["first"] == 0
    assert {item["kind"] for item in data["follow"]} == {"message", "copy", "server"}
    assert Followed("message", "m1", (0, 1, 2, 5, 7, 8)).ranges == "0-2,5,7-8"
    stories = beside(mailflow.play(trace, tell=["categorizer"]))["stories"]
    assert stories == plain(outline(trace, tell=["categorizer"])["stories"])
    other = run("one server", "ben@contoso.com")
    stories = beside(mailflow.compare(trace, other, tell=["dns"]))["stories"]
    assert stories == plain(outline(trace, other, tell=["dns"])["stories"])
    scenario = mailflow.Scenario(mailflow.load("two sites")).send(
        mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    )
    lab = mailflow.play(scenario, until=600)
    assert isinstance(lab, BreakablePlayer)
    before = beside(lab)["stories"]
    lab.break_("London-Paris", 5)
    assert beside(lab)["stories"] == plain(outline(lab.shown)["stories"]) != before


def test_a_line_that_fails_both_ways_fails_once() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").fail("Paris-London")
    scenario.restore("London-Paris", at=100).restore("Paris-London", at=100).fail("Paris-London", at=200)
    told = mailflow.story(
        scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")).run(until=300)
    )
    texts = [beat.text for beat in told.beats]
    first = "London-Paris and Paris-London fail; nobody notices before somebody tries to use or to reach them."
    assert texts[0] == first
    assert "London-Paris and Paris-London work again." in texts
    assert "Paris-London fails; nobody notices before somebody tries to use or to reach it." in texts
    titles = [chapter.title for chapter in told.chapters]
    assert {"London-Paris and Paris-London fail", "London-Paris and Paris-London work again", "Paris-London fails"} < {
        *titles
    }


def test_no_copy_turns_up_that_no_beat_has_brought_there() -> None:
    to = ["anna@contoso.com", "ben@contoso.com", "pierre@contoso.com", "kim@fabrikam.com"]
    texts = [beat.text for beat in mailflow.story(run("two sites", to)).beats]
    assert any(
        text.startswith("m1.4 travels from LON01 to LONFE, where it is m1.6. LONFE sends m1.6") for text in texts
    )


@pytest.mark.parametrize(
    ("way", "stopped", "title"),
    [
        ("mapi", "information store", "LON01: in the Outbox"),
        ("mapi", "SMTP", "LON01: from the Outbox to Store_out_queue"),
        ("pickup", "SMTP", "LON01: in the Pickup folder"),
        ("pickup", "", "LON01: from the Pickup folder to the mailbox"),
    ],
)
def test_a_title_says_where_mail_begins_and_how_far_it_gets(way: Way, stopped: str, title: str) -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("one server"))
    if stopped:
        scenario.stop(stopped, "LON01")
    told = mailflow.story(scenario.send(message, at=1, by=way, server="LON01").run())
    assert title in [chapter.title for chapter in told.chapters]
    assert not any("version" in beat.text for beat in told.beats), "where there is one server, nobody hears of it"
