"""The changelog: a fragment for each change, joined into the section of a version."""

from datetime import date
from pathlib import Path

import pytest

from scripts import changelog

ROOT = Path(__file__).resolve().parents[2]
OLD = """# Changelog

The format.

## [Unreleased]

### Added

- A first thing,
  in two lines.

### Removed

- A thing.

## [0.1.0] - 2020-01-01

### Added

- Everything.
"""
NEW = """# Changelog

The format.

## [Unreleased]

## [0.2.0] - {today}

### Added

- A first thing,
  in two lines.
- Another thing,
  with a second line.
- One more.

### Removed

- A thing.

### Fixed

- A mistake.

## [0.1.0] - 2020-01-01

### Added

- Everything.
"""
FRAGMENTS = {
    "another-thing.added.md": "Another thing,\nwith a second line.\n",
    "one-more.added.md": "- One more.\n",
    "a-mistake.fixed.md": "A mistake.",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "CHANGELOG.md").write_text(OLD)
    (tmp_path / "changes").mkdir()
    for name, text in FRAGMENTS.items():
        (tmp_path / "changes" / name).write_text(text)
    return tmp_path


def test_fragments_and_what_is_unreleased_become_the_section_of_a_version(project: Path) -> None:
    assert changelog.main(["0.2.0"], project) == 0
    assert (project / "CHANGELOG.md").read_text() == NEW.format(today=date.today())
    assert list((project / "changes").iterdir()) == []


def test_the_next_version_starts_from_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changelog.main(["0.2.0"], project)
    assert changelog.main(["0.3.0"], project) == 1
    assert "nothing has changed" in capsys.readouterr().err
    (project / "changes" / "later.changed.md").write_text("Later.")
    assert changelog.main(["0.3.0"], project) == 0
    text = (project / "CHANGELOG.md").read_text()
    assert f"## [Unreleased]\n\n## [0.3.0] - {date.today()}\n\n### Changed\n\n- Later.\n\n## [0.2.0]" in text


def test_a_folder_without_fragments_need_not_be_there(project: Path) -> None:
    for path in (project / "changes").iterdir():
        path.unlink()
    (project / "changes").rmdir()
    assert changelog.main(["0.2.0"], project) == 0
    assert "- A thing.\n\n## [0.1.0]" in (project / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("words.new.md", "x", "words.new.md: call it some-words.KIND.md, where KIND is added, changed, fixed"),
        ("Big Words.added.md", "x", "call it some-words.KIND.md"),
        ("notes.txt", "x", "call it some-words.KIND.md"),
        ("empty.added.md", " \n", "empty.added.md: it says nothing"),
    ],
)
def test_a_file_that_is_no_fragment_is_refused_and_nothing_is_written(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, fault: str
) -> None:
    (project / "changes" / name).write_text(text)
    assert changelog.main(["0.2.0"], project) == 1
    assert fault in capsys.readouterr().err
    assert (project / "CHANGELOG.md").read_text() == OLD
    assert len(list((project / "changes").iterdir())) == len(FRAGMENTS) + 1


@pytest.mark.parametrize("arguments", [[], ["next"], ["1.0.0", "2.0.0"]])
def test_a_version_has_to_be_named(project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert changelog.main(arguments, project) == 1
    assert "make changelog VERSION=1.2.0" in capsys.readouterr().err


def test_a_version_that_is_there_already_and_a_changelog_without_its_heading_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert changelog.main(["0.1.0"], project) == 1
    assert "0.1.0 is there already" in capsys.readouterr().err
    (project / "CHANGELOG.md").write_text("# Changelog\n")
    assert changelog.main(["0.2.0"], project) == 1
    assert "no line '## [Unreleased]'" in capsys.readouterr().err


def test_the_changelog_of_this_project_could_be_released_now() -> None:
    found = changelog.fragments(ROOT / "changes")
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = changelog.joined(text, "99.0.0", date(2030, 1, 1), found)
    for kind in found.values():
        for path in kind:
            assert changelog.as_entry(path.read_text(encoding="utf-8")) in released
    for line in text.splitlines():
        assert line in released
