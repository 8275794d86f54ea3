"""The link state table as a value: versions, digests, states, and its text form."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailflow
from mailflow.organization.model import (
    AddressSpace,
    AnyConnector,
    Organization,
    PolicyDomain,
    RecipientPolicy,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    SmtpConnector,
    X400Connector,
)
from mailflow.routing.chunks import Assembler, ChunkError, commands
from mailflow.routing.entries import Part, Version
from mailflow.routing.master import RAISES, Change, written
from mailflow.routing.orginfo import OrgInfoError, directory_names, read, write
from mailflow.routing.packet import prefixed
from mailflow.routing.recorded import connector_data, connector_from
from mailflow.routing.table import from_directory, stays_up

numbers = st.integers(0, 300)
versions = st.builds(Version, numbers, numbers, numbers)


def names_of(organization: Organization) -> dict[str, str]:
    return directory_names(organization.name, organization.routing_group, organization.server)


def test_versions_compare_major_first_and_are_written_in_hexadecimal() -> None:
    assert Version(5, 9, 9) < Version(6, 0, 0)
    assert Version(6, 0, 9) < Version(6, 1, 0)
    assert Version(6, 1, 1) < Version(6, 1, 2)
    assert str(Version(10, 0, 0)) == "a.0.0"
    with pytest.raises(ValueError, match="three hexadecimal"):
        Version.read("1.2")


@given(versions)
def test_a_version_survives_its_text(version: Version) -> None:
    assert Version.read(str(version)) == version


@given(versions, st.sampled_from(["major", "minor", "user"]))
def test_a_raised_version_is_newer(version: Version, part: Part) -> None:
    assert version.raised(part) > version


@pytest.mark.parametrize("name", mailflow.ready_made())
def test_a_packet_can_be_written_and_read_back(name: str) -> None:
    organization = mailflow.load(name)
    table = from_directory(organization)
    text = write(table)
    assert len(text) == table.size == int(text[1:9], 16)
    back = read(text, names_of(organization))
    assert back == table
    assert dict(back.groups) == dict(table.groups)


def test_every_string_carries_its_length() -> None:
    text = write(from_directory(mailflow.load("worldwide")))
    assert prefixed("SMTP") == "{4}SMTP"
    for found in re.finditer(r"\{([0-9a-f]{1,3})\}(SMTP|routing group|X\.400) ", text):
        assert int(found[1], 16) == len(found[2])


def test_without_a_directory_objects_keep_their_guid() -> None:
    table = from_directory(mailflow.load("two sites"))
    back = read(write(table), {})
    assert back.digest == table.digest
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in back.groups)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda text: text[:-40], "part of it is missing"),
        (lambda text: "hello", "starts with its length"),
        (lambda text: text.replace("STATE UP", "STATE XX", 1), "the packet was changed"),
        (lambda text: text[:-1] + "(", "closing bracket"),
        (lambda text: text[:-1] + " ", "closing bracket"),
        (lambda text: text[:60] + ")" + text[61:], "closing bracket too many"),
        (lambda text: text.replace(" 1.0.0 ", " 1.0.x ", 1), "is no group of a packet"),
        (lambda text: text.replace("CONFIG", "CONFUG", 1), "is no connector of a packet"),
        (lambda text: text.replace("{4}SMTP", "}4}SMTP", 1), "neither a bracket"),
        (lambda text: text.replace("CONN_AVAIL", "(ONN_AVAI)", 1), "a word is missing, a list stands there"),
        (lambda text: text.replace("ARROWS ()", "ARROWS xx", 1), "a list is missing, 'xx' stands there"),
        (lambda text: text.replace("CONN_AVAIL", "CONN_AVOID", 1), "'CONN_AVOID' is none of CONN_AVAIL"),
    ],
)
def test_a_damaged_packet_gets_one_clear_error(damage: Callable[[str], str], complaint: str) -> None:
    organization = mailflow.load("two sites")
    with pytest.raises(OrgInfoError, match=complaint):
        read(damage(write(from_directory(organization))), names_of(organization))


@given(st.text(max_size=200))
def test_noise_is_no_packet_and_no_crash(text: str) -> None:
    with pytest.raises(OrgInfoError):
        read(text, {})


@given(st.integers(0, 4000), st.integers(1, 600))
def test_a_packet_crosses_the_wire_in_chunks(length: int, size: int) -> None:
    packet = ("(abc)" * 1000)[:length]
    assembler = Assembler()
    taken = [assembler.take(command) for command in commands(packet, size)]
    assert taken[-1] == packet
    assert all(item is None for item in taken[:-1])


@pytest.mark.parametrize(
    ("packet", "sent"),
    [
        ("", ["X-LINK2STATE FIRST LAST CHUNK="]),
        ("ab", ["X-LINK2STATE FIRST LAST CHUNK=ab"]),
        ("abc", ["X-LINK2STATE FIRST CHUNK=ab", "X-LINK2STATE LAST CHUNK=c"]),
        ("abcde", ["X-LINK2STATE FIRST CHUNK=ab", "X-LINK2STATE NEXT CHUNK=cd", "X-LINK2STATE LAST CHUNK=e"]),
    ],
)
def test_the_marks_of_chunks(packet: str, sent: list[str]) -> None:
    assembler = Assembler()
    assert commands(packet, 2) == sent
    assert [assembler.take(command) for command in sent] == [*[None] * (len(sent) - 1), packet]


def test_chunks_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ChunkError, match="without a FIRST"):
        Assembler().take("X-LINK2STATE CHUNK=" + "x" * 521)
    with pytest.raises(ChunkError, match="without a FIRST"):
        Assembler().take("X-LINK2STATE NEXT CHUNK=x")
    assembler = Assembler()
    assembler.take("X-LINK2STATE FIRST CHUNK=a")
    assert assembler.take("X-LINK2STATE CHUNK=b") is None, "an unmarked chunk counts as NEXT"
    with pytest.raises(ChunkError, match="FIRST again"):
        assembler.take("X-LINK2STATE FIRST CHUNK=a")
    with pytest.raises(ChunkError, match="CHUNK="):
        assembler.take("X-LINK2STATE QUERY")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (Change("configuration", "LON01"), "major"),
        (Change("down", "LON02", "London-Paris"), "minor"),
        (Change("up", "LON02", "London-Paris"), "minor"),
        (Change("stopped", "LON02"), "user"),
        (Change("started", "LON02"), "user"),
        (Change("master", "LON02"), "user"),
        (Change("lost", "LON02"), "user"),
        (Change("back", "LON02"), "user"),
        (Change("restarted", "LON01"), "user"),
    ],
)
def test_which_number_rises(change: Change, part: Part) -> None:
    organization = mailflow.load("two sites")
    entry = from_directory(organization).groups["London"]
    before = {
        "up": Change("down", "LON02", "London-Paris"),
        "started": Change("stopped", "LON02"),
        "back": Change("lost", "LON02"),
    }.get(change.kind)
    if before:
        entry = written(entry, before, organization)
    if change.kind == "configuration":
        connectors = tuple(item for item in organization.connectors if item.name != "Internet")
        organization = replace(organization, connectors=connectors)
    after = written(entry, change, organization)
    assert RAISES[change.kind] == part
    assert after.version == entry.version.raised(part)


def test_what_changes_nothing_raises_nothing() -> None:
    organization = mailflow.load("two sites")
    entry = from_directory(organization).groups["London"]
    assert written(entry, Change("configuration", "LON01"), organization) is entry
    assert written(entry, Change("up", "LON02", "London-Paris"), organization) is entry
    no_bridgehead = written(entry, Change("stopped", "LON01"), organization)
    assert no_bridgehead == replace(entry, version=entry.version.raised("user"))
    store = written(entry, Change("stopped", "LON02", service="information store"), organization)
    assert store == replace(entry, version=entry.version.raised("user")), (
        "a bridgehead without its store can still send"
    )


def company(connectors: tuple[AnyConnector, ...] = ()) -> Organization:
    groups = ("North", "South")
    return Organization(
        name="Contoso",
        servers=tuple(
            Server(name=f"{group[0]}{number}", routing_group=group, fqdn=f"{group[0]}{number}.contoso.com".lower())
            for group in groups
            for number in (1, 2)
        ),
        routing_groups=tuple(RoutingGroup(name=group) for group in groups),
        recipient_policies=(RecipientPolicy(domains=(PolicyDomain(domain="contoso.com"),)),),
        connectors=connectors,
    )


CONNECTORS = (
    RoutingGroupConnector(
        name="N-S",
        routing_group="North",
        to="South",
        cost=7,
        local_bridgeheads=("N1", "N2"),
        remote_bridgeheads=("S1",),
    ),
    RoutingGroupConnector(
        name="S-N",
        routing_group="South",
        to="North",
        remote_bridgeheads=("N1", "N2"),
        max_message_kb=100,
        schedule=("22:00-06:00",),
        priorities=("low",),
        no_public_folder_referrals=True,
    ),
    SmtpConnector(
        name="Web",
        routing_group="North",
        local_bridgeheads=("N2",),
        smart_host="gate.example.com",
        address_spaces=(AddressSpace(), AddressSpace(pattern="*.org", cost=20)),
        only_from=("anna",),
        not_from=("ben", "kim"),
        scope="routing group",
    ),
    X400Connector(
        name="Old",
        routing_group="South",
        local_bridgehead="S2",
        remote_bridgehead="N2",
        connected_routing_groups=("North",),
        address_spaces=(AddressSpace(type="X400", pattern="c=GB;a=x;p=y"),),
        cost=40,
    ),
)


def test_a_connector_with_every_setting_survives_packet_and_trace() -> None:
    organization = company(connectors=CONNECTORS)
    table = from_directory(organization)
    assert dict(read(write(table), names_of(organization)).groups) == dict(table.groups)
    for item in CONNECTORS:
        assert connector_from(connector_data(item)) == item


def test_a_connector_is_down_only_when_no_source_bridgehead_can_use_it() -> None:
    organization = company(connectors=CONNECTORS)
    entry = from_directory(organization).groups["North"]
    entry = written(entry, Change("down", "N1", "N-S"), organization)
    assert entry.connector["N-S"].up
    assert entry.connector["N-S"].available() == ("N2",)
    entry = written(entry, Change("stopped", "N2"), organization)
    assert not entry.connector["N-S"].up
    assert {head.availability for head in entry.connector["N-S"].bridgeheads} == {"CONN_NOT_AVAIL", "VS_NOT_STARTED"}
    entry = written(entry, Change("started", "N1"), organization)
    assert not entry.connector["N-S"].up, "a service that starts does not repair the network"
    assert written(entry, Change("started", "N2"), organization).connector["N-S"].up


def test_any_local_server_makes_every_member_a_bridgehead() -> None:
    entry = from_directory(company(connectors=CONNECTORS)).groups["South"]
    assert [head.server for head in entry.connector["S-N"].bridgeheads] == ["S1", "S2"]


def test_connectors_that_are_never_marked_down() -> None:
    organization = company(connectors=CONNECTORS)
    by_name = organization.connector
    assert "any local server" in stays_up(by_name["S-N"], organization)
    assert stays_up(by_name["N-S"], organization) == ""
    assert stays_up(by_name["Web"], organization) == "", "a smart host is one next hop"
    by_dns = SmtpConnector(
        name="DNS", routing_group="North", local_bridgeheads=("N1",), address_spaces=(AddressSpace(),)
    )
    assert "DNS" in stays_up(by_dns, organization)
    old = company(connectors=CONNECTORS)
    servers = tuple(
        Server(
            name=item.name,
            routing_group=item.routing_group,
            fqdn=item.fqdn,
            product="5.5" if item.name == "S1" else "2003",
        )
        for item in old.servers
    )
    assert "S1 is no Exchange 2000" in stays_up(by_name["N-S"], replace(old, servers=servers))


def test_of_each_group_the_higher_version_is_kept_and_equal_ones_stay() -> None:
    organization = mailflow.load("two sites")
    table = from_directory(organization)
    newer = written(table.groups["London"], Change("down", "LON02", "London-Paris"), organization)
    other = written(table.groups["Paris"], Change("down", "PAR01", "Paris-London"), organization)
    one, two = table.with_group(newer), table.with_group(other)
    both = one.merged(two)
    assert both.down == {"London-Paris", "Paris-London"}
    assert both == two.merged(one)
    assert both.merged(table) is both
    rival = table.with_group(written(table.groups["London"], Change("down", "LONFE", "Internet"), organization))
    assert one.merged(rival) is one, "same version, other content: nobody can say which is newer"
    assert repr(both).startswith("Table of 2 routing groups")
