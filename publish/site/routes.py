"""The directive ``route``: index pages made from the front matter of all pages.

``:::{route} d2l`` (option ``edition: zh`` or ``en``), ``exam``, ``interview`` or ``lab``. The
directive leaves a placeholder, which is filled when the page is written: by then every page
has been read. Whenever front matter, titles or exercises change anywhere, the route pages are
written anew (``env-updated``); nothing else is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from publish.page import d2l
from publish.page.frontmatter import LEVELS
from publish.page.numbers import section_of, sort_key

from .progress import progress

# What a route page says while no page of the book is on that route.
EMPTY = {
    "d2l": "No finished page covers an exercise of this edition yet.",
    "exam": "No finished page works through an exam problem yet.",
    "interview": "No finished page answers an interview question yet.",
    "lab": "No finished page belongs to a lab yet.",
}


class Route(nodes.General, nodes.Element):
    """Placeholder of a route; attributes kind and edition."""


class RouteDirective(SphinxDirective):
    """``:::{route} kind``."""

    required_arguments = 1
    option_spec: ClassVar = {"edition": lambda text: directives.choice(text, tuple(d2l.EDITIONS))}

    def run(self) -> list[nodes.Node]:
        kind = self.arguments[0]
        if kind not in EMPTY:
            raise self.error(f"route {kind!r}: must be one of {', '.join(EMPTY)}")
        edition = self.options.get("edition", "")
        if (kind == "d2l") != bool(edition):
            raise self.error("a route to d2l needs the option 'edition', and no other route has it")
        node = Route(kind=kind, edition=edition)
        self.set_source_info(node)
        _route_pages(self.env).add(self.env.docname)
        return [node]


def _route_pages(env: BuildEnvironment) -> set[str]:
    """Names of the pages that hold a route."""
    if not hasattr(env, "workbook_route_pages"):
        env.workbook_route_pages = set()
    return env.workbook_route_pages


def _pages(env: BuildEnvironment) -> dict[str, dict]:
    """Front matter of the pages that teach (they have goals), by page name."""
    meta = getattr(env, "workbook_meta", {})
    return {name: m for name, m in sorted(meta.items()) if m["goals"]}


def _exercises(env: BuildEnvironment) -> dict[str, list[dict]]:
    return getattr(env, "workbook_exercises", {})


def _digest(env: BuildEnvironment) -> str:
    """Changes when anything does that a route page shows."""
    shown = [
        {
            "page": name,
            "title": env.titles[name].astext(),
            "meta": {key: value for key, value in meta.items() if key != "path"},
            "exercises": _exercises(env).get(name, []),
        }
        for name, meta in _pages(env).items()
    ]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def _changed_routes(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Route pages to write anew: all of them if what they show has changed."""
    digest = _digest(env)
    if digest == getattr(env, "workbook_routes_digest", None):
        return []
    env.workbook_routes_digest = digest
    return sorted(_route_pages(env) & set(env.all_docs))


