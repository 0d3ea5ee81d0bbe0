"""The directives ``exercise``, ``hint`` and ``solution``.

Exercises are numbered on their page in order of appearance; ``{ref}`` to their label gives
"Exercise 3". Hints and solutions are native ``<details>``: they open without JavaScript,
print, and can be searched by the browser.
"""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from publish.page import numbers
from publish.page.exercises import OPTIONS, complaint, minutes
from publish.page.frontmatter import LEVELS

logger = logging.getLogger(__name__)


class Exercise(nodes.General, nodes.Element):
    """One exercise: attributes label, n, title, level, minutes, numbers."""


class Fold(nodes.General, nodes.Element):
    """A <details>; the first child is its Summary."""


class Solution(Fold):
    """A solution: attribute target is the label of its exercise."""


class Summary(nodes.General, nodes.TextElement):
    """The <summary> of a Fold."""


def _required(argument: str | None) -> str:
    return directives.unchanged_required(argument).strip()


class ExerciseDirective(SphinxDirective):
    """``:::{exercise} Title`` with the options label, number and level, all required."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = dict.fromkeys(OPTIONS, _required)

    def run(self) -> list[nodes.Node]:
        title = self.arguments[0]
        wrong = complaint(self.options)
        if wrong:
            raise self.error(f"exercise {title!r} {wrong}")
        numbered = numbers.parse(self.options["number"])
        n = self.env.temp_data["workbook_exercise"] = self.env.temp_data.get(
            "workbook_exercise", 0
        ) + 1
        label = nodes.fully_normalize_name(self.options["label"])
        anchor = nodes.make_id(label)
        node = Exercise(
            ids=[anchor], label=label, n=n, title=title, level=self.options["level"],
            minutes=minutes(self.options), numbers=numbered,
        )
        self.set_source_info(node)
        heading = nodes.paragraph(classes=["exercise-title"])
        heading += nodes.inline(text=f"Exercise {n}", classes=["exercise-number"])
        inline, messages = self.state.inline_text(title, self.lineno)
        heading += nodes.inline("", "", *inline, classes=["exercise-name"])
        meta = nodes.paragraph(classes=["exercise-meta"])
        meta += nodes.inline(text=LEVELS[node["level"]], classes=["exercise-level"])
        if numbered:
            text = " · ".join(numbers.shown(numbered))
            meta += nodes.inline(text=text, classes=["exercise-source"])
        node += [heading, meta]
        self.state.nested_parse(self.content, self.content_offset, node)
        self._note(node, label, anchor)
        return [node, *messages]

    def _note(self, node: Exercise, label: str, anchor: str) -> None:
        labels = self.env.get_domain("std").labels
        if label in labels and labels[label][0] != self.env.docname:
            logger.warning("duplicate exercise label %r, also in %s", label, labels[label][0],
                           location=node)
        labels[label] = (self.env.docname, anchor, f"Exercise {node['n']}")
        self.env.get_domain("std").anonlabels[label] = (self.env.docname, anchor)
        record = {key: node[key] for key in ("label", "n", "title", "level", "numbers")}
        exercises(self.env).setdefault(self.env.docname, []).append(record)


class HintDirective(SphinxDirective):
    """A folded hint."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        node = Fold(classes=["hint"])
        self.set_source_info(node)
        node += Summary(text="Hint")
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class BookOnlyDirective(SphinxDirective):
    """What students do not get with a lab; here it is text as any other."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return self.parse_content_to_nodes()


class SolutionDirective(SphinxDirective):
    """The folded solution of the exercise with the given label, on the same page."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        label = nodes.fully_normalize_name(self.arguments[0])
        own = exercises(self.env).get(self.env.docname, [])
        found = next((e for e in own if e["label"] == label), None)
        if found is None:
            raise self.error(f"solution of {label!r}: no exercise with this label stands above it")
        node = Solution(classes=["solution"], target=label)
        self.set_source_info(node)
        node += Summary(text=f"Solution of exercise {found['n']}")
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def exercises(env: BuildEnvironment) -> dict[str, list[dict]]:
    """All exercises of the book, by page name."""
    if not hasattr(env, "workbook_exercises"):
        env.workbook_exercises = {}
    return env.workbook_exercises


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    exercises(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    for docname in docnames & exercises(other).keys():
        exercises(env)[docname] = exercises(other)[docname]


def visit_exercise(writer, node: Exercise) -> None:
    writer.body.append(
        writer.starttag(node, "div", CLASS="exercise", role="group",
                        **{"aria-label": f"Exercise {node['n']}"})
    )


def depart_div(writer, node: nodes.Element) -> None:
    writer.body.append("</div>\n")


def visit_fold(writer, node: Fold) -> None:
    writer.body.append(writer.starttag(node, "details"))


def depart_fold(writer, node: Fold) -> None:
    writer.body.append("</details>\n")


def visit_summary(writer, node: Summary) -> None:
    writer.body.append(writer.starttag(node, "summary", ""))


def depart_summary(writer, node: Summary) -> None:
    writer.body.append("</summary>\n")


def _skip(writer, node: nodes.Element) -> None:
    """Other builders (text, LaTeX) print the children one after the other."""


def setup(app: Sphinx) -> None:
    other = dict.fromkeys(("latex", "text", "man", "texinfo"), (_skip, _skip))
    app.add_node(Exercise, html=(visit_exercise, depart_div), **other)
    app.add_node(Fold, html=(visit_fold, depart_fold), **other)
    app.add_node(Solution, html=(visit_fold, depart_fold), **other)
    app.add_node(Summary, html=(visit_summary, depart_summary), **other)
    app.add_directive("exercise", ExerciseDirective)
    app.add_directive("hint", HintDirective, override=True)
    app.add_directive("book-only", BookOnlyDirective)
    app.add_directive("solution", SolutionDirective)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
