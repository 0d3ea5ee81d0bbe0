"""The two engines for expressions behind one door, and the mutants of each."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

from dlworkbook.widgets.kit import expression
from publish.site.math import node_binary

PYTHON = Path(expression.__file__)
JAVASCRIPT = PYTHON.with_suffix(".js")

# What is no ExpressionError ends Node, and the test with it: a crash is no verdict.
RUN = """
import fs from "node:fs";
const { url, cases } = JSON.parse(fs.readFileSync(0));
const E = await import(url);
const plain = (n) => (Number.isFinite(n) ? n : String(n));
const read = (c) => E.parse(c.text, c.options);
const DO = {
  number: (c) => plain(E.number(c.text)),
  value: (c) => plain(E.evaluate(read(c), c.values)),
  tree: (c) => ({ tree: read(c), text: E.toText(read(c)), names: E.names(read(c)) }),
  text: (c) => E.toText(c.tree),
  same: (c) => {
    const { equal, at, given, wanted } = E.same(c.given, c.wanted, c.options);
    return equal ? "same" : { at, given: plain(given), wanted: plain(wanted) };
  },
};
const out = cases.map((c) => {
  try { return DO[c.do](c); } catch (error) {
    if (!(error instanceof E.ExpressionError)) throw error;
    return [error.position, error.message];
  }
});
console.log(JSON.stringify(out));
"""


def javascript(cases: list[dict], source: Path = JAVASCRIPT) -> list[Any]:
    """Verdicts of a copy of expression.js; RuntimeError if Node breaks down."""
    done = subprocess.run(
        [node_binary(), "--input-type=module", "-e", RUN],
        input=json.dumps({"url": source.resolve().as_uri(), "cases": cases}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


def plain(n: float) -> float | str:
    if math.isfinite(n):
        return n
    return "NaN" if math.isnan(n) else "Infinity" if n > 0 else "-Infinity"


def python(cases: list[dict], engine: ModuleType = expression) -> list[Any]:
    """Verdicts of a copy of expression.py, in the same form."""

    def same(c: dict) -> Any:
        found = engine.same(c["given"], c["wanted"], **c.get("options", {}))
        if found.pop("equal"):
            return "same"
        return {**found, "given": plain(found["given"]), "wanted": plain(found["wanted"])}

    def answer(c: dict) -> Any:
        if c["do"] == "number":
            return plain(engine.number(c["text"]))
        if c["do"] == "text":
            return engine.to_text(c["tree"])
        if c["do"] == "same":
            return same(c)
        tree = engine.parse(c["text"], **c.get("options", {}))
        if c["do"] == "value":
            return plain(engine.evaluate(tree, c.get("values")))
        return {"tree": tree, "text": engine.to_text(tree), "names": engine.names(tree)}

    out = []
    for case in cases:
        try:
            out.append(answer(case))
        except engine.ExpressionError as error:
            out.append([error.position, str(error)])
    return out


def changed(source: Path, old: str, new: str) -> str:
    """The source with one change; the place must be there once."""
    text = source.read_text(encoding="utf-8")
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


def loaded(source: str) -> ModuleType:
    """A Python module from its source."""
    module = ModuleType("mutant")
    exec(compile(source, "mutant", "exec"), module.__dict__)
    return module


def agree(a: Any, b: Any) -> bool:
    """Whether two verdicts are the same, numbers to the last digits."""
    number = (int, float)
    if isinstance(a, number) and isinstance(b, number):
        return math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-300)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(agree(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(agree, a, b))
    return a == b
