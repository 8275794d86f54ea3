"""Thirty hand-ins, honest ones and others: what is read, what is said of them, and what is run."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import mailflow
from mailflow.commands import main
from mailflow.course import handed_in, rerun
from mailflow.course.handed_in import Attempt, checked, plain, read, told

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
DUE = datetime(2026, 10, 6, 18, 0)
IN_TIME = datetime(2026, 10, 5, 12, 0).timestamp()
TOO_LATE = datetime(2026, 10, 7, 9, 30).timestamp()
SOLUTION = (
    'attempt = mailflow.Scenario(organization).send(mailflow.Message.write("anna@contoso.com", "carla@contoso.com"))'
)
TOUCHED = "mailflow-was-here"
EVIL = f'import pathlib; pathlib.Path.home().joinpath("{TOUCHED}").touch(); pathlib.Path(__import__("os").environ.get("PWD", ".")).joinpath("{TOUCHED}").touch()'


def notebook(
    code: str = "attempt = ...",
    output: str = "",
    *,
    more: tuple[str, ...] = (),
    title: str = "# 00 · Start here",
    task: str = "first delivery",
) -> str:
    """A notebook 00 as a learner leaves it: only what the course needs to know it by."""
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": [title, "\n"]}]
    before = 'import mailflow\n\norganization = mailflow.load("one server")'
    check = f'{code}\nmailflow.check("{task}", attempt)'
    for source, said in ((before, ""), *((item, "") for item in more), (check, output)):
        outputs = [{"output_type": "execute_result", "data": {"text/plain": [said]}}] if said else []
        cells.append(
            {"cell_type": "code", "id": "b", "metadata": {}, "source": source.splitlines(True), "outputs": outputs}
        )
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


SOLVED = notebook(SOLUTION, "Solved: Carla has the message.")
FIRST = "00-start-here.ipynb"
PROGRESS = "mailflow-progress.json"


def progress(**parts: object) -> str:
    return json.dumps({"format": 1, **parts})


HANDED_IN: dict[str, dict[str, str | bytes]] = {
    "ada": {FIRST: SOLVED, PROGRESS: progress(solved={"first delivery": "2026-10-05"})},
    "ben": {FIRST: notebook("attempt = organization", "Not yet: This needs a scenario or a trace.")},
    "cem": {FIRST: notebook("attempt = ...", "Not answered yet: Send any message")},
    "dan": {"final version (2).ipynb": SOLVED},
    "eva": {FIRST: b""},
    "fay": {FIRST: SOLVED[: len(SOLVED) // 2]},
    "gus": {FIRST: b"\xff\xfe\x00broken"},
    "hal": {},
    "ida": {FIRST: "[" * 100_000},
    "jon": {FIRST: json.dumps({"cells": [1, None, {"cell_type": "code", "source": 7, "outputs": {"a": 1}}]})},
    "kay": {FIRST: notebook(EVIL + "\n" + SOLUTION, "Not yet: \x1b[2Jgone", more=(EVIL,))},
    "lea": {PROGRESS: progress(solved={"first delivery": "2026-10-09", "exipc backs up": "yesterday"}, hints={"three queues": 2})},
    "max": {PROGRESS: progress(solved=["first delivery"], ways={"stuck without a stop": ["Retry", "Retry", "Frozen"]}, hints=3)},
    "nat": {PROGRESS: "{"},
    "ola": {PROGRESS: json.dumps({"format": 99, "solved": {"first delivery": "2026-10-05"}})},
    "pia": {FIRST: SOLVED, "notes.txt": "hello", "all.zip": b"PK"},
    "=cmd|'calc'!A0": {FIRST: SOLVED},
    "<img src=x onerror=alert(1)>": {FIRST: SOLVED},
    "rtl\u202etxt.exe": {FIRST: SOLVED},
    "new\nline": {FIRST: SOLVED},
    "esc\x1b[31mred": {FIRST: SOLVED},
    "-rf *": {FIRST: SOLVED},
    "x" * 200: {FIRST: SOLVED},
    "Zoë 東京": {FIRST: SOLVED},
    "sub": {"my-course/deep/" + FIRST: SOLVED, ".ipynb_checkpoints/" + FIRST: notebook()},
    "two": {FIRST: notebook("attempt = None", "Not yet: no"), "copy/" + FIRST: SOLVED, "copy/z.ipynb": notebook("attempt = None", "Not yet: no", more=('mailflow.check("no such task", 1)',))},
    "uma": {FIRST: notebook("attempt = (", "")},
    "wes": {FIRST: "[1]"},
    "wim": {FIRST: json.dumps({"cells": [{"cell_type": "code", "source": ["print(1)"], "outputs": []}]})},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PWD", str(tmp_path))
    place = tmp_path / "handed-in"
    for learner, files in HANDED_IN.items():
        (place / learner).mkdir(parents=True)
        for name, content in files.items():
            write(place / learner / name, content, IN_TIME)
    write(place / f"yan_{FIRST}", SOLVED, TOO_LATE)
    (place / ".DS_Store").write_bytes(b"")
    return place


def write(path: Path, content: str | bytes, when: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (when, when))


def rows(text: str) -> dict[str, dict[str, str]]:
    """What the CSV says of the first task, by learner."""
    return {row["learner"]: row for row in csv.DictReader(io.StringIO(text)) if row["task"] == "first delivery"}


def test_thirty_hand_ins_are_read_and_none_is_run(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["report", str(folder), "--csv", "--due", "2026-10-06 18:00"]) == 0
    text = capsys.readouterr().out
    found = rows(text)
    assert len(found) == 30
    states = {name: row["state"] for name, row in found.items()}
    assert {
        name: states[name] for name in ("ada", "ben", "cem", "dan", "lea", "max", "sub", "two", "yan", "Zoë 東京")
    } == {
        "ada": "solved",
        "ben": "tried",
        "cem": "not answered",
        "dan": "solved",
        "lea": "solved",
        "max": "not handed in",
        "sub": "solved",
        "two": "solved",
        "yan": "solved",
        "Zoë 東京": "solved",
    }
    assert all(
        states[name] == "not handed in" for name in ("eva", "fay", "gus", "hal", "ida", "jon", "nat", "ola", "wim")
    )
    assert {name for name, row in found.items() if row["late"]} == {"lea", "yan"}
    assert found["ada"]["on"] == "2026-10-05"
    remarks = {name: row["remarks"] for name, row in found.items()}
    assert remarks["dan"] == "final version (2).ipynb is notebook 00 under another name"
    assert remarks["eva"] == f"{FIRST} cannot be read: it is empty"
    assert remarks["hal"] == "nothing is handed in"
    assert remarks["jon"] == remarks["wim"] == f"{FIRST} cannot be read: it is no notebook of this course"
    assert remarks["ola"] == f"{PROGRESS} cannot be read: it comes from a newer version of this course"
    assert "notes.txt is neither a notebook nor a progress file" in remarks["pia"]
    assert "all.zip is neither a notebook nor a progress file; unpack it first" in remarks["pia"]
    assert remarks["yan"] == f"yan_{FIRST} is late: 2026-10-07 09:30"
    assert all("cannot be read" in remarks[name] for name in ("fay", "gus", "ida", "nat"))
    assert "'=cmd|'calc'!A0" in found, "a spreadsheet would compute it"
    assert "'-rf *" in found
    assert "rtl\\u202etxt.exe" in found
    assert "new\\nline" in found
    assert not set(re.findall(r"[^\x20-\x7e\nëü東京]", text))
    assert not list(tmp_path.rglob(TOUCHED)), "somebody's code was run"


def test_the_table_says_who_solved_what_and_which_task_was_hard(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(folder), "--due", "2026-10-06"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["learner", "00"]
    told = {line.split()[0]: line.split() for line in lines if line}
    assert told["ada"][1:3] == ["1/1", "."]
    assert told["yan"][1] == "1/1*"
    assert told["cem"][1] == "0/1"
    assert told["hal"][1] == "."
    assert any(re.fullmatch(r"00  first delivery +15 +2", line) for line in lines)
    assert any(line.startswith("xxxxxxxxxxxxxxxxxxxxxxxxxxx…") for line in lines)
    assert "esc\\x1b[31mred" in "\n".join(lines)
    assert max(map(len, lines)) < 200


def test_the_table_says_which_bets_most_of_a_class_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a class believes before it looks: the hardest first, none of one learner alone, and nothing that a terminal obeys."""
    place = tmp_path / "in"
    for number, name in enumerate(("ada", "ben", "cem", "dan")):
        bets: dict[str, object] = {
            "09 circles": {"choice": 1, "right": False},
            "05 away": {"choice": 1, "right": number == 0},
            "00 typo": {"choice": 2, "right": number < 2},
            "\x1b[31m": {"choice": 2, "right": False},
            "odd": [],
            "other": {"choice": 1, "right": "no"},
            f"mine {number}": {"choice": 1, "right": False},
        }
        write(
            place / name / PROGRESS, progress(bets=bets if number < 3 else {"09 circles": bets["09 circles"]}), IN_TIME
        )
    assert main(["report", str(place)]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("bet that most lost"))
    assert [line.split() for line in lines[start + 1 : start + 4]] == [
        ["\\x1b[31m", "0", "3"],
        ["09", "circles", "0", "4"],
        ["05", "away", "1", "3"],
    ]
    assert not any("typo" in line or "odd" in line or "mine" in line or "other" in line for line in lines)


