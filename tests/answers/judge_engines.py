"""The two engines for light answers behind one door, and copies of them with one change."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

from dlworkbook.answers import judge as python_judge
from tests.kit.node import run_js

FOLDER = Path(sys.modules["dlworkbook.answers"].__file__).parent

# A verdict of ours, or what went wrong: a crash is no verdict, and catches nothing.
RUN = """
import fs from "node:fs";
const { urls, specs, cases } = JSON.parse(fs.readFileSync(0));
const out = [];
for (const url of urls) {
  const { judge } = await import(url);
  out.push(cases.map(([name, text]) => {
    try {
      const { state, say } = judge(specs[name], text);
      return [state, say];
    } catch (error) {
      return ["crash", String(error)];
    }
  }));
}
console.log(JSON.stringify(out));
"""

Verdicts = list[list[str]]


def javascript(specs: dict, cases: list, files: list[Path] | None = None) -> list[Verdicts]:
    """Verdicts of ``judge.js``, or of each of some copies; a case is (name of a spec, text)."""
    urls = [file.resolve().as_uri() for file in files or [FOLDER / "judge.js"]]
    return json.loads(run_js(RUN, {"urls": urls, "specs": specs, "cases": cases}))


def python(specs: dict, cases: list, judge=python_judge) -> Verdicts:
    """The same of ``judge.py``."""
    found = []
    for name, text in cases:
        try:
            verdict = judge(specs[name], text)
            found.append([verdict.state, verdict.say])
        except Exception as error:
            found.append(["crash", f"{type(error).__name__}: {error}"])
    return found


def copies(folder: Path, mutants: list[tuple[str, str, str]]) -> list[Path]:
    """A copy of ``judge.js`` for each (name, text that stands there once, what replaces it)."""
    code = (FOLDER / "judge.js").read_text(encoding="utf-8")
    shutil.copy(FOLDER / "expression.js", folder)
    files = []
    for n, (name, old, new) in enumerate(mutants):
        assert code.count(old) == 1 and old != new, (name, code.count(old))
        files.append(folder / f"judge{n}.js")
        files[-1].write_text(code.replace(old, new), encoding="utf-8")
    return files


def mutated(name: str, old: str, new: str) -> ModuleType:
    """``judge.py`` with one change, as a module of its own in the same package."""
    code = (FOLDER / "judge.py").read_text(encoding="utf-8")
    assert code.count(old) == 1 and old != new, (name, code.count(old))
    spec = importlib.util.spec_from_loader("dlworkbook.answers.mutant", None)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    try:
        exec(compile(code.replace(old, new), name, "exec"), module.__dict__)
    finally:
        del sys.modules[spec.name]
    return module
