"""What the declaration of a light answer may hold, and whether it keeps its promises.

A declaration is a mapping, as it stands on a page:

- ``kind``, one of ``KINDS``, and ``is``, the key: a number or the text of an expression; for an
  interval ``[lo, hi]``, where ``inf`` may stand; for a shape a list of whole numbers; for a vector
  or matrix (nested) lists; a letter, or a list of letters where several are right; for an order
  all letters.
- ``slips``: known wrong answers, each with ``is`` and ``say``, the sentence that it gets.
  ``else``: the sentence for any other wrong answer. ``right``: one for a right answer.
- ``ask``: the label. ``unit``: stands behind the field of a number.
- ``tol``: relative tolerance (1e-3), ``abs``: absolute one (``tol`` times the largest magnitude).
- ``names`` of an expression: ``{p: [0, 1], n: [1, 9, integer]}``, each with its domain.
- ``of``: the things to choose or to put in order, by letter.
- ``open`` of an interval, and of a slip of one: whether each end is left out. Without it, it does
  not matter; an infinite end never matters.

Sentences are plain text, in which `code` may stand between backticks. A number of which no
tolerance is given may be answered with three digits.

``problems(spec)`` is what lint says of one. Beside the form it tries the *confusion test*: in all
spellings the key is judged right and each slip gets its own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from .expression import ExpressionError, parse, to_text
from .judge import bounds, judge, listed, value

NUMERIC = ("number", "interval", "vector", "matrix")
KINDS = {  # kind -> the keys that only some kinds have
    "number": ("unit", "tol", "abs"),
    "integer": ("unit",),
    "interval": ("open", "tol", "abs"),
    "shape": (),
    "vector": ("tol", "abs"),
    "matrix": ("tol", "abs"),
    "expression": ("names", "tol"),
    "choice": ("of",),
    "order": ("of",),
}
COMMON = ("kind", "is", "ask", "slips", "right", "else")
TEXTS = ("ask", "unit", "right", "else")
CODE = re.compile(r"`[^`]*`")
MARKUP = re.compile(r"`|\$|\*\S[^*]*\*|\]\(|\{[a-z:]+\}")
Spec = Mapping[str, Any]


def problems(spec: Spec) -> list[str]:
    """What is wrong with a declaration, in words; empty if nothing is."""
    kind = spec.get("kind")
    if kind not in KINDS:
        return [f"kind: it is {kind!r}, and must be one of {', '.join(KINDS)}"]
    found = [*_keys(spec), *_form(spec)]
    if not found:  # a key of another form could not be judged
        found += [*_sentences(spec), *_confusions(spec)]
    return found


def _keys(spec: Spec) -> Iterator[str]:
    kind = spec["kind"]
    for name, held in spec.items():
        if name == "vary":
            yield "vary: reserved for numbers that change with a seed; not built yet"
        elif name not in (*COMMON, *KINDS[kind]):
            others = ", ".join(k for k in KINDS if name in KINDS[k])
            meant = f"it belongs to {others}" if others else f"use {', '.join(COMMON)}"
            yield f"{name}: kind {kind} has no such key; {meant}"
        elif name in TEXTS and not (isinstance(held, str) and held.strip()):
            yield f"{name}: it must be a text, in quotes if YAML reads something else"
        elif name in ("tol", "abs") and (type(held) not in (int, float) or not 0 <= held < inf):
            yield f"{name}: it must be a number of at least 0, as 0.01 (YAML reads 1e-2 as a text)"
    if "is" not in spec:
        yield "is: the key is missing"


def _form(spec: Spec) -> Iterator[str]:
    kind, slips = spec["kind"], spec.get("slips", [])
    if kind in ("choice", "order"):
        yield from _letters(spec)
    if kind == "expression":
        yield from _names(spec)
    if not isinstance(slips, list) or not all(isinstance(slip, Mapping) for slip in slips):
        yield "slips: it must be a list of {is: ..., say: ...}"
        return
    for where, of in [("is", spec), *((f"slips: number {n}", s) for n, s in enumerate(slips, 1))]:
        if "is" in of and (said := FORMS[kind](of["is"], spec, of is not spec)):
            yield f"{where}: {said}"
        if "open" in of and not _flags(of["open"]):
            yield f"{where}: open must be two of true and false, as [false, true]"
        if of is spec:
            continue
        if "is" not in of or not isinstance(of.get("say"), str) or not of["say"].strip():
            yield f"{where}: it needs is, the wrong answer, and say, the sentence it gets"
        for name in set(of) - {"is", "say", *(["open"] if kind == "interval" else [])}:
            yield f"{where}: a slip has no key {name}"


def _flags(held: Any) -> bool:
    return isinstance(held, list) and len(held) == 2 and all(isinstance(x, bool) for x in held)


def _letters(spec: Spec) -> Iterator[str]:
    of = spec.get("of")
    if not isinstance(of, Mapping) or len(of) < 2:
        yield "of: it must name two things or more by letter, as {a: ..., b: ...}"
        return
    if len({str(k).lower() for k in of}) < len(of):
        yield "of: two letters differ in upper and lower case only"
    for letter, text in of.items():
        if not str(letter).isascii() or not str(letter).isalnum():
            yield f"of: {letter!r} is no letter"
        if not isinstance(text, str) or not text.strip():
            yield f"of: {letter} must be a text, in quotes if YAML reads something else"


def _names(spec: Spec) -> Iterator[str]:
    names = spec.get("names")
    if not isinstance(names, Mapping) or not names:
        yield "names: it must give each name its domain, as {p: [0, 1], n: [1, 9, integer]}"
        return
    for name, domain in names.items():
        try:
            parse("1", names=[name])
            low, high = map(value, domain[:2])
            fine = low < high and domain[2:] in ([], ["integer"])
        except (ExpressionError, TypeError, ValueError):
            fine = False
        if not fine:
            yield f"names: {name} needs a domain such as [0, 1] or [1, 9, integer]"


def _number(held: Any) -> bool:
    try:
        return not isinstance(held, bool) and value(held) == value(held)
    except (ExpressionError, TypeError, ValueError):
        return False


def _is_number(key: Any, spec: Spec, slip: bool) -> str:
    return "" if _number(key) else f"{key!r} is no number, nor an expression without letters"


def _is_integer(key: Any, spec: Spec, slip: bool) -> str:
    whole = _number(key) and (slip or value(key) % 1 == 0)
    return "" if whole else f"{key!r} is no whole number"


def _is_interval(key: Any, spec: Spec, slip: bool) -> str:
    try:
        low, high, _ = bounds({"is": key})
        fine = isinstance(key, list) and low < high
    except (ExpressionError, TypeError, ValueError):
        fine = False
    return "" if fine else f"{key!r} is no interval such as [0, 2/3] or [0, inf]"


def _is_list(key: Any, spec: Spec, slip: bool) -> str:
    fine = isinstance(key, list) and (key or spec["kind"] == "shape") and all(map(_number, key))
    if fine and spec["kind"] == "shape":
        fine = all(value(n) % 1 == 0 for n in key)
    return "" if fine else f"{key!r} is no list of {'whole ' * (spec['kind'] == 'shape')}numbers"


def _is_matrix(key: Any, spec: Spec, slip: bool) -> str:
    fine = isinstance(key, list) and all(row and not _is_list(row, spec, slip) for row in key)
    fine = fine and len({len(row) for row in key}) == 1
    return "" if fine else f"{key!r} is no list of rows of one length"


def _is_expression(key: Any, spec: Spec, slip: bool) -> str:
    try:
        parse(key, names=list(spec.get("names") or []))
        return ""
    except ExpressionError as error:
        return f"{key!r} cannot be read: {error}"


def _is_choice(key: Any, spec: Spec, slip: bool) -> str:
    letters, of = listed(key), [str(k) for k in spec.get("of") or []]
    if not letters or not set(letters) <= set(of) or len(set(letters)) < len(letters):
        return f"{key!r} is not among the letters {', '.join(of)}"
    if isinstance(key, list) and not slip and not isinstance(spec["is"], list):
        return "one letter is right, so a slip is one letter"
    return ""


def _is_order(key: Any, spec: Spec, slip: bool) -> str:
    of = [str(k) for k in spec.get("of") or []]
    fine = isinstance(key, list) and sorted(listed(key)) == sorted(of)
    return "" if fine else f"{key!r} must be a list of {', '.join(of)}, each once"


FORMS = {
    "number": _is_number, "integer": _is_integer, "interval": _is_interval, "shape": _is_list,
    "vector": _is_list, "matrix": _is_matrix, "expression": _is_expression, "choice": _is_choice,
    "order": _is_order,
}  # fmt: skip


def _sentences(spec: Spec) -> Iterator[str]:
    """A sentence for whatever may be answered, that is said as it stands."""
    told = [(name, spec[name]) for name in ("right", "else") if name in spec]
    told += [(f"slips: number {n}: say", s["say"]) for n, s in enumerate(spec.get("slips", []), 1)]
    for where, words in told:
        if markup := MARKUP.search(CODE.sub("", words)):
            yield f"{where}: {markup[0]!r} would be shown as it stands; only `code` is marked up"
    if spec["kind"] != "choice":
        if "else" not in spec:
            yield "else: it is missing, the hint for any other wrong answer"
        return
    if "right" not in spec:
        yield "right: it is missing, the reason why the right choice is right"
    told = {letter for slip in spec.get("slips", []) for letter in listed(slip["is"])}
    wrong = [letter for letter in map(str, spec["of"]) if letter not in listed(spec["is"])]
    if "else" not in spec and (untold := [letter for letter in wrong if letter not in told]):
        yield f"slips: no sentence for {', '.join(untold)}"


def _confusions(spec: Spec) -> Iterator[str]:
    """Where key and slips are judged in another way than they should be."""
    slips = spec.get("slips", [])
    if spec["kind"] == "number" and not {"tol", "abs"} & set(spec):
        rounded = f"{value(spec['is']):.3g}"
        if value(spec["is"]) % 1 and judge(spec, rounded).state != "right":
            yield f"tol: say it, for the key rounded to three digits, {rounded}, is refused"
    for text in spellings(spec["kind"], spec, spec):
        if (verdict := judge(spec, text)).state != "right":
            yield f"is: the key, as {text!r}, is judged {verdict.state}: {verdict.say}"
            break
    for n, slip in enumerate(slips, 1):
        for text in spellings(spec["kind"], slip, spec):
            verdict = judge(spec, text)
            if verdict.state == "right":
                yield f"slips: number {n} is right by the key and its tolerance"
            elif verdict.state != "slip":
                yield f"slips: number {n}, as {text!r}, is judged {verdict.state}: {verdict.say}"
            elif verdict.say != slip["say"]:
                yield f"slips: number {n} gets the sentence of another one: {verdict.say}"
            else:
                continue
            break


def spellings(kind: str, of: Spec, spec: Spec) -> list[str]:
    """Ways in which people write the answer of a declaration or of a slip."""
    key = of["is"]
    if kind in ("number", "integer"):
        text = str(key)
        unit = [f"{text} {spec['unit']}"] if "unit" in spec else []
        return [text, f" {_wide(text)} ", text.replace("-", "−"), f"${text}$", *unit]
    if kind == "interval":
        low, high = map(str, key)
        left, right = of.get("open") or spec.get("open") or [False, False]
        ways = ["[("[left] + f"{low}, {high}" + "])"[right]]  # and as in France
        ways.append("[]"[left] + f"{low}; {high}" + "]["[right])
        return [*ways, f"{low} <{'' if left else '='} x <{'' if right else '='} {high}"]
    if kind == "shape":
        sizes = list(map(str, key))
        inside = ", ".join(sizes)
        ways = [f"({inside})", f"[{inside}]", f"torch.Size([{inside}])"]
        return [*ways, "×".join(sizes), " x ".join(sizes)] if sizes else ways
    if kind in ("vector", "matrix"):
        return _tables([key] if kind == "vector" else key, kind)
    if kind == "expression":
        text = to_text(parse(key, names=list(spec["names"])))
        return [str(key), text, text.replace("^", "**"), f"${text}$", _wide(text)]
    letters = listed(key)
    ways = [", ".join(letters), " ".join(letters).upper(), f"[{', '.join(letters)}]"]
    return [*ways, *(["".join(letters)] if all(len(k) == 1 for k in letters) else [])]


def _tables(rows: list[list[Any]], kind: str) -> list[str]:
    cells = [[str(n) for n in row] for row in rows]
    python = [f"[{', '.join(row)}]" for row in cells]
    ways = [python[0] if kind == "vector" else f"[{', '.join(python)}]"]
    ways.append(f"np.array({ways[0]})")
    ways.append("; ".join(", ".join(row) for row in cells))
    ways.append("\n".join("\t".join(row) for row in cells))
    body = r" \\ ".join(" & ".join(row) for row in cells)
    return [*ways, rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"]


def _wide(text: str) -> str:
    """The text in the full-width characters of a Chinese keyboard."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
