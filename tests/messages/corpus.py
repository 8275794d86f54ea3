"""Real mails to read: the ones that come with a library for bounces, and the standard library's own test mails."""

import importlib.util
from pathlib import Path


def corpus() -> list[Path]:
    """Paths of real messages. There are always some: flufl.bounce is one of the test packages. Not every Python comes with
    its own tests.
    """
    found: list[Path] = []
    for name, pattern in (("flufl.bounce", "tests/data/*.txt"), ("test.test_email", "data/*.txt")):
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            continue
        for folder in (spec.submodule_search_locations or []) if spec else []:
            found += sorted(Path(folder).glob(pattern))
    return found
