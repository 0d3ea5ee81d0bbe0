"""The directive ``question``: what an interviewer asks, with the answer that a page gives.

``:::{question} What it asks`` with the option ``page``, the name of the page that answers it. Its
body has two paragraphs: one more follow-up question with its answer, and the mistake that costs
the offer. The answer itself and the first two follow-ups are the part *In two minutes* of the
page, copied when the route is written: nothing stands twice in the sources. The option ``level``
(E, M or H) says how hard the question is, if the page as a whole is easier or harder.

``:::{mock}`` is the mock interview about the questions of its page: which topics there are (the
headings above the questions) is known here, what happens then is ``dlworkbook/interview``.
"""

from __future__ import annotations

import hashlib
import re
from html import escape
from pathlib import Path
from typing import ClassVar
from urllib.parse import urldefrag, urljoin

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from dlworkbook.widgets.kit.bundle import classic
from publish.page.frontmatter import LEVELS

from .assets import Part
from .bundle import compact
from .exercises import Fold, Summary
from .facts import all_meta

PART = "In two minutes"
MISTAKE = "The mistake that costs the offer"
SOURCES = Path(__file__).resolve().parents[2] / "dlworkbook" / "interview"
NEXT = ("They ask next:", "And then:")
NUMBERS = ("5", "10", "all")
_BRACKET = re.compile(r"([()])")
_SENTENCE = re.compile(r"[?.!][’'”\"]?\s*$")


class Question(nodes.General, nodes.Element):
    """Placeholder: attributes n, page, level; children question, follow-up and mistake."""


class Asked(nodes.General, nodes.TextElement):
    """The line with the question: attributes key (the same as long as its page is) and level."""


class Mock(nodes.General, nodes.Element):
    """The mock interview."""


