"""What the site is made of: notebooks as the pages need them, the fact base in parts, the glossary, and what Sphinx links."""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

import mailflow
from mailflow.course.exercises import tasks
from mailflow.course.glossary import entries as told_terms
from mailflow.facts import cited_in, fact, facts
from scripts.contents import ROOT, entries
from scripts.website import extension, factbase, glossary, notebooks, reference, staging

PLAYER = "mailflow.player.widget.Player"
WHERE = "Open it somewhere."


def notebook(cell: dict[str, Any], **state: dict[str, Any]) -> dict[str, Any]:
    """A notebook of one code cell, with the state of its widgets."""
    models = {name: {"state": model} for name, model in state.items()}
    widgets = {notebooks.STATE: {"state": models}}
    return {"cells": [{"cell_type": "code", "metadata": {}, **cell}], "metadata": {"widgets": widgets}}


def shows(model: str, html: str = "<figure>still</figure>") -> dict[str, Any]:
    view = {"model_id": model}
    return {"source": "x", "outputs": [{"data": {notebooks.VIEW: view, "text/html": html, "text/plain": "Player"}}]}


def output(made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = made["cells"][0]["outputs"][0]["data"]
    return found


def test_a_player_becomes_a_place_with_what_it_shows_and_without_its_code() -> None:
    model = {
        "_anywidget_id": PLAYER,
        "_esm": "code",
        "trace": "H4sI",
        "other": "",
        "beside": "b",
        "options": {"title": "<b>"},
        "cursor": 3,
    }
    made = notebooks.for_site(notebook(shows("a"), a=model), WHERE)
    html = output(made)["text/html"]
    told = json.loads(html.split('json">')[1].split("</script>")[0])
    assert told == {name: model[name] for name in ("trace", "other", "beside", "options", "cursor")}
    assert "<b>" not in html
    assert "<figure>still</figure>" in html
    assert notebooks.VIEW not in output(made)
    assert made["metadata"] == {}


def test_a_run_that_can_be_broken_says_what_that_needs() -> None:
    model = {
        "_anywidget_id": PLAYER,
        "trace": "",
        "other": "",
        "beside": "",
        "options": {"breakable": True},
        "cursor": 0,
    }
    html = output(notebooks.for_site(notebook(shows("a"), a=model), WHERE))["text/html"]
    assert f"Breaking it needs a kernel. {WHERE}" in html


def test_what_is_printed_in_columns_is_marked_and_a_transcript_is_not() -> None:
    table = "anna@contoso.com  delivered  LON01\nnix@contoso.com   bounced    5.1.1\n"
    scenario = mailflow.Scenario(mailflow.load("one server"))
    transcript = (
        scenario.send(mailflow.Message.write("anna@contoso.com", ["ben@contoso.com"])).run().transcript(width=100)
    )

    def tags(*printed: str) -> list[str]:
        outputs = [{"output_type": "stream", "name": "stdout", "text": text.splitlines(True)} for text in printed]
        made = notebooks.for_site(notebook({"source": "x", "outputs": outputs, "metadata": {"tags": ["mine"]}}), WHERE)
        return list(made["cells"][0]["metadata"]["tags"])

    assert tags(table) == tags("a word\n", table) == ["mine", "columns"]
    assert tags(transcript) == tags("one line  with a gap\n") == tags() == ["mine"]

    folds = (
        f"<details><pre>{table}</pre><pre style='overflow:auto'>{table}</pre><pre>{escape(transcript)}</pre></details>"
    )
    html = output(notebooks.for_site(notebook({"source": "x", "outputs": [{"data": {"text/html": folds}}]}), WHERE))
    assert re.findall("<pre[^>]*>", html["text/html"]) == [
        '<pre class="columns">',
        "<pre class=\"columns\" style='overflow:auto'>",
        "<pre>",
    ]


def test_a_page_says_below_its_title_what_cannot_be_done_here() -> None:
    title = {"cell_type": "markdown", "metadata": {}, "source": ["# 05 · MX records\n", "\n", "**Where to?**"]}
    first, note = notebooks.for_site({"cells": [title], "metadata": {}}, WHERE)["cells"]
    assert "MX records" in first["source"]
    assert f"Running a cell, and keeping a score, need a kernel. {WHERE}" in note["source"]


def test_what_leads_to_the_next_notebook_is_left_to_the_buttons_of_the_page() -> None:
    leads = [
        {"cell_type": "markdown", "metadata": {}, "source": [text]}
        for text in ("Next: [01](01.ipynb)", "Back: [00](00.ipynb) · Next: [02](02.ipynb)", "Next, run it.")
    ]
    (kept,) = notebooks.for_site({"cells": leads, "metadata": {}}, WHERE)["cells"]
    assert kept["source"] == "Next, run it."


def test_a_widget_that_no_page_can_show_stays_its_still_picture() -> None:
    made = notebooks.for_site(notebook(shows("a"), a={"_anywidget_id": "somebody.else.Widget"}), WHERE)
    assert output(made) == {"text/html": "<figure>still</figure>", "text/plain": "Player"}


def test_a_widget_without_stored_state_is_told() -> None:
    with pytest.raises(ValueError, match="stores no state for the widget b"):
        notebooks.for_site(notebook(shows("b")), WHERE)


def test_nothing_asks_a_reader_to_run_a_cell() -> None:
    html = (
        "<figure><img><figcaption>Still picture of step 1. Run this cell to step through all 14.</figcaption></figure>"
    )
    model = {"_anywidget_id": PLAYER, "trace": "", "other": "", "beside": "", "options": {}, "cursor": 0}
    shown = output(notebooks.for_site(notebook(shows("a", html), a=model), WHERE))["text/html"]
    assert "<figcaption>Step 1 of 14.</figcaption>" in shown
    lab = notebooks.place("lab", {}, "<p>No open relay. Run this cell to change the settings.</p>")
    assert "<p>No open relay.</p>" in lab


def test_an_exercise_is_its_task_and_says_where_it_can_be_tried() -> None:
    told = {"text/plain": ["Not answered yet: Send <any> message."], "text/html": "<div>not answered</div>"}
    cell = {"source": ["attempt = ...\n", 'mailflow.check("first delivery", attempt)'], "outputs": [{"data": told}]}
    data = output(notebooks.for_site(notebook(cell), WHERE))
    assert "Send &lt;any&gt; message." in data["text/html"]
    assert "not answered" not in data["text/html"].lower()
    assert WHERE in data["text/html"]
    asked = tasks()["first delivery"]
    assert re.findall(r"<details><summary>(.*?)</summary>", data["text/html"]) == [
        "Hint 1",
        "Hint 2",
        "Hint 3",
        "Solution",
    ]
    for text in (*asked.hints, asked.solution):
        assert escape(text) in data["text/html"]
        assert text not in data["text/plain"]
    silent = {"source": 'mailflow.check("x", y)', "outputs": [{"output_type": "stream", "text": "printed"}]}
    assert notebooks.for_site(notebook(silent), WHERE)["cells"][0]["outputs"][0]["text"] == "printed"
    assert notebooks.folds("an exercise from outside") == ""


def test_a_chart_keeps_its_words_and_prose_stays_as_it_is() -> None:
    picture = {"source": "x", "outputs": [{"data": {"image/png": "…"}, "metadata": {"image/png": {"alt": "A chart."}}}]}
    made = notebooks.for_site(notebook(picture), WHERE)
    assert made["cells"][0]["metadata"] == {"mystnb": {"image": {"alt": "A chart."}}}
    prose = {"cell_type": "markdown", "metadata": {}, "source": "## Text"}
    assert notebooks.for_site({"cells": [prose], "metadata": {}}, WHERE)["cells"] == [prose]


def test_every_kind_of_place_has_its_script() -> None:
    script = (ROOT / "scripts" / "website" / "theme" / "static" / "site.js").read_text(encoding="utf-8")
    known = re.findall(r"^    (\w+): async \(element, told\)", script, re.MULTILINE)
    assert known == sorted({kind for kind, _ in notebooks.PLAYERS.values()}, reverse=True)
    for kind, traits in notebooks.PLAYERS.values():
        body = script.split(f"{kind}: async")[1].split("\n    },")[0]
        assert set(re.findall(r"told\.(\w+)", body)) == set(traits)


def test_every_fact_stands_on_the_page_that_links_lead_to() -> None:
    pages = dict(factbase.pages())
    for number in facts():
        assert re.search(rf"^### {number}$", pages[factbase.page_of(number)], re.MULTILINE), number
    for number, item in facts().items():
        page = pages[factbase.page_of(number)].split(f"### {number}\n")[1].split("\n### ")[0]
        assert f"; {item.where}*" in page
        assert ", in part ".join(item.marks) in page
        assert all(title in page for title in item.sources)
        assert item.why in page


def test_every_term_says_what_it_is_in_one_sentence_and_cites_facts_that_exist() -> None:
    known = glossary.terms()
    assert len(known) > 90
    names = [name.lower() for term in known for name in term.names]
    assert len(names) == len(set(names)), "two terms have one name"
    for term in known:
        assert term.says.endswith("."), term.name
        assert ". " not in term.says, f"{term.name} has more than a sentence"
        assert all(fact(number) for number in term.facts)
        assert term.facts or term.says.startswith("In this course: "), f"{term.name} has no fact"


def test_page_and_package_say_the_same_of_a_term() -> None:
    says = {name.lower(): term.says for term in glossary.terms() for name in term.names}
    told = [item for item in told_terms().values() if item.kind in ("term", "queue")]
    assert len(told) > 30
    assert [item.name for item in told if item.name.lower() not in says] == []
    assert says["bridgehead"] == mailflow.what_is("bridgehead").says


def test_the_terms_that_the_notebooks_introduce_are_in_the_glossary() -> None:
    prose = dict(staging.prose(entries()))
    bold = {text.lower() for text in re.findall(r"\*\*([A-Za-z][^*]+)\*\*", "\n".join(prose.values()))}
    known = {name.lower() for term in glossary.terms() for name in term.names}
    introduced = {form for text in bold for form in extension.singular(text) if form in known}
    assert {
        "open relay",
        "categorizer",
        "bridgehead server",
        "link state table",
        "glitch retry",
        "mailmsg",
    } <= introduced
    told = [term.name for term in glossary.terms() if glossary.first_told(term, prose)]
    assert len(told) > 60
    assert glossary.first_told(glossary.Term("nobody says this", ""), prose) == ""


def test_the_glossary_says_where_a_term_is_first_met() -> None:
    term = glossary.Term("open relay", "A server that relays.", ("T137",), ("relay for all",))
    page = glossary.page([term], {"05-mx-records.ipynb": "Nothing.", "06-relaying.ipynb": "Many open relays."})
    assert "(term-open-relay)=\n**open relay** (also: relay for all)\n" in page
    assert ": A server that relays (T137). *First met in [06 relaying](notebooks/06-relaying.ipynb)*" in page
    assert "*First met" not in glossary.page([term], {"05-mx-records.ipynb": "An open relayer."})


def test_a_number_says_what_its_fact_is_under_the_pointer() -> None:
    assert extension.hint(fact("T11")).startswith("T11, documented: Every message passes the advanced queuing engine")
    longest = max(facts().values(), key=lambda item: len(item.says))
    assert extension.hint(longest).endswith(" …")
    assert len(extension.hint(longest)) < 320


def test_every_public_name_is_in_the_reference() -> None:
    pages = dict(reference.pages())
    for name in mailflow.__all__:
        assert name == "__version__" or f":: mailflow.{name}\n" in pages[reference.INDEX]
    assert ".. autoclass:: mailflow.transport.relay.Verdict\n   :members:" in pages["reference/transport"]
    assert ".. py:data:: mailflow.facts.SURE\n\n   How sure a fact is" in pages["reference/facts"]
    described = re.findall(r":: (mailflow\.\S+)", "\n".join(pages.values()))
    assert len(described) == len(set(described))


def test_the_pages_of_docs_cite_numbers_that_link() -> None:
    for name in staging.TOLD:
        assert cited_in((ROOT / "docs" / name).read_text(encoding="utf-8")), name
    assert not set(staging.TOLD) & {Path(place).name + ".md" for place, _ in factbase.pages()}
