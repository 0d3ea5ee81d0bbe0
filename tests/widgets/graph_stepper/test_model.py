"""The graph stepper: every value and every derivative of every node is torch's."""

from __future__ import annotations

import math
import random

import pytest
import torch

from dlworkbook.answers import expression as parser
from dlworkbook.widgets.graph_stepper import GraphStepper
from dlworkbook.widgets.graph_stepper.widget import torch_operations
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError, declared
from tests.kit.expressions import random_text
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "graph_stepper/model.js"
MOST = declared("graph_stepper")["most"]
# Ties, kinks, a name used many times, powers at their edges, sums that cancel.
SPECIAL = [line.split(" | ") for line in """\
relu(a) | a = 0
relu(a)*b | a = -2, b = 3
abs(a) | a = 0
abs(a)*a | a = -3
max(a, b) | a = 2, b = 2
max(a, b, c) | a = 2, b = 1, c = 2
min(a, a, a) | a = 5
max(a, 3, b) | a = 3, b = 1
a | a = -4
-a | a = 4
a*a*a | a = -2
a - a | a = 7
a^0 | a = 0
a^b | a = 0, b = 2
2^a | a = 3
a^a | a = 2
a^-2 | a = -2
sign(a)*a | a = -2
floor(a)*a + ceil(a) | a = 2.5
pi*a + e^a | a = 1
α_1*x + 1/2 | α_1 = 1/4, x = 1e-3
(2*3 + 1)*a | a = 1
sigma(a) + ln(a) | a = 2""".splitlines()]


def locals_of(nodes: list) -> list[list[float]]:
    """The derivative of each node by each of its inputs alone, by torch."""
    operations, found = torch_operations(), []
    for title, inputs, _, _ in nodes:
        x = [torch.tensor(nodes[k][2], dtype=torch.float64, requires_grad=True) for k in inputs]
        grads = torch.autograd.grad(operations[title](*x), x) if x else []
        found.append([g.item() for g in grads])
    return found


def by_torch(case: dict) -> dict | None:
    """What the model must answer; None where something is not finite, or too large to draw."""
    nodes = GraphStepper(**case).run()
    local = locals_of(nodes)
    needs = [grad is not None for *_, grad in nodes]
    local = [[v if needs[k] else 0.0 for v, k in zip(row, inputs, strict=True)]
             for row, (_, inputs, _, _) in zip(local, nodes, strict=True)]  # fmt: skip
    numbers = [v for _, _, v, g in nodes for v in (v, g or 0)] + [v for row in local for v in row]
    if len(nodes) > MOST or not all(abs(v) < 1e6 for v in numbers):
        return None
    level: list[int] = []
    for _, inputs, _, _ in nodes:
        level.append(max((level[k] for k in inputs), default=-1) + 1)
    for n, (_, inputs, _, _) in enumerate(nodes):
        for k in inputs:
            if not nodes[k][1] and not needs[k]:
                level[k] = level[n] - 1
    edges = [(n, k, s) for n, node in enumerate(nodes) for s, k in enumerate(node[1])]
    flows = [(n, k, s) for n in reversed(range(len(nodes))) for s, k in enumerate(nodes[n][1])
             if needs[k]]  # fmt: skip
    return {
        "values": [v for _, _, v, _ in nodes], "grads": [g for *_, g in nodes], "local": local,
        "from": [list(inputs) for _, inputs, _, _ in nodes],
        "flows": [[n, k, s, nodes[n][3], local[n][s]] for n, k, s in flows],
        "forward": [n for n, node in enumerate(nodes) if node[1]],
        "places": len(nodes) + sum(level[n] - level[k] - 1 for n, k, _ in edges),
        "has": [not inputs for _, inputs, _, _ in nodes],
    }  # fmt: skip