class QuestionDirective(SphinxDirective):
    """``:::{question} What it asks``."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"page": directives.unchanged_required,
                             "level": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        page = self.options.get("page", "")
        if page not in self.env.found_docs:
            raise self.error(f"question {self.arguments[0]!r}: the option 'page' must name a page "
                             f"of the book, and there is none called {page!r}")
        level = self.options.get("level", "")
        if level and level not in LEVELS:
            raise self.error(f"question {self.arguments[0]!r}: the level {level!r} is none of "
                             f"{', '.join(LEVELS)}")
        n = self.env.temp_data["workbook_question"] = self.env.temp_data.get(
            "workbook_question", 0) + 1
        inline, messages = self.state.inline_text(self.arguments[0], self.lineno)
        node = Question(ids=[f"question-{n}"], n=n, page=page, level=level)
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        if [type(child) for child in node] != [nodes.paragraph] * 2:
            raise self.error(f"question {self.arguments[0]!r} needs two paragraphs: one more "
                             "follow-up question with its answer, and the mistake")
        node.insert(0, nodes.inline("", "", *inline))
        _asked(self.env).setdefault(self.env.docname, []).append(page)
        return [node, *messages]


class MockDirective(SphinxDirective):
    """``:::{mock}``."""

    def run(self) -> list[nodes.Node]:
        node = Mock()
        self.set_source_info(node)
        return [node]


def _asked(env: BuildEnvironment) -> dict[str, list[str]]:
    """Pages that a page of questions shows, in their order."""
    if not hasattr(env, "workbook_questions"):
        env.workbook_questions = {}
    return env.workbook_questions


def _part(doctree: nodes.document, page: str) -> list[nodes.Node]:
    """Copies of what stands in the part of a page, without names that it has there."""
    for section in doctree.findall(nodes.section):
        if section[0].astext() == PART:
            copies = [child.deepcopy() for child in section[1:]]
            for node in (node for copy in copies for node in copy.findall(nodes.Element)):
                node["ids"], node["names"] = [], []
                for key in ("label", "number"):
                    if key in node:
                        node[key] = None
            return copies
    raise ExtensionError(f"{page}.md has no part '{PART}', so it can answer no question")


def _links(copies: list[nodes.Node], builder: Builder, page: str, docname: str) -> None:
    """Let the links of copies from a page lead from another to the same places."""
    base, here = builder.get_target_uri(page), builder.get_target_uri(docname)
    for node in (node for copy in copies for node in copy.findall(nodes.reference)):
        if "refid" in node:
            node["refuri"] = f"#{node.attributes.pop('refid')}"
        elif not node.get("internal"):
            continue
        target, place = urldefrag(urljoin(base, node["refuri"]))
        node["refuri"] = relative_uri(here, target) + (f"#{place}" if place else "")


def pairs(paragraph: nodes.paragraph) -> None:
    """Mark the follow-up questions of a paragraph, "What? (That.) And then? (This.)".

    Question and reply become inline nodes of the classes ``asked`` and ``reply``; the brackets
    stay outside. A bracket that opens where a sentence has ended begins a reply, and the reply
    ends with its partner. A paragraph of another shape is left as it is.
    """
    done: list[nodes.Node] = []
    part: list[nodes.Node] = []
    depth = 0

    def end(kind: str, sign: str) -> None:
        done.extend([nodes.inline("", "", *_trimmed(part), classes=[kind]), nodes.Text(sign)])
        part.clear()

    def read(text: str) -> None:
        nonlocal depth
        for piece in _BRACKET.split(text):
            said = "".join(node.astext() for node in part)
            if piece == "(" and (depth or _SENTENCE.search(said)):
                depth += 1
                if depth == 1:
                    end("asked", " (")
                    continue
            elif piece == ")" and depth:
                depth -= 1
                if not depth:
                    end("reply", ") ")
                    continue
            if piece:
                part.append(nodes.Text(piece))

    first, *others = paragraph.children
    for child in others:
        if isinstance(child, nodes.Text):
            read(child.astext())
        elif "together" in child["classes"] and depth and isinstance(child[-1], nodes.Text):
            tail = child[-1].astext()  # a formula and the signs behind it
            cut = _closing(tail, depth)
            child[-1] = nodes.Text(tail[:cut])
            depth += tail[:cut].count("(") - tail[:cut].count(")")
            part.append(child)
            read(tail[cut:])
        else:
            part.append(child)
    if done and not depth and not "".join(node.astext() for node in part).strip():
        done[-1] = nodes.Text(")")
        paragraph.children = []
        paragraph += [first, nodes.Text(" "), *done]


def _closing(text: str, depth: int) -> int:
    """Where the outermost of this many brackets closes; the length of the text if none does."""
    for bracket in re.finditer(r"[()]", text):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return bracket.start()
    return len(text)


def _trimmed(part: list[nodes.Node]) -> list[nodes.Node]:
    """Nodes without blanks at the two ends."""
    part = list(part)
    if part and isinstance(part[0], nodes.Text):
        part[0] = nodes.Text(part[0].astext().lstrip())
    if part and isinstance(part[-1], nodes.Text):
        part[-1] = nodes.Text(part[-1].astext().rstrip())
    return part


def _fold(title: str, *content: nodes.Node) -> Fold:
    fold = Fold(classes=["fold"])
    fold += Summary(text=title)
    fold += list(content)
    return fold


def _key(page: str, seen: list[str]) -> str:
    """By what a question is kept: the page that answers it, with a number from the second on."""
    key = page.removeprefix("book/")
    seen.append(key)
    n = seen.count(key)
    return key if n == 1 else f"{key}+{n}"


def _topic(node: nodes.Node) -> nodes.section:
    while not isinstance(node, nodes.section):
        node = node.parent
    return node


def _mock(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fill in the mock interview: its form holds the topics of the page's questions."""
    for place in list(doctree.findall(Mock)):
        topics: dict[str, list[str]] = {}
        for node in doctree.findall(Question):
            section = _topic(node)
            topics.setdefault(section["ids"][0], [section[0].astext()]).append("")
        named = {slug: (title, len(own)) for slug, (title, *own) in topics.items()}
        place.replace_self(nodes.raw("", form(docname, named), format="html"))


def option(kind: str, name: str, value: str, text: str, on: bool) -> str:
    """A box to tick, or one of several, with its text (HTML)."""
    return (f'<label><input type="{kind}" name="{name}" value="{escape(value)}"'
            f'{" checked" * on}> {text}</label>\n')


def group(legend: str, options: list[str]) -> str:
    """Options that belong together."""
    return f"<fieldset><legend>{legend}</legend>\n{''.join(options)}</fieldset>\n"


