"""Look long for input that ends a listener or leaves a recipient in no known state.

    python scripts/soak.py                 many thousand random sessions and messages, a crowd of clients for ten minutes, then atheris
                                           for ten minutes
    python scripts/soak.py --seconds 60    the crowd and atheris for a minute each
    python scripts/soak.py -x              what this script does not know goes to pytest

The first part runs the property tests with far more examples than `make test`, measures every beat of every player,
runs every notebook in the browser edition, and walks every notebook in JupyterLab and every page of the site by keyboard
alone. The second part is `scripts/crowd.py`: honest and hostile clients at both listeners. The third part lets atheris choose the
input by the lines of `mailflow` that it reaches. What it finds lies in test-artefacts/soak; the next run starts there.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOUND = ROOT / "test-artefacts" / "soak"
TESTS = (
    "tests/live/test_strangers.py",
    "tests/player/test_questions.py",
    "tests/player/test_tape.py",
    "tests/messages/test_hostile.py",
    "tests/browser/test_geometry.py",
    "tests/browser/test_walk.py",
    "tests/player/test_relay_lab.py",
    "tests/player/test_server.py",
    "tests/site/test_site.py",
    "tests/lite/test_lite.py",
    "tests/faults/test_cases.py",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all parts. Returns 0 if nothing was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--seconds",
        type=int,
        default=600,
        help="how long the crowd stays and atheris looks, by default ten minutes each",
    )
    parser.add_argument("--guided", action="store_true", help=argparse.SUPPRESS)
    options, others = parser.parse_known_args(arguments)
    if options.guided:
        return guided(options.seconds)
    pytest = [sys.executable, "-m", "pytest", "--hypothesis-profile=soak", "-o", "timeout=0", *TESTS, *others]
    if code := subprocess.run(pytest, cwd=ROOT, check=False).returncode:
        return code
    crowd = [sys.executable, str(ROOT / "scripts" / "crowd.py"), "--seconds", str(options.seconds)]
    if code := subprocess.run(crowd, cwd=ROOT, check=False).returncode:
        return code
    if importlib.util.find_spec("atheris") is None:
        install = f"{sys.executable} -m pip install 'atheris>=3'"
        print(f"mailflow: atheris is missing, so its part is left out. To install it: {install}")
        return 0
    again = [sys.executable, __file__, "--guided", "--seconds", str(options.seconds)]
    return subprocess.run(again, cwd=ROOT, check=False).returncode


def guided(seconds: int) -> int:
    """Let atheris look. It ends the process itself."""
    import atheris

    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=["mailflow"]):
        from tests.live.test_strangers import test_every_recipient_of_every_stranger_ends_in_one_known_state as test
    corpus = FOUND / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number in range(50):
        # A session needs some thousand bytes of choices; from nothing atheris would take long to get there.
        (corpus / f"start-{number}").write_bytes(random.Random(number).randbytes(4096))
    limits = [
        f"-max_total_time={seconds}",
        "-max_len=8192",
        "-len_control=0",
        "-timeout=60",
        f"-artifact_prefix={FOUND}/",
    ]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], vars(test)["hypothesis"].fuzz_one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
