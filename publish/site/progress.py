"""Where a reader sees how far they are: "5 of 11 checked", wherever pages are named.

Answers are kept in the browser, so the build leaves places that
``dlworkbook/answers/progress.js`` fills: in the facts of a page, on the page of its chapter, on
the routes, and on the first page, which can also export, import and clear it all.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from .answers import PART, PREDICTION, answers

_SHELF = """<section class="shelf needs-js" aria-labelledby="your-answers">
<h2 id="your-answers">Your answers</h2>
<p>{progress}</p>
<p>Answers, verdicts and predictions are kept in this browser and nowhere else. To take them \
to another one, export them to a file here and import it there.</p>
<p class="shelf-buttons"><button type="button" data-do="export">Export</button>
<button type="button" data-do="import">Import</button>
<button type="button" data-do="clear">Clear</button>
<input type="file" accept="application/json,.json" hidden></p>
<p role="status"></p>
</section>"""


def counts(env: BuildEnvironment) -> dict[str, int]:
    """How many answers there are on each page that has some; predictions do not count."""
    found = {page: sum(not name.startswith(PREDICTION) for name in names)
             for page, names in sorted(answers(env).items())}
    return {page: n for page, n in found.items() if n}


def progress(env: BuildEnvironment, pages: list[str], *, always: bool = False) -> str:
    """A place for the progress on these pages together, as HTML; empty where no answer is.

    The script fills it; with ``always`` it says "0 of 11" before the first answer.
    """
    known = counts(env)
    each = {page: known[page] for page in pages if page in known}
    if not each:
        return ""
    text, kind = (f"0 of {sum(each.values())} checked", " needs-js") if always else ("", "")
    data = escape(" ".join(f"{page}:{n}" for page, n in each.items()))
    return f' <span class="progress{kind}" data-progress="{data}">{text}</span>'


def shelf(env: BuildEnvironment) -> Markup:
    """For the first page: all progress, and how to take it along, bring it back, clear it."""
    place = progress(env, list(counts(env)), always=True)
    return Markup(_SHELF.format(progress=place)) if place else Markup("")


def _show(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """In the facts of a page, and below the first paragraph of a chapter."""
    for line in doctree.findall(nodes.paragraph):
        place = progress(app.env, [docname], always=True)
        if "facts-line" in line["classes"] and place:
            fact = f'<span class="fact needs-js"><strong>Answers</strong>{place}</span>'
            line += nodes.raw("", fact, format="html")
            return
    below = app.env.toctree_includes.get(docname, [])
    place = "" if docname == app.config.root_doc else progress(app.env, below, always=True)
    first = next(iter(doctree.findall(nodes.paragraph)), None)
    if place and first is not None:
        line = f'<p class="chapter-progress needs-js"><strong>Answers</strong>{place}</p>'
        first.parent.insert(first.parent.index(first) + 1, nodes.raw("", line, format="html"))


def _outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that list others are written anew when there are more answers, or fewer."""
    now = counts(env)
    if now == getattr(env, "workbook_counts", {}):
        return []
    env.workbook_counts = now
    listing = {name for name, below in env.toctree_includes.items() if below}
    return sorted((listing | getattr(env, "workbook_route_pages", set())) & set(env.all_docs))


def _page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Load the script where progress is shown and no field is, whose own script does it too."""
    body = context.get("body") or ""
    shown = "data-progress=" in body or (pagename == app.config.root_doc and counts(app.env))
    if app.builder.format == "html" and shown and "data-answer=" not in body:
        app.add_js_file(f"{PART.folder}/progress.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", _show)
    app.connect("env-updated", _outdated)
    app.connect("html-page-context", _page)
