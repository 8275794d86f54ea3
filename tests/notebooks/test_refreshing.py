"""Refreshing the notebooks: what is run and what is left alone, and the lists made from what each says of itself."""

import json
from pathlib import Path

import pytest

from scripts import contents, notebooks

FILES = ("mailflow/a.py", "mailflow/b.toml", "requirements/develop.txt", "scripts/notebooks.py")


def cells(number: int, title: str, question: str) -> str:
    text = f"# {number:02} · {title}\n\n**{question}** More.\n\n*About 5 minutes.*"
    return json.dumps({"cells": [{"cell_type": "markdown", "metadata": {}, "source": text}]})


class Project:
    """A small project with two notebooks, whose outputs are their number of runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.status = 0
        self.ran: list[str] = []

    def __call__(self, *arguments: str) -> list[str]:
        """Refresh them; the names of those that were run."""
        self.ran.clear()
        self.status = notebooks.main(list(arguments))
        return list(self.ran)

    def executed(self, path: Path) -> str:
        self.ran.append(path.name)
        return f"{path.name} with outputs"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in (*FILES, "notebooks/00-one.ipynb", "notebooks/01-two.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    made_from = notebooks.made_from
    made = Project(tmp_path)
    for name, value in {
        "FOLDER": tmp_path / "notebooks",
        "SEEN": tmp_path / ".notebooks.json",
        "executed": made.executed,
        "made_from": lambda: made_from(tmp_path),
        "entries": list,
        "wanted": lambda known: {},
    }.items():
        monkeypatch.setattr(notebooks, name, value)
    return made


BOTH = ["00-one.ipynb", "01-two.ipynb"]


def test_a_notebook_is_run_again_only_when_it_may_give_something_else(project: Project) -> None:
    assert project() == BOTH
    assert project() == []
    (project.root / "notebooks" / "01-two.ipynb").write_text("changed")
    assert project() == ["01-two.ipynb"]
    assert project() == []


@pytest.mark.parametrize("name", FILES)
def test_every_notebook_is_run_when_the_package_or_the_lock_has_changed(project: Project, name: str) -> None:
    project()
    (project.root / name).write_text("changed")
    assert project() == BOTH


def test_every_notebook_is_run_when_a_file_of_the_package_came_or_went(project: Project) -> None:
    project()
    (project.root / "mailflow" / "new.py").write_text("")
    assert project() == BOTH
    (project.root / "mailflow" / "new.py").unlink()
    (project.root / "mailflow" / "__pycache__").mkdir()
    (project.root / "mailflow" / "__pycache__" / "a.pyc").write_text("")
    assert project() == BOTH
    assert project() == []


def test_all_and_a_name_run_what_has_not_changed(project: Project) -> None:
    project()
    assert project("--all") == BOTH
    assert project(str(project.root / "notebooks" / "00-one.ipynb")) == ["00-one.ipynb"]


def test_a_check_runs_all_trusts_nothing_and_writes_nothing(project: Project) -> None:
    project()
    assert project("--check") == BOTH
    assert project.status == 0
    (project.root / "notebooks" / "00-one.ipynb").write_text("changed")
    assert project("--check") == BOTH
    assert project.status == 1
    assert (project.root / "notebooks" / "00-one.ipynb").read_text() == "changed"
    assert project() == ["00-one.ipynb"]


@pytest.mark.parametrize("damaged", ["", "[]", "{"])
def test_a_damaged_record_means_that_all_are_run(project: Project, damaged: str) -> None:
    project()
    (project.root / ".notebooks.json").write_text(damaged)
    assert project() == BOTH


def test_a_list_is_made_from_what_each_notebook_says_of_itself(tmp_path: Path) -> None:
    (tmp_path / "00-start.ipynb").write_text(cells(0, "Start", "How?"))
    (tmp_path / "01-mx.ipynb").write_text(cells(1, "MX records", "Between *Send* and *Receive*?"))
    known = contents.entries(tmp_path)
    readme = f"Before.\n\n{contents.IN_README}| an old row |\n\nAfter.\n"
    rows = (
        "| [00 start](notebooks/00-start.ipynb) | How? |\n"
        "| [01 MX records](notebooks/01-mx.ipynb) | Between *Send* and *Receive*? |\n"
    )
    assert contents.readme(readme, known) == f"Before.\n\n{contents.IN_README}{rows}\nAfter.\n"
    first = json.dumps({"cells": [{"source": "# Map"}, {"source": f"Map.\n\n{contents.ON_THE_MAP}| old |"}]})
    (_, cell) = json.loads(contents.course_map(first, known))["cells"]
    rows = "| 00 | start | How? |\n| 01 | [MX records](01-mx.ipynb) | Between *Send* and *Receive*? |\n"
    assert cell["source"] == f"Map.\n\n{contents.ON_THE_MAP}{rows}"


@pytest.mark.parametrize("text", ['{"cells": []}', cells(2, "Other number", "How?"), cells(1, "No question", "")])
def test_a_notebook_that_does_not_say_what_it_is_called_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "01-two.ipynb").write_text(text)
    with pytest.raises(ValueError, match=r"01-two\.ipynb: its first cell must begin with '# 01 · Title'"):
        contents.entries(tmp_path)


def test_a_file_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no table that begins with '\| notebook \|"):
        contents.readme("Nothing.", [])


def test_lists_out_of_date_are_written_or_in_a_check_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "README.md"
    path.write_text("old")
    monkeypatch.setattr(notebooks, "wanted", lambda known: {path: "new"})
    assert notebooks.list_notebooks(check=True) == 1
    assert path.read_text() == "old"
    assert "OUT OF DATE" in capsys.readouterr().out
    assert notebooks.list_notebooks(check=False) == 1
    assert path.read_text() == "new"
    assert notebooks.list_notebooks(check=False) == 0