def make_cases() -> list[tuple[dict, dict]]:
    rng = random.Random(5)
    cases = [({"expression": x, "values": v}, None) for x, v in SPECIAL]
    while len(cases) < 320:
        text = random_text(rng, 3, "acab")
        letters = parser.names(parser.parse(text))
        if letters:
            values = ", ".join(f"{n} = {rng.randint(-40, 40) / 8}" for n in letters)
            cases.append(({"expression": text, "values": values}, None))
    return [(case, want) for case, _ in cases if (want := by_torch(case))]


ASK = """(() => {
  const s = { example: "square", ...c }, w = m.work(s), last = w.steps.length - 1, end = m.seen(w, last);
  const flows = w.steps.flatMap(({ kind, to, from, slot }, k) => {
    if (kind !== "back") return [];
    const { up, local } = m.seen(w, k).parts[from].at(-1);
    return [[to, from, slot, up, local]];
  });
  const { rows, ways } = m.layout(w), at = w.nodes.map((n, k) => [n.level, rows[k]]).concat(...ways.values());
  return { values: w.nodes.map((n) => n.value), grads: end.grads, from: w.nodes.map((n) => n.from),
    local: w.nodes.map((n) => n.local), flows, places: new Set(at.map(String)).size,
    forward: w.steps.filter((t) => t.kind === "forward").map((t) => t.to), has: m.seen(w, 0).has };
})()"""  # noqa: E501
MUTANTS = [line.split(" | ") for line in """\
quotient without its square | -a / (b * b) | -a / b
sign of a difference | "-": () => [1, -1] | "-": () => [1, 1]
factors not exchanged | [b, a] | [a, b]
power not lowered | b * a ** (b - 1) | b * a ** b
base's logarithm forgotten | y * Math.log(a)] | y]
cosine's sign | -Math.sin(a) | Math.sin(a)
relu open at its kink | a > 0 ? 1 | a >= 0 ? 1
a tie counted in full | 1 / x.filter((u) => u === y).length | 1
tanh as sigmoid | tanh: (x, y) => [1 - y * y] | tanh: (x, y) => [y - y * y]
two logarithms mixed up | [1 / (a * Math.LN2)] | [1 / (a * Math.LN10)]
the last part only | total + part.up * part.local, 0 | part.up * part.local, 0
numbers take part | nodes[from].needs ? | true ?
backward in forward order | [...made].reverse() | [...made]
the first input's derivative | nodes[to].local[slot] | nodes[to].local[0]
an edge keeps no place | return node.from.flatMap((k, slot) | return [].flatMap((k, slot)
abs without its sign | abs: ([a]) => [Math.sign(a)] | abs: () => [1]""".splitlines()]


def test_model():
    cases, expected = zip(*make_cases(), strict=True)
    assert len(cases) > 220
    assert {c["expression"] for c in cases} >= {x for x, _ in SPECIAL}
    used = " ".join(c["expression"] for c in cases)
    assert all(f"{name}(" in used for name in parser.FUNCTIONS)
    beside = [bundle.WIDGETS / "kit/derivatives.js"]
    differential(MODEL, ASK, list(cases), list(expected), MUTANTS, beside=beside)


BAD = [line.split(" | ") for line in f"""\
a*+/2 | a = 1 | Something is missing before /
alert(1) | a = 1 | There is no function alert here
2 + 3 | a = 1 | There is no letter
a |  | a has no value yet
a | a = 1, b = 2 | There is no b here
a | a | gives no letter a value
a | a = 1 = 2 | gives no letter a value
a | a = 1, a = 2 | a is given two values
α_1 | α_1 = 1, alpha1 = 1 | α_1 is given two values
tan(pi*a/2) | a = 1 | tan is at a pole
a | a = x | There is no x here
a | a = 1e7 | larger than a million
a | a = 1/0 | infinite
a | a + 1 = 2 | is not one of the letters
log(a) | a = 0 | log has no finite value at 0
sqrt(a) | a = 0 | sqrt has no finite derivative at 0
a^b | a = -2, b = 3 | ^ has no finite derivative at −2 and 3
exp(a) | a = 1000 | no finite value
a{"+a" * 40} | a = 1 | nodes; at most 14
{"a" * 501} | a = 1 | too long
{"(" * 90}a | a = 1 | Too many brackets
__proto__ | a = 1 | before _
a | __proto__ = 1 | before _
constructor | a = 1 | There is no a here
<img src=x> | a = 1 | no meaning
a.b | a = 1 | Something is missing""".splitlines()]


