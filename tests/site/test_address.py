"""One address: every badge and link is made of it, and left out where there is none."""

import re
import tomllib
from pathlib import Path

import pytest

from scripts import address
from scripts.address import Address, read
from scripts.contents import README, entries, wanted
from scripts.website import staging

ROOT = Path(__file__).resolve().parents[2]
HOSTS = {
    "github.com": Address("github.com", "anna/mailflow"),
    "gitlab.com": Address("gitlab.com", "contoso/it/mailflow"),
}


def test_a_code_host_gives_repository_binder_and_site() -> None:
    known = read("https://github.com/anna/mailflow.git")
    assert known == HOSTS["github.com"]
    assert known.repository == "https://github.com/anna/mailflow"
    assert known.site == "https://anna.github.io/mailflow/"
    assert known.binder() == "https://mybinder.org/v2/gh/anna/mailflow/HEAD?labpath=notebooks%2F00-start-here.ipynb"
    assert known.pulled(hub="https://hub.example") == (
        "https://hub.example/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fanna%2Fmailflow"
        "&urlpath=lab%2Ftree%2Fmailflow%2Fnotebooks%2F00-start-here.ipynb"
    )


def test_other_hosts_are_reached_as_binder_reaches_them() -> None:
    grouped = HOSTS["gitlab.com"]
    assert "/v2/gl/contoso%2Fit%2Fmailflow/HEAD?" in grouped.binder()
    assert grouped.site == "https://contoso.gitlab.io/it/mailflow/"
    own = Address("git.contoso.com", "mailflow/course")
    assert "/v2/git/https%3A%2F%2Fgit.contoso.com%2Fmailflow%2Fcourse/HEAD?" in own.binder()
    assert own.site == ""


@pytest.mark.parametrize(
    "wrong",
    [
        "github.com/anna/mailflow",
        "http://github.com/anna/mailflow",
        "https://github.com/anna",
        "https://a b/c/d",
        "https://a.b/c/d?e",
    ],
)
def test_what_is_no_address_is_refused_with_its_place(wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"pyproject.toml: address = {wrong!r} must be like")):
        read(wrong)


def test_the_setting_is_the_only_place() -> None:
    setting = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mailflow"]
    assert set(setting) == {"address"}
    assert address.address() == read(setting["address"])
    assert address.readme(README.read_text(encoding="utf-8"), address.address()) == wanted(entries())[README]


def test_without_an_address_no_link_stands_anywhere(tmp_path: Path) -> None:
    assert address.links(None) == ""
    staging.stage(tmp_path, None, browser_edition=False)
    for path in tmp_path.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert "mybinder" not in text
        assert "git-pull" not in text
        assert "lite/" not in text


@pytest.mark.parametrize("host", HOSTS)
def test_with_an_address_readme_and_pages_have_all_links(host: str, tmp_path: Path) -> None:
    known = HOSTS[host]
    text = address.readme(README.read_text(encoding="utf-8"), known)
    assert f"({known.binder()})" in text
    assert f"({known.site})" in text
    assert f"`{known.pulled()}`" in text
    assert address.readme(text, None) == address.readme(README.read_text(encoding="utf-8"), None), "and out again"
    staging.stage(tmp_path, known, browser_edition=True)
    run = (tmp_path / "run.md").read_text(encoding="utf-8")
    assert known.binder() in run
    assert known.pulled() in run
    assert "(lite/lab/index.html)" in run
    for entry in entries():
        if entry.number != "08":
            continue
        staged = (tmp_path / "notebooks" / entry.file).read_text(encoding="utf-8")
        assert f"lite/lab/index.html?path={entry.file}" in staged
        assert known.binder(f"notebooks/{entry.file}") in staged


def test_a_readme_without_a_place_for_links_is_told() -> None:
    with pytest.raises(ValueError, match=r"README\.md has no place for links"):
        address.readme("# mailflow\n", None)


def test_the_workflow_for_pages_runs_what_is_tested_here_and_says_that_it_was_not_run() -> None:
    text = (ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8")
    assert re.findall(r"^ +- run: (.+)$", text, re.MULTILINE) == ["make site"]
    assert re.findall(r"^ +path: (.+)$", text, re.MULTILINE) == ["site"]
    assert "Not run where this project is made and tested" in text
    assert not re.search(r"uses: \S+(?<!@v\d)$", text, re.MULTILINE), "an action without a version"
