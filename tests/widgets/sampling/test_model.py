"""Groups of rolls: the rolls are Python's, the probabilities those of exact fractions."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction
from functools import cache

import pytest
from scipy import stats

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.random import generator
from dlworkbook.widgets.sampling import Sampling
from dlworkbook.widgets.sampling.widget import FACES
from tests.kit.node import difference, differential, evaluate

MODEL, RANDOM = bundle.WIDGETS / "sampling/model.js", bundle.WIDGETS / "kit/random.js"
FOLDED = itertools.product(("mean", "six", "face"), ("fair", "loaded"), (1, 2, 3, 5, 10, 20, 90),
                           (10, 50, 100), (1, 2, 77))  # fmt: skip
CASES = [
    {"what": w, "die": d, "n": n, "m": m, "seed": s, "z": bool((n + m + s) % 2)}
    for k, (w, d, n, m, s) in enumerate(FOLDED) if k % 13 % 2 or n == 2
]  # fmt: skip
ASK = """((all) => ({ rolls: Array.from(all.slice(0, 60)), theory: m.theory(c),
  sums: m.sums(c, all), measured: m.measured(c, m.sums(c, all)), exact: m.exact(c), gap: m.gap(c),
  bars: m.bars(c, m.sums(c, all), m.exact(c)), running: m.running(c, all) }))(m.draw(c))"""
MUTANTS = [
    ("another seed", "let at = seed >>> 0", "let at = (seed + 1) >>> 0"),
    ("another step", "0x6d2b79f5", "0x6d2b79f7"),
    ("no first mix", "at ^ (at >>> 15), at | 1", "at, at | 1"),
    ("one six too few", "5, 6, 6, 6, 6, 6]", "5, 5, 6, 6, 6, 6]"),
    ("a five for a six", "face === 6", "face >= 5"),
    ("two parts alone", "(next() * list.length)", "(next() * 2)"),
    ("rolls over groups", "Math.floor(i / k)", "i % found.length"),
    ("variance for its root", "Math.sqrt(list.reduce", "(list.reduce"),
    ("error over n", "sd / Math.sqrt(rolls(s))", "sd / rolls(s)"),
    ("n - 1", "- average) ** 2, 0) / found.length", "- average) ** 2, 0) / (found.length - 1)"),
    ("one standard error", "<= 2 * error", "<= error"),
    ("one roll more", "k < rolls(s); k++", "k <= rolls(s); k++"),
    ("a gap from above alone", "Math.abs(sum - normal), ", ""),
    ("a gap without the root", "(sd * Math.sqrt(k)));", "(sd * k));"),
    ("series of the odd", "(z * z) / k", "(z * z) / (k + 1)"),
    ("bars of two", "Math.max(1, s.z", "Math.max(2, s.z"),
    ("bars shifted", "least + i - 0.5", "least + i"),
    ("expected shares", "expected: found.length * ", "expected: "),
    ("counts of the first bar", "list[Math.floor((sum - least) / wide)]", "list[0]"),
    ("some stations", "most <= 60", "most <= 6"),
    ("running sums", "return sum / stop", "return sum"),
    ("one line", "Math.min(s.m, 30)", "1"),
]  # fmt: skip


@cache
def law(what: str, die: str, k: int) -> tuple[int, list[Fraction]]:
    """The least sum of k rolls, and the exact probability of each sum."""
    parts = [int(f == 6) if what == "six" else f for f in FACES[die]]
    chances = {0: Fraction(1)}
    for _ in range(k):
        more: dict[int, Fraction] = {}
        for (a, p), v in itertools.product(chances.items(), parts):
            more[a + v] = more.get(a + v, 0) + p / len(parts)
        chances = more
    low, high = min(chances), max(chances)
    return low, [chances.get(v, Fraction(0)) for v in range(low, high + 1)]


def stations(most: int) -> list[int]:
    if most <= 60:
        return list(range(1, most + 1))
    return sorted({round(most ** (k / 79)) for k in range(80)})


def exact(case: dict) -> dict:
    widget = Sampling(**case)
    k = widget.rolls()
    single = Sampling(**{**case, "what": "face" if case["what"] == "mean" else case["what"], "n": 1,
                         "m": 10})  # fmt: skip
    parts, numbers = single.parts(), generator(case["seed"])
    rolls = [parts[next(numbers) * len(parts) // 2**32] for _ in range(case["n"] * case["m"])]
    sums = [sum(rolls[i : i + k]) for i in range(0, len(rolls), k)]
    low, chances = law(case["what"], case["die"], k)
    one_low, one = law(case["what"], case["die"], 1)
    mean = sum((one_low + i) * p for i, p in enumerate(one))
    variance = sum((one_low + i - mean) ** 2 * p for i, p in enumerate(one))
    error = float(variance / k) ** 0.5
    values = [s / k for s in sums]
    average = float(Fraction(sum(sums), k * len(sums)))
    sd = math.fsum((v - average) ** 2 for v in values) / len(values)
    cumulated = list(itertools.accumulate(chances, initial=Fraction(0)))
    normal = [stats.norm.cdf(float(low + i - k * mean) / float(variance * k) ** 0.5)
              for i in range(len(chances))]  # fmt: skip
    gap = max(abs(float(c) - q) for i, q in enumerate(normal) for c in cumulated[i : i + 2])
    span = len(chances) - 1
    wide = -(-span // 60)
    if case["z"]:
        wide = math.floor(0.25 * float(variance * k) ** 0.5 + 0.5)  # JavaScript rounds up
    wide, counts = max(1, wide), Counter()
    for s in sums:
        counts[(s - low) // wide] += 1
    bars = [
        {"from": (low + i - 0.5) / k, "to": (low + min(i + wide, span + 1) - 0.5) / k,
         "count": counts[i // wide],
         "expected": float(len(sums) * sum(chances[i : i + wide]))}
        for i in range(0, span + 1, wide)
    ]  # fmt: skip
    lines = [rolls] if case["what"] == "face" else [
        rolls[g * case["n"] : (g + 1) * case["n"]] for g in range(min(case["m"], 30))]  # fmt: skip
    at = stations(len(lines[0]))
    near = sum(abs(Fraction(s, k) - mean) ** 2 <= 4 * variance / k for s in sums)
    return {
        "rolls": rolls[:60], "sums": sums,
        "theory": {"mean": float(mean), "sd": float(variance) ** 0.5, "error": error},
        "measured": {"mean": average, "sd": sd**0.5, "near": near / len(sums)},
        "exact": {"least": low, "chances": [float(p) for p in chances]}, "gap": gap,
        "bars": {"wide": wide, "list": bars},
        "running": {"at": at, "lines": [[sum(row[:stop]) / stop for stop in at] for row in lines]},
    }  # fmt: skip


def loose(value):
    """Whole numbers as floats where JavaScript has only one kind of number."""
    if isinstance(value, dict):
        return {key: loose(v) for key, v in value.items()}
    if isinstance(value, list):
        return [loose(v) for v in value]
    return float(value)


def compare(got: dict, want: dict) -> str:
    return difference(loose(got), loose(want))


def test_model():
    expected = [exact(case) for case in CASES]
    assert {c["what"] for c in CASES} == {"mean", "six", "face"}
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS, compare=compare,
                 sample=slice(0, None, 5), beside=[RANDOM])  # fmt: skip
    for case, want in zip(CASES[::17], expected[::17], strict=True):
        widget = Sampling(**case)
        assert widget.theory() == pytest.approx((want["theory"]["mean"], want["theory"]["error"]))
        assert widget.measured() == pytest.approx(
            (want["measured"]["mean"], want["measured"]["sd"])
        )


@pytest.mark.parametrize("die", FACES)
def test_rolls_are_fair(die):
    """Faces, and pairs of neighbours, as often as they should be, over all seeds."""
    share = {f: Fraction(FACES[die].count(f), len(FACES[die])) for f in range(1, 7)}
    single, pairs = Counter(), Counter()
    for seed in range(1, 100):
        found = [int(v) for v in Sampling(what="face", die=die, n=10, m=100, seed=seed).values()]
        single.update(found)
        pairs.update(zip(found[::2], found[1::2], strict=True))
    total = sum(single.values())
    expected = [float(share[f]) * total for f in share]
    assert stats.chisquare([single[f] for f in share], expected).pvalue > 1e-3
    both = list(itertools.product(share, share))
    expected = [float(share[a] * share[b]) * total / 2 for a, b in both]
    assert stats.chisquare([pairs[p] for p in both], expected).pvalue > 1e-3


def test_the_numbers_of_the_page():
    """Those of the exercise on groups of draws, and the limit that only means have."""
    case = {"what": "mean", "die": "fair", "seed": 1, "m": 10, "z": False}
    gaps = {n: evaluate(MODEL, "m.gap(data)", {**case, "n": n}) for n in (1, 10, 500)}
    assert {n: round(g, 4) for n, g in gaps.items()} == {1: 0.1434, 10: 0.0371, 500: 0.0052}
    face = evaluate(MODEL, "m.gap(data)", {**case, "what": "face", "n": 500})
    assert face == pytest.approx(gaps[1])
    assert Sampling(what="six").theory()[1] == pytest.approx((5 / 360) ** 0.5)
