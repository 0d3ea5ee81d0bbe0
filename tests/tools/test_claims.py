"""Claims: what they tell, how runs are judged, and that other seeds really are other seeds."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import dlworkbook
from dlworkbook import ClaimFailed, claim
from publish.tools import claims, seeds
from publish.tools.claims import Run

ROOT = Path(__file__).resolve().parents[2]


def record(value, relation=">", bound=0.9, what="share"):
    holds = {">": value > bound, "<": value < bound, "==": value == bound}[relation]
    return {"what": what, "relation": relation, "bound": bound, "value": value, "holds": holds}


def runs(*values, **more) -> list[Run]:
    return [Run(f"run {k}", [record(value, **more)], []) for k, value in enumerate(values)]


# -- the claim itself


@pytest.mark.parametrize(
    ("value", "relation", "bound", "holds"),
    [(1, "<", 2, True), (2, "<", 2, False), (2, "<=", 2, True), (2, ">", 2, False),
     (2, ">=", 2, True), (3, "==", 3, True), (3, "==", 4, False), (float("nan"), "<", 2, False),
     (float("nan"), ">", 2, False), (float("inf"), ">", 2, True)],
)
def test_a_claim_warns_and_goes_on(value, relation, bound, holds, recwarn, monkeypatch):
    monkeypatch.delenv("DLWORKBOOK_STATIC", raising=False)
    assert claim(value, relation, bound, "the number") is None  # nothing to show
    told = [str(w.message) for w in recwarn if w.category is ClaimFailed]
    assert len(told) == (not holds)
    assert all("the number" in text for text in told)


def test_a_claim_takes_what_holds_one_number(tmp_path, monkeypatch):
    import numpy as np
    import torch

    path = tmp_path / "told"
    monkeypatch.setenv("DLWORKBOOK_CLAIMS", str(path))
    claim(torch.tensor(2.0), "<", np.float32(3), "a tensor")
    told = json.loads(path.read_text())
    assert told["value"] == 2.0 and told["holds"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((1, "=", 2, "x"), "the relation is one of"), ((1, "<", float("nan"), "x"), "bound"),
     ((1, "<", 2, " "), "in words")],
)
def test_a_claim_that_is_badly_put(arguments, said):
    with pytest.raises(ValueError, match=said):
        claim(*arguments)


def test_a_failed_claim_on_the_site_is_a_box_that_the_build_can_read(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setenv("DLWORKBOOK_STATIC", "1")
    monkeypatch.setattr(IPython.display, "display", lambda *a, **k: shown.append((a, k)))
    claim(1, "<", 2, "fine")
    assert shown == []
    claim(0.5, ">", 0.9, "share of <words>")
    (data,), options = shown[0]
    assert "share of &lt;words&gt;" in data["text/html"] and "0.5" in data["text/html"]
    assert options["metadata"]["dlworkbook"]["claim"]["value"] == 0.5


def test_importing_the_package_imports_no_torch():
    code = "import dlworkbook, sys; print('torch' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.split() == ["False", "False"]
    assert "claim" in dlworkbook.__all__


# -- judging


def judged(found: list[Run]) -> dict:
    row, = claims.collect(found)
    return claims.judge(row, [one.variation for one in found])


def test_margin_in_spreads():
    row = judged(runs(0.95, 0.96, 0.97))
    assert row["worst"] == 0.95 and row["in"] == "run 0"
    assert row["spread"] == pytest.approx(0.01) and row["margin"] == pytest.approx(5)
    assert row["problems"] == []


@pytest.mark.parametrize(
    ("found", "said"),
    [(runs(0.95, 0.89), "fails: run 1"), (runs(0.91, 0.99), "margin below 2"),
     ([*runs(0.95), Run("other", [], [])], "never reached: other"),
     (runs(float("nan"), 0.95), "fails: run 0"),
     (runs(0.95, 0.85, relation="<"), "fails: run 0"),
     (runs(3, 4, relation="==", bound=3), "fails: run 1")],
)
def test_what_is_a_finding(found, said):
    row = judged(found)
    assert said in "; ".join(row["problems"])


def test_no_spread_passes():
    assert judged(runs(0.91, 0.91))["problems"] == []
    assert judged(runs(3, 3, relation="==", bound=3))["problems"] == []


def test_the_worst_of_one_run_counts():
    one = Run("as built", [record(0.99), record(0.5), record(0.98)], [])
    assert judged([one])["worst"] == 0.5


def test_runs_are_added_to_a_table():
    def found(*values, start=0):
        done = [Run(f"run {start + k}", [record(v)], []) for k, v in enumerate(values)]
        done[-1].failed.append({"line": 3, "error": "E"})
        return {"page": "p", "code": "c", "runs": [r.variation for r in done],
                "failed": [{"run": r.variation, **c} for r in done for c in r.failed],
                "claims": claims.collect(done)}

    both = claims.merge(found(0.95, 0.96), found(0.97, 0.98, start=1))
    assert both["runs"] == ["run 0", "run 1", "run 2"]
    assert both["claims"][0]["values"] == {"run 0": 0.95, "run 1": 0.97, "run 2": 0.98}
    assert [cell["run"] for cell in both["failed"]] == ["run 2"]  # that of run 1 was mended
    assert claims.merge(None, both) == both


# -- seeds, in a process of their own: they change torch and NumPy for good

DRAWS = """
import random, torch, numpy as np
def draws():
    torch.manual_seed(3)
    first = torch.rand(1).item()
    generator = torch.Generator().manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    return [
        first, torch.rand(1, generator=generator).item(), np.random.rand(),
        np.random.default_rng(3).random(), np.random.RandomState(3).rand(),
        np.random.Generator(np.random.PCG64(3)).random(),
        np.random.default_rng(np.random.SeedSequence(3)).random(),
        random.random(), random.Random(3).random(),
    ]
