"""The directive ``route``: index pages made from the front matter of all pages.

``:::{route} d2l`` (option ``edition: zh`` or ``en``), ``exam``, ``interview`` or ``lab``; and
``state``, the numbers of all of them in a paragraph, for the first page; ``papers``, a table of
what exams ask, with the pages that teach it. The directive leaves a
placeholder, which is filled when the page is written: by then every page has been read. Whenever
front matter, titles or exercises change anywhere, the route pages are written anew
(``env-updated``); nothing else is.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from publish import practice
from publish.page import d2l, items
from publish.page.frontmatter import LAB, LEVELS
from publish.page.numbers import section_of, sort_key

from .exercises import Fold, Summary
from .progress import progress

KINDS = ("d2l", *items.ROUTES, "papers", "state")
ANSWERED = {"exam": "worked", "interview": "answered", "lab": "here"}  # what an item of it can be
NOT_YET = "not yet"
PRACTICE = "book/exam/practice"  # where all families are
STATES = {  # of an exercise, noted in cells.py
    "page": "checked on the page", "notebook": "checked in the notebook", "discussed": "discussed",
}


class Route(nodes.General, nodes.Element):
    """Placeholder of a route; attributes kind and edition."""


class RouteDirective(SphinxDirective):
    """``:::{route} kind``."""

    required_arguments = 1
    option_spec: ClassVar = {"edition": lambda text: directives.choice(text, tuple(d2l.EDITIONS))}

    def run(self) -> list[nodes.Node]:
        kind = self.arguments[0]
        if kind not in KINDS:
            raise self.error(f"route {kind!r}: must be one of {', '.join(KINDS)}")
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
    shown += [items.topics(route) for route in items.ROUTES]
    shown += [items.trains(), [astuple(kind) for kind in items.asked()], items.practice(),
              PRACTICE in env.titles]
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
        if kind == "state":
            return [self.state()]
        if kind == "papers":
            return [self.papers()]
        return self.d2l(edition) if kind == "d2l" else self.items(kind)

    def state(self) -> nodes.paragraph:
        """How many pages are finished, what they cover, and which chapters have none."""
        pages = _pages(self.env)
        labs = sum(bool(LAB.match(self.env.titles[name].astext())) for name in pages)
        line = nodes.paragraph(classes=["state"])
        one = len(pages) == 1
        line += nodes.strong(text=f"{len(pages)} {'page is' if one else 'pages are'} finished")
        line += nodes.Text(f", {labs} of them labs. They cover ")
        numbers = {n for meta in pages.values() for n in meta["d2l"].get("zh", [])}
        total = sum(s.exercises for s in d2l.sections().values() if s.edition == "zh")
        covered = [f"{len(numbers)} of {total} exercises of d2l"]
        for route, what in (("interview", "interview questions"), ("exam", "exam problems"),
                            ("lab", "labs")):
            known = items.keys(route)
            named = {key for meta in pages.values() for key in meta[route]}
            covered.append(f"{len(named.intersection(known))} of {len(known)} {what}")
        text = f"{', '.join(covered[:-1])} and {covered[-1]}; the routes name the rest."
        line += nodes.Text(text)
        begun = {part for name in pages for part in name.split("/")}
        empty = [str(n) for n, folder in d2l.CHAPTERS.items() if folder not in begun]
        if len(empty) > 1:
            listed = f"{', '.join(empty[:-1])} and {empty[-1]}"
            line += nodes.Text(f" Chapters {listed} have no page yet.")
        elif empty:
            line += nodes.Text(f" Chapter {empty[0]} has no page yet.")
        return line

    def papers(self) -> nodes.table:
        """Kinds of exam problems: how many papers ask them, and the pages that teach them."""
        rows = []
        for kind in items.asked():
            where = nodes.paragraph()
            links: list[nodes.Node] = []
            for name in kind.pages:
                if name not in self.env.titles:
                    raise ExtensionError(f"publish/page/papers.tsv: there is no page {name}.md")
                links += [nodes.Text(", ")] if links else []
                links.append(self.link(name, self.env.titles[name].astext()))
            where += links
            note = kind.note or ("" if links else NOT_YET)
            where += nodes.Text(f" ({note})" if links and note else note)
            fresh = nodes.paragraph()
            fresh += self.practice(kind.practice)
            rows.append([nodes.paragraph(text=kind.problem),
                         nodes.paragraph(text=str(kind.papers)), where, fresh])
        heads = ("Problem", "Papers", "Pages", "Fresh numbers")
        return _table([[nodes.paragraph(text=head) for head in heads]], rows)

    def d2l(self, edition: str) -> list[nodes.Node]:
        """By chapter: sections with pages and their exercises; the other sections, folded."""
        where: dict[str, list[str]] = {}  # exercise number -> page names
        for name, meta in _pages(self.env).items():
            for number in meta["d2l"].get(edition, []):
                where.setdefault(number, []).append(name)
        groups: dict[str, list[str]] = {}
        for number in sorted(where, key=sort_key):
            groups.setdefault(section_of(number), []).append(number)
        chapters: dict[str, list[d2l.Section]] = {}
        for (of, number), section in d2l.sections().items():
            if of == edition and section.exercises:
                chapters.setdefault(number.split(".")[0], []).append(section)
        total = sum(section.exercises for own in chapters.values() for section in own)
        result: list[nodes.Node] = [
            self.count(len(where), total, f"exercises solved{self.states(edition, where)}")
        ]
        introduced: set[str] = set()
        for chapter, sections in chapters.items():
            for section in sections:
                if section.number in groups:
                    numbers = groups[section.number]
                    result += self.section(edition, section.number, numbers, where, introduced)
            missing = [section for section in sections if section.number not in groups]
            result += self.missing(edition, chapter, missing) if missing else []
        return result

    def missing(self, edition: str, chapter: str, sections: list[d2l.Section]) -> list[nodes.Node]:
        """The sections of a chapter that no page covers, in a fold."""
        exercises = sum(section.exercises for section in sections)
        title = f"Chapter {chapter}" if chapter != "0" else "Preface"
        of = f"{len(sections)} section{'s' * (len(sections) > 1)}"
        fold = Fold(classes=["fold", "route-missing"])
        fold += Summary(text=f"{title}: {of} {NOT_YET} ({exercises} exercises)")
        listed = nodes.bullet_list()
        for section in sections:
            line = nodes.paragraph()
            title = f"{section.number} {section.title}" if chapter != "0" else section.title
            line += nodes.inline(text=title, classes=_voice(edition))
            line += nodes.Text(f" ({section.exercises}): {NOT_YET}")
            listed += nodes.list_item("", line)
        fold += listed
        return [fold]

    def count(self, done: int, total: int, what: str) -> nodes.paragraph:
        """``3 of 22 answered.`` at the head of a route."""
        return nodes.paragraph(text=f"{done} of {total} {what}.", classes=["route-count"])

    def states(self, edition: str, where: dict[str, list[str]]) -> str:
        """``: 40 checked on the page, 2 discussed``; each number once, by its best state."""
        best = []
        for number, names in where.items():
            records = [self.record(edition, number, name) for name in names]
            known = {record["state"] for record in records if record}
            best += [next((state for state in STATES if state in known), "discussed")]
        said = [f"{best.count(state)} {what}" for state, what in STATES.items() if state in best]
        return f": {', '.join(said)}" if said else ""

    def record(self, edition: str, number: str, name: str) -> dict | None:
        """The exercise of a page that has this number."""
        return next(
            (e for e in _exercises(self.env).get(name, [])
             if (edition, number) in map(tuple, e["numbers"])),
            None,
        )

    def section(
        self, edition: str, section: str, numbers: list[str], where: dict[str, list[str]],
        introduced: set[str],
    ) -> list[nodes.Node]:
        """One section of d2l; a page that an earlier section has introduced is only named."""
        known = d2l.sections().get((edition, section))
        title = f"{section} {known.title}" if known else section
        count = f"{len(numbers)} of {known.exercises} exercises" if known else ""
        heading = nodes.paragraph(classes=["route-section"])
        heading += nodes.strong(text=title, classes=_voice(edition))
        heading += nodes.Text(f" ({count})" if count else "")
        result: list[nodes.Node] = [heading]
        names = dict.fromkeys(name for number in numbers for name in where[number])
        result += [self.about(name, summary=name not in introduced) for name in names]
        introduced.update(names)
        listed = nodes.bullet_list(classes=["route-exercises"])
        for number in numbers:
            for name in where[number]:
                listed += self.exercise(edition, number, name)
        return [*result, listed]

    def exercise(self, edition: str, number: str, name: str) -> nodes.list_item:
        """The number, linked to the exercise, its title and level."""
        line = nodes.paragraph()
        record = self.record(edition, number, name)
        if record is None:  # named in the front matter, but in no exercise: the page must do
            line += self.link(name, number)
        else:
            line += self.link(name, f"{number} {record['title']}", nodes.make_id(record["label"]))
            line += nodes.Text(f" ({LEVELS[record['level']]}, {STATES[record['state']]})")
        return nodes.list_item("", line)

    def items(self, kind: str) -> list[nodes.Node]:
        """By topic: every item of the sources, with the pages that answer it or 'not yet'."""
        where: dict[str, list[str]] = {}
        for name, meta in _pages(self.env).items():
            for key in meta[kind]:
                where.setdefault(key, []).append(name)
        known = items.keys(kind)
        done = sum(key in where for key in known)
        result: list[nodes.Node] = [self.count(done, len(known), ANSWERED[kind])]
        introduced: set[str] = set()
        for topic, own in items.topics(kind).items():
            heading = nodes.paragraph(classes=["route-section"])
            listed = nodes.bullet_list(classes=["route-items"])
            if kind == "lab":
                heading += nodes.strong(text=f"Lab {topic}: {own[0]}")
                names = where.get(topic, [])
                listed += [nodes.list_item("", self.about(name)) for name in names]
                heading += nodes.Text("" if names else f" ({NOT_YET})")
            else:
                heading += nodes.strong(text=topic)
                done = sum(key in where for key in own)
                heading += nodes.Text(f" ({done} of {len(own)} {ANSWERED[kind]})")
                listed += [self.item(key, where.get(key, []), introduced) for key in own]
            result += [heading, listed] if len(listed) else [heading]
        return result

    def item(self, key: str, names: list[str], introduced: set[str]) -> nodes.list_item:
        """One item; a page that an earlier item has introduced is only named."""
        trains = items.trains().get(key)
        text = f"{key[0].upper()}{key[1:]}" + (f" (trains {trains})" if trains else "")
        line = nodes.paragraph(text=text + ("" if names else ": "))
        if not names:
            line += nodes.inline(text=NOT_YET, classes=["route-not-yet"])
        fresh = self.practice(items.practice().get(key, ()))
        line += [nodes.Text("; with fresh numbers: "), *fresh] if fresh else []
        found = nodes.list_item("", line)
        for name in names:
            found += self.about(name, summary=name not in introduced)
        introduced.update(names)
        return found

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

    def practice(self, families: tuple[str, ...]) -> list[nodes.Node]:
        """Links to the first problem of each family; none where there is no practice."""
        if PRACTICE not in self.env.titles:
            return []
        known = practice.families()
        links: list[nodes.Node] = []
        for family in families:
            if family not in known:
                raise ExtensionError(f"publish/page: there is no family {family!r} of problems")
            address = self.builder.get_relative_uri(self.docname, PRACTICE)
            title = nodes.inline(text=known[family]["title"])
            links += [nodes.Text(", ")] if links else []
            links.append(nodes.reference(
                "", "", title, internal=True,
                refuri=f"{address}?practice={family}.1.1#practice",
            ))
        return links

    def link(self, name: str, text: str, anchor: str = "") -> nodes.reference:
        address = self.builder.get_relative_uri(self.docname, name)
        address += f"#{anchor}" if anchor else ""
        return nodes.reference("", "", nodes.inline(text=text), internal=True, refuri=address)


def _table(head: list[list[nodes.Node]], rows: list[list[nodes.Node]]) -> nodes.table:
    """A table of paragraphs."""
    table = nodes.table()
    group = nodes.tgroup(cols=len(head[0]))
    group += [nodes.colspec(colwidth=1) for _ in head[0]]
    for part, lines in ((nodes.thead(), head), (nodes.tbody(), rows)):
        for line in lines:
            row = nodes.row()
            row += [nodes.entry("", cell) for cell in line]
            part += row
        group += part
    table += group
    return table


def _voice(edition: str) -> list[str]:
    """docutils makes lang="zh" of this class, so that screen readers change their voice."""
    return ["language-zh"] if edition == "zh" else []


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
