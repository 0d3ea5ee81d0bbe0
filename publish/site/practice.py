"""The directive ``practice``: problems of an exam with fresh numbers, for ever.

``:::{practice}`` offers all families, ``:::{practice} family`` one. Written here are the controls,
the first problem, so that nothing is missing without the script, and one empty box of each kind in
a ``<template>``: the boxes are those of the answers, and ``dlworkbook/practice/view.js`` fills
them. Each family is a script of its own, fetched when it is chosen.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dlworkbook.widgets.kit import bundle
from publish import practice

from .answers import COUNTS, Answer, Ask, Option, Row
from .assets import Part
from .bundle import compact

FOLDER = "practice"  # below _static
BOXES: dict[str, dict[str, Any]] = {  # what an empty box is made from
    "number": {"unit": "-"}, "integer": {"unit": "-"}, "shape": {}, "vector": {}, "matrix": {},
    "interval": {}, "choice": {"is": "a", "of": {"a": "-", "b": "-"}, "ask": "-"},
}  # fmt: skip


class Practice(nodes.General, nodes.Element):
    """A place for problems: attribute family, empty for all."""


class PracticeDirective(SphinxDirective):
    """``:::{practice}`` or ``:::{practice} family``."""

    optional_arguments = 1
    has_content = False
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        family = self.arguments[0] if self.arguments else ""
        if family and family not in practice.names():
            raise self.error(f"practice: there is no family {family!r}; there are "
                             f"{', '.join(practice.names())}")
        n = self.env.temp_data["workbook_practice"] = 1 + self.env.temp_data.get(
            "workbook_practice", 0)
        node = Practice(ids=["practice" if n == 1 else f"practice-{n}"], family=family)
        self.set_source_info(node)
        return [node]


@cache
def files() -> dict[str, str]:
    """Name below ``_static/practice/`` -> contents."""
    sources = practice.SOURCES
    return {
        "practice.js": bundle.classic(sources / "view.js"),
        "practice.css": compact((sources / "style.css").read_text(encoding="utf-8")),
        **{f"{name}.js": bundle.handed(sources / "families" / f"{name}.js",
                                       "window.dlworkbookPractice") for name in practice.names()},
    }


@cache
def _first(name: str) -> dict[str, Any]:
    """The problem with which a page begins."""
    return practice.problems([(name, 1, 1)], html=True)[0]


def _options(choices: dict[Any, str]) -> str:
    return "".join(f'<option value="{k}">{escape(words)}</option>' for k, words in choices.items())


def taught(writer, name: str) -> tuple[str, str] | None:
    """Address and title of the page that teaches a family; None on that page itself."""
    builder, page = writer.builder, f"book/{practice.families()[name]['page']}"
    if page not in builder.env.titles or page == builder.current_docname:
        return None
    address = builder.get_relative_uri(builder.current_docname, page)
    return address, builder.env.titles[page].astext()


def told(writer, names: list[str], *facts: str) -> str:
    """What a script must know of families, as JSON for a ``script``."""
    known = practice.families()
    families = {}
    for name in names:
        families[name] = {fact: known[name][fact] for fact in facts}
        families[name]["taught"] = taught(writer, name)
        families[name]["version"] = bundle.digest(files()[f"{name}.js"])
    data = {"families": families, "counts": COUNTS}
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def empty_boxes(writer, stem: str) -> None:
    """One of each kind, for a ``<template>``; their ids begin with the stem."""
    for kind, spec in BOXES.items():
        box = Answer(ids=[f"{stem}-{kind}"], name=kind, kind=kind, page="",
                     spec={"is": 0, "kind": kind, **spec})
        box += [Ask(), *(Option(letter=letter) for letter in spec.get("of", ())), Row()]
        box.walkabout(writer)


def visit_practice(writer, node: Practice) -> None:
    known = practice.families()
    own = [node["family"]] if node["family"] else list(known)
    problem = _first(own[0])
    data = told(writer, own, "levels")
    choose = "" if node["family"] else (
        '<label>Kind of problem <select class="practice-family" autocomplete="off" disabled>'
        f'{_options({name: known[name]["title"] for name in own})}</select></label>'
    )
    page = taught(writer, own[0])
    link = f'Taught on <a href="{page[0]}">{escape(page[1])}</a>.' if page else ""
    levels = _options({k: f"{k}: {words}" for k, words in known[own[0]]["levels"].items()})
    writer.body.append(
        f'<div class="practice" id="{node["ids"][0]}" data-practice="{node["family"]}" '
        'role="group" aria-label="Practice">\n'
        f'<div class="practice-controls needs-js">{choose}'
        '<label>Level <select class="practice-level" autocomplete="off" disabled>'
        f'{levels}</select></label><div class="practice-buttons">'
        '<button class="practice-new" type="button" disabled>New numbers</button></div></div>\n'
        f'<p class="practice-told needs-js" role="status">Problem 1, about {problem["minutes"]} '
        'min.</p>\n'
        '<noscript><p>One problem stands here. With JavaScript there are as many as you like, '
        'each judged, with its steps.</p></noscript>\n'
        f'<div class="practice-problem">{problem["html"]["statement"]}</div>\n'
        '<div class="practice-boxes"></div>\n'
        '<ol class="practice-steps" aria-live="polite"></ol>\n'
        '<button class="practice-more needs-js" type="button" disabled>Show the first step'
        f'</button>\n<p class="practice-taught">{link}</p>\n'
        '<template>'
    )
    empty_boxes(writer, node["ids"][0])
    writer.body.append(f'</template><script type="application/json">{data}</script></div>\n')
    raise nodes.SkipNode


def _skip(writer, node: nodes.Element) -> None:
    raise nodes.SkipNode


PART = Part("practice", FOLDER, "data-practice=", files, holds=("answers",),
            fresh=(files, _first, practice.families))


def setup(app: Sphinx) -> None:
    other = dict.fromkeys(("latex", "text", "man", "texinfo"), (_skip, None))
    app.add_node(Practice, html=(visit_practice, None), **other)
    app.add_directive("practice", PracticeDirective)
    PART.setup(app)
