"""A page that fails costs that page: boxes where it failed, marks wherever it is named.

What failed is found when pages are run (execution.py) and kept in the environment. The page gets
a note below its title and a box at each cell that failed; tables of contents mark it; and each
build, whether it ran the page or not, ends with a warning for each failure, so that it counts as
one with problems. A change of the marks rewrites all pages, because all have the navigation.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.roles import PasteTextRole
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from .cells import HIDDEN, tags
from .damage import ASSERTION, CLAIM, DIED, SKIPPED, START, TIMEOUT, Failure, from_data, to_data

logger = logging.getLogger(__name__)
SHOWN = "failures.json"  # what the written pages show, beside Sphinx' own state
NOT_COMPUTED = "(not computed)"
HYPHEN = re.compile(r"^-(?=\d)")  # of a negative number, as Python writes it


def known(env: BuildEnvironment) -> dict[str, list[dict]]:
    """What failed, by page name."""
    if not hasattr(env, "workbook_failures"):
        env.workbook_failures = {}
    return env.workbook_failures


def of_page(env: BuildEnvironment, docname: str) -> list[Failure]:
    """What failed on one page, in its order."""
    return from_data(known(env).get(docname, []))


def keep(env: BuildEnvironment, docname: str, found: list[Failure]) -> None:
    """Remember what failed on a page that is about to be read."""
    known(env).pop(docname, None)
    if found:
        known(env)[docname] = to_data(found)


def marks(env: BuildEnvironment) -> dict[str, str]:
    """For each page that failed what tables of contents say beside its title."""
    return {
        docname: "incomplete" if any(f["kind"] == SKIPPED for f in found) else "does not hold"
        for docname, found in sorted(known(env).items()) if docname in env.found_docs
    }


# --- words


def sentence(failure: Failure) -> str:
    """What is told of one failure, in plain text."""
    if failure.kind == CLAIM:
        return f"The page says: {failure.expected}. This run gave {failure.came}."
    if failure.kind == ASSERTION:
        expected = f"Expected {failure.expected}; came " if failure.expected else ""
        return f"{expected}{failure.came}."
    if failure.kind == START:
        return f"Python did not start: {failure.came}"
    if failure.kind == SKIPPED:
        return f"Not computed, because code cell {failure.cause} failed."
    return failure.came


def _lead(failure: Failure) -> str:
    held = failure.kind in (CLAIM, ASSERTION)
    what = "Did not hold" if held else "Could not be computed"
    return f"{what} on the machine that built this page."


def _html(failure: Failure) -> str:
    """Sentence with its code marked as such."""
    if failure.kind == ASSERTION and failure.expected:
        return (f"Expected <code>{escape(failure.expected)}</code>; "
                f"came <code>{escape(failure.came)}</code>.")
    rest = "" if failure.kind in (CLAIM, ASSERTION) else " What follows it was not computed either."
    told = escape(sentence(failure))
    if failure.kind not in (CLAIM, ASSERTION, TIMEOUT, DIED):
        told = f"<code>{told}</code>."
    return told + rest


def _anchor(failure: Failure) -> str:
    return f"failed-cell-{failure.number}"


def box(failures: list[Failure]) -> str:
    """The box of one cell."""
    told = "".join(
        f"<p><strong>{_lead(failure)}</strong> {_html(failure)}</p>" for failure in failures
    )
    return f'<div class="dlw-failed" role="note" id="{_anchor(failures[0])}">{told}</div>'


def skipped(failure: Failure) -> str:
    """The line in place of what a cell would have shown."""
    return (
        f'<p class="dlw-missing">Not computed, because <a href="#failed-cell-{failure.cause}">'
        f"code cell {failure.cause}</a> failed.</p>"
    )


def note(found: list[Failure]) -> str:
    """The note below the title."""
    own = [failure for failure in found if failure.kind != SKIPPED]
    missing = len(found) - len(own)
    items = "".join(
        f'<li><a href="#{_anchor(f)}">Code cell {f.number}</a>: {_html(f)}</li>' for f in own
    )
    lead = "A part of this page did not hold on the machine that built it."
    if missing:
        cells = f"{missing} of its cells were" if missing > 1 else "One of its cells was"
        lead = f"This page is incomplete. {cells} not computed on the machine that built it."
    return (f'<div class="dlw-failed dlw-failed-page" role="note"><p><strong>{lead}</strong></p>'
            f"<ul>{items}</ul></div>")


# --- on the page


class ShowFailures(SphinxTransform):
    """Put note, boxes and lines into a page that failed."""

    default_priority = 205  # before cells are hidden and gathered

    def apply(self, **kwargs: object) -> None:
        found = of_page(self.env, self.env.docname)
        if not found:
            return
        cells = {
            node["cell_index"]: node for node in self.document.findall(nodes.container)
            if node.get("nb_element") == "cell_code"
        }
        for index in dict.fromkeys(failure.index for failure in found):
            here = [failure for failure in found if failure.index == index]
            if index in cells:
                self.at_cell(cells[index], here)
        section = next(iter(self.document.findall(nodes.section)), None)
        if section is not None:
            section.insert(1, _raw(note(found)))

    def at_cell(self, cell: nodes.container, here: list[Failure]) -> None:
        own = [failure for failure in here if failure.kind != SKIPPED]
        if tags(cell) & HIDDEN:
            if not own:
                return
            cell.clear()  # the box alone is shown
            metadata = dict(cell["cell_metadata"])
            metadata["tags"] = sorted(tags(cell) - HIDDEN)
            cell["cell_metadata"] = metadata
        output = next((n for n in cell if n.get("nb_element") == "cell_code_output"), None)
        if output is None:
            output = nodes.container(nb_element="cell_code_output", classes=["cell_output"])
            cell += output
        if not any(output.findall(nodes.figure)):
            self.stand_in(cell, output)
        output += _raw(box(own) if own else skipped(here[0]))

    def stand_in(self, cell: nodes.container, output: nodes.container) -> None:
        """An empty figure, so that its number and references to it stay."""
        options = {}
        for key in ("mystnb", "render"):
            options = options or (cell["cell_metadata"].get(key) or {}).get("figure") or {}
        if not options.get("name"):
            return
        figure = nodes.figure(names=[nodes.fully_normalize_name(str(options["name"]))])
        figure += nodes.caption(text="This figure was not computed.")
        output += figure
        self.document.note_explicit_target(figure, figure)


def _raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


class GlueText(PasteTextRole):
    """A number with a minus sign, as the text has it, where Python writes a hyphen.

    Says ``(not computed)`` for a value that a page which failed did not come to.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        env = self.document.settings.env
        try:
            retrieve_glue_data(self.document, self.text.rsplit(":", 1)[0])
        except RetrievalError:
            if any(failure.kind != CLAIM for failure in of_page(env, env.docname)):
                return [nodes.emphasis(text=NOT_COMPUTED, classes=["dlw-missing"])], []
        found, told = super().run()
        for node in found:
            for text in list(node.findall(nodes.Text)):
                text.parent.replace(text, nodes.Text(HYPHEN.sub("−", text)))
        return found, told


