"""Expressions are read alike in Python and JavaScript, rightly, safely, and in words."""

from __future__ import annotations

import inspect
import math
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sympy

sys.path.insert(0, str(Path(__file__).parent))

import expression_mutants
from expression_engines import (
    JAVASCRIPT,
    PYTHON,
    agree,
    changed,
    exported,
    javascript,
    judged,
    loaded,
    python,
)
from expression_table import HOSTILE, LETTERS, NUMBERS, PAIRS, XY

from dlworkbook.answers import expression

ENGINES = [python, javascript]


def table() -> tuple[list[dict], list[Any]]:
    """All rows of the table as cases, and what is wanted of each."""
    cases: list[dict] = []
    wanted: list[Any] = []
    for text, outcome in NUMBERS:
        cases.append({"do": "number", "text": text})
        wanted.append(outcome)
    for letters, rows in LETTERS:
        for text, outcome in rows:
            cases.append({"do": "tree", "text": text, "options": {"names": letters}})
            wanted.append(outcome)
    for text, *outcome in HOSTILE:
        cases.append({"do": "tree", "text": text, "options": XY})
        wanted.append(outcome)
    for given, key, options, outcome in PAIRS:
        cases.append({"do": "same", "given": given, "wanted": key, "options": options})
        wanted.append(outcome)
    for case in cases:  # JavaScript leaves out what Python says with None
        if case.get("options", {}).get("names", ()) is None:
            case["options"] = {}
    return cases, [list(w) if isinstance(w, tuple) else w for w in wanted]


CASES, WANTED = table()


def said(verdict: Any) -> Any:
    """The part of a verdict that the table holds."""
    if isinstance(verdict, dict):
        return verdict["text"] if "text" in verdict else verdict["at"]
    return verdict


def differences(verdicts: list[Any]) -> list[str]:
    """One line for each row that is judged in another way than the table says."""
    return [
        f"{str(case)[:200]}: {said(got)!r}, not {want!r}"
        for case, got, want in zip(CASES, verdicts, WANTED, strict=True)
        if not agree(said(got), want)
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_table(engine):
    assert len(NUMBERS) >= 150 and len(PAIRS) >= 60 and len(HOSTILE) >= 30
    assert differences(engine(CASES)) == []


def test_the_engines_give_the_same_trees_values_and_points():
    pairs = zip(CASES, python(CASES), javascript(CASES), strict=True)
    assert [(c, p, j) for c, p, j in pairs if not agree(p, j)] == []


def test_hostile_input_is_answered_at_once():
    start = time.perf_counter()
    python([{"do": "tree", "text": text, "options": XY} for text, *_ in HOSTILE])
    assert time.perf_counter() - start < 2


def test_longest_chains_leave_room_on_pythons_stack():
    chains = ["x" * 500, "x+" * 249 + "xx", "x-" * 249 + "xx", "x²" * 250, "-x/" * 166 + "x"]
    nested = "(" * 50 + "x" + ")" * 50
    cases = [{"do": "tree", "text": t, "options": XY} for t in [*chains, nested]]
    used = len(inspect.stack(0))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 600)  # Jupyter's own frames, and more, would still fit
    try:
        here = python(cases)
        values = [expression.evaluate(v["tree"], {"x": 1.0}) for v in here]
    finally:
        sys.setrecursionlimit(limit)
    assert here == javascript(cases)
    assert values == [1, 250, -248, 1, 1, 1]


def test_one_table_of_sentences_signs_and_names():
    """Sentences, characters, Greek letters, functions and limits are the same in both sources."""
    names = ["SAY", "READ", "GREEK", "CONSTANTS", "LONGEST", "DEEPEST"]
    theirs = exported([*names, "FUNCTIONS"])
    assert sorted(theirs.pop("FUNCTIONS")) == sorted(expression.FUNCTIONS)
    ours = {name: getattr(expression, name) for name in names}
    assert theirs == {**ours, "READ": [list(pair) for pair in expression.READ]}
    unused = [k for k in expression.SAY if PYTHON.read_text(encoding="utf-8").count(f'"{k}"') < 2]
    assert unused == []


def random_tree(rng: random.Random, depth: int) -> dict:
    if depth == 0 or rng.random() < 0.15:
        kind = rng.randrange(4)
        if kind == 0:
            return {"type": "name", "name": rng.choice(["x", "y", "x_1", "β"])}
        if kind == 1:
            return {"type": "constant", "name": rng.choice(["pi", "e"])}
        number = rng.choice([rng.randrange(100), rng.random(), 10 ** rng.uniform(-300, 300)])
        return {"type": "number", "value": float(number)}
    kind = rng.random()
    if kind < 0.15:
        return {"type": "unary", "op": "-", "of": random_tree(rng, depth - 1)}
    if kind < 0.3:
        name = rng.choice(sorted(expression.FUNCTIONS))
        count = rng.choice([2, 3]) if name in expression.MANY else 1
        args = [random_tree(rng, depth - 1) for _ in range(count)]
        return {"type": "call", "name": name, "args": args}
    left, right = random_tree(rng, depth - 1), random_tree(rng, depth - 1)
    return {"type": "binary", "op": rng.choice("+-*/^"), "left": left, "right": right}


