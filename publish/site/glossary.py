"""Behind each term of the glossary, the page that introduces it.

That is where its Chinese name stands first, in brackets behind the English one, or without; if no
page has that, where the English name is first set in italics, stands in the title, or, if it has
several words, stands at all. The link follows from the pages, so nobody keeps it. Fronts of
chapters do not introduce; a lab is named where no other page has the term.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from publish.page.frontmatter import LAB

from .facts import all_meta


def in_order(env: BuildEnvironment, name: str) -> Iterator[str]:
    """Names of the pages below one, in reading order."""
    for below in env.toctree_includes.get(name, []):
        yield below
        yield from in_order(env, below)


def chinese(meaning: str) -> list[str]:
    """The Chinese names at the head of a meaning: ``汇聚, 池化. The largest...``."""
    return [name.strip() for name in meaning.split(". ")[0].split(",") if not name.isascii()]


def introduced(term: str, meaning: str, texts: dict[str, str]) -> str | None:
    """The page that introduces a term; texts: sources by page name, in the order of choice."""
    names = "|".join(map(re.escape, chinese(meaning)))
    patterns = [rf"[(（](?:{names})[)），,]", names] if names else []
    word = re.escape(term)
    patterns += [rf"(?i)(?<!\*)\*{word}\w{{0,2}}\*(?!\*)", rf"(?im)^# .*\b{word}\b"]
    patterns += [rf"(?i)\b{word}\b"] if " " in term else []
    for pattern in patterns:
        for name, text in texts.items():
            if re.search(pattern, text):
                return name
    return None


def _texts(env: BuildEnvironment) -> dict[str, str]:
    """Sources of the pages that teach, labs last."""
    meta = all_meta(env)
    teach = [n for n in in_order(env, env.config.root_doc) if meta.get(n, {}).get("goals")]
    teach.sort(key=lambda name: bool(LAB.match(env.titles[name].astext())))
    return {name: Path(env.doc2path(name)).read_text(encoding="utf-8") for name in teach}


def _glossaries(env: BuildEnvironment) -> set[str]:
    """Pages that hold terms."""
    objects = env.get_domain("std").objects
    return {name for (kind, _), (name, _) in objects.items() if kind == "term"}


def _changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The glossary is written anew when a page, or its number, has changed."""
    shown = [[name, text, all_meta(env)[name]["number"]] for name, text in _texts(env).items()]
    digest = hashlib.sha256(repr(shown).encode()).hexdigest()
    if digest == getattr(env, "workbook_glossary", None):
        return []
    env.workbook_glossary = digest
    return sorted(_glossaries(env))


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if docname not in _glossaries(app.env):
        return
    texts = _texts(app.env)
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            line = next(item.findall(nodes.paragraph), None)
            terms = [term.astext() for term in item.findall(nodes.term)]
            where = line and introduced(terms[0], line.astext(), texts)
            if where:
                number = all_meta(app.env)[where]["number"]
                address = app.builder.get_relative_uri(docname, where)
                link = nodes.reference(
                    "", "", nodes.inline(text=number or app.env.titles[where].astext()),
                    internal=True, refuri=address, reftitle=app.env.titles[where].astext(),
                )
                line += [nodes.Text(" In "), link, nodes.Text(".")]


def setup(app: Sphinx) -> None:
    app.connect("env-updated", _changed)
    app.connect("doctree-resolved", _fill)
