"""Puts the line of facts and the goals below a page's first paragraph."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from docutils import nodes
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.mdit import create_md_parser
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from publish.page import frontmatter, minutes
from publish.page.book import Book
from publish.page.facts import GOALS_LEAD, facts

from .exercises import Exercise

logger = logging.getLogger(__name__)
FOLDER = "book/"


def all_meta(env: BuildEnvironment) -> dict[str, dict]:
    """Front matter of every page that was read, by page name."""
    if not hasattr(env, "workbook_meta"):
        env.workbook_meta = {}
    return env.workbook_meta


class PageFacts(SphinxTransform):
    """Reads the front matter of a page, keeps it, and shows it."""

    default_priority = 200

    def apply(self, **kwargs: object) -> None:
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".md":
            return
        try:
            front = frontmatter.load(path.read_text(encoding="utf-8"), path)
        except frontmatter.FrontMatterError as error:
            logger.warning("%s", error)
            return
        meta = front.meta
        time = minutes.told(Book(Path(self.env.srcdir)).page(self.env.docname))
        all_meta(self.env)[self.env.docname] = {**asdict(meta), "path": str(path), "time": time}
        section = next(iter(self.document.findall(nodes.section)), None)
        if section is None or not meta.goals:
            return
        paragraph = next((n for n in section.children if isinstance(n, nodes.paragraph)), None)
        if paragraph is None:
            logger.warning("no paragraph below the title", location=section)
            return
        if not meta.minutes:  # then they are counted
            for exercise in self.document.findall(Exercise):
                words = f"{exercise['minutes']} min"
                exercise[1].insert(1, nodes.inline(text=words, classes=["exercise-minutes"]))
        section.insert(section.index(paragraph) + 1, self.box(front, time))

    def box(self, front: frontmatter.Front, time: str) -> nodes.container:
        box = nodes.container(classes=["page-facts"])
        line = nodes.paragraph(classes=["facts-line"])
        for label, parts in facts(front.meta, time, self.link):
            item = nodes.inline(classes=["fact"])
            item += [nodes.strong(text=label), nodes.Text(" ")]
            for i, part in enumerate(parts):
                if i:
                    item += nodes.Text(", ")
                item += nodes.Text(part) if isinstance(part, str) else part
            line += item
        goals = nodes.bullet_list(classes=["page-goals"])
        line_of_goals = front.line("workbook", "goals")
        goals += [nodes.list_item("", self.text(g, line_of_goals)) for g in front.meta.goals]
        box += [line, nodes.paragraph(text=GOALS_LEAD, classes=["goals-title"]), goals]
        return box

    def link(self, need: str) -> nodes.Node | None:
        """Link to another page by its title; None while that page is missing."""
        docname = f"{FOLDER}{need}"
        if docname not in self.env.found_docs:
            return None
        self.env.note_dependency(self.env.doc2path(docname))  # its title is shown here
        return addnodes.pending_xref(
            "", nodes.inline(), refdomain="std", reftype="doc", reftarget=f"/{docname}",
            refexplicit=False, refwarn=True, refdoc=self.env.docname,
        )

    def text(self, text: str, line: int) -> nodes.paragraph:
        """One line of Markdown, as in the text of the page."""
        made = nodes.paragraph()
        parser = create_md_parser(self.env.myst_config, SphinxRenderer)
        parser.options.update(document=self.document, current_node=made)
        parser.renderer.setup_render(parser.options, {})
        parser.renderer.nested_render_text(text, line, inline=True)
        return made


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    all_meta(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    for docname in docnames & all_meta(other).keys():
        all_meta(env)[docname] = all_meta(other)[docname]


def setup(app: Sphinx) -> None:
    app.add_transform(PageFacts)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
