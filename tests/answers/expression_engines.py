"""The two engines for expressions behind one door, and the mutants of each."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

from dlworkbook.answers import expression
from publish.tools.node import program

PYTHON = Path(expression.__file__)
JAVASCRIPT = PYTHON.with_suffix(".js")

# What is no ExpressionError ends Node, and the test with it: a crash is no verdict.
RUN = """
import fs from "node:fs";
const { urls, cases } = JSON.parse(fs.readFileSync(0));
let E;
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
const answer = (c) => {
  try { return DO[c.do](c); } catch (error) {
    if (!(error instanceof E.ExpressionError)) throw error;
    return [error.position, error.message];
  }
};
const out = [];
for (const url of urls) {
  E = await import(url);
  out.push(cases.map(answer));
}
console.log(JSON.stringify(out));
"""

EXPORTS = """
import fs from "node:fs";
const { url, names } = JSON.parse(fs.readFileSync(0));
const E = await import(url);
const listed = (v) => (v instanceof Map ? Object.fromEntries(v) : v);
const plain = (_, v) => (typeof v === "function" ? 0 : listed(v));
console.log(JSON.stringify(Object.fromEntries(names.map((n) => [n, E[n]])), plain));
"""


def node(code: str, data: Any = None) -> str:
    """What an ES module prints, given data as JSON; RuntimeError if Node breaks down."""
    done = subprocess.run(
        [program(), "--input-type=module", "-e", code],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def judged(cases: list[dict], sources: list[Path]) -> list[list[Any]]:
    """Verdicts of copies of expression.js, one after the other in one Node."""
    urls = [source.resolve().as_uri() for source in sources]
    out = node(RUN, {"urls": urls, "cases": cases})
    return json.loads(out, parse_int=float)  # a large whole number, too, was a float


def javascript(cases: list[dict]) -> list[Any]:
    """Verdicts of expression.js."""
    return judged(cases, [JAVASCRIPT])[0]


def exported(names: list[str], source: Path = JAVASCRIPT) -> dict[str, Any]:
    """Exports of expression.js; of a map its keys and values."""
    return json.loads(node(EXPORTS, {"url": source.resolve().as_uri(), "names": names}))


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
