"""Node.js, for what is tested without a browser: a widget's model beside its reference."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit import bundle
from publish.tools.node import program


class NodeError(Exception):
    """What Node said while a program failed."""


def run_js(code: str, data: Any = None) -> str:
    """Standard output of an ES module in Node; the module may read ``data`` as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "program.mjs"  # a command line has no room for some
        file.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [program(), str(file)], input=json.dumps(data), capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
    if done.returncode:
        raise NodeError(done.stderr[-2000:])
    return done.stdout


def evaluate(module: Path, expression: str, data: Any = None) -> Any:
    """The value of a JavaScript expression in which ``m`` is a module and ``data`` is given."""
    return json.loads(run_js(
        f'import * as m from {json.dumps(module.resolve().as_uri())};\nimport fs from "node:fs";\n'
        f"const data = JSON.parse(fs.readFileSync(0));\nconsole.log(JSON.stringify({expression}));",
        data,
    ))  # fmt: skip


def plain(value: Any) -> Any:
    """Tensors and arrays as nested lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def difference(got: Any, want: Any, tolerance: float = 1e-9, at: str = "") -> str:
    """Where two answers differ, in words; empty if they agree.

    Whole numbers, texts and shapes exactly, other numbers to ``tolerance``, relative beyond 1;
    keys that only ``got`` has are left alone. JSON has no infinity: null stands for it.
    """
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return f"{at}: {got!r:.60}, should be an object"
        found = (difference(got.get(k), v, tolerance, f"{at}.{k}") for k, v in want.items())
        return next(filter(None, found), "")
    if isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            return f"{at}: {len(got) if isinstance(got, list) else got!r} of {len(want)} values"
        pairs = enumerate(zip(got, want, strict=True))
        found = (difference(g, w, tolerance, f"{at}[{n}]") for n, (g, w) in pairs)
        return next(filter(None, found), "")
    if isinstance(want, float) and not math.isfinite(want):
        return "" if got is None else f"{at}: {got!r}, should be {want}"
    if isinstance(want, float) and isinstance(got, (int, float)) and not isinstance(got, bool):
        off = abs(got - want) > tolerance * max(1, abs(want))
        return f"{at}: {got!r}, should be {want!r}" if off else ""
    return "" if got == want and type(got) is type(want) else f"{at}: {got!r}, should be {want!r}"


def differential(
    model: Path,
    expression: str,
    cases: list[Any],
    expected: list[Any],
    mutants: list[tuple[str, str, str]] = (),
    tolerance: float = 1e-9,
    compare: Callable[[Any, Any], str] | None = None,
    sample: slice = slice(None),
    beside: Sequence[Path] = (),
) -> None:
    """Assert that a model answers as its reference does, and that no broken copy of it would.

    ``expression`` gives the answer for one case ``c``, with the model's exports in ``m``;
    ``expected`` are the answers of the reference (torch), one for each of at least 200
    ``cases``. A mutant is (name, text that stands once in the model, what replaces it): it is
    caught when some answer differs in value. A copy that Node cannot run to its end, or whose
    text does not change, catches nothing, and fails the test. ``sample`` chooses the cases on
    which mutants are tried; ``compare`` takes the place of :func:`difference`. A mutant may also
    change a module ``beside`` the model.
    """
    assert len(cases) >= 200, "at least 200 cases"
    compare = compare or (lambda got, want: difference(got, plain(want), tolerance))

    def wrong(file: Path, part: slice) -> list[str]:
        got = evaluate(file, f"data.map((c) => ({expression}))", cases[part])
        answers = zip(cases[part], got, expected[part], strict=True)
        return [f"{case!s:.200}: {said}" for case, g, w in answers if (said := compare(g, w))]

    found = wrong(model, slice(None))
    assert not found, "\n".join([f"{len(found)} of {len(cases)} cases differ", *found[:9]])
    codes = {file: file.read_text(encoding="utf-8") for file in (model, *beside)}
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        root = bundle.WIDGETS.parent
        skip = shutil.ignore_patterns("__pycache__", "*.py")
        # They import from one another.
        for part in ("widgets", "answers", "interview", "practice", "trial"):
            shutil.copytree(root / part, Path(folder) / part, ignore=skip)
        copies = {file: Path(folder) / file.relative_to(root) for file in codes}
        for name, old, new in mutants:
            if sum(code.count(old) for code in codes.values()) != 1 or old == new:
                survivors.append(f"{name}: the change must apply exactly once, and change the text")
                continue
            for file, code in codes.items():
                copies[file].write_text(code.replace(old, new), encoding="utf-8")
            try:
                if not wrong(copies[model], sample):
                    survivors.append(f"{name}: no case notices")
            except NodeError as error:
                survivors.append(f"{name}: Node fell over, which catches nothing: {error!s:.300}")
    assert not survivors, "\n".join([f"{len(survivors)} of {len(mutants)} mutants", *survivors])
