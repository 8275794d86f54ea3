"""The fact base: whole sentences, a mark for each clause, and documents with titles."""

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import mailflow
from mailflow.facts import SURE, Fact, Rule, _entry, _index, _titles, fact, facts, rules

FACTS = list(facts().values())


@pytest.fixture(scope="module")
def all_rules() -> dict[str, Rule]:
    for module in walk_packages(mailflow.__path__, "mailflow."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return {name: rule for name, rule in rules().items() if rule.qualname.startswith("mailflow.")}


@pytest.mark.parametrize("item", FACTS, ids=lambda item: item.number)
def test_each_clause_is_a_whole_sentence_with_a_mark(item: Fact) -> None:
    assert item.clauses
    for clause in item.clauses:
        assert clause.sure in SURE
        assert re.match(r"[A-Z0-9`*]", clause.says), clause
        assert re.search(r"[A-Za-z0-9`*)]\.$", clause.says), clause
        assert not re.search(r"\.\.|…|\.\s*\[|→|  ", clause.says), clause
        assert 3 < len(clause.says.split()) <= 60, clause
        assert clause.says.count("`") % 2 == 0, clause


def test_what_is_documented_names_its_documents_by_title() -> None:
    for item in FACTS:
        assert item.sources or not any(clause.sure.startswith("documented") for clause in item.clauses), item.number
        for title in item.sources:
            assert len(title.split()) >= 2, f"{title} says nothing to a learner"


def test_every_title_belongs_to_a_fact() -> None:
    used = {title for item in FACTS for title in item.sources}
    assert set(_titles().values()) == used
    assert len(_titles()) == len(used), "one document has two codes"


def test_no_address_of_a_document_is_written_out() -> None:
    assert "://" not in _entry(_index()[1])


def test_a_fact_is_as_sure_as_its_least_sure_clause() -> None:
    assert [clause.sure for clause in fact("R82").clauses] == ["documented", "unconfirmed"]
    assert fact("R82").sure == "unconfirmed"
    assert fact("T11").sure == "documented"


def test_a_fact_prints_its_clauses_with_their_marks_and_the_titles() -> None:
    lines = str(fact("R82")).splitlines()
    assert lines[0] == "R82 (documented, in part unconfirmed)"
    assert "240. [documented]" in str(fact("R82"))
    assert lines[-1] == "  From: Help of the IIS SMTP service (Microsoft, cc757058 and others)."
    assert max(map(len, lines)) <= 100
    assert "[" not in str(fact("T11")), "one mark is said once"
    assert "no document at hand" in str(fact("T69"))
    assert repr(fact("T69")) == str(fact("T69")), "a notebook shows it without print"


def test_a_rule_that_calls_itself_documented_rests_on_a_documented_clause(all_rules: dict[str, Rule]) -> None:
    for rule in all_rules.values():
        marks = {mark for number in rule.numbers for mark in fact(number).marks}
        assert rule.sure in marks | {"inferred", "unconfirmed"}, rule