def test_a_class_that_knew_is_told_of_no_bet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("ada", "ben"):
        write(tmp_path / "in" / name / PROGRESS, progress(bets={"00 typo": {"choice": 2, "right": True}}), IN_TIME)
    assert main(["report", str(tmp_path / "in")]) == 0
    assert "bet that" not in capsys.readouterr().out


def test_without_a_remark_nothing_follows_the_tasks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in" / "ada" / FIRST, SOLVED, IN_TIME)
    assert main(["report", str(tmp_path / "in")]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[-1] == "0"


def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "in"
    (place / "amy").mkdir(parents=True)
    (place / "amy" / FIRST).symlink_to("/etc/passwd")
    (place / "bob").symlink_to(tmp_path)
    with (tmp_path / "in" / f"cat_{FIRST}").open("wb") as huge:
        huge.truncate(handed_in.MOST_BYTES + 1)
    found = {mine.learner: mine.remarks for mine in read(place)}
    assert found["amy"] == [f"{FIRST} cannot be read: it is no plain file"]
    assert found["bob"] == ["bob is neither a notebook nor a progress file"]
    assert found["cat"] == [f"cat_{FIRST} cannot be read: it has 20,000,001 bytes, more than 20,000,000"]


def test_a_file_that_may_not_be_read_is_a_remark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "in" / "ada" / FIRST, SOLVED, IN_TIME)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (mine,) = read(tmp_path / "in")
    assert mine.remarks == [f"{FIRST} cannot be read: Permission denied"]


