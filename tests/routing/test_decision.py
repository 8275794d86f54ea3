"""One decision: the run, `mailflow.route` and the restrictions of connectors."""

from dataclasses import replace

import pytest

import mailflow
from mailflow.organization.model import AddressSpace
from mailflow.routing.restrictions import restriction, restrictions, withdraw


@pytest.fixture
def small_mail_only():
    """A restriction that no setting of the model knows: three connectors take no large mail."""

    @restriction(code="5.7.1")
    def nothing_large(connector, question):
        named = connector.name in ("London-Paris", "Internet", "Seattle-Brussels")
        return "it wants no large mail" if named and question.size > 50_000 else ""

    yield
    withdraw("nothing_large")


def sent(organization, size, to):
    message = mailflow.Message.write("anna@contoso.com", to, attachments={"a": size} if size else None)
    return mailflow.Scenario(organization).send(message).run(), message.size / 1024


def test_a_restriction_from_outside_is_told_and_obeyed_between_routing_groups(small_mail_only):
    organization = mailflow.load("two sites")
    small, _ = sent(organization, 0, "pierre@contoso.com")
    large, size_kb = sent(organization, 60_000, "pierre@contoso.com")
    assert small.status()["m1"][0][1] == "delivered"
    assert large.status()["m1"][0][1:] == ("bounced", "5.7.1")
    found = mailflow.route(large, "LON01", "pierre@contoso.com", size_kb=size_kb)
    assert (found.outcome, found.rule) == ("no route", "no_way_admits")
    assert [(item.reason, item.why) for item in found.candidates] == [("nothing_large", "it wants no large mail")]


def test_a_restriction_from_outside_is_told_and_obeyed_for_address_spaces(small_mail_only):
    organization = mailflow.load("one server")
    spare = replace(organization.connectors[0], name="Spare", address_spaces=(AddressSpace(cost=90),))
    organization = replace(organization, connectors=(*organization.connectors, spare))
    large, size_kb = sent(organization, 60_000, "kim@fabrikam.com")
    found = mailflow.route(large, "LON01", "kim@fabrikam.com", size_kb=size_kb)
    assert (found.connector, found.cost) == ("Spare", 90)
    routed = next(event for event in large if event.step.key == "queuing.routed")
    assert "the connector Spare " in routed.sentence
    assert {item.connector: item.reason for item in found.candidates} == {
        "Internet (*)": "nothing_large",
        "Spare (*)": "won",
    }


def test_a_restriction_is_asked_only_where_one_of_its_settings_is_not_the_default():
    asked = []

    @restriction("oversize_kb")
    def listens(connector, question):
        asked.append(connector.name)
        return ""

    try:
        organization = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", oversize_kb=10)
        sent(organization, 0, "pierre@contoso.com")
        mailflow.route(organization, "LON01", "pierre@contoso.com")
    finally:
        withdraw("listens")
    assert set(asked) == {"London-Paris"}


def test_a_restriction_needs_settings_that_exist_and_a_name_of_its_own():
    with pytest.raises(ValueError, match="no connector has a setting 'max_size'"):
        restriction("max_size")

    def size_limit(connector, question):
        return ""

    with pytest.raises(ValueError, match="two restrictions are called 'size_limit'"):
        restriction("cost")(size_limit)


def test_the_same_function_declared_again_takes_the_place_of_the_first():
    def cell(words):
        @mailflow.restriction("cost")
        def dear(connector, question):
            return words

        return dear

    try:
        cell("one")
        second = cell("two")
        assert [item.says for item in restrictions() if item.name == "dear"] == [second]
    finally:
        withdraw("dear")