def test_trees_survive_as_text():
    rng = random.Random(10)
    names = ["x", "y", "x_1", "β"]
    trees: list[dict] = []
    while len(trees) < 500:
        tree = random_tree(rng, rng.randrange(1, 6))
        if len(expression.to_text(tree)) <= expression.LONGEST:
            trees.append(tree)
    texts = python([{"do": "text", "tree": t} for t in trees])
    assert texts == javascript([{"do": "text", "tree": t} for t in trees])
    again = [{"do": "tree", "text": t, "options": {"names": names}} for t in texts]
    for engine in ENGINES:
        verdicts = engine(again)
        assert [v["tree"] for v in verdicts] == trees
        assert [v["text"] for v in verdicts] == texts
    # No bracket is there for nothing: without any one pair the tree is another, or there is none.
    assert len(set(texts)) > 400
    for text, tree in zip(texts[:150], trees, strict=False):
        for start, end in pairs_of_brackets(text):
            bare = f"{text[:start]} {text[start + 1 : end]} {text[end + 1 :]}"
            (verdict,) = python([{"do": "tree", "text": bare, "options": {"names": names}}])
            assert isinstance(verdict, list) or verdict["tree"] != tree, (text, bare)


def pairs_of_brackets(text: str) -> list[tuple[int, int]]:
    """Places of brackets that group; those of a function stay."""
    stack: list[int] = []
    found = []
    for place, c in enumerate(text):
        if c == "(":
            stack.append(place)
        elif c == ")":
            start = stack.pop()
            if not (start and text[start - 1].isalnum()):
                found.append((start, place))
    return found


def in_pythons_syntax(rng: random.Random, depth: int) -> str:
    """An expression that Python reads too, with as few brackets as chance gives."""
    if depth == 0:
        return rng.choice(["x", "y", "2", "3", "0.5", "1.25", "7", "1e-1", ".75", "pi", "e"])
    kind = rng.random()
    one = in_pythons_syntax(rng, depth - 1)
    if kind < 0.1:
        return f"-{one}"
    if kind < 0.2:
        return f"({one})"
    if kind < 0.35:
        return f"{rng.choice(['sin', 'cos', 'exp', 'tanh', 'sqrt', 'log', 'abs'])}({one})"
    if kind < 0.4:
        return f"{rng.choice(['max', 'min'])}({one}, {in_pythons_syntax(rng, depth - 1)})"
    op = rng.choice(["+", "-", " - ", "*", "/", "**", "*-", "--"])
    return f"{one}{op}{in_pythons_syntax(rng, depth - 1)}"


def test_values_are_pythons():
    rng = random.Random(3)
    space = {n: getattr(math, n) for n in ["sin", "cos", "exp", "tanh", "sqrt", "log", "pi", "e"]}
    space |= {"abs": abs, "max": max, "min": min, "__builtins__": {}}
    cases, wanted = [], []
    while len(cases) < 300:
        text = in_pythons_syntax(rng, rng.randrange(2, 5))
        values = {"x": rng.uniform(0.5, 2), "y": rng.uniform(-2, 2)}
        try:
            value = eval(text, {**space, **values})
        except (ArithmeticError, ValueError, TypeError):  # the last: complex numbers compared
            continue
        if isinstance(value, complex) or not 1e-6 < abs(value) < 1e6:
            continue
        cases.append({"do": "value", "text": text, "values": values, "options": XY})
        wanted.append(value)
    assert sum("**" in c["text"] for c in cases) > 60
    for engine in ENGINES:
        for case, got, want in zip(cases, engine(cases), wanted, strict=True):
            assert got == pytest.approx(want, rel=1e-12, abs=0), case


def test_equal_means_what_sympy_means():
    """Expanded by sympy an expression is the same; with one sign or number changed it is not."""
    rng = random.Random(8)
    at = {"x": sympy.Rational(7, 10), "y": sympy.Rational(-13, 10)}
    cases, wanted = [], []

    def some(depth: int) -> str:
        if depth == 0:
            return rng.choice(["x", "y", "2", "3", "x", "y"])
        one, two = some(depth - 1), some(depth - 1)
        form = rng.choice(["{}*({})", "({} + {})**2", "{} - ({})", "exp({} - {})", "sin({})*({})"])
        return form.format(one, two)

    while len(cases) < 240:
        text = some(rng.randrange(1, 4))
        exact = sympy.sympify(text)
        place = rng.choice([m.start() for m in re.finditer(r"[-+23]", text)] or [0])
        swap = {"-": "+", "+": "-", "2": "3", "3": "2"}.get(text[place], "2 + " + text[place])
        other = text[:place] + swap + text[place + 1 :]
        gap = (sympy.sympify(other) - exact).subs(at).evalf(50)
        size = abs(exact.subs(at).evalf(50))
        expanded = str(sympy.expand(exact)).replace("E", "e")
        if not 1e-3 < size < 1e6 or max(len(expanded), len(other)) > expression.LONGEST:
            continue
        options = {"names": ["x", "y"], "domain": {"x": [-1.5, 1.5], "y": [-1.5, 1.5]}}
        cases.append({"do": "same", "given": expanded, "wanted": text, "options": options})
        wanted.append(True)
        if abs(gap) > 1e-6 * size:
            cases.append({"do": "same", "given": other, "wanted": text, "options": options})
            wanted.append(False)
    assert wanted.count(False) > 90
    for engine in ENGINES:
        verdicts = [verdict == "same" for verdict in engine(cases)]
        assert [c for c, v, w in zip(cases, verdicts, wanted, strict=True) if v != w] == []


