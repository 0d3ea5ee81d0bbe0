"""Light answers are judged alike in Python and JavaScript: rightly, safely, and in words."""

from __future__ import annotations

import gzip
import random
import re
import time
from collections import Counter

import pytest
import sympy

from dlworkbook.answers import expression, judge
from dlworkbook.answers.judge import TELL
from dlworkbook.answers.spec import KINDS
from dlworkbook.answers.values import text_of
from dlworkbook.widgets.kit import bundle
from tests.answers import judge_mutants
from tests.answers.judge_engines import FOLDER, copies, javascript, mutated, noticed, python
from tests.answers.judge_table import ELSE, HOSTILE, ROWS, SAID, SPECS

CASES = [(name, text) for name, _, texts in ROWS for text in texts]
CASES += [(name, text) for name, text, *_ in SAID]
WANTED = [outcome for _, outcome, texts in ROWS for _ in texts]
WANTED += [state for _, _, state, _ in SAID]


@pytest.fixture(scope="module")
def verdicts():
    """(those of Python, those of JavaScript) for all cases."""
    return python(SPECS, CASES), javascript(SPECS, CASES)[0]


def outcome(verdict: list[str]) -> str | int:
    """The outcome as the table has it; the sentence must fit."""
    state, say = verdict
    slip = re.fullmatch(r"This is slip (\d)\.", say)
    fits = {
        "right": say in ("", "Indeed."),
        "slip": bool(slip),
        "wrong": say.endswith((ELSE, TELL["ends"], TELL["more"])) or verdict == ["wrong", ""],
        "malformed": say.endswith("."),
        "empty": say == expression.SAY["empty"],
    }
    assert fits.get(state), verdict
    return int(slip[1]) if slip else state


@pytest.mark.parametrize("engine", [0, 1], ids=["python", "javascript"])
def test_the_table(verdicts, engine):
    by_hand = CASES[: -len(SAID)]
    assert len(set(by_hand)) == len(by_hand) >= 600
    assert {SPECS[name]["kind"] for name, _ in CASES} == set(KINDS)
    assert set(WANTED) == {"right", "wrong", "malformed", "empty", 0, 1, 2}
    rows = zip(CASES, verdicts[engine], WANTED, strict=True)
    assert [(c, got, want) for c, got, want in rows if outcome(got) != want] == []


def test_the_same_sentences_in_both(verdicts):
    rows = zip(CASES, *verdicts, strict=True)
    assert [(c, p, j) for c, p, j in rows if p != j] == []


@pytest.mark.parametrize("engine", [python, lambda s, c: javascript(s, c)[0]], ids=["py", "js"])
def test_what_is_said(engine):
    cases = [(name, text) for name, text, *_ in SAID]
    rows = zip(SAID, engine(SPECS, cases), strict=True)
    assert [(row, got) for row, got in rows if got != list(row[2:])] == []


def test_every_sentence_is_said_and_both_have_the_same(verdicts):
    code = (FOLDER / "judge.js").read_text(encoding="utf-8")
    block = re.search(r"const TELL = \{\n(.*?)\};", code, re.S)[1]
    assert dict(re.findall(r'^  (\w+): "(.*)",$', block, re.M)) == TELL
    said = [say for _, say in verdicts[0]]
    for name, sentence in TELL.items():
        form = re.sub(r"\\\{\d\\\}", ".+", re.escape(sentence))
        assert any(re.search(form, say) for say in said), name


def test_no_sentence_gives_the_key_away(verdicts):
    shown = [v for v in verdicts[0] if v[0] in ("slip", "wrong")]
    ours = {say.replace(ELSE, "").strip() for _, say in shown}
    assert {re.sub(r"\d", "0", say) for say in ours} == {
        "", "This is slip 0.", "Your entry was read as 0 × 0 numbers.",
        "The ends are right. Look again at whether they belong to it.",
        "What you chose is right, but there is more.",
    }  # fmt: skip


def test_hostile_entries_are_answered_at_once():
    for name in ("2/9", "matrix", "shape", "rate", "slope", "several", "order", "vector"):
        start = time.process_time()
        python(SPECS, [(name, text) for text in HOSTILE])
        assert time.process_time() - start < 1, name
    start = time.perf_counter()
    javascript(SPECS, [(name, text) for name in ("2/9", "matrix", "rate") for text in HOSTILE])
    assert time.perf_counter() - start < 10  # with the start of Node


def test_whatever_is_typed_gets_a_verdict():
    """Noise made of what the table holds: no crash, and both say the same."""
    rng = random.Random(5)
    pieces = {name: [] for name in SPECS}
    for name, text in CASES:
        pieces[name] += re.findall(r"\\?\w+|.", text) if len(text) < 60 else []
    cases = []
    for _ in range(3000):
        name = rng.choice(sorted(SPECS))
        cases.append((name, "".join(rng.choices(pieces[name], k=rng.randrange(1, 8)))))
    found = python(SPECS, cases)
    assert [(c, v) for c, v in zip(cases, found, strict=True) if v[0] == "crash"] == []
    rows = zip(cases, found, javascript(SPECS, cases)[0], strict=True)
    assert [(c, p, j) for c, p, j in rows if p != j] == []
    assert {state for state, _ in found} == {"right", "slip", "wrong", "malformed", "empty"}


