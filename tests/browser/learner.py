"""Somebody who learns in JupyterLab with the keyboard alone: runs every cell, steps every player to its end, bets wrongly and
rightly, gives a wrong and then the right answer to each exercise, and looks at the score.

What stands in their way is a line with the notebook and the cell, and a screenshot; they go on after it as well as they can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mailflow.course.exercises import tasks
from tests.browser.test_geometry import unpacked
from tests.course.strangers import WRONG
from tests.player.notebooks import shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 120_000
"""Milliseconds that a cell may take on a machine that does other work, too."""

SOON = 15_000
"""Milliseconds within which somebody expects an answer to a key."""

FAR = 12
"""So often somebody presses Tab before they give up."""

EYES = Path(__file__).with_name("learner.js").read_text(encoding="utf-8")
"""Defines `learner`: what can be seen, and what has the focus."""

WIDGET = "application/vnd.jupyter.widget-view+json"

EXCEPT = "all except the list below"
"""The setting of the relay lab that makes an open relay of any server."""

ALSO_WRONG = {
    "only the gateways": 'attempt = mailflow.load("worldwide")',
    "last entries": 'attempt = [mailflow.Scenario(mailflow.load("four corners"))]',
    "log and truth": 'attempt = [mailflow.Scenario(mailflow.load("two servers"))]',
    "an organization that survives": 'attempt = brief.design("star")',
    "present it": "attempt = [slides[0].line]",
}
"""Wrong attempts at tasks for which nobody else has written one as code."""


class Cell(NamedTuple):
    """A cell of a notebook."""

    number: int
    id: str
    kind: str
    source: str


class Lost(Exception):
    """Nothing that is pressed leads on. The text says where."""


class Learner:
    """Somebody in front of a page with an open notebook whose kernel is ready."""

    def __init__(self, page: Page, notebook: str, shoot: Callable[[str], None]) -> None:
        self.page, self.notebook, self._shoot = page, notebook, shoot
        self.found: list[str] = []
        """What stood in the way: the notebook, the cell, and what was seen."""
        self.solved: list[str] = []
        self.bets = {"right": 0, "wrong": 0}
        """How many bets in the prose were won and lost; those of players and the warm-up do not count for the score."""
        self.looked_back: list[str] = []
        """Cells with an exercise whose verdict was out of sight until the learner went back to it."""
        self._wanted, self._wanted_in_prose = cycle([False, True]), cycle([False, True])
        """Whether the next bet shall be right: of a player or the warm-up, and one that counts for the score."""
        self._cell = Cell(0, "", "", "")
        page.evaluate(EYES)
        page.evaluate("learner.forget()")
        self.cells = [Cell(number, **item) for number, item in enumerate(page.evaluate("learner.cells()"))]

    def walk(self, until: str = "") -> None:
        """Go from the first cell to the last, or to the one with an id."""
        for cell in self.cells:
            self._cell = cell
            try:
                self._stand_at_the_cell()
                self._do()
            except Lost as lost:
                self._tell(str(lost))
                self._go_on_by_mouse()
            if cell.id == until:
                break

    # -- one cell ------------------------------------------------------------------------------------------------------

    def _do(self) -> None:
        if self._cell.kind != "code":
            if "Next: [" in self._cell.source:
                self._find_the_next_notebook()
            self._run()
            return
        if task := task_of(self._cell.source):
            self._solve(task)
            return
        self._run()
        for output in self._outputs():
            self._tell_of(output)
        shown_here = {kind for output in self._outputs() for kind in output.get("data", {})}
        if WIDGET in shown_here:
            self._use_the_widget()
        elif any("<details" in _joined(output.get("data", {}).get("text/html", "")) for output in self._outputs()):
            self._unfold()
        if 'mailflow.progress("' in self._cell.source:
            self._look_at_the_score()

    def _use_the_widget(self) -> None:
        ready = ", ".join(f'[data-number="{self._cell.number}"] {part}' for part in (".mf-stage", ".mf-bet", ".mf-lab"))
        widget = self.page.locator(ready).first
        widget.wait_for(state="attached", timeout=PATIENCE)
        kinds = widget.get_attribute("class") or ""
        use = {"mf-bet": self._bet, "mf-lab": self._try_relaying}
        next((way for kind, way in use.items() if kind in kinds.split()), self._play)()

    def _run(self) -> None:
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function("(cell) => learner.isRun(cell)", arg=self._cell.number, timeout=PATIENCE)

    def _outputs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate("(cell) => learner.outputs(cell)", self._cell.number)
        return found

    def _tell_of(self, output: Mapping[str, Any]) -> None:
        """An error, or a warning, is something nobody should see."""
        if output["output_type"] == "error":
            self._tell(f"an error: {output['ename']}: {output['evalue']}")
        if output.get("name") == "stderr":
            self._tell(f"a warning: {_joined(output['text'])[:200]}")

    # -- where one is --------------------------------------------------------------------------------------------------

    def _where(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("learner.where()")
        return found

    def _stand_at_the_cell(self) -> None:
        """The keys are those of the notebook, at this cell, and what will be run can be seen."""
        if not self._soon("({ cell, active }) => cell === active && active === wanted"):
            here = self._where()
            raise Lost(
                f"the keys are with {here['what']} of cell {here['cell']} at the start, the active cell is {here['active']}"
            )
        here = self._where()
        if here["mode"] != "command" or not here["isCell"]:
            raise Lost(f"the keys are with {here['what']} at the start")
        if not here["isInSight"]:
            self._tell("what is run next is out of sight")

    def _soon(self, condition: str, *, wanted: int | None = None, of: str = "learner.where()") -> bool:
        """Whether something holds of where one is, or of the player there, within the time that somebody waits."""
        from playwright.sync_api import TimeoutError as Late

        wanted = self._cell.number if wanted is None else wanted
        try:
            self.page.wait_for_function(f"(wanted) => ({condition})({of})", arg=wanted, timeout=SOON)
        except Late:
            return False
        return True

    def _tab_to(self, what: str, condition: str, keys: str = "Tab", far: int = FAR) -> None:
        """Press Tab until what has the focus meets a condition.

        Raises:
            Lost: it never does.
        """
        passed = []
        for _ in range(far):
            self.page.keyboard.press(keys)
            if self.page.evaluate(f"({condition})(document.activeElement)"):
                return
            passed.append(self._where()["what"])
        raise Lost(f"{keys} never reaches {what}, but {passed}")

    def _back_to_the_cell(self) -> None:
        """From the next cell to the one that was just run."""
        self.page.keyboard.press("ArrowUp")
        if not self._soon("({ cell, active, isCell }) => isCell && cell === active && active === wanted"):
            raise Lost(f"the arrow up from the next cell leads to {self._where()['what']}")

    def _on_to_the_next(self) -> None:
        self.page.keyboard.press("ArrowDown")

    def _tell(self, what: str) -> None:
        self.found.append(f"{self.notebook} {self._cell.id}: {what}")
        self._shoot(f"{self._cell.id}-{len(self.found)}")

    def _go_on_by_mouse(self) -> None:
        """Somebody helps, so that what comes after this cell is seen, too."""
        self.page.evaluate(
            """(cell) => {
              const { content } = jupyterapp.shell.currentWidget;
              content.mode = "command";
              content.activeCellIndex = Math.min(cell, content.widgets.length - 1);
              content.activeCell.node.focus();
            }""",
            self._cell.number + 1,
        )

    # -- players -------------------------------------------------------------------------------------------------------

    def _player(self) -> dict[str, Any]:
        seen: dict[str, Any] | None = self.page.evaluate("learner.player()")
        if seen is None or not seen["holds"]:
            raise Lost(f"the player has lost the keys to {self._where()['what']}")
        return seen

    def _play(self) -> None:
        """Step to the end, bet wherever the player asks, look at each view and at the help, and leave."""
        if not self._soon("({ isPlayer, cell }) => isPlayer && cell === wanted"):
            raise Lost("the player that was just made has not got the keys")
        self.page.wait_for_timeout(350)  # it may come into sight as late as that
        asked = [
            question
            for item in shown(self.notebook)
            if item.cell == self._cell.id
            for question in unpacked(item.player.beside).get("questions", ())
        ]
        before = self._player()
        for _ in range(4 * _beats(before)[1] + 20):
            seen = self._player()
            if seen["options"]:
                self._answer(seen, asked)
            elif len(set(_beats(seen))) == 1:
                break
            else:
                self.page.keyboard.press("ArrowRight")
            self._still(before)
        else:
            raise Lost(f"the end is never reached, but {seen['counter']}")
        self.page.keyboard.press("Home")
        if _beats(self._player())[0] != 1:
            self._tell("Home does not lead to the first beat")
        self.page.keyboard.press("End")
        self._look_around()
        self._leave()

    def _look_around(self) -> None:
        """Each view, and the card with the keys."""
        before = self._player()
        self._still(before)
        for view in range(min(before["views"], 9), 0, -1):
            self.page.keyboard.press(str(view))
            self._still(before)
        self.page.keyboard.press("?")
        if not self._soon("({ card }) => card", of="learner.player()"):
            self._tell("no card with the keys opens")
        self.page.keyboard.press("Escape")
        self._still(before)

    def _still(self, before: Mapping[str, Any]) -> None:
        """The player has the keys, is whole in sight, and the page stands where it stood."""
        seen = self._player()
        if seen["hidden"]:
            self._tell(f"out of sight at {seen['counter']}: {', '.join(seen['hidden'])}")
        if abs(seen["scroll"] - before["scroll"]) > 1:
            self._tell(f"the page moved by {seen['scroll'] - before['scroll']:.0f} pixels at {seen['counter']}")

    def _answer(self, seen: Mapping[str, Any], asked: list[dict[str, Any]]) -> None:
        """Wrongly once, rightly once, and so on. What was answered is no longer among what is asked."""
        question = next(
            item for item in asked if [item["prompt"], item["options"]] == [seen["prompt"], seen["options"]]
        )
        asked.remove(question)
        right = question["answer"]
        wanted = next(self._wanted)
        chosen = right if wanted else (right + 1) % len(seen["options"])
        self.page.keyboard.press(str(chosen + 1))
        self._soon("({ verdict }) => verdict", of="learner.player()")
        said = self._player()["verdict"]
        if said != ("mf-right" if wanted else "mf-wrong"):
            self._tell(
                f"{seen['prompt']} was answered {'rightly' if wanted else 'wrongly'}, and the verdict is {said!r}"
            )

    def _leave(self) -> None:
        self.page.keyboard.press("Escape")
        if not self._soon("({ cell, active, isCell }) => isCell && cell === active", wanted=self._cell.number + 1):
            raise Lost(f"Escape leads from the player to {self._where()['what']}")

    # -- bets in the prose ---------------------------------------------------------------------------------------------

    def _bet(self) -> None:
        """Answer one question after the other, and see what was right."""
        [stored] = [item["data"]["text/html"] for item in self._outputs() if "text/html" in item.get("data", {})]
        rights = [unescape(text) for text in re.findall(r"<summary>Answer</summary><p><b>(.*?)\.</b>", _joined(stored))]
        self._back_to_the_cell()
        for number, right in enumerate(rights):
            self._place(number, right)
        self.page.keyboard.press("Escape")
        if not self._where()["isCell"]:
            self._tell("Escape does not lead out of the bet")
            self._tab_to("the cell", "(it) => it.matches('.jp-Cell')", keys="Shift+Tab")
        self._on_to_the_next()

    def _place(self, number: int, right: str) -> None:
        group = f'[data-number="{self._cell.number}"] .mf-bet >> nth={number}'
        within = f"[...it.closest('.jp-Cell').querySelectorAll('.mf-bet')].indexOf(it.closest('.mf-bet')) === {number}"
        choices = [
            text.rstrip(".") for text in self.page.locator(group).locator(".mf-bet-choices button").all_inner_texts()
        ]
        counts = "mailflow.bet(" in self._cell.source
        wanted = next(self._wanted_in_prose if counts else self._wanted)
        at = choices.index(right) if wanted else (choices.index(right) + 1) % len(choices)
        self._tab_to("the choices", f"(it) => it.matches('.mf-bet-choices button') && {within}")
        self.page.keyboard.press(str(at + 1))
        said = self.page.locator(group).locator(".mf-bet-verdict").inner_text(timeout=SOON)
        if not said.startswith(f"{'Right' if wanted else 'Not so. Right is'}: {right}"):
            self._tell(
                f"bet {number + 1} was answered {'rightly' if wanted else 'wrongly'}, and the verdict is {said!r}"
            )
        if counts:
            self.bets["right" if wanted else "wrong"] += 1
        here = self._where()
        if here["cell"] != self._cell.number:
            self._tell(f"after a bet the keys are with {here['what']}")

    # -- folds ---------------------------------------------------------------------------------------------------------

    def _unfold(self) -> None:
        """Open the first fold of an output, or close it where it is open, and go on."""
        self._back_to_the_cell()
        self._tab_to("a fold", "(it) => it.tagName === 'SUMMARY'", far=FAR)
        is_open = "document.activeElement.closest('details')?.open"
        before = self.page.evaluate(is_open)
        self.page.keyboard.press("Enter")
        if self.page.evaluate(is_open) is before:
            self._tell("Enter does nothing to the fold")
        self._on_to_the_next()

    # -- the relay lab -------------------------------------------------------------------------------------------------

    def _try_relaying(self) -> None:
        """Turn the server into an open relay by keyboard, and leave."""
        self._back_to_the_cell()
        self._tab_to(
            "the list of computers", f"(it) => [...(it.options ?? [])].some(({{ text }}) => text === {EXCEPT!r})"
        )
        self.page.keyboard.press("ArrowDown")
        banner = self.page.locator(".mf-lab-banner").first
        if "This is an open relay" not in banner.inner_text():
            self._tell(f"the arrow down chooses nothing in the relay lab: {banner.inner_text()}")
        self.page.keyboard.press("Escape")
        if not self._where()["isCell"]:
            self._tell("Escape does not lead out of the relay lab")
            self._tab_to("the cell", "(it) => it.matches('.jp-Cell')", keys="Shift+Tab")
        self._on_to_the_next()

    # -- exercises -----------------------------------------------------------------------------------------------------

    def _solve(self, task: str) -> None:
        """A wrong attempt, what is said of it, then the reference solution."""
        self._try(attempt(self._cell.source, wrong(task)), "Not yet: ")
        self._back_to_the_cell()
        if self._try(attempt(self._cell.source, tasks()[task].solution), "Solved: "):
            self.solved.append(task)

    def _try(self, text: str, verdict: str) -> bool:
        """Write into the cell, run it, and read what is said; whether that is the verdict that is due."""
        self._write(text)
        self._run()
        for output in self._outputs():
            self._tell_of(output)
        said = [_joined(item["data"]["text/plain"]) for item in self._outputs() if "data" in item]
        if not said or not said[-1].startswith(verdict):
            self._tell(f"{verdict!r} was expected, and said is {said[-1:]}")
            return False
        if not self._sees_the_output():
            self.looked_back.append(f"{self._cell.id} {verdict}")
            self._back_to_the_cell()
            if not self._sees_the_output():
                self._tell(f"what is said, {said[-1][:60]!r}, is out of sight")
            self._on_to_the_next()
        return True

    def _sees_the_output(self) -> bool:
        self.page.wait_for_timeout(350)  # JupyterLab may scroll once more when the output has come
        seen: float = self.page.evaluate("(cell) => learner.output(cell)", self._cell.number)
        return seen > 0.2

    def _write(self, text: str) -> None:
        """Replace what stands in the cell; a long text comes at once, as when it is pasted."""
        self.page.keyboard.press("Enter")
        if not self._soon("({ cell, isEditor }) => isEditor && cell === wanted"):
            raise Lost(f"Enter leads to {self._where()['what']}, not into the cell")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    # -- the end -------------------------------------------------------------------------------------------------------

    def _find_the_next_notebook(self) -> None:
        """The link to it can be reached."""
        name = re.search(r"Next: \[[^]]*\]\(([^)]+)\)", self._cell.source)
        assert name is not None
        self._tab_to(
            "the link to the next notebook", f"(it) => it.tagName === 'A' && it.href.includes({name[1]!r})", far=60
        )

    def _look_at_the_score(self) -> None:
        """What was done just now is in the progress of the learner."""
        said = "\n".join(_joined(item["data"]["text/plain"]) for item in self._outputs())
        missing = [task for task in self.solved if f"✔ {task}" not in said]
        if missing:
            self._tell(f"solved and not in the score: {', '.join(missing)}")
        placed = sum(self.bets.values())
        if placed and f"Bets: {self.bets['right']} of {placed} right." not in said:
            self._tell(f"{self.bets} and the score says {said}")


def task_of(source: str) -> str:
    """The task that a cell checks, or nothing."""
    found = re.search(r'mailflow\.check\("([^"]+)"', source)
    return found[1] if found else ""


def wrong(task: str) -> str:
    """Code with a wrong attempt."""
    return WRONG[task][0][1] if WRONG.get(task) else ALSO_WRONG[task]


def attempt(source: str, code: str) -> str:
    """The cell of an exercise with an attempt in the place of the dots."""
    lines = source.splitlines()
    at, name = next(
        (at, found[1]) for at, line in enumerate(lines) if (found := re.match(r"(\w+) = (?:\.\.\.|\[\.\.\.)", line))
    )
    again = [] if name == "attempt" else [f"{name} = attempt"]
    return "\n".join([*lines[:at], code.strip("\n"), *again, *lines[at + 1 :]])


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _beats(seen: Mapping[str, Any]) -> tuple[int, int]:
    """At which beat a player is, and how many there are."""
    here, all_of_them = map(int, re.findall(r"\d+", seen["counter"])[:2])
    return here, all_of_them