def test_a_learner_with_thousands_of_files_ends_early(tmp_path: Path) -> None:
    place = tmp_path / "in" / "ada"
    place.mkdir(parents=True)
    for number in range(handed_in.MOST_FILES + 50):
        (place / f"{number}.txt").touch()
    (mine,) = read(tmp_path / "in")
    assert len(mine.remarks) == handed_in.MOST_FILES + 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "mailflow: nowhere is no folder; give the one with what was handed in"),
        (["."], "mailflow: . is empty; it should have a folder for each learner"),
    ],
)
def test_a_folder_that_is_none_is_said_in_one_line(
    words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", *words]) == 2
    assert capsys.readouterr().err == f"{told}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--due", "soon"], """'soon' is no time; write "2026-10-06 18:00\""""),
        (["--seconds", "0"], "'0' is no number from 1 to 99999"),
        (["--memory", "much"], "'much' is no number from 1 to 99999"),
    ],
)
def test_a_wrong_option_is_said_in_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", ".", *words])
    assert told in capsys.readouterr().err


def test_a_day_means_its_end_and_a_zone_is_heard() -> None:
    from mailflow.commands.report import _moment

    assert _moment("2026-10-06") == datetime(2026, 10, 6, 23, 59, 59, 999999)
    assert _moment("2026-10-06T18:00+00:00") == datetime.fromisoformat("2026-10-06T18:00+00:00").astimezone().replace(
        tzinfo=None
    )


