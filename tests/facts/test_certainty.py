"""How sure a rule is: its docstring, its facts and the badge of the player say the same."""

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import mailflow
import mailflow.facts as facts_module
from mailflow.facts import _RULES, SURE, Rule, fact, rule, rule_named, rules, weakest

for found in walk_packages(mailflow.__path__, "mailflow."):
    if not found.name.endswith("__main__"):
        import_module(found.name)


def whole_text_of(name: str) -> str:
    """The docstring of a rule."""
    return _RULES[name].__doc__ or ""


def text_of(name: str) -> str:
    """The docstring of a rule, without its last lines."""
    return re.split(r"^\s*Source:", whole_text_of(name), flags=re.MULTILINE)[0]


def test_no_rule_is_surer_than_its_words() -> None:
    for item in rules().values():
        for word in ("inferred", "unconfirmed"):
            if word in text_of(item.name):
                assert SURE.index(item.sure) >= SURE.index(word), f"{item.qualname} says {word} and shows {item.sure}"


def rests_on_surer_clauses(item: Rule) -> bool:
    """Whether every fact has a clause that is as sure as the rule says, beside others that are less sure."""
    least = SURE.index(item.sure)
    return all(any(SURE.index(clause.sure) <= least for clause in fact(number).clauses) for number in item.numbers)


def test_a_rule_that_states_how_sure_it_is_says_why() -> None:
    for item in rules().values():
        if "Sure: " in whole_text_of(item.name):
            reason = item.sure in text_of(item.name) or rests_on_surer_clauses(item)
            assert reason, f"{item.qualname}: {item.sure}, and neither its words nor its facts say so"
            assert item.sure != weakest(item.numbers), f"{item.qualname}: its facts say {item.sure} already"


def test_without_a_word_of_its_own_a_rule_is_as_sure_as_the_least_sure_of_its_facts() -> None:
    silent = [item for item in rules().values() if "Sure: " not in whole_text_of(item.name)]
    assert len(silent) > len(rules()) // 2
    assert all(item.sure == weakest(item.numbers) for item in silent)


def test_the_rules_about_which_documents_say_least_are_shown_so() -> None:
    for name in ("sender_filter", "retry", "move_master", "leave_up_without_alternative", "_oscillates", "data"):
        assert rule_named(name).sure == "unconfirmed"


def test_a_rule_that_is_declared_again_says_what_it_says_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_module, "_RULES", dict(_RULES))

    def declared(title: str) -> str:
        def short_lived_rule() -> None: ...

        short_lived_rule.__doc__ = f"{title}\n\n    Source: T64.\n    "
        rule(short_lived_rule)
        return rule_named("short_lived_rule").title

    assert declared("It says one thing.") == "It says one thing."
    assert declared("It says another.") == "It says another."
