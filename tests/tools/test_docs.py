"""What README and CONTRIBUTING say is so: commands, files, lists and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from docutils.nodes import make_id
from markdown_it import MarkdownIt

from publish.page import frontmatter, vocabulary

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = {"README.md": README, "CONTRIBUTING.md": CONTRIBUTING}


def targets(text: str) -> list[str]:
    """Targets of all links and images."""
    inline = [t for t in MarkdownIt().enable("table").parse(text) if t.type == "inline"]
    children = [c for token in inline for c in token.children or ()]
    return [str(c.attrs.get("href") or c.attrs["src"]) for c in children
            if c.type in ("link_open", "image")]


def part(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    below = re.split(rf"^#+ {heading}$", text, flags=re.MULTILINE)
    assert len(below) == 2, f"{heading!r} stands there {len(below) - 1} times"
    return re.split(r"^#+ ", below[1], flags=re.MULTILINE)[0]


def anchors(text: str) -> set[str]:
    """Anchors of the headings."""
    tokens = MarkdownIt().parse(text)
    return {make_id(tokens[i + 1].content) for i, t in enumerate(tokens)
            if t.type == "heading_open"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    found = targets(DOCUMENTS[name])
    assert found
    for target in found:
        if target.startswith("http://127.0.0.1"):
            continue
        path, _, anchor = target.partition("#")
        assert ":" not in path, f"{name} links to {target}: no addresses outside of the repository"
        if path:
            assert (ROOT / path).exists(), f"{name} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(DOCUMENTS[path or name]), f"{name} links to {target}"


def test_the_screenshot_is_small():
    images = [t for t in targets(README) if t.endswith((".png", ".webp"))]
    assert len(images) == 1
    assert (ROOT / images[0]).stat().st_size <= 200 * 1024


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_commands_exist(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"`make (?:[A-Z]+=\S+ )?([a-z-]+)", DOCUMENTS[name]))
    assert named and named <= known, named - known


def test_files_that_are_named_exist():
    layout = part(README, "What is where").split("```")[1]
    named = [re.split(r"\s{3,}", line)[0] for line in layout.strip().splitlines()]
    top = " ".join(named).split()
    folders = "book|publish|dlworkbook|grading|experiments|bench|tests"
    named = re.findall(rf"`((?:{folders})/[\w./-]+)`", CONTRIBUTING)
    assert len(top) >= 10 and len(named) >= 10
    for path in top + named:
        known = path.partition("chNN")[0]  # what follows stands for any chapter
        assert (ROOT / known).exists(), path


def test_the_two_commands_are_in_the_first_screen():
    screen = README.partition("\n## ")[0]
    assert len(screen.splitlines()) < 25
    assert "make book" in screen and "make test" in screen


def test_contributing_lists_what_pages_may_use():
    directives = set(vocabulary.DIRECTIVES)
    sentence = re.search(r"Pages may use these directives: (.*?); these roles: (.*?); tables",
                         CONTRIBUTING, re.DOTALL)
    assert set(re.findall(r"`([\w:-]+)`", sentence[1])) == directives
    assert set(re.findall(r"`([\w:-]+)`", sentence[2])) == vocabulary.ROLES
    table = part(CONTRIBUTING, "Add a page").partition("Cell tags:")[2]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([\w-]+)`", "\n".join(rows))) == vocabulary.TAGS


def test_contributing_tells_all_parts_in_order():
    listed = part(CONTRIBUTING, "Its parts, in this order")
    numbered = re.findall(r"^\d+\. \*\*(.+?)\.\*\*", listed, re.MULTILINE)
    named = [name.lower() for name in numbered if name != "See it"]  # stands before the headings
    assert sorted(named) == sorted(["head", *(p for p in frontmatter.PARTS if p != "see")])
    assert named[:3] == ["head", "predict", "derive"] and named[-1] == "sources"
    assert "From *Derive* on the parts are `##` headings that begin with these words" in listed


def test_the_citation_names_the_book_and_no_address():
    """An address would be that of another copy."""
    import dlworkbook

    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    cited, config = yaml.safe_load(text), yaml.safe_load((ROOT / "_config.yml").read_text())
    assert cited["title"] == config["title"] and cited["version"] == dlworkbook.__version__
    assert cited["authors"] == [{"name": config["author"]}]
    assert {"cff-version", "message"} <= set(cited) and "://" not in text