def test_run_judges_anew_and_says_first_what_it_does(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for learner in HANDED_IN:
        if learner not in ("ada", "ben", "cem", "kay", "uma", "two"):
            for path in (folder / learner).rglob("*.ipynb"):
                path.unlink()
    (folder / f"yan_{FIRST}").unlink()
    write(folder / "ben" / FIRST, notebook("attempt = organization", "Solved: forged"), IN_TIME)
    assert main(["report", str(folder), "--csv", "--run", "--seconds", "50"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith(
        "This runs other people's code on this machine: 7 attempts of 29 learners, each in a process of its own, with 50 seconds and "
    )
    assert "It is no sandbox" in told.err
    found = rows(told.out)
    assert {
        name: (found[name]["state"], found[name]["source"]) for name in ("ada", "ben", "cem", "kay", "uma", "two")
    } == {
        "ada": ("solved", "run"),
        "ben": ("tried", "run"),
        "cem": ("not answered", "run"),
        "kay": ("solved", "run"),
        "two": ("solved", "run"),
        "uma": ("not handed in", ""),
    }
    assert found["ben"]["remarks"] == "first delivery: the notebook says solved, and the run does not"
    assert not (tmp_path / TOUCHED).exists(), "it has a home of its own"


def test_ways_that_were_found_one_after_another_in_a_cell_are_not_taken_away_by_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last attempt is left, and the check counted what was found before."""
    retry = "attempt = mailflow.Scenario(mailflow.load('two servers')).fail('LON02').send(mailflow.Message.write('anna@contoso.com', 'ben@contoso.com'))"
    for name, code in (("ada", retry), ("ben", "attempt = organization")):
        text = notebook(
            code,
            "Solved: 3 of 3 ways found: Retry; Frozen; Scheduled.",
            title="# 03 · Queues",
            task="stuck without a stop",
        )
        write(tmp_path / "in" / name / "03-queues-and-the-categorizer.ipynb", text, IN_TIME)
    assert main(["report", str(tmp_path / "in"), "--run", "--csv"]) == 0
    found = [
        row for row in csv.DictReader(io.StringIO(capsys.readouterr().out)) if row["task"] == "stuck without a stop"
    ]
    assert [(row["learner"], row["state"], row["source"]) for row in found] == [
        ("ada", "solved", "notebook"),
        ("ben", "tried", "run"),
    ]
    assert found[0]["remarks"] == (
        "stuck without a stop: the notebook says solved, and the run finds 1 of 3 ways; the others stand in the notebook alone"
    )
    assert found[1]["remarks"] == "stuck without a stop: the notebook says solved, and the run does not"


def test_run_says_what_it_could_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A progress file is one line of text, and anybody can write it."""
    solved = {"first delivery": "2026-10-05", "three queues": "2026-10-05", "who is wrong": "2026-10-05"}
    write(tmp_path / "in" / "ada" / PROGRESS, progress(solved=solved), IN_TIME)
    write(tmp_path / "in" / "ben" / PROGRESS, progress(hints={"three queues": 1}), IN_TIME)
    assert main(["report", str(tmp_path / "in"), "--run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "ada: 3 tasks solved by the progress alone: no attempt was handed in to run"
    assert not any(line.startswith("ben:") for line in lines)


@pytest.mark.parametrize(
    ("code", "outputs", "states"),
    [
        ('if 1:\n    mailflow.check("b", 1)\nmailflow.check("a", 2)', ["Solved: a"], ["not answered", "solved"]),
        ('display(mailflow.check("b", 1))\nmailflow.check("a", 2)', ["Not yet: b", "Solved: a"], ["tried", "solved"]),
        ('mailflow.check("b", 1)\nmailflow.check("a", 2)', ["a chart", "Not answered yet: a"], ["not answered"] * 2),
        ('mailflow.check("b", 1); mailflow.check("a", 2)', ["Solved: x", "Not yet: b", "Solved: a"], ["tried", "solved"]),
        ("1", ["Solved: a"], []),
    ],
)  # fmt: skip
def test_of_several_checks_in_a_cell_each_has_its_own_words(code: str, outputs: list[str], states: list[str]) -> None:
    """A cell shows what its last line gives: that is no word about the check above it."""
    stored = [{"data": {"text/plain": text}} for text in outputs]
    found = [*told(checked(code), stored)]
    assert [name for name, _ in found] == ["b", "a"][: len(states)]
    assert [done.state for _, done in found] == states


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Lang_657737_assignsubmission_file_/" + FIRST,
        "Zoë Lang_657737_assignsubmission_file/" + FIRST,
        "Zoë Lang_657737_assignsubmission_file_" + FIRST,
    ],
)
def test_what_moodle_gives_is_read_as_it_is(name: str, tmp_path: Path) -> None:
    write(tmp_path / "in" / name, SOLVED, IN_TIME)
    (mine,) = read(tmp_path / "in")
    assert (mine.learner, mine.remarks) == ("Zoë Lang_657737", [])
    assert mine.done["first delivery"].state == "solved"


def test_what_never_ends_is_ended() -> None:
    assert rerun.rerun(Attempt("first delivery", (), "while True: pass"), 1) == (False, "It was ended after 1 second.")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="no limit on memory there")
def test_memory_is_limited() -> None:
    code = 'attempt = bytearray(3_000_000_000)\nmailflow.check("first delivery", attempt)'
    solved, told = rerun.rerun(Attempt("first delivery", ("import mailflow",), code), 30, 900)
    assert (solved, told) == (False, "The cell fails: MemoryError: ")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"solved": true}', "[" * 5000])
def test_an_answer_may_be_anything(text: str, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    if text:
        path.write_text(text, encoding="utf-8")
    solved, told = rerun._answer(path, 900)
    assert (solved, told) == (False, "It ended without an answer; perhaps 900 MB are too little for it.")


def test_an_answer_is_shown_plainly(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"solved": "yes", "text": "\x1b[2J"}), encoding="utf-8")
    assert rerun._answer(path, 900) == (None, "\\x1b[2J")


