"""Puts the line of facts and the goals below a page's first paragraph."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from docutils import nodes
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from publish.page import frontmatter
from publish.page.facts import GOALS_LEAD, facts

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
            meta = frontmatter.read(path)
        except frontmatter.FrontMatterError as error:
            logger.warning("%s", error)
            return
        all_meta(self.env)[self.env.docname] = {**asdict(meta), "path": str(path)}
        section = next(iter(self.document.findall(nodes.section)), None)
        if section is None or not meta.goals:
            return
        paragraph = next((n for n in section.children if isinstance(n, nodes.paragraph)), None)
        if paragraph is None:
            logger.warning("no paragraph below the title", location=section)
            return
        section.insert(section.index(paragraph) + 1, self.box(meta))

    def box(self, meta: frontmatter.PageMeta) -> nodes.container:
        box = nodes.container(classes=["page-facts"])
        line = nodes.paragraph(classes=["facts-line"])
        for label, parts in facts(meta, self.link):
            item = nodes.inline(classes=["fact"])
            item += [nodes.strong(text=label), nodes.Text(" ")]
            for i, part in enumerate(parts):
                if i:
                    item += nodes.Text(", ")
                item += nodes.Text(part) if isinstance(part, str) else part
            line += item
        goals = nodes.bullet_list(classes=["page-goals"])
        goals += [nodes.list_item("", nodes.paragraph("", "", *inline(g))) for g in meta.goals]
        box += [line, nodes.paragraph(text=GOALS_LEAD, classes=["goals-title"]), goals]
        return box

    def link(self, need: str) -> nodes.Node | None:
        """Link to another page by its title; None while that page is missing."""
        docname = f"{FOLDER}{need}"
        if docname not in self.env.found_docs:
            return None
        path = Path(self.env.doc2path(docname))
        self.env.note_dependency(str(path))  # its title is shown here
        return addnodes.pending_xref(
            "", nodes.inline(text=page_title(path) or need), refdomain="std", reftype="doc",
            reftarget=f"/{docname}", refexplicit=True, refwarn=True, refdoc=self.env.docname,
        )


def inline(text: str) -> list[nodes.Node]:
    """Nodes of one line of Markdown: text, code, mathematics and emphasis."""
    parser = MarkdownIt("commonmark").use(dollarmath_plugin)
    made: list[nodes.Node] = []
    open_emphasis: nodes.Element | None = None
    for token in parser.parseInline(text)[0].children or []:
        if token.type in ("em_open", "strong_open"):
            open_emphasis = nodes.emphasis() if token.type == "em_open" else nodes.strong()
            made.append(open_emphasis)
            continue
        if token.type in ("em_close", "strong_close"):
            open_emphasis = None
            continue
        kind = {"code_inline": nodes.literal, "math_inline": nodes.math}.get(token.type)
        node = kind(text=token.content) if kind else nodes.Text(token.content)
        if open_emphasis is None:
            made.append(node)
        else:
            open_emphasis += node
    return made


def page_title(path: Path) -> str | None:
    """Text of the first level-1 heading of a Markdown file."""
    tokens = MarkdownIt("commonmark").use(front_matter_plugin).parse(path.read_text("utf-8"))
    for i, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return tokens[i + 1].content
    return None


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    all_meta(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    for docname in docnames & all_meta(other).keys():
        all_meta(env)[docname] = all_meta(other)[docname]


def setup(app: Sphinx) -> None:
    app.add_transform(PageFacts)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
