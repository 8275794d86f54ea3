"""The questions as Moodle reads them: its importer goes by these steps, and takes in silence what they make of a mistake."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from scripts.contents import ROOT
from scripts.teaching import gift
from scripts.teaching.lesson import FOLDER

ESCAPED = {"\\" + letter: f"&&{ord(letter):03};" for letter in ":#={}~"} | {"\\n": "&&010;"}
"""What stands for a letter that has a meaning, while the rest is taken apart; an escaped n is a new line."""
FORMATS = ("html", "plain", "markdown", "moodle")
LONGEST = 255
"""Letters of a name that Moodle keeps."""


class Asked(NamedTuple):
    """A question as it lies in Moodle."""

    category: str
    name: str
    text: str
    form: str
    choices: list[tuple[float, str]]
    feedback: str


def before(text: str) -> str:
    text = text.replace("\\\\", "&&092;")
    for written, kept in ESCAPED.items():
        text = text.replace(written, kept)
    assert "\\" not in text, f"a backslash that escapes nothing: {text}"
    return text


def after(text: str) -> str:
    return re.sub(r"&&(\d{3});", lambda found: chr(int(found[1])), text).strip()


def formatted(text: str, usual: str) -> tuple[str, str]:
    """A text without the format that it begins with, and that format."""
    found = re.match(r"\[(\w+)\]", text)
    return (after(text[found.end() :]), found[1]) if found and found[1] in FORMATS else (after(text), usual)


def choice(text: str, usual: str) -> tuple[float, str]:
    """What a choice is worth, and its words: without a mark, or percents before it, nothing."""
    text = text.strip()
    percents = re.match(r"%(-?\d+\.?\d*)%", text)
    if percents:
        worth, text = float(percents[1]) / 100, text[percents.end() :]
    else:
        worth, text = float(text.startswith("=")), text.removeprefix("=")
    said, *comments = text.split("#")
    assert not comments, f"a comment on a single choice: {text}"
    return worth, formatted(said, usual)[0]


def question(category: str, block: str) -> Asked:
    text = before(block)
    assert text.startswith("::"), f"no name: {block}"
    name, rest = text.removeprefix("::").split("::", 1)
    assert (rest.count("{"), rest.count("}")) == (1, 1), f"Moodle looks for the first of each: {block}"
    asked, answers = rest.removesuffix("}").split("{")
    assert rest.endswith("}"), f"what follows the answers makes a gap to fill in: {block}"
    answers, marks, feedback = answers.partition("####")
    assert marks
    assert not answers.strip().startswith("#"), f"a number is asked for: {block}"
    assert "~" in answers, f"a short answer is asked for: {block}"
    said, form = formatted(asked.strip(), "moodle")
    parts = answers.replace("=", "~=").split("~")
    assert not parts[0].strip(), f"words before the first choice: {block}"
    return Asked(
        category, after(name), said, form, [choice(part, form) for part in parts[1:]], formatted(feedback, form)[0]
    )


def imported(text: str) -> Iterator[Asked]:
    """Every question, with the category it goes into. A blank line ends what is read, and a comment is a line of its own."""
    category = ""
    blocks = re.split(r"\n\s*\n", text.strip())
    for number, block in enumerate(blocks):
        lines = [line.strip() for line in block.splitlines() if not line.strip().startswith("//")]
        if not lines:
            continue
        if lines[0].startswith("$CATEGORY:"):
            category = lines[0].removeprefix("$CATEGORY:").strip()
            assert category
            assert len(lines) == 1, f"the category takes the lines below it: {lines}"
            assert not [*blocks, ""][number + 1].startswith("$"), f"an empty category: {category}"
            assert number + 1 < len(blocks), f"an empty category: {category}"
            continue
        yield question(category, "\n".join(lines))


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    return list(imported((FOLDER / "questions.gift").read_text(encoding="utf-8")))


def test_every_question_is_one_choice_of_several_with_one_right_answer(asked: list[Asked]) -> None:
    assert len(asked) > 90
    for item in asked:
        worth, words = zip(*item.choices, strict=True)
        assert sorted(worth) == [*[0.0] * (len(words) - 1), 1.0], item
        assert len(words) >= 2, item
        assert len(set(words)) == len(words), item


def test_every_question_has_its_words_its_reason_and_a_place(asked: list[Asked]) -> None:
    for item in asked:
        assert all((item.category, item.name, item.text, item.feedback, *(words for _, words in item.choices))), item
        assert item.form == "plain", f"an address in angle brackets would be taken for HTML: {item}"
        assert len(item.name) <= LONGEST, item
        assert not re.search(r"\.;|&&\d", item.feedback), item
    assert [name for name, times in Counter(item.name for item in asked).items() if times > 1] == []
    categories = Counter(item.category for item in asked)
    assert sorted(categories) == [f"mailflow/{lesson.stem}" for lesson in sorted((ROOT / "notebooks").glob("*.ipynb"))]


NASTY = "a ~b =c #d {e} :f \\g \\n ::h:: ####i %50%j [html]k // l"


def test_whatever_is_written_comes_back_as_moodle_reads_it() -> None:
    text = gift.question(NASTY, NASTY, [NASTY, "%50%half", "[html]x"], 0, NASTY)
    (found,) = imported(text)
    assert found == Asked("", NASTY, NASTY, "plain", [(1.0, NASTY), (0.0, "%50%half"), (0.0, "[html]x")], NASTY)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("$CATEGORY: a\n\n$CATEGORY: b\n\n::n::q {~a =b ####c}", "an empty category: a"),
        ("::n::q {~a =b ####c}\n\n$CATEGORY: b", "an empty category: b"),
        ("::n::q {~a =b ####c} more", "a gap to fill in"),
        ("::n::q {=b ####c}", "a short answer"),
        ("::n::q {#3 ~=b ####c}", "a number"),
        ("::n::q {~{a =b ####c}", "the first of each"),
        ("::n::q {~a\\b =b ####c}", "escapes nothing"),
        ("::n::q {~a#no =b ####c}", "a comment"),
        ("q {~a =b ####c}", "no name"),
    ],
)
def test_what_moodle_would_take_for_something_else_is_told(broken: str, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        list(imported(broken))