def test_what_cannot_be_drawn_is_refused_in_words():
    cases = [{"example": "square", "expression": x, "values": v} for x, v, _ in BAD]
    ask = "data.map((c) => { try { m.work(c); return ''; } catch (e) { return e.message; } })"
    for case, said, (*_, part) in zip(cases, evaluate(MODEL, ask, cases), BAD, strict=True):
        assert part in said, (case, said)
    for case in ({"expression": "a*"}, {"expression": "a"}, {"values": "b = 2"}, {"step": -1},
                 {"values": "a = 3, a = 4"},
                 {"expression": "2"}, {"expression": 3}):  # fmt: skip
        with pytest.raises(StateError):
            GraphStepper(**case)


def test_words_and_picture():
    for example in declared("graph_stepper")["fields"]["example"]["of"]:
        widget = GraphStepper(example=example)
        assert "the derivatives are by " in widget.describe()
        assert widget.png().startswith(b"\x89PNG")
    assert math.isclose(GraphStepper().run()[-1][2], 15)


def test_values_go_with_the_letters():
    """A letter that is still there keeps its value; a new one gets a small number."""
    ask = "data.map(([x, v]) => m.valuesFor(x, v))"
    cases = [["x*y", "x = 5"], ["y + α", "x = 5, y = -1/2"], ["a", "constructor = 1"],
             ["x + z", "x＝5；z=1/3"]]
    assert evaluate(MODEL, ask, cases) == ["x = 5, y = 3", "y = -1/2, α = 3", "a = 2",
                                           "x = 5, z = 1/3"]


# Operation, inputs, which of them are asked for, what must be said and what may not.
REMARKS = [line.split(" | ") for line in """\
floor | 2 | 1 | A jump, at a whole number: there is no derivative | flat
ceil | -3 | 1 | A jump, at a whole number: there is no derivative | flat
floor | 2.5 | 1 | A flat piece: its derivative is 0. | jump
sign | 0 | 1 | A jump: there is no derivative | flat
sign | -2 | 1 | A flat piece | jump
sign | 1e-17 | 1 | may be rounding | jump
relu | 0 | 1 | at the kink: there is no derivative | Branch
abs | 0 | 1 | at the kink: there is no derivative | Branch
abs | 1.2e-16 | 1 | the input is above 0. It is so close that this may be rounding. | kink
abs | -0.001 | 1 | the input is below 0. | rounding
max | 2,2 | 1,1 | A tie | Branch
max | 0.3,0.30000000000000004 | 1,1 | input 2 of 2. It is so close | tie
min | 1,2,0 | 1,1,1 | input 3 of 3. | rounding
^ | 0,0 | 1,1 | By the exponent there is no derivative | right
^ | 0,0 | 1, |  | derivative
^ | 0,1.5 | 1, | derivative from the right | no derivative
^ | 0,2 | 1, |  | derivative
^ | 2,0 | 1,1 |  | derivative
+ | 0,0 | 1,1 |  | derivative""".splitlines()]


def test_what_is_said_of_a_point():
    """Jumps, kinks, ties and powers of 0, where 0 or a share is a convention and no derivative."""
    cases = [(op, [float(v) for v in x.split(",")], [bool(n) for n in needs.split(",")])
             for op, x, needs, *_ in REMARKS]  # fmt: skip
    got = evaluate(MODEL, "data.map((c) => m.remark(...c))", cases)
    for (*case, said, never), words in zip(REMARKS, got, strict=True):
        assert said in words and bool(said) == bool(words), (case, words)
        assert never not in words, (case, words)
    words = evaluate(MODEL, "m.longNames(data)", ["ab", "a", "alpha", "x_1", "α", "w1", "loss"])
    assert words == ["ab", "loss"]
