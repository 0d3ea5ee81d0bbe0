"""How the graph stepper is read in Chromium, and what it must show (tests/kit/widget_page.py)."""

from __future__ import annotations

import pytest

from dlworkbook.widgets.graph_stepper import GraphStepper

KIND = GraphStepper
OTHER: dict = {}
STATES = (
    "", "bad", "s:99", "e:relu_s:99", "e:wave_s:99", "e:max_s:7", "s:99_x:a_v:a=-0.0625",
    "s:99_x:max(a,b,c,d)*min(a,b,c,d)^2-(a-b)/c_v:a=1234.567,b=-0.00123,c=1e-5,d=2",
)  # fmt: skip
BAD = ("x:a*+/2_v:a=1", "Something is missing before /")
GARBAGE = (
    "x:%25_v:a=1", "v:a", "x:a", "x:%3Cscript%3E_v:a=1", "s:100", "e:sqare", "x:constructor_v:a=1",
    "x:sqrt(a)_v:a=0", "x:2_v:", "s:", "x:" + "a" * 501 + "_v:a=1",
)  # fmt: skip
ALT = "The graph of a^2 + 2a at a = 3: the value is 15, the derivatives are by a 8."
NEEDS: dict = {}
FIRST = "a^2 + 2a with a = 3"
FIELDS = {
    "Expression": ("a*b + a", {"expression": "a*b + a", "values": "a = 3, b = 3"}, FIRST, {
        "a^": "Something is missing at the end", "alert(1)": "There is no function alert here",
        "<b>a</b>": "The character < has no meaning here", "": "Nothing is written here yet",
        "log(a - 3)": "log has no finite value at 0", "a+" * 40 + "a": "This makes 41 nodes",
    }),
    "Values": ("a = 1/2", {"values": "a = 1/2"}, FIRST, {
        "a = 1/0": "This is infinite", "": "a has no value yet",
        "a = 1, a = 2": "a is given two values",
        "b = 2": "There is no b here; the only letter is a",
    }),
}  # fmt: skip
SIGNS = {"*": "×", "-": "−", "/": "÷", "neg": "minus"}
READ = """(box) => ({
  nodes: [...box.querySelectorAll(".dlw-node")].map((g) => [...g.querySelectorAll("text")]
    .map((t) => t.textContent.replaceAll("−", "-"))),
  edges: box.querySelectorAll(".dlw-edge").length, back: box.querySelectorAll(".dlw-back").length,
  fact: box.querySelector(".dlw-facts dd").textContent.replaceAll("−", "-"),
  at: box.querySelector(".dlw-player output").textContent,
  fields: [...box.querySelectorAll(".dlw-typed")].map((f) => f.value) })"""


def agrees(page, box: int = 0, **settings) -> None:
    """Values, derivatives and edges are torch's; before their step they are not there."""
    want = GraphStepper(**settings)
    shown, nodes = page.locator(".dlw-box").nth(box).evaluate(READ), want.run()
    made = [n for n, node in enumerate(nodes) if node[1]]
    edges = [(n, k) for n in made for k in nodes[n][1]]
    flows = [(n, k) for n, k in edges if nodes[k][3] is not None]
    last = len(made) + 1 + len(flows)
    step = min(want.step, last)
    assert shown["at"] == f"{step + 1} of {last + 1}"
    assert shown["fields"] == list(want.texts())
    assert shown["edges"] == len(edges) and len(shown["nodes"]) == len(nodes)
    assert shown["back"] == max(0, step - len(made) - 1)
    for n, (title, inputs, value, grad) in enumerate(nodes):
        head, *rest = shown["nodes"][n]
        if grad is None and not inputs:
            assert (float(head), rest) == (pytest.approx(value, rel=5.1e-3), [])
            continue
        assert head.replace("-", "−") == SIGNS.get(title, title)
        known = n not in made[step:]
        assert bool(rest) == known
        if known:
            assert float(rest[0].removeprefix("value ")) == pytest.approx(value, rel=5.1e-3)
        if step <= len(made) or grad is None:
            assert rest[1:] == []
        if step == last and grad is not None:
            assert float(rest[1].removeprefix("grad ")) == pytest.approx(grad, rel=5.1e-3)
    for title, inputs, _, grad in nodes:
        if step == last and not inputs and grad is not None:
            line = next(p for p in shown["fact"].split("; ") if p.startswith(f"by {title}: "))
            assert float(line.split("= ")[-1].split(": ")[-1]) == pytest.approx(grad, rel=5.1e-3)