def test_infinities_and_nan_are_those_of_floating_point():
    odd = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, -3.0, 2.0, 710.0, -710.0, 1e200, -1e200, 1e-200]
    texts = ["x+y", "x-y", "x*y", "x/y", "x^y", "max(x,y)", "min(x,y)", "(x/0)^y", "x^(y/0)"]
    texts += ["1/max(x,y)", "1/min(x,y)", "1/(x*y)"]
    one = sorted(set(expression.FUNCTIONS) - set(expression.MANY))
    texts += [f"{name}({of})" for name in one for of in ("x", "x/0", "0/(0*x)")]
    texts += [f"1/{name}(x)" for name in one]
    cases = [
        {"do": "value", "text": text, "values": {"x": x, "y": y}, "options": XY}
        for text in texts
        for x in odd
        for y in (odd if "y" in text else [0.0])
    ]
    verdicts = python(cases)
    pairs = zip(cases, verdicts, javascript(cases), strict=True)
    assert [(c, p, j) for c, p, j in pairs if not agree(p, j)] == []
    seen = {v for v in verdicts if isinstance(v, str)}
    assert seen == {"NaN", "Infinity", "-Infinity"}


def test_random_texts_are_judged_alike():
    rng = random.Random(5)
    parts = [*"xyxy123()()()+-*/^,.% ²√π", "**", "sin(", "max(", "max(x,", "log", "xy", "0,5",
             "1,024", "1e3", "2e-3", "α", "⁻¹", "x_1", "e", "pi", "×", "−", "（", "）", "，", "🙂",
             "é", "=", "|", "\t"]  # fmt: skip
    texts = ["".join(rng.choices(parts, k=rng.randrange(1, 12))) for _ in range(4000)]
    options = [XY, {"names": ["x", "y", "e", "xy", "x1"]}, {"names": ["α", "x"]}, {}]
    cases = [{"do": "tree", "text": t, "options": rng.choice(options)} for t in texts]
    verdicts = python(cases)
    pairs = zip(cases, verdicts, javascript(cases), strict=True)
    assert [(c, p, j) for c, p, j in pairs if not agree(p, j)] == []
    assert sum(isinstance(v, dict) for v in verdicts) > 150
    faults = [v[1] for v in verdicts if isinstance(v, list)]
    forms = [re.sub(r"\\\{\d\\\}", ".+", re.escape(say)) for say in expression.SAY.values()]
    assert sum(any(re.fullmatch(form, fault) for fault in faults) for form in forms) >= 14


def test_a_missing_value_is_named_and_nothing_is_inherited():
    for name in ("x", "toString", "constructor"):
        case = {"do": "value", "text": name, "values": {}}
        for engine in ENGINES:
            assert engine([case]) == [[0, f"There is no value for {name}."]]


def test_javascript_keeps_the_rules_of_the_bundle():
    code = JAVASCRIPT.read_text(encoding="utf-8")
    assert not re.search(r"^import\b|^export default\b|\beval\b|\bFunction\(", code, re.M)
    assert not re.search(r"^[^`]*`[^`]*$", code, re.M)  # no template literal spans lines
    named = re.findall(r"^(?:export )?(?:const|let|function|class) (\w+)", code, re.M)
    assert len(named) == len(set(named))
    assert "eval(" not in PYTHON.read_text(encoding="utf-8")


@pytest.mark.slow
def test_broken_javascript_is_caught(tmp_path):
    copies = []
    for n, (_, old, new) in enumerate(expression_mutants.JAVASCRIPT):
        copies.append(tmp_path / f"{n}.js")
        copies[-1].write_text(changed(JAVASCRIPT, old, new), encoding="utf-8")
    found = zip(expression_mutants.JAVASCRIPT, judged(CASES, copies), strict=True)
    assert [what for (what, _, _), verdicts in found if not differences(verdicts)] == []


@pytest.mark.parametrize("what, old, new", expression_mutants.PYTHON, ids=lambda text: text[:40])
def test_broken_python_is_caught(what, old, new):
    assert differences(python(CASES, loaded(changed(PYTHON, old, new)))), what
