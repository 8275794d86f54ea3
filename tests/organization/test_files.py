"""Organization files: every fault has its place and remedy, and what is written reads back equal."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailflow
from mailflow.organization import (
    Mailbox,
    OrganizationError,
    RoutingGroup,
    SmtpConnector,
    VirtualServer,
    complete,
    dumps,
    json_schema,
    load,
    loads,
    ready_made,
    save,
    warnings,
)
from mailflow.organization.change import without_positions
from mailflow.organization.load import _folder
from mailflow.organization.query import FilterError, parse

GOOD = """
name = "Test"
[[recipient_policies]]
domains = [{ domain = "contoso.com" }]
[[routing_groups]]
name = "Paris"
[[routing_groups]]
name = "London"
[[servers]]
name = "PAR01"
routing_group = "Paris"
[[servers]]
name = "LON01"
routing_group = "London"
[[connectors]]
kind = "routing group"
name = "London-Paris"
routing_group = "London"
to = "Paris"
remote_bridgeheads = ["PAR01"]
[[mailboxes]]
name = "anna"
server = "LON01"
"""


def text_of(name: str) -> str:
    return (_folder() / f"{name.replace(' ', '-')}.toml").read_text(encoding="utf-8")


def test_five_ready_made_organizations_of_growing_size() -> None:
    assert set(ready_made()) >= {"one server", "two servers", "two sites", "hub and spokes", "worldwide"}
    assert [len(load(name).servers) for name in ("one server", "two servers", "two sites")] == [1, 2, 5]
    assert len(load("worldwide").routing_groups) == 10
    assert load("one-server") == load("one server")


@pytest.mark.parametrize("name", ready_made())
def test_written_files_read_back_equal_and_fit_the_schema(name: str, tmp_path: Path) -> None:
    organization = load(name)
    assert loads(dumps(organization)) == organization
    save(organization, tmp_path / "copy.toml")
    assert load(tmp_path / "copy.toml") == organization
    for text in (text_of(name), dumps(organization)):
        jsonschema.validate(tomllib.loads(text), json_schema())
    assert warnings(organization) == ()
    json.dumps(json_schema())


def test_positions_are_written_back_and_make_no_difference() -> None:
    organization = load("four corners")
    assert organization.routing_group["Seattle"].position == (0, 1)
    again = loads(dumps(organization))
    for there, here in zip(again.routing_groups, organization.routing_groups, strict=True):
        assert there.position == here.position
    anywhere = without_positions(organization)
    assert {item.position for item in anywhere.servers} == {item.position for item in anywhere.routing_groups} == {()}
    assert anywhere == organization
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**tomllib.loads(GOOD), "routing_groups": [{"name": "P", "position": [1]}]}, json_schema())


def test_tracking_is_off_unless_a_server_or_its_policy_says_otherwise() -> None:
    text = GOOD.replace('name = "LON01"', 'name = "LON01"\nmessage_tracking = true\ntracking_days = "no limit"')
    policy = '[[server_policies]]\nname = "Tracking"\nservers = ["PAR01"]\nsubject_logging = true\n'
    organization = loads(text + policy)
    lon, par = (organization.tracking(organization.server[name]) for name in ("LON01", "PAR01"))
    assert lon
    assert (lon.subject_logging, lon.tracking_days) == (False, None)
    assert par
    assert (par.subject_logging, par.tracking_days) == (True, 7)
    assert organization.tracking(loads(GOOD).server["LON01"]) is None
    assert loads(dumps(organization)) == organization
    jsonschema.validate(tomllib.loads(dumps(organization)), json_schema())
    silent = loads(text + policy.replace("PAR01", "LON01") + "message_tracking = false\n")
    assert silent.tracking(silent.server["LON01"]) is None, "a policy counts instead of the server"


def test_what_is_left_out_is_filled_in() -> None:
    organization = loads(GOOD)
    assert organization.server["LON01"].fqdn == "lon01.contoso.com"
    assert organization.routing_group["Paris"].master == "PAR01"
    anna = organization.recipient["anna"]
    assert anna.addresses == ("anna@contoso.com",)
    assert isinstance(anna, Mailbox)
    assert anna.store == "Mailbox Store"
    assert complete(organization) == organization


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'to = "Paris"',
            'to = "Pariss"',
            'connector "London-Paris".to: no routing group "Pariss"; did you mean "Paris"?',
        ),
        ('server = "LON01"', 'server = "LON1"', 'mailbox "anna".server: no server "LON1"; did you mean "LON01"?'),
        ('server = "LON01"', 'serverr = "LON01"', 'mailbox "anna".serverr: unknown key; did you mean "server"?'),
        ('server = "LON01"', "server = 5", 'mailbox "anna".server: must be a text in quotes, is 5'),
        ('to = "Paris"', 'to = "Paris"\ncost = 101', 'connector "London-Paris".cost: must be 1 to 100, is 101'),
        (
            'to = "Paris"',
            'to = "Paris"\ncost = true',
            'connector "London-Paris".cost: must be a whole number, 0 or more, is True',
        ),
        ('to = "Paris"', 'to = "London"', 'connector "London-Paris".to: leads back to its own routing group'),
        ('kind = "routing group"', 'kind = "carrier pigeon"', 'connector "London-Paris".kind: must be one of'),
        ('remote_bridgeheads = ["PAR01"]', 'remote_bridgeheads = ["LON01"]', 'called "LON01"; there is PAR01'),
        ('remote_bridgeheads = ["PAR01"]', "", 'connector "London-Paris".remote_bridgeheads: is missing'),
        ('to = "Paris"', 'to = "Paris"\nschedule = ["8-9"]', 'is no window; write "HH:MM-HH:MM"'),
        ('to = "Paris"', 'to = "Paris"\nonly_from = ["ana"]', 'no recipient "ana"; did you mean "anna"?'),
        ('name = "LON01"', 'name = "PAR01"', 'server "PAR01": 2 have this name'),
        ('name = "LON01"', 'name = "LON01"\nip = "999.1.1.1"', 'server "LON01".ip: "999.1.1.1" is no IP address'),
        ('name = "LON01"', 'name = "LON01"\nvirtual_servers = [{}, {}]', "listen on all addresses port 25"),
        (
            'name = "LON01"',
            'name = "LON01"\nvirtual_servers = [{ max_hop_count = 5 }]',
            "max_hop_count: must be 10 to 256, is 5",
        ),
        ('name = "LON01"', 'name = "LON01"\nvirtual_servers = [{ port = 70000 }]', "port: must be 1 to 65535"),
        (
            'name = "LON01"',
            'name = "LON01"\nvirtual_servers = [{ relay_mode = "all" }]',
            "must be one of 'only the list below'",
        ),
        (
            'name = "LON01"',
            'name = "LON01"\nvirtual_servers = [{ relay_list = ["not an ip"] }]',
            "is no IP address, network or domain",
        ),
        ('name = "LON01"', 'name = "LON01"\nvirtual_servers = [{ retry_minutes = [1, 2] }]', "a list of 4 numbers"),
        ('name = "LON01"', 'name = "LON01"\nmailbox_stores = [{ journal_to = "ana" }]', 'no mailbox "ana"'),
        (
            'name = "LON01"',
            'name = "LON01"\nmailbox_stores = [{ journal_kind = "bcc" }]',
            "journal_kind: the kind of journaling is no setting of a store; write envelope_journaling",
        ),
        ('domain = "contoso.com"', 'domain = "contoso.com", authoritative = false', "must be authoritative"),
        ('domain = "contoso.com"', 'domain = "a b"', '"a b" is no domain name'),
        (
            'name = "Paris"\n[[routing',
            'name = "Paris"\nmaster = "LON01"\n[[routing',
            'routing group "Paris".master: no member "LON01"',
        ),
        ('name = "anna"', 'name = "anna"\nforward_to = "bob"', 'mailbox "anna".forward_to: no recipient "bob"'),
        ('name = "anna"', 'name = "anna"\naddresses = ["x"]', '"x" is no address'),
        ('name = "anna"', 'name = "anna"\nstore = "Nowhere"', 'called "Nowhere"'),
        ('name = "anna"', 'name = "anna"\naccept_from = ["bob"]', 'no recipient "bob"'),
        ('name = "anna"', 'name = "anna"\nmax_send_kb = -1', "must be a whole number, 0 or more"),
        ('name = "Test"', "", "name: is missing"),
        ('name = "Test"', 'name = "Test"\nmood = "good"', "mood: unknown key; did you mean"),
        ('name = "Test"', 'name = "Test"\nservers = 3', "not TOML"),
        ('name = "Test"', 'name = "Test"\ntitle = 3', "title: must be a text in quotes"),
        (
            "[[mailboxes]]",
            '[[groups]]\nname = "g"\nmembers = ["zoe"]\n[[mailboxes]]',
            'group "g".members: no recipient "zoe"',
        ),
        (
            "[[mailboxes]]",
            '[[query_based_groups]]\nname = "q"\nfilter = "(a=b"\n[[mailboxes]]',
            'query-based group "q".filter: character 1',
        ),
        (
            "[[mailboxes]]",
            '[[contacts]]\nname = "c"\ntarget_address = "nobody"\n[[mailboxes]]',
            '"nobody" is no address',
        ),
        (
            "[[mailboxes]]",
            '[[zones]]\nname = "x.example"\nrecords = "@ MX"\n[[mailboxes]]',
            'zone "x.example".records: line 1: ',
        ),
        (
            "[[mailboxes]]",
            '[[zones]]\nname = "x.example"\nfile = "missing.zone"\n[[mailboxes]]',
            "cannot read 'missing.zone'",
        ),
        (
            "[[mailboxes]]",
            '[[external_hosts]]\nname = "h"\nip = "x"\nreplies = { "a@b" = "no" }\n[[mailboxes]]',
            "is no reply",
        ),
        (
            "[[connectors]]",
            '[[connectors]]\nkind = "SMTP"\nname = "S"\nrouting_group = "Paris"\nlocal_bridgeheads = []\n[[connectors]]',
            "needs at least one",
        ),
        (
            "[[connectors]]",
            '[[connectors]]\nkind = "SMTP"\nname = "S"\nrouting_group = "Paris"\nlocal_bridgeheads = ["PAR01"]\n[[connectors]]',
            "needs an address space or a connected routing group",
        ),
        (
            "[[connectors]]",
            '[[connectors]]\nkind = "SMTP"\nname = "S"\nrouting_group = "Paris"\nlocal_bridgeheads = ["PAR01"]\naddress_spaces = [{ cost = 0 }]\n[[connectors]]',
            "cost: must be 1 to 100, is 0",
        ),
        (
            "[[connectors]]",
            '[[connectors]]\nkind = "X.400"\nname = "X"\nrouting_group = "Paris"\nlocal_bridgehead = "PAR01"\nremote_bridgehead = "Q"\nconnected_routing_groups = ["Q"]\n[[connectors]]',
            'no server "Q"',
        ),
        ('name = "LON01"', 'name = " "', "server: a name is empty"),
        ('name = "anna"', 'name = "anna"\naddresses = ["x@contoso.com", "X@contoso.com"]', "2 have the address"),
        ('[{ domain = "contoso.com" }]', "[]", "at least one domain is needed"),
        (
            'routing_group = "Paris"',
            'routing_group = "Pariss"',
            'server "PAR01".routing_group: no routing group "Pariss"',
        ),
        ('name = "LON01"', 'name = "LON01"\nvirtual_servers = []', "at least one SMTP virtual server is needed"),
        ('name = "LON01"', 'name = "LON01"\nmailbox_stores = [{}, {}]', '2 are called "Mailbox Store"'),
        ('name = "LON01"', 'name = "LON01"\nmailbox_stores = 5', "must be a list in [ ], is 5"),
        ('name = "LON01"', 'name = "LON01"\nmailbox_stores = [5]', "must be a table, is 5"),
        ('name = "LON01"', 'name = "LON01"\nvirtual_servers = [{ retry_minutes = [0, 1, 1, 1] }]', "at least 1 minute"),
        (
            'routing_group = "London"\nto',
            'routing_group = "Londn"\nto',
            'connector "London-Paris".routing_group: no routing group',
        ),
        (
            'to = "Paris"',
            'to = "Paris"\nlocal_bridgeheads = ["PAR01"]',
            "local_bridgeheads: no server in routing group",
        ),
        ('remote_bridgeheads = ["PAR01"]', "remote_bridgeheads = []", "remote_bridgeheads: at least one is needed"),
        (
            "[[mailboxes]]",
            '[[groups]]\nname = "g"\nexpansion_server = "Q"\n[[mailboxes]]',
            'group "g".expansion_server: no server "Q"',
        ),
        (
            GOOD,
            GOOD.replace("[[mailboxes]]", "[mailboxes]"),
            "mailboxes: must be a list of tables; write [[mailboxes]]",
        ),
        ('name = "Test"', 'name = "Test"\nzones = [1]', "zone number 1: must be a table, is 1"),
        (
            'name = "Paris"',
            'name = "Paris"\nposition = [1]',
            'routing group "Paris".position: must be a list of 2 numbers',
        ),
        (
            "[[mailboxes]]",
            '[[server_policies]]\nname = "Tracking"\nservers = ["LON1"]\n[[mailboxes]]',
            'server policy "Tracking".servers: no server "LON1"; did you mean "LON01"?',
        ),
        (
            "[[mailboxes]]",
            '[[server_policies]]\nname = "A"\nservers = ["LON01"]\n[[server_policies]]\nname = "B"\nservers = ["LON01"]\n[[mailboxes]]',
            'server policy "B".servers: "LON01" has the server policy "A" already; keep it in one of them',
        ),
        (
            "[[mailboxes]]",
            '[[server_policies]]\nname = "A"\nservers = []\n[[server_policies]]\nname = "A"\nservers = []\n[[mailboxes]]',
            'server policy "A": 2 have this name; names must differ',
        ),
        (
            'name = "LON01"',
            'name = "LON01"\nmessage_trackin = true',
            'server "LON01".message_trackin: unknown key; did you mean "message_tracking"?',
        ),
        ('name = "LON01"', 'name = "LON01"\ntracking_days = -1', 'server "LON01".tracking_days: must be'),
        ('name = "Paris"', 'name = "Paris"\nposition = ["a", 1]', "position: must be a number, 0 or more, is 'a'"),
        ('name = "Paris"', 'name = "Paris"\nposition = "no limit"', "position: must be a list in [ ], is 'no limit'"),
        ('name = "PAR01"', 'name = "PAR01"\nposition = [1, inf]', "must be two numbers from 0 to 1000, is [1, inf]"),
        (
            'name = "London"',
            'name = "London"\nposition = [1, 2]\n[[routing_groups]]\nname = "Rome"\nposition = [1, 2]',
            'routing group "Rome".position: "London" stands there already; positions must differ',
        ),
    ],
)
def test_a_fault_is_named_with_its_place_and_remedy(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    with pytest.raises(OrganizationError) as caught:
        loads(GOOD.replace(old, new, 1), name="test")
    assert fault in str(caught.value)


def test_all_faults_are_listed_at_once() -> None:
    with pytest.raises(OrganizationError) as caught:
        loads(
            GOOD.replace('to = "Paris"', 'to = "Pariss"').replace('server = "LON01"', 'server = "LON1"'),
            name="mine.toml",
        )
    assert len(caught.value.faults) == 2
    assert str(caught.value).startswith("mine.toml: 2 faults\n")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OrganizationError, match="did you mean 'two sites'"):
        load("two site")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(OrganizationError, match="not UTF-8"):
        load(tmp_path / "binary.toml")
    with pytest.raises(OrganizationError, match="no such file"):
        load(tmp_path / "missing.toml")
    with pytest.raises(OrganizationError, match=r"cannot be read \(.+\); give an organization file$"):
        load(tmp_path)
    (tmp_path / "faulty.toml").write_text(GOOD.replace('to = "Paris"', 'to = "Pariss"'))
    with pytest.raises(OrganizationError, match='did you mean "Paris"'):
        load(tmp_path / "faulty.toml")


def test_zone_files_lie_beside_the_organization(tmp_path: Path) -> None:
    (tmp_path / "x.zone").write_text("@ 60 IN A 192.0.2.1\n")
    (tmp_path / "o.toml").write_text(GOOD + '[[zones]]\nname = "x.example"\nfile = "x.zone"\n')
    assert load(tmp_path / "o.toml").zones[0].records == "@ 60 IN A 192.0.2.1\n"


@pytest.mark.parametrize("line", ["$GENERATE 1-2 a$ A 192.0.2.1", "$INCLUDE other.zone"])
def test_a_zone_makes_and_takes_no_records_but_its_own(line: str) -> None:
    with pytest.raises(OrganizationError, match=r"records: line 1: zone file directive '\$[A-Z]+' is not allowed$"):
        loads(f"{GOOD}[[zones]]\nname = 'x.example'\nrecords = '{line}'\n")


def test_organizations_made_by_hand_are_checked_too() -> None:
    organization = loads(GOOD)
    faults: list[tuple[dict[str, Any], str]] = [
        ({"servers": ()}, "at least one server"),
        ({"recipient_policies": ()}, "at least one is needed"),
    ]
    for changes, fault in faults:
        with pytest.raises(OrganizationError, match=fault):
            complete(replace(organization, **changes))
    settings = replace(organization.global_settings, max_send_kb=None)
    assert loads(dumps(replace(organization, global_settings=settings))).global_settings.max_send_kb is None
    relaying = (VirtualServer(relay_list=("192.0.2.0/24", "*.fabrikam.com"), retry_minutes=(15, 30, 60, 240)),)
    own = replace(
        organization, servers=(replace(organization.servers[0], virtual_servers=relaying), organization.servers[1])
    )
    assert loads(dumps(complete(own))) == own


def test_limits_of_the_product() -> None:
    organization = loads(GOOD)
    crowd = tuple(replace(organization.servers[0], name=f"S{number}") for number in range(1001))
    with pytest.raises(OrganizationError, match="1002 are more than the 1,000"):
        complete(replace(organization, servers=(*organization.servers, *crowd[2:], crowd[0])))
    many = tuple(replace(organization.connectors[0], name=f"C{number}") for number in range(1001))
    with pytest.raises(OrganizationError, match="1001 connectors are more"):
        complete(replace(organization, connectors=many))
    groups = tuple(RoutingGroup(name=f"G{number}") for number in range(150))
    assert (
        "more than the recommended 150"
        in warnings(replace(organization, routing_groups=(*organization.routing_groups, *groups)))[0]
    )


def test_warnings_name_what_surprises() -> None:
    text = GOOD.replace('name = "anna"', 'name = "anna"\naddresses = ["anna@elsewhere.example"]')
    text = text.replace('domain = "contoso.com" }', 'domain = "contoso.com" }, { domain = "lon01.contoso.com" }')
    text = text.replace('name = "LON01"', 'name = "LON01"\nvirtual_servers = [{ smart_host = "192.0.2.1" }]', 1)
    found = "\n".join(warnings(loads(text)))
    assert "mail from outside is refused" in found
    assert "breaks routing to it" in found
    assert "write [192.0.2.1]" in found


NAMES = st.sampled_from(ready_made())


@given(NAMES, st.data())
def test_no_damage_to_a_file_crashes_the_reader(name: str, data: st.DataObject) -> None:
    text = text_of(name)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        size = data.draw(st.integers(0, 20))
        text = text[:at] + data.draw(st.text(max_size=4)) + text[at + size :]
    try:
        loads(text)
    except OrganizationError as error:
        assert error.faults


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(department=Sales)", {"anna", "ben"}),
        (
            "(&(objectClass=user)(!(department=*)))",
            {"david", "emma", "finn", "gina", "hugo", "iris", "jack", "journal"},
        ),
        ("(|(name=an*)(name=*nn))", {"anna", "finn"}),
        ("(displayName=C*A)", {"carla", "circle-a"}),
        (r"(name=\61nna)", {"anna"}),
        ("(name>=j)(", None),
        ("( & (name>=iris) (name<=jack) (objectClass=user) )", {"iris", "jack"}),
        ("(!(a=b)(c=d))", None),
        ("(&)", None),
        ("name=x", None),
        ("(=x)", None),
        ("(&(a=b)", None),
        ("(name<=anna)", {"advisors", "anna"}),
        ("(size>=5)", set()),
        ("(level>=5)", {"anna"}),
    ],
)
def test_ldap_filters(text: str, names: set[str] | None) -> None:
    if names is None:
        with pytest.raises(FilterError, match="character"):
            parse(text)
        return
    from mailflow.organization.query import attributes

    organization = mailflow.load("one server")
    people = [
        replace(item, attributes={"level": "7" if item.name == "anna" else "3", **item.attributes})
        for item in organization.recipients
    ]
    found = {item.name for item in people if parse(text)(attributes(item))}
    assert found == names


@given(st.text(alphabet="()&|!=*<>a \\6", max_size=30))
def test_no_filter_crashes_the_parser(text: str) -> None:
    try:
        parse(text)({"a": ("a",)})
    except FilterError as error:
        assert "character" in str(error)


def test_products_fit_the_mode() -> None:
    organization = mailflow.load("two sites")
    with pytest.raises(mailflow.OrganizationError, match=r'"5\.5" does not fit mode "native"; write mode = "mixed"'):
        complete(mailflow.reconfigure(organization, "PAR01", product="5.5"))
    mixed = replace(organization, mode="mixed")
    assert complete(mailflow.reconfigure(mixed, "PAR01", product="5.5")).mode == "mixed"
    with pytest.raises(mailflow.OrganizationError, match='"2007" does not fit mode "mixed"'):
        complete(mailflow.reconfigure(mixed, "PAR01", product="2007"))


def test_many_connectors_in_one_routing_group_get_a_warning() -> None:
    organization = mailflow.load("two sites")
    many = tuple(replace(organization.connector["London-Paris"], name=f"London-Paris {n}") for n in range(901))
    assert any("901 connectors" in line for line in warnings(replace(organization, connectors=many)))


def test_the_settings_of_a_connector_are_checked_for_their_kind() -> None:
    sites = load("two sites")
    internet = sites.connector["Internet"]
    assert isinstance(internet, SmtpConnector)
    space = internet.address_spaces[0]
    for spaces in ([space], (space,), [{"pattern": space.pattern, "cost": space.cost}]):
        changed = mailflow.reconfigure(sites, "Internet", address_spaces=spaces, oversize_kb=None)
        connector = changed.connector["Internet"]
        assert isinstance(connector, SmtpConnector)
        assert connector.address_spaces == (space,)
    for settings, fault in (
        ({"cost": "3"}, "cost: must be a whole number, 0 or more, is '3'"),
        ({"only_from": "anna"}, "only_from: must be a list"),
        ({"address_spaces": [{"patern": "*"}]}, 'did you mean "pattern"'),
    ):
        with pytest.raises(OrganizationError, match=fault):
            mailflow.reconfigure(sites, "Internet", **settings)


def test_the_settings_of_a_server_are_checked_for_their_kind() -> None:
    sites = load("two sites")
    assert (
        mailflow.reconfigure(sites, "LON01", relay_list=["192.0.2.9"], tarpit_seconds=5).server["LON01"].tarpit_seconds
        == 5
    )
    for settings, fault in (
        ({"relay_list": "192.0.2.200"}, "relay_list: must be a list"),
        ({"relay_mode": "only the list"}, "relay_mode: must be one of 'only the list below'"),
        ({"tarpit_seconds": "5"}, "tarpit_seconds: must be a number"),
    ):
        with pytest.raises(OrganizationError, match=fault):
            mailflow.reconfigure(sites, "LON01", **settings)


def test_a_file_of_an_organization_without_connectors_has_no_table_of_them() -> None:
    alone = replace(mailflow.load("one server"), connectors=())
    text = dumps(alone)
    assert "connectors" not in text
    assert loads(text) == alone
