"""The directives ``answer`` and ``predict`` and the role ``settles``: fields on the page.

The whole field is written here, so that nothing moves when the script arrives
(``dlworkbook/answers/view.js`` judges, keeps, and shows again). What needs the script is out of
sight without it: the items of a choice are then a plain list, and the rest is not there.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from publish.page.answers import BodyError, read, shuffled

from . import answer_files
from .assets import Part

logger = logging.getLogger(__name__)

ASK, ASK_FIRST = "Your answer", "Your prediction"
PREDICTION = "pr-"  # how the id of a prediction begins: it is kept, and not counted
# Verdicts that were kept come with the first picture, so that nothing moves after it.
PART = Part("answers", "answers", "data-answer=", answer_files.files)
# What to write, by kind; {names} are those of an expression.
FORMS = {
    "number": "a number, such as 0.25, 1/4 or 2.5e-3",
    "integer": "a whole number",
    "interval": "an interval, such as [0, 1) or (0, inf)",
    "shape": "a shape, such as (2, 3)",
    "vector": "a vector, such as [1, 0, 2]",
    "matrix": "a matrix row by row, such as [[1, 2], [3, 4]]; pasting one works",
    "expression": "an expression{names}",
    "choice": "",
    "order": "first things first",
}
SEVERAL = "all that apply"
COUNTS = {"tol": "within {}% counts", "abs": "{} more or less counts"}
GROWING = ("vector", "matrix")  # fields of several lines


class Answer(nodes.General, nodes.Element):
    """The field of one answer: name (its id), kind, spec; children Ask, then Options, then Row."""


class Ask(nodes.General, nodes.TextElement):
    """What is asked: the label, or the legend, of the field."""


class Option(nodes.General, nodes.TextElement):
    """One thing to choose, or to put in order: attribute letter."""


class Row(nodes.General, nodes.Element):
    """Field, unit and button, what to write, and the place of the verdict."""


class Settles(nodes.General, nodes.Element, nodes.Inline):
    """Where a prediction is shown again: attribute name."""


class PredictDirective(SphinxDirective):
    """``::::{predict}``: questions to answer before anything is run."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        node = nodes.admonition(classes=["predict"])
        self.set_source_info(node)
        node += nodes.title(text="Predict")
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class AnswerDirective(SphinxDirective):
    """``:::{answer} id`` with a YAML body."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        try:
            spec = read("\n".join(self.content))
        except BodyError as error:
            raise self.error(f"answer {name!r}: {error}") from None
        if spec.get("kind") not in FORMS or "is" not in spec:
            raise self.error(f"answer {name!r}: its body needs 'is: ...' and 'kind: ...', which is "
                             f"one of {', '.join(FORMS)}")
        node = Answer(ids=[f"answer-{name}"], name=name, kind=spec["kind"], spec=spec,
                      page=self.env.docname)
        self.set_source_info(node)
        messages: list[nodes.Node] = []
        ask = ASK_FIRST if name.startswith(PREDICTION) else ASK
        self._line(node, Ask(), str(spec.get("ask") or ask), messages)
        of = spec.get("of") or {}
        letters = shuffled(name, list(of), spec["is"]) if spec["kind"] == "order" else list(of)
        for letter in letters:
            self._line(node, Option(letter=letter), str(of[letter]), messages)
        node += Row()
        self._note(name, node)
        return [node, *messages]

    def _line(self, answer: Answer, node: nodes.TextElement, text: str, messages: list) -> None:
        """A line of Markdown as the text of a part of the answer."""
        inline, more = self.state.inline_text(text, self.lineno)
        node += inline
        answer += node
        messages += more

    def _note(self, name: str, node: Answer) -> None:
        known = answers(self.env)
        where = next((page for page, names in known.items() if name in names), None)
        if where:
            logger.warning("duplicate answer %r, also in %s", name, where, location=node)
        known.setdefault(self.env.docname, []).append(name)


class SettlesRole(SphinxRole):
    """``{settles}`pr-...``: the reader's own prediction stands here, once there is one."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        name = self.text.strip()
        if name not in answers(self.env).get(self.env.docname, []):
            logger.warning("no prediction %r stands above this on the page", name,
                           location=self.get_location())
        return [Settles(name=name)], []


def form(spec: dict[str, Any]) -> str:
    """What to write into the field, and how exact it must be; empty where the field shows it."""
    kind = spec["kind"]
    if kind == "choice":
        return SEVERAL if isinstance(spec.get("is"), list) else ""
    names = [f"<code>{escape(str(name))}</code>" for name in spec.get("names") or ()]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    parts = [FORMS[kind].format(names=f" in {listed}" if listed else " without letters")]
    if spec.get("tol"):
        parts.append(COUNTS["tol"].format(f"{100 * float(spec['tol']):g}"))
    if spec.get("abs"):
        parts.append(COUNTS["abs"].format(f"{float(spec['abs']):g}"))
    return "; ".join(parts)


def answers(env: BuildEnvironment) -> dict[str, list[str]]:
    """Ids of all answers of the book, by page name."""
    if not hasattr(env, "workbook_answers"):
        env.workbook_answers = {}
    return env.workbook_answers


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    answers(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    for docname in docnames & answers(other).keys():
        answers(env)[docname] = answers(other)[docname]


# --- HTML


def visit_answer(writer, node: Answer) -> None:
    listed = node["kind"] in ("choice", "order")
    kind = "answer" if listed else "answer needs-js"
    more = {"data-answer": node["name"], "data-kind": node["kind"], "data-page": node["page"],
            "autocomplete": "off"}
    writer.body.append(writer.starttag(node, "form", CLASS=kind, **more))
    if listed:
        writer.body.append(f'<fieldset aria-describedby="{node["ids"][0]}-form">')


def depart_answer(writer, node: Answer) -> None:
    spec = {key: value for key, value in node["spec"].items() if key not in ("ask", "of")}
    if "of" in node["spec"]:
        spec["of"] = dict.fromkeys(node["spec"]["of"], "")
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c")
    writer.body.append(f'<script type="application/json">{text}</script></form>\n')


def visit_ask(writer, node: Ask) -> None:
    if node.parent["kind"] in ("choice", "order"):
        hidden = "" if node.parent["spec"].get("ask") else " needs-js"
        writer.body.append(f'<legend class="answer-ask{hidden}">')
    else:
        writer.body.append(f'<label class="answer-ask" for="{node.parent["ids"][0]}-field">')


def depart_ask(writer, node: Ask) -> None:
    listed = node.parent["kind"] in ("choice", "order")
    writer.body.append("</legend>\n" if listed else "</label>\n")
    if listed:
        tag = "ol" if node.parent["kind"] == "order" else "ul"
        writer.body.append(f'<{tag} class="answer-items">\n')


def visit_option(writer, node: Option) -> None:
    answer, letter = node.parent, escape(node["letter"])
    item = f"{answer['ids'][0]}-{letter}"
    if answer["kind"] == "choice":
        kind = "checkbox" if isinstance(answer["spec"].get("is"), list) else "radio"
        writer.body.append(
            f'<li><label class="answer-item"><input class="needs-js" type="{kind}" '
            f'name="{answer["ids"][0]}" value="{letter}"> <b>{letter}</b> <span id="{item}">'
        )
    else:
        writer.body.append(
            f'<li class="answer-item" data-letter="{letter}"><b class="answer-grip">{letter}</b> '
            f'<span id="{item}">'
        )


def depart_option(writer, node: Option) -> None:
    answer = node.parent
    item = f"{answer['ids'][0]}-{escape(node['letter'])}"
    if answer["kind"] == "choice":
        writer.body.append("</span></label></li>\n")
    else:
        buttons = "".join(
            f'<button class="answer-move needs-js" type="button" id="{item}-{to}" data-by="{by}" '
            f'aria-label="Move {to}" aria-labelledby="{item}-{to} {item}" disabled>{sign}</button>'
            for to, by, sign in (("up", -1, "↑"), ("down", 1, "↓"))
        )
        writer.body.append(f"</span> {buttons}</li>\n")
    if isinstance(answer.children[answer.index(node) + 1], Row):
        tag = "ol" if answer["kind"] == "order" else "ul"
        writer.body.append(f"</{tag}></fieldset>\n")


def visit_row(writer, node: Row) -> None:
    answer = node.parent
    own, kind, spec = answer["ids"][0], answer["kind"], answer["spec"]
    unit = spec.get("unit")
    field = ""
    if kind not in ("choice", "order"):
        about = f'{own}-unit {own}-form' if unit else f"{own}-form"
        plain = (f'id="{own}-field" aria-describedby="{about} {own}-verdict" '
                 'autocapitalize="off" autocomplete="off" spellcheck="false"')
        field = (f'<textarea {plain} rows="2"></textarea>' if kind in GROWING else
                 f'<input type="text" enterkeyhint="done" {plain}>')
    if unit:
        field += f'<span class="answer-unit" id="{own}-unit">{escape(str(unit))}</span>'
    says = "Keep my prediction" if answer["name"].startswith(PREDICTION) else "Check"
    if kind == "order":
        writer.body.append('<span class="visually-hidden" aria-live="polite"></span>\n')
    writer.body.append(
        f'<div class="answer-row needs-js">{field}<button type="submit" disabled>{says}</button>'
        f'<span class="answer-form" id="{own}-form">{form(spec)}</span></div>\n'
        f'<p class="answer-verdict needs-js" id="{own}-verdict" role="status"></p>\n'
    )


def visit_settles(writer, node: Settles) -> None:
    writer.body.append(f'<span class="settles" data-settles="{escape(node["name"])}">')


def depart_settles(writer, node: Settles) -> None:
    writer.body.append("</span>")


def _nothing(writer, node: nodes.Element) -> None:
    """Row ends with what it began with; other builders print the children one after the other."""


def setup(app: Sphinx) -> None:
    skip = (_nothing, _nothing)
    other = dict.fromkeys(("latex", "text", "man", "texinfo"), skip)
    app.add_node(Answer, html=(visit_answer, depart_answer), **other)
    app.add_node(Ask, html=(visit_ask, depart_ask), **other)
    app.add_node(Option, html=(visit_option, depart_option), **other)
    app.add_node(Row, html=(visit_row, _nothing), **other)
    app.add_node(Settles, html=(visit_settles, depart_settles), **other)
    app.add_directive("answer", AnswerDirective)
    app.add_directive("predict", PredictDirective)
    app.add_role("settles", SettlesRole())
    PART.setup(app)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