@pytest.fixture
def kept() -> Iterator[None]:
    before = mailflow.check
    yield
    assert mailflow.check is before


@pytest.mark.usefixtures("kept")
def test_a_cell_is_judged_after_those_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILFLOW_PROGRESS", "off")
    start = 'import mailflow\norganization = mailflow.load("one server")'
    other = 'mailflow.check("three queues", 7)'
    check = f'{SOLUTION}\nmailflow.check("first delivery", attempt)'
    assert rerun.judged("first delivery", [start, "1 / 0", "raise SystemExit", "(", other], check).solved
    assert rerun.judged("first delivery", [], check).text == "The cell fails: NameError: name 'mailflow' is not defined"
    assert rerun.judged("first delivery", [start], "pass").text == "The cell checks nothing when it is run."


def test_the_process_writes_what_the_check_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILFLOW_PROGRESS", "off")
    taken: list[list[int]] = []
    monkeypatch.setattr(rerun, "bound", lambda *limits: taken.append([*limits]))
    asked, answer = tmp_path / "asked.json", tmp_path / "answer.json"
    told = {
        "task": "first delivery",
        "before": ["import mailflow"],
        "code": 'mailflow.check("first delivery", ...)',
        "limits": [5, 900],
    }
    asked.write_text(json.dumps(told), encoding="utf-8")
    assert rerun.main([str(asked), str(answer)]) == 0
    assert json.loads(answer.read_text(encoding="utf-8"))["solved"] is None
    assert taken == [[5, 900]]


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
def test_limits_are_taken_and_never_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    taken: dict[int, tuple[int, int]] = {}

    def take(limit: int, most: tuple[int, int]) -> None:
        taken[limit] = most

    monkeypatch.setattr(resource, "setrlimit", take)
    monkeypatch.setattr(
        resource, "getrlimit", lambda limit: (1, 7 if limit == resource.RLIMIT_CPU else resource.RLIM_INFINITY)
    )
    rerun.bound(60, 100)
    assert taken[resource.RLIMIT_AS] == (100 << 20, 100 << 20)
    assert taken[resource.RLIMIT_CPU] == (7, 7)