class Writer:
    """Builds the nodes of the routes on one page."""

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.env = app.env
        self.builder = app.builder
        self.docname = docname

    def route(self, kind: str, edition: str) -> list[nodes.Node]:
        found = self.d2l(edition) if kind == "d2l" else self.texts(kind)
        return found or [nodes.paragraph(text=EMPTY[kind])]

    def d2l(self, edition: str) -> list[nodes.Node]:
        """For each section: its pages, then its exercises, in the order of their numbers."""
        where: dict[str, list[str]] = {}  # exercise number -> page names
        for name, meta in _pages(self.env).items():
            for number in meta["d2l"].get(edition, []):
                where.setdefault(number, []).append(name)
        groups: dict[str, list[str]] = {}
        for number in sorted(where, key=sort_key):
            groups.setdefault(section_of(number), []).append(number)
        result: list[nodes.Node] = []
        introduced: set[str] = set()
        for section, numbers in groups.items():
            result += self.section(edition, section, numbers, where, introduced)
        return result

    def section(
        self, edition: str, section: str, numbers: list[str], where: dict[str, list[str]],
        introduced: set[str],
    ) -> list[nodes.Node]:
        """One section of d2l; a page that an earlier section has introduced is only named."""
        known = d2l.sections().get((edition, section))
        title = f"{section} {known.title}" if known else section
        count = f"{len(numbers)} of {known.exercises} exercises" if known else ""
        heading = nodes.paragraph(classes=["route-section"])
        # docutils makes lang="zh" of this class, so that screen readers change their voice
        heading += nodes.strong(text=title, classes=["language-zh"] if edition == "zh" else [])
        heading += nodes.Text(f" ({count})" if count else "")
        result: list[nodes.Node] = [heading]
        names = dict.fromkeys(name for number in numbers for name in where[number])
        result += [self.about(name, summary=name not in introduced) for name in names]
        introduced.update(names)
        items = nodes.bullet_list(classes=["route-exercises"])
        for number in numbers:
            for name in where[number]:
                items += self.exercise(edition, number, name)
        return [*result, items]

    def exercise(self, edition: str, number: str, name: str) -> nodes.list_item:
        """The number, linked to the exercise, its title and level."""
        line = nodes.paragraph()
        record = next(
            (e for e in _exercises(self.env).get(name, [])
             if (edition, number) in map(tuple, e["numbers"])),
            None,
        )
        if record is None:  # named in the front matter, but in no exercise: the page must do
            line += self.link(name, number)
        else:
            line += self.link(name, f"{number} {record['title']}", nodes.make_id(record["label"]))
            line += nodes.Text(f" ({LEVELS[record['level']]})")
        return nodes.list_item("", line)

    def texts(self, kind: str) -> list[nodes.Node]:
        """For each problem, question or lab that a page names: the pages."""
        where: dict[str, list[str]] = {}
        for name, meta in _pages(self.env).items():
            for text in meta[kind]:
                where.setdefault(text, []).append(name)
        items = nodes.definition_list(classes=["route"])
        for text in sorted(where, key=_natural):
            label = f"Lab {text}" if kind == "lab" else text
            pages = nodes.definition("", *(self.about(name) for name in where[text]))
            items += nodes.definition_list_item("", nodes.term(text=label), pages)
        return [items] if where else []

    def about(self, name: str, summary: bool = True) -> nodes.paragraph:
        """One page in a paragraph: title, time, level and, if wanted, summary."""
        meta = _pages(self.env)[name]
        facts = [meta["time"]] if meta["time"] else []
        facts += [LEVELS[meta["level"]]] if meta["level"] else []
        number = f"{meta['number']} " if meta["number"] else ""
        line = nodes.paragraph(classes=["route-page"])
        line += self.link(name, number + self.env.titles[name].astext())
        line += nodes.Text(f" ({', '.join(facts)})." if facts else ".")
        line += nodes.Text(f" {meta['summary']}" if meta["summary"] and summary else "")
        line += nodes.raw("", progress(self.env, [name]), format="html")
        return line

    def link(self, name: str, text: str, anchor: str = "") -> nodes.reference:
        address = self.builder.get_relative_uri(self.docname, name)
        address += f"#{anchor}" if anchor else ""
        return nodes.reference("", "", nodes.inline(text=text), internal=True, refuri=address)


def _natural(text: str) -> list[tuple[int, int | str]]:
    """Sort key by which "lab 10" comes after "lab 9"."""
    parts: Iterable[str] = re.split(r"(\d+)", text.casefold())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for placeholder in list(doctree.findall(Route)):
        filled = Writer(app, docname).route(placeholder["kind"], placeholder["edition"])
        placeholder.replace_self(filled)


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _route_pages(env).discard(docname)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    _route_pages(env).update(_route_pages(other) & docnames)


def setup(app: Sphinx) -> None:
    app.add_node(Route)
    app.add_directive("route", RouteDirective)
    app.connect("env-updated", _changed_routes)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("doctree-resolved", _fill)