# --- in the build


def _outdated(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Pages that are run again although nothing in them has changed."""
    return [
        docname for docname in known(env)
        if docname in env.found_docs and any(f.again for f in of_page(env, docname))
    ]


def _shown(app: Sphinx) -> Path:
    return Path(app.doctreedir) / SHOWN


def _rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages, if what tables of contents must say has changed since they were written."""
    for docname in known(env).keys() - env.found_docs:
        del known(env)[docname]
    path = _shown(app)
    before = json.loads(path.read_text(encoding="utf-8"))["marks"] if path.exists() else {}
    return sorted(env.found_docs) if before != marks(env) else []


def _report(app: Sphinx, error: Exception | None) -> None:
    """Warn of each failure, and keep what the pages now show."""
    if error is not None:
        return
    env = app.env
    pages = {docname: known(env)[docname] for docname in marks(env)}
    told = {"marks": marks(env), "pages": pages}
    _shown(app).write_text(json.dumps(told, indent=1), encoding="utf-8")
    for docname in pages:
        found = of_page(env, docname)
        for failure in found:
            if failure.kind == SKIPPED:
                continue
            missing = sum(f.cause == failure.number for f in found)
            after = f" ({missing} cells after it were not computed)" if missing else ""
            trace = f"\n{failure.trace}" if failure.trace else ""
            logger.warning(
                "code cell %d: %s%s%s", failure.number, sentence(failure), after, trace,
                location=(docname, failure.line), type="workbook", subtype="failed",
            )


def setup(app: Sphinx) -> None:
    app.add_transform(ShowFailures)
    app.add_role_to_domain("glue", "text", GlueText(), override=True)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-updated", _rewrite)
    app.connect("build-finished", _report)
