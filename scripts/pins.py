"""Write the versions of the lock file into environment.yml and binder/, so that every door opens on the same
packages.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Made by scripts/pins.py from requirements/lock.txt: change pyproject.toml and run `make lock` instead.
name: mailflow
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.12
  - pip
  - pip:
"""


def main() -> None:
    """Write both files. They name the lock file itself, so that no version can differ."""
    (ROOT / "environment.yml").write_text(f"{HEAD}    - -r requirements/lock.txt\n")
    (ROOT / "binder" / "environment.yml").write_text(f"{HEAD}    - -r ../requirements/lock.txt\n")


if __name__ == "__main__":
    main()
