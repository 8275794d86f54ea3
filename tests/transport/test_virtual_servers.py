"""Several SMTP virtual servers on one server: each has its own address, port and settings (Source: T24)."""

import pytest

import mailflow
from mailflow.organization import VirtualServer, reconfigure
from mailflow.plots import relay_decisions
from mailflow.transport.matrix import relay_matrix
from mailflow.transport.relay import Attempt, decide, open_relay
from tests.conftest import changed

INTERNET_IP = "192.0.2.60"
FOREIGN = "victim@elsewhere.example"


def with_internet(organization, server="LON01", **settings):
    """The organization with a second virtual server, called Internet, on an address of its own."""
    internet = VirtualServer(**{"name": "Internet", "ip": INTERNET_IP, **settings})
    return changed(organization, server, virtual_servers=(*organization.server[server].virtual_servers, internet))


@pytest.fixture
def one():
    return mailflow.load("one server")


# -- relaying -----------------------------------------------------------------------------------------------------------


def test_each_virtual_server_decides_with_its_own_settings(one):
    two = with_internet(one, relay_list=("0.0.0.0/0",))
    attempt = Attempt("198.51.100.77", FOREIGN)
    assert not decide(two, "LON01", attempt).accepted
    assert decide(two, "LON01", attempt, virtual_server="Internet").accepted
    assert open_relay(two, "LON01") is None
    assert open_relay(two, "LON01", "Internet").recipient == FOREIGN
    with pytest.raises(KeyError, match="Intranet"):
        decide(two, "LON01", attempt, virtual_server="Intranet")


def test_the_relay_lab_shows_the_virtual_server_that_is_named(one):
    two = with_internet(one, relay_list=("192.0.2.200",), filters=("recipient",))
    assert relay_matrix(two, "LON01") == relay_matrix(one, "LON01")
    table = relay_matrix(two, "LON01", "Internet")
    assert table["server"] == "LON01, Internet"
    assert table["settings"][2]["options"][0]["label"] == "192.0.2.200"
    assert repr(mailflow.relay_lab(two, virtual_server="Internet")).startswith("Relay lab: LON01, Internet.")
    with pytest.raises(
        ValueError, match=r"LON01 has no virtual server 'Intern'; there is Default SMTP Virtual Server, Internet"
    ):
        mailflow.relay_lab(two, virtual_server="Intern")


def test_a_chart_of_relay_decisions_of_one_virtual_server(one):
    two = with_internet(one, relay_list=("0.0.0.0/0",))
    assert "Refused: none" in relay_decisions(two, "LON01", "Internet").words
    assert "Refused: none" not in relay_decisions(two, "LON01").words


def test_a_setting_of_one_virtual_server_is_changed(one):
    two = reconfigure(with_internet(one), "LON01", virtual_server="Internet", max_message_kb=100)
    assert [item.max_message_kb for item in two.servers[0].virtual_servers] == [None, 100]
    with pytest.raises(ValueError, match="has no virtual server 'Intranet'"):
        reconfigure(two, "LON01", virtual_server="Intranet", max_message_kb=100)


def test_virtual_servers_of_one_server_differ_in_name(one):
    double = with_internet(one, name="Default SMTP Virtual Server")
    with pytest.raises(
        mailflow.OrganizationError, match=r'2 are called "Default SMTP Virtual Server"; names must differ'
    ):
        mailflow.organization.complete(double)
    with pytest.raises(mailflow.OrganizationError, match=r'virtual server "Internet".ip: "here" is no IP address'):
        mailflow.organization.complete(with_internet(one, ip="here"))
