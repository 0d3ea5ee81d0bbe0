"""Chapter and section numbers from the pages' front matter, not from their order.

A page keeps the number of the d2l section (Chinese edition 2.0) that it covers, also while
chapters before it are missing. Figures are numbered below their page: Figure 6.2.1.
"""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

from publish.page.numbers import sort_key


def page_number(env: BuildEnvironment, docname: str) -> tuple[int, ...]:
    """(6, 2) for a page whose front matter says ``number: "6.2"``; () without a number."""
    number = getattr(env, "workbook_meta", {}).get(docname, {}).get("number", "")
    return sort_key(number) if number else ()


def assign_section_numbers(self: TocTreeCollector, env: BuildEnvironment) -> list[str]:
    """Number each page's title; headings inside a page carry none.

    Takes the place of Sphinx' own method, which counts pages in toctree order.
    Returns the names of the pages whose number changed.
    """
    changed = []
    old = env.toc_secnumbers
    env.toc_secnumbers = {}
    for docname, toc in env.tocs.items():
        number = page_number(env, docname)
        reference = next(
            (p[0] for p in toc.findall(addnodes.compact_paragraph) if p.children), None
        )
        if number and isinstance(reference, nodes.reference):
            # An empty number, not none: Sphinx gives a heading without an entry the title's.
            inner = (r["anchorname"] for r in toc.findall(nodes.reference))
            env.toc_secnumbers[docname] = {
                **dict.fromkeys(inner, ()), reference["anchorname"]: number,
            }
            reference["secnumber"] = list(number)
            if docname in env.titles:
                env.titles[docname]["secnumber"] = list(number)
        if env.toc_secnumbers.get(docname, {}) != old.get(docname, {}):
            changed.append(docname)
    return changed


def _take_over(app: Sphinx, config: Config) -> None:
    # Subclasses too: sphinx-external-toc, which Jupyter Book switches on, brings one.
    for collector in (TocTreeCollector, *TocTreeCollector.__subclasses__()):
        collector.assign_section_numbers = assign_section_numbers


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _take_over)