def form(docname: str, topics: dict[str, tuple[str, int]]) -> str:
    """The form before a set begins, as HTML; ``topics`` maps the id of a heading to its text
    and the number of its questions."""
    parts = [
        group("Topics", [
            option("checkbox", "topic", slug, f"{escape(title)} <span>({n})</span>", True)
            for slug, (title, n) in topics.items()
        ]),
        group("Level", [option("checkbox", "level", key, escape(name), True)
                        for key, name in LEVELS.items()]),
        group("Questions", [option("radio", "number", n, n, n == NUMBERS[0]) for n in NUMBERS]),
        group("Order", [option("checkbox", "weak", "1", "first what I did not answer well", True)]),
    ]
    return (
        f'<form class="mock needs-js" data-mock="{escape(docname)}" autocomplete="off">\n'
        f'{"".join(parts)}<p class="mock-set" role="status"></p>\n'
        '<p class="mock-buttons"><button type="submit" class="mock-main">Start</button>\n'
        '<button type="button" data-do="again">Draw another set</button>\n'
        '<button type="button" data-do="print">Print this set</button></p>\n'
        '<p class="mock-record"></p>\n</form>\n'
        "<noscript><p>Drawing questions, the clock and the printed set need JavaScript. Without "
        "it, the questions below and their answers are all here.</p></noscript>\n"
    )


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    _mock(app, doctree, docname)
    seen: list[str] = []
    for node in list(doctree.findall(Question)):
        page = node["page"]
        source = app.env.get_and_resolve_doctree(page, app.builder)
        answer = _part(source, page)
        _links(answer, app.builder, page, docname)
        asked, more, mistake = node
        level = node["level"] or all_meta(app.env).get(page, {}).get("level") or "M"
        heading = Asked(ids=node["ids"], key=_key(page, seen), level=level)
        heading += [nodes.strong("", f"{node['n']}. ", *asked.children)]
        for paragraph in (*answer, more):
            if isinstance(paragraph, nodes.paragraph) and paragraph.astext().startswith(NEXT):
                pairs(paragraph)
        where = nodes.paragraph(text="Derived, built and tried on ", classes=["question-page"])
        address = app.builder.get_relative_uri(docname, page)
        title = app.env.titles[page].astext()
        where += nodes.reference("", title, internal=True, refuri=address)
        where += nodes.Text(".")
        node.replace_self([heading, _fold(PART, *answer, more, where), _fold(MISTAKE, mistake)])


def _changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages of questions whose answers have changed."""
    old = getattr(env, "workbook_questions_digests", {})
    new = {}
    for docname, pages in _asked(env).items():
        parts = [node.pformat() for page in pages for node in _part(env.get_doctree(page), page)]
        parts += [env.titles[page].astext() for page in pages]
        new[docname] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    env.workbook_questions_digests = new
    return sorted(name for name in new if new[name] != old.get(name))


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _asked(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    _asked(env).update({name: _asked(other)[name] for name in docnames & _asked(other).keys()})


def visit_asked(writer, node: Asked) -> None:
    data = {"data-key": node["key"], "data-level": node["level"]}
    writer.body.append(writer.starttag(node, "p", "", CLASS="question", **data))


def depart_asked(writer, node: Asked) -> None:
    writer.body.append("</p>\n")


def _nothing(writer, node: nodes.Element) -> None:
    """Other builders print the question, and no interview."""


def files() -> dict[str, str]:
    """Name below ``_static/interview/`` -> contents."""
    return {"mock.js": classic(SOURCES / "view.js"),
            "mock.css": compact((SOURCES / "style.css").read_text(encoding="utf-8"))}


MOCK = Part("mock", "interview", "data-mock=", files, loading={})


def setup(app: Sphinx) -> None:
    skip = (_nothing, _nothing)
    other = dict.fromkeys(("latex", "text", "man", "texinfo"), skip)
    app.add_node(Question)
    app.add_node(Mock)
    app.add_node(Asked, html=(visit_asked, depart_asked), **other)
    app.add_directive("question", QuestionDirective)
    app.add_directive("mock", MockDirective)
    MOCK.setup(app)
    app.connect("env-updated", _changed)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("doctree-resolved", _fill)
