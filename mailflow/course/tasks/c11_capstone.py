"""Notebook 11: a design that survives storms, and a presentation of it."""

from mailflow.capstone import brief
from mailflow.capstone.rules import faults
from mailflow.capstone.sheet import NAMES
from mailflow.capstone.terms import DESIGNS
from mailflow.course.exercises import LINES, SETTINGS, Verdict, exercise
from mailflow.course.probes import Objection, ends, needs, sent_by_people
from mailflow.organization import Organization
from mailflow.simulation import ScenarioError, shared
from mailflow.trace import Trace, step_of


@exercise(
    "an organization that survives",
    "Design an organization that meets every goal of the brief, in storms drawn from your own design.",
    takes=SETTINGS,
    notebook="11",
    hints=(
        "The ring has two ways to every site, and the mesh costs too much. What lies between them?",
        "Each line more is one way more. Start from the ring, and add one line that joins sites opposite each other.",
        'print(brief.text("ring")) is the text to start from. A line needs two connectors, one in each direction.',
    ),
    solution="""
def across(one, other):
    a, b = one[:3].upper() + "01", other[:3].upper() + "01"
    usual = 'kind = "routing group", cost = 10'
    return f'''
  {{ name = "{one}-{other}", routing_group = "{one}", to = "{other}", local_bridgeheads = ["{a}"], remote_bridgeheads = ["{b}"], {usual} }},
  {{ name = "{other}-{one}", routing_group = "{other}", to = "{one}", local_bridgeheads = ["{b}"], remote_bridgeheads = ["{a}"], {usual} }},'''


ring = brief.text("ring").rstrip().removesuffix("]")
attempt = brief.design(ring + across("Brussels", "Berlin") + across("London", "Paris") + "]")

# Why: one failure leaves a ring whole, and two cut it in halves. A line across joins the halves. Every line more sends
# more link state and costs more, so two lines across are better than all of them.
""",
)
def survives(organization: Organization) -> Verdict:
    """The storms come from the design, so nobody has seen those of a new one."""
    sheet = brief().judge(organization)
    needs(not sheet.faults, f"The brief is broken: {'; '.join(sheet.faults[:2])}.")
    missed = [NAMES[name].partition(",")[0].lower() for name, met in sheet.met.items() if not met]
    needs(not missed, f"Not yet reached: {', '.join(missed)}. brief.judge(...) shows the figures.")
    return True, f"Every goal is met, for {sheet.data[-1]['yours']} euros a month."


@exercise(
    "present it",
    "Give three Share lines about one letter in a design of your own: on a calm day, when a failure hits, and when the letter arrives all the same.",
    takes=LINES,
    notebook="11",
    hints=(
        "A Share line is what a player gives under Share, or trace.share(step). The number at its end is the step.",
        "The first script has no failure. The second and the third have one; they differ in the step.",
        "brief.present(brief.judge(mine)) finds the letter that took longest. Each of its slides has a line.",
    ),
    solution="""
own = brief.design(brief.text("ring").replace("cost = 10", "cost = 20", 2))  # or the design that survived
attempt = [slide.line for slide in brief.present(brief.judge(own))]

# Why: who sees the calm day first can say what the failure changed. The end shows that a message that waits is not lost.
""",
)
def presents(lines: list[object]) -> Verdict:
    """Each line is opened and run; it must show what it stands for at its own step."""
    needs(len(lines) == 3, f"This needs three lines, and there {'is' if len(lines) == 1 else 'are'} {len(lines)}.")
    opened = [_opened(number, line) for number, line in enumerate(lines, start=1)]
    organization = opened[0][2]
    needs(all(item[2] == organization for item in opened), "The three lines are about different organizations.")
    needs(not faults(brief().terms, organization), "This organization does not keep to the brief.")
    known = [brief().design(name) for name in DESIGNS]
    needs(organization not in known, "This is a design that comes with the brief. Present your own.")
    calm, hit, end = (trace for trace, _, _ in opened)
    needs(
        not _breaks(calm) and _arrived(*opened[0][:2]), "Line 1: show a letter that arrives on a day without failures."
    )
    needs(
        _breaks(hit) and not _arrived(*opened[1][:2]),
        "Line 2: show the moment of a failure, before the letter arrives.",
    )
    needs(
        _breaks(end) and _arrived(*opened[2][:2]),
        "Line 3: show the step at which the letter arrives in spite of a failure.",
    )
    needs(_pair(calm) == _pair(hit) == _pair(end), "The three lines are about different letters.")
    return True, "A calm day, the failure, and the end of the same letter."


def _opened(number: int, line: object) -> tuple[Trace, int, Organization]:
    """The run of a line, its step, and its organization."""
    try:
        found = shared(line)  # type: ignore[arg-type]  # what is no text is named by it
    except ScenarioError as error:
        raise Objection(f"Line {number}: {error}.") from error
    trace = found.scenario.run(until=found.until)
    needs(
        len(sent_by_people(trace)) == 1, f"Line {number}: show one letter; this run has {len(sent_by_people(trace))}."
    )
    return trace, min(found.step, len(trace) - 1), found.scenario.organization


def _breaks(trace: Trace) -> bool:
    return any(step_of(record[2]).key == "administrator.network" for record in trace.records)


def _arrived(trace: Trace, step: int) -> bool:
    """Whether the letter has arrived by a step."""
    (name,) = sent_by_people(trace)
    return all(state in ("delivered", "relayed") for _, state, _ in trace.status(step).get(name, [("", "", "")]))


def _pair(trace: Trace) -> tuple[str, ...]:
    """From whom to whom the letter goes."""
    (name,) = sent_by_people(trace)
    return (trace.messages[name]["sender"], *ends(trace, name))