before = draws()
{line}
after = draws()
print(sum(a != b for a, b in zip(before, after)), len(before))
torch.manual_seed(3)
print(torch.initial_seed(), torch.Generator().manual_seed(3).initial_seed())
print(np.random.default_rng(3).random() == np.random.Generator(np.random.PCG64(3)).random())
from sklearn.utils import check_random_state
np.random.default_rng(), random.Random(), np.random.RandomState(), check_random_state(1)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("amount", "changed"), [(1000, 9), (0, 0)])
def test_every_seed_is_shifted_once(amount, changed):
    code = DRAWS.replace("{line}", seeds.startup_line(amount))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(changed), "9", *[str(3 + amount)] * 2, "True"]


# -- a real page

PAGE = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

# Luck

```{code-cell} python
import os

import torch

from dlworkbook import claim

torch.manual_seed(0)
first = int(torch.initial_seed())
```

```{code-cell} python
claim(first, '<', 500, 'the seed')
claim(1, '<', 2, 'one')
assert os.environ.get('ATEN_CPU_CAPABILITY') != 'default', 'an exact one'
```
"""


@pytest.mark.slow
def test_a_page_is_tried_in_other_ways(tmp_path):
    book = tmp_path / "book" / "ch01"
    book.mkdir(parents=True)
    (book / "luck.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/ch01/luck\n")
    (tmp_path / "dlworkbook").symlink_to(ROOT / "dlworkbook")
    chosen = [v for v in claims.variations() if v.name in ("as built", "default", "seeds + 1000")]
    found = claims.try_page("book/ch01/luck", chosen, 1, tmp_path, quiet=True)
    told = claims.findings(found)
    assert len(told) == 2
    assert told[0].startswith("default: line 20: AssertionError: an exact one")
    assert told[1].startswith("the seed: 1000 < 500 (seeds + 1000, margin ")
    claims.write(found, tmp_path)
    shown = (tmp_path / "bench" / "claims" / "README.md").read_text(encoding="utf-8")
    assert "| one | < 2 | 1 | as built | 0 | – |" in shown
    assert json.loads((tmp_path / "bench/claims/ch01/luck.json").read_text()) == found


def test_a_comment_does_not_make_a_table_stale(tmp_path):
    from publish.page.contents import notebook

    def hashed(text: str) -> str:
        path = tmp_path / "page.md"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return claims.hashes(notebook(path))["code"]

    known = hashed(PAGE)
    assert hashed(PAGE.replace("import os", "import os  # why")) == known
    assert hashed(PAGE.replace("the seed", "a seed")) != known


def test_a_counting_line_does_not_make_a_table_stale(tmp_path):
    from publish.page.contents import notebook

    def hashed(*lines: str) -> str:
        path = tmp_path / "page.md"
        head = PAGE[:PAGE.index("```{code-cell}")]
        cell = "\n".join(["```{code-cell} python", *lines, "```", ""])
        path.write_text(textwrap.dedent(head) + cell, encoding="utf-8")
        return claims.hashes(notebook(path))["code"]

    plain = hashed("from dlworkbook import claim", "for k in range(3):", "    f(k)")
    counted = "for k in progress(range(3), 'networks'):"
    assert hashed("from dlworkbook import claim, progress", counted, "    f(k)") == plain
    assert hashed("from dlworkbook import claim", "from dlworkbook import progress",
                  counted, "    f(k)") == plain
    assert hashed("from dlworkbook import claim, progress",
                  counted.replace("3", "4"), "    f(k)") != plain
    assert hashed("from elsewhere import claim, progress", counted, "    f(k)") != plain


def test_a_changed_bound_needs_one_run(tmp_path):
    from publish.page.contents import notebook

    def made(bound: str, what: str = "one") -> tuple[dict, dict]:
        path = tmp_path / "page.md"
        path.write_text(PAGE[:PAGE.index("```{code-cell}")] + "```{code-cell} python\n"
                        f"claim(x, '<', {bound}, '{what}')\n```\n", encoding="utf-8")
        row = {"what": what, "relation": "<", "bound": float(bound)}
        return claims.hashes(notebook(path)), row

    (before, row), (after, moved) = made("2"), made("3")
    assert before["code"] == after["code"] and before["bounds"] != after["bounds"]
    assert made("2", "two")[0]["code"] != before["code"]

    old = {"runs": ["as built", "avx2"], "failed": [],
           "claims": [row | {"values": {"as built": 1.0, "avx2": 2.5}}]}
    new = {"runs": ["as built"], "failed": [], "claims": [moved | {"values": {"as built": 1.1}}]}
    merged = claims.merge(old, new)
    assert merged["claims"] == [moved | {"values": {"as built": 1.1, "avx2": 2.5}}]
    # Two of one name: nobody knows which is which, so the runs that are missing are told.
    other = row | {"bound": 9.0, "values": {"as built": 1.0, "avx2": 2.5}}
    merged = claims.merge(old | {"claims": [*old["claims"], other]}, new)
    assert len(merged["claims"]) == 3 and any("never reached" in t for t in claims.findings(
        merged | {"page": "x"}))