def test_where_no_limit_is_known_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rerun.limits(60, 1024).endswith("60 seconds and 1,024 MB of memory") or sys.platform in ("win32", "darwin")
    monkeypatch.setattr(sys, "platform", "win32")
    assert rerun.limits(60, 1024).endswith("no limit on memory, which this system does not hold")
    monkeypatch.setitem(sys.modules, "resource", None)
    rerun.bound(60, 100)


def test_a_cell_tells_its_task_without_being_run() -> None:
    assert checked('x = 1; mailflow.check("a", x)\ncheck("b", x)\nmailflow.check(name, x)\nmailflow.check()') == [
        "a",
        "b",
    ]
    assert checked("%matplotlib") == []
    assert checked("\0") == []
    assert checked("(" * 10_000) == []


def test_the_worse_of_two_files_says_nothing(tmp_path: Path) -> None:
    write(tmp_path / "ada" / FIRST, SOLVED, IN_TIME)
    write(tmp_path / "ada" / "z.ipynb", notebook("attempt = None", "Not yet: no", title="Notes"), TOO_LATE)
    (mine,) = read(tmp_path, DUE)
    assert mine.done["first delivery"] == handed_in.Done("first delivery", "solved", source="notebook")
    assert mine.remarks == ["z.ipynb is notebook 00 under another name", "z.ipynb is late: 2026-10-07 09:30"]


def test_outputs_that_say_nothing_are_passed_over() -> None:
    said = [
        7,
        {"data": 7},
        {"data": {"text/plain": "Hello"}},
        {"data": {"text/plain": "Not yet: 2 of 3 ways found: a; b."}},
    ]
    ((name, found),) = told(["back to Anna"], said)
    assert (name, found) == ("back to Anna", handed_in.Done("back to Anna", "tried", ways=2, source="notebook"))


def test_letters_that_a_terminal_obeys_are_numbers() -> None:
    assert plain("a\x1b\u202e\x00é\udcff\U000e0001") == "a\\x1b\\u202e\\x00é\\udcff\\U000e0001".replace(
        "\\U000e0001", "\\U000e0001"
    )


def test_every_notebook_of_the_course_is_known_by_its_text_and_tells_each_task(tmp_path: Path) -> None:
    from mailflow.course.exercises import tasks

    for number, path in enumerate(sorted(NOTEBOOKS.glob("*.ipynb"))):
        (tmp_path / "in" / "me").mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / "me" / f"upload-{number}.ipynb").write_bytes(path.read_bytes())
    (mine,) = read(tmp_path / "in")
    assert mine.notebooks == {path.name[:2] for path in NOTEBOOKS.glob("*.ipynb")}
    assert {name for name, task in tasks().items() if task.notebook in mine.notebooks} <= mine.done.keys()
    assert {done.state for done in mine.done.values()} == {"not answered"}


def test_the_process_itself_is_started_as_a_module() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "mailflow.course.rerun"], capture_output=True, text=True, env=environment
    )
    assert done.returncode
    assert "ValueError" in done.stderr