def test_the_script_is_small_and_judges_as_its_source(tmp_path):
    code = "".join(bundle._order(FOLDER / "judge.js", {}).values())
    assert "eval" not in re.sub(r"\bevaluate\b", "", code) and "Function(" not in code
    code = bundle.small(bundle._used(bundle._EXPORT.sub("", code) + "export { judge };\n"))
    assert len(gzip.compress(code.encode(), 9)) < 10_300
    (tmp_path / "small.mjs").write_text(code, encoding="utf-8")
    assert javascript(SPECS, CASES, [tmp_path / "small.mjs"]) == javascript(SPECS, CASES)


# Pairs of expressions, made by sympy.

X, Y = sympy.symbols("x y", positive=True)
LEAVES = [X, Y, X, Y, *map(sympy.Integer, (1, 2, 3)), sympy.Rational(1, 2)]
FORMS = [  # identities of real numbers
    sympy.expand,
    sympy.expand,
    sympy.together,
    sympy.factor,
    lambda e: e.replace(sympy.tanh, lambda a: 1 - 2 / (sympy.exp(2 * a) + 1)),
]


def some(rng: random.Random, depth: int) -> sympy.Expr:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(LEAVES)
    a, b = some(rng, depth - 1), some(rng, depth - 1)
    form = rng.randrange(10)
    if form < 5:
        return [a + b, a - b, a * b, a / (1 + b**2), (a + b) ** 3][form]
    return [sympy.exp(-a), sympy.log(1 + a**2), sympy.sqrt(1 + b**2), sympy.tanh(a), a * a + b][
        form - 5
    ]


def changed(rng: random.Random, e: sympy.Expr) -> sympy.Expr:
    """The expression with another number or letter in one place."""
    old = rng.choice(sorted(e.atoms(sympy.Number, sympy.Symbol), key=str))
    return e.xreplace({old: old + 1 if old.is_Number else X + Y - old})


def apart(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether two expressions differ clearly where we look, with 40 digits."""
    for x, y in [("0.31", "1.7"), ("1.9", "0.4")]:
        at = {X: sympy.Rational(x), Y: sympy.Rational(y)}
        one, other = (e.evalf(40, subs=at) for e in (a, b))
        if abs(one - other) > 1e-4 * (1 + abs(one)):
            return True
    return False


def written(rng: random.Random, e: sympy.Expr) -> str:
    """As a program or as LaTeX writes it."""
    latex = sympy.latex(e)
    if rng.random() < 0.4 and len(latex) < 400 and not re.search(r"\\tanh\^", latex):
        return latex
    return text_of(e, "expression")


def test_pairs_of_expressions_are_judged_rightly():
    """1,000 pairs, equal by an identity or unequal to 40 digits: no verdict is wrong."""
    rng, cases, wanted = random.Random(11), [], []
    specs: dict[str, dict] = {}
    count = Counter()
    while len(cases) < 1000:
        e = some(rng, rng.choice([2, 2, 3]))
        if not e.free_symbols or not 3 <= sympy.count_ops(e) <= 10:
            continue
        same = count[True] <= count[False]
        other = rng.choice(FORMS)(e) if same else changed(rng, e)
        key, given = text_of(e, "expression"), written(rng, other)
        if max(len(key), len(given)) > expression.LONGEST or (not same and not apart(e, other)):
            continue
        if same and given == key:
            continue
        specs[str(len(cases))] = {
            "kind": "expression", "is": key, "names": {"x": [0.2, 2], "y": [0.2, 2]},
        }  # fmt: skip
        cases.append((str(len(cases)), given))
        wanted.append(["right" if same else "wrong", ""])
        count[same] += 1
    assert count == {True: 500, False: 500} and sum("\\" in given for _, given in cases) > 200
    for found in (python(specs, cases), javascript(specs, cases)[0]):
        rows = zip(cases, found, wanted, strict=True)
        assert [(specs[c[0]]["is"], c[1], v) for c, v, w in rows if v != w] == []


# Engines with one fault: each gives another verdict somewhere. To fall over is none.


@pytest.fixture(scope="module")
def quick(verdicts):
    """Cases for the mutants, in random order, with their verdicts."""
    rows = [row for row in zip(CASES, verdicts[0], strict=True) if row[0][1] not in HOSTILE]
    random.Random(2).shuffle(rows)
    return [list(column) for column in zip(*rows, strict=True)]


def test_mutants_in_javascript(quick, tmp_path):
    mutants = judge_mutants.JAVASCRIPT
    assert len(mutants) >= 40
    assert noticed(SPECS, *quick, [FOLDER / "judge.js"]) == [None]
    found = noticed(SPECS, *quick, copies(tmp_path, mutants))
    assert [name for (name, *_), case in zip(mutants, found, strict=True) if not case] == []


def test_mutants_in_python(quick):
    mutants = judge_mutants.PYTHON
    assert len(mutants) >= 40
    survivors = []
    for mutant in mutants:
        judge = mutated(*mutant).judge
        for case, right in zip(*quick, strict=True):
            (verdict,) = python(SPECS, [case], judge)
            if verdict != right and verdict[0] != "crash":
                break
        else:
            survivors.append(mutant[0])
    assert survivors == []


def test_a_text_may_be_judged_as_a_value():
    assert judge(SPECS["2/9"], "2/9").state == "right"
