"""Names of packages that are loaded when somebody first asks for them."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.setup.test_public import tables

PACKAGE = Path(__file__).resolve().parents[2] / "mailflow"
LAZY = sorted(
    f"mailflow.{path.parent.name}"
    for path in PACKAGE.glob("*/__init__.py")
    if "lazily(__name__" in path.read_text(encoding="utf-8")
)


def test_there_are_such_packages() -> None:
    assert len(LAZY) >= 7


@pytest.mark.parametrize("package", LAZY)
def test_every_name_is_found_where_the_type_checker_sees_it(package: str) -> None:
    room = import_module(package)
    checked, used = tables((PACKAGE / package.split(".")[1] / "__init__.py").read_text(encoding="utf-8"))
    assert checked == used == room._HOME
    for name in room._HOME:
        assert name in room.__all__
        assert getattr(room, name) is getattr(import_module(checked[name]), name)


@pytest.mark.parametrize("package", LAZY)
def test_any_other_name_is_refused_as_usual(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        import_module(package).nothing  # noqa: B018  # asking is what is tested


@pytest.mark.parametrize("package", LAZY)
def test_no_name_is_that_of_a_module_which_would_hide_it(package: str) -> None:
    modules = {path.stem for path in (PACKAGE / package.split(".")[1]).glob("*.py")}
    assert not modules & set(import_module(package)._HOME)
