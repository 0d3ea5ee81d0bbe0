"""The verdict on a light answer, from its declaration and what a reader wrote.

The twin of ``judge.js``, function by function: same readings, sentences and verdicts. What may be
written stands at the top of that file; what a declaration may hold, in ``spec.py``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .expression import LONGEST, SAY, ExpressionError, as_read, number, parse, same
from .values import text_of

Part = tuple[int, int]  # its two ends in a text
Interval = tuple[float, float, list[bool] | None]

LONGEST_TABLE = 10000  # characters of a vector or matrix, which may be pasted

TELL = {
    "upto": "Understood up to “{0}”. {1}",
    "whole": "Only whole numbers make sense here.",
    "entry": "An entry is missing.",
    "table": "No number is in it.",
    "ragged": "Rows 1 and {0} are not equally long: {2} and {1} entries.",
    "size": "Your entry was read as {0} × {1} numbers.",
    "interval": "An interval is asked for, such as [0, 1), 0 < x < 1 or 0 to 1.",
    "smaller": "The smaller end comes first.",
    "belong": "Say whether the ends belong to it: [ and ] with the end, ( and ) without.",
    "ends": "The ends are right. Look again at whether they belong to it.",
    "letters": "{0} is none of the letters: they are {1}.",
    "one": "Choose one letter.",
    "each": "Name each of {0} once.",
    "more": "What you chose is right, but there is more.",
}


@dataclass(frozen=True)
class Verdict:
    """``state`` is right, slip, wrong, malformed or empty; ``say`` a sentence, empty if none."""

    state: str
    say: str = ""


def judge(spec: Mapping[str, Any], entry: Any) -> Verdict:
    """The verdict on an entry: a text, or a Python value as a notebook holds it."""
    shown = text = ""
    tabular = spec["kind"] in ("vector", "matrix")
    try:
        shown = text_of(entry, spec["kind"])
        if len(shown) > (longest := LONGEST_TABLE if tabular else LONGEST):
            stop("long", [longest])
        tidied = tidy(shown)
        if not trimmed(tidied):
            return Verdict("empty", SAY["empty"])
        plain = bare(tidied, spec)
        text = plain if tabular else spelled(plain)
        if text != plain:
            shown = text
        reading, key, agree = KINDS[spec["kind"]]
        given = reading(text, spec)
        if agree(given, key(spec), spec):
            return Verdict("right", spec.get("right", ""))
        for slip in spec.get("slips", []):
            if agree(given, key(slip), spec):
                return Verdict("slip", slip["say"])
        return otherwise(given, spec)
    except ExpressionError as error:
        return Verdict("malformed", told(error, shown, len(text)))


def stop(say: str, words: Sequence[Any] = (), position: int = 0) -> Any:
    raise ExpressionError((TELL.get(say) or SAY[say]).format(*words), position)


def told(error: ExpressionError, shown: str, end: int) -> str:
    """What is wrong, and up to where the entry made sense."""
    before = trimmed(shown[: error.position])
    if not before or error.position >= end:
        return str(error)
    return TELL["upto"].format(before if len(before) < 25 else f"…{before[-24:]}", error)


def otherwise(given: Any, spec: Mapping[str, Any]) -> Verdict:
    """What is said of an entry that is neither the key nor a slip."""
    kind, say = spec["kind"], spec.get("else", "")
    if kind == "integer" and all(n % 1 for n in given):
        stop("whole")
    if kind == "choice":
        for slip in spec.get("slips", []):
            if set(listed(slip["is"])) <= set(given):
                return Verdict("slip", slip["say"])
        if set(given) <= set(listed(spec["is"])):
            say = say or TELL["more"]
    if kind == "interval" and reaches(given, bounds(spec), spec):
        say = TELL["ends"]
    if kind in ("vector", "matrix") and sizes(given) != sizes(numbers(spec)):
        say = f"{TELL['size'].format(*sizes(given))} {say}"
    return Verdict("wrong", say)


def sizes(rows: list[list[float]]) -> list[int]:
    return [len(rows), len(rows[0])]


def tidy(text: str) -> str:
    """The text in plain characters, one for each, so that places stay; lines and tabs, too."""
    return "".join(c if c in "\t\n" else as_read(c) for c in text)


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The ends of a part of the text without the blanks at both."""
    while start < end and tidy(text[start]) in (" ", "\t", "\n"):
        start += 1
    while start < end and tidy(text[end - 1]) in (" ", "\t", "\n"):
        end -= 1
    return start, end


def trimmed(text: str) -> str:
    return text[slice(*trim(text, 0, len(text)))]


# Short names of units. An s at the end, and capital letters, make no other unit.
UNITS = {
    "%": "percent", "px": "pixel", "s": "second", "ms": "millisecond", "μs": "microsecond",
    "kg": "kilogram", "nm": "nanometre", "hz": "hertz", "k": "kelvin",
    "mb": "megabyte", "gb": "gigabyte", "gib": "gibibyte", "b": "byte",
}  # fmt: skip
IN_WORDS = re.compile(r"(?:per )?[^\W\d_]+$")


def measure(unit: str) -> str:
    """One name for all spellings of a unit."""
    name = unit.lower().replace(" ", "")
    return re.sub(r"(?<=ch)es$|s$", "", UNITS.get(name, name))


def number_of(text: str, spec: Mapping[str, Any]) -> str:
    """The text up to the unit at its end; all of it if there is none, or nothing else."""
    unit = trimmed(tidy(str(spec.get("unit", ""))))
    cut = text[: trim(text, 0, len(text))[1]]
    word = IN_WORDS.search(cut)
    ending = unit
    if word and not cut.endswith(unit) and measure(word[0]) == measure(unit):
        ending = word[0]
    if unit and cut.endswith(ending) and trimmed(cut) != ending:
        return cut[: -len(ending)]
    return text


def bare(text: str, spec: Mapping[str, Any]) -> str:
    """The text without the unit at its end, and with a blank for a sign of equality before it."""
    return re.sub("^( *)[=≈~]", r"\1 ", number_of(text, spec))


# What stands for a command of LaTeX; for the others their names do, as for \sigma and \sqrt.
COMMANDS = {
    "left": "", "right": "", "cdot": "*", "times": "*", "infty": "inf", "in": "∈",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥",
}  # fmt: skip
NESTED = "[^{}]"
for _ in range(6):
    NESTED = rf"(?:[^{{}}]|\{{{NESTED}*\}})"
GROUP = rf"(?:\{{({NESTED}*)\}}|([0-9]))"
FRACTION = re.compile(rf"\\[dt]?frac *{GROUP} *{GROUP}")
# Changes of spelling, in this order.
SPELLINGS = [
    (re.compile(pattern, re.ASCII), to)
    for pattern, to in [
        (r"\$|\{\}", ""),
        (r"\\[,;:! ]", " "),
        (r"\\%", "%"),
        (r"\{,\}", ","),
        (r"=<|<=", "≤"),
        (r">=", "≥"),
        (r"\\(?:mathrm|operatorname|text) *\{(\w+)\}", r"\1"),
        (r"_\{(\w+)\}", r"_\1"),
        (r"\b(?:np|numpy|torch|math|sp|sympy)\.(?=[A-Za-z])", ""),
        (r"[xX](?= *10 *[\^*⁻⁰¹²³⁴-⁹])", "*"),
    ]
]


def spelled(text: str) -> str:
    """The text with signs and brackets for the commands and braces of LaTeX."""
    if len(text) > LONGEST:
        return text
    for pattern, to in SPELLINGS:
        text = pattern.sub(to, text)
    before = ""
    while before != text:
        before = text
        text = FRACTION.sub(r"((\1\2)/(\3\4))", text)
    text = text.replace("{", "(").replace("}", ")")
    return re.sub(r"\\([A-Za-z]+)", lambda name: COMMANDS.get(name[1], f" {name[1]}"), text)


def value(key: Any) -> float:
    """The number of a key, which may be an expression."""
    return float(key) if isinstance(key, (int, float)) else number(key)


def near(given: float, wanted: float, spec: Mapping[str, Any], size: float | None = None) -> bool:
    """Whether a number is the wanted one, as exactly as asked; ``size`` is that of the largest."""
    if math.isinf(wanted):
        return given == wanted
    tol = spec.get("tol", 1e-3)
    size = abs(wanted) if size is None else size
    return abs(given - wanted) <= max(tol * abs(wanted), spec.get("abs", tol * size or 1e-9))


# number, integer


def quantity(text: str, spec: Mapping[str, Any]) -> list[float]:
    """The number; both where a comma may part thousands or decimals. Blanks part thousands."""
    if re.fullmatch(r" *[-+]? *[1-9][0-9]{0,2}( [0-9]{3})+ *", text):
        return [number(text.replace(" ", ""))]
    if re.fullmatch(r" *[-+]? *[1-9][0-9]{0,2},[0-9]{3} *", text):
        return [number(text.replace(",", "")), number(text.replace(",", "."))]
    return [number(text)]


def close(given: list[float], wanted: float, spec: Mapping[str, Any]) -> bool:
    return any(near(n, wanted, spec) for n in given)


def exact(given: list[float], wanted: float, spec: Mapping[str, Any]) -> bool:
    return any(abs(n - wanted) <= 1e-9 * max(1, abs(wanted)) for n in given)


# shape, vector, matrix


def partners(text: str) -> dict[int, int]:
    """Where each bracket is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, c in enumerate(text):
        if c in "([":
            opened.append(at)
        elif c in ")]":
            if not opened or text[opened[-1]] + c not in ("()", "[]"):
                stop("close", [], at)
            found[opened.pop()] = at
    if opened:
        stop("open", [], opened[-1])
    return found


def split(s: str, closes: Mapping[int, int], start: int, end: int, marks: str) -> list[Part]:
    """The parts between marks outside of brackets."""
    parts, at = [], start
    while at < end:
        if s[at] in marks:
            parts.append((start, at))
            start = at + 1
        at = closes.get(at, at) + 1
    return [*parts, (start, end)]


def table(text: str, flat: bool) -> list[list[Part]]:
    """Rows of cells; ``flat``: a line that ends within brackets goes on in the next."""
    closes = partners(text)

    def within(start: int, end: int) -> Part | None:
        start, end = trim(text, start, end)
        return (start + 1, end - 1) if closes.get(start) == end - 1 else None

    def row(start: int, end: int) -> Part | None:
        """What stands in the brackets of a row; a bracket around one entry is none."""
        inner = within(start, end)
        square = inner and text[inner[0] - 1] == "["
        return inner if square or (inner and len(split(text, closes, *inner, ",")) > 1) else None

    def cells(start: int, end: int) -> list[Part]:
        start, end = trim(text, start, end)
        for mark in "\t,":
            parts = split(text, closes, start, end, mark)
            if len(parts) > 1:
                last, end = trim(text, *parts[-1])
                return parts if last < end else parts[:-1]
        parts = [trim(text, *part) for part in split(text, closes, start, end, " \n")]
        return [part for part in parts if part[0] < part[1]]

    whole = within(0, len(text))
    rows: list[list[Part]] = []
    lines = split(text, closes, *(whole or (0, len(text))), ";" if flat and whole else ";\n")
    for parts in [cells(*line) for line in lines]:
        inner = [row(*part) for part in parts]
        rows += [cells(*part) for part in inner] if all(inner) else [parts]
    return [row for row in rows if row]


BEGIN = re.compile(r"\\begin *\{(?:[a-z]*matrix|array)\}(?:\{[clr| ]*\})?")
CALL = re.compile(r"[ \t\n]*(?:[A-Za-z0-9_.]+ *= *)?(?:[A-Za-z0-9_.]+\( *(?=\[))?")


def unwrapped(text: str) -> str:
    """The text with blanks where a name, a call or an environment stands around a table."""
    if found := BEGIN.search(text):
        end = text.find("\\end", found.end())
        body = text[found.end() : end if end >= 0 else len(text)].replace("\n", " ")
        body = body.replace("\\hline", " " * 6).replace("\\\\", "; ").replace("&", "\t")
        return " " * found.end() + body
    before = CALL.match(text)[0]
    end = text.rfind("]") + 1 if "(" in before else len(text)
    return " " * len(before) + text[len(before) : end].rstrip(" \n;")


TRUTH = {"True": 1.0, "true": 1.0, "False": 0.0, "false": 0.0}


def entry(text: str, start: int, end: int, words: Mapping[str, float] | None = None) -> float:
    """One of several numbers, or a word for one, which is a part of the text."""
    start, end = trim(text, start, end)
    if start == end:
        stop("entry", [], start)
    if words and (word := text[start:end]) in words:
        return words[word]
    try:
        return number(spelled(text[start:end]))
    except ExpressionError as error:
        raise ExpressionError(str(error), start + error.position) from None


def entries(text: str, flat: bool, words: Mapping[str, float] | None = None) -> list[list[float]]:
    """The numbers of a table."""
    text = unwrapped(text)
    found = [[entry(text, *cell, words) for cell in row] for row in table(text, flat)]
    for n, row in enumerate(found):
        if len(row) != len(found[0]):
            stop("ragged", [n + 1, len(row), len(found[0])])
    return found


def shape(text: str, spec: Mapping[str, Any]) -> list[float]:
    """The sizes; without a comma * and x part them, too."""
    if "," not in text:
        text = re.sub("[*xX]| by ", lambda found: ",".center(len(found[0])), text)
    found = [n for row in entries(text, True) for n in row]
    if not found and not re.search(r"[(\[]", text):
        stop("table")
    return found if all(n % 1 == 0 for n in found) else stop("whole")


def matrix(text: str, spec: Mapping[str, Any]) -> list[list[float]]:
    return entries(text, spec["kind"] == "vector", TRUTH) or stop("table")


def vector(text: str, spec: Mapping[str, Any]) -> list[list[float]]:
    """One row; a column is read as one."""
    text = re.sub(r"(?:\^T|\^\{T\}|\^\\top|\^\{\\top\}|ᵀ|\.T|')[ \n]*\Z", "", text)
    found = matrix(text, spec)
    return found if len(found[0]) > 1 else [[n for row in found for n in row]]


def numbers(of: Mapping[str, Any]) -> list[list[float]]:
    """The rows of a key."""
    rows = of["is"] if isinstance(of["is"][0], list) else [of["is"]]
    return [[value(n) for n in row] for row in rows]


def entrywise(given: list[list[float]], wanted: list[list[float]], spec: Mapping[str, Any]) -> bool:
    flat = [n for row in wanted for n in row]
    size = max(map(abs, flat))
    return sizes(given) == sizes(wanted) and all(
        near(g, w, spec, size) for g, w in zip([n for row in given for n in row], flat, strict=True)
    )


# interval


NAME = "[A-Za-zα-ωΑ-Ω][A-Za-z0-9_α-ωΑ-Ω]*"
ELEMENT = re.compile(f" *{NAME} *(?:∈|in ) *")
INFINITE = re.compile("([-+]?) *(?:inf|infinity|∞|oo)", re.IGNORECASE | re.ASCII)


def interval(text: str, spec: Mapping[str, Any]) -> Interval:
    """The ends, and for each whether it is left out; None where that is not said."""
    low, high, opened = (compared if re.search("[<>≤≥]", text) else listed_ends)(text)
    if low > high:
        stop("smaller")
    return (low, high, opened) if opened or "open" not in spec else stop("belong")


def compared(text: str) -> Interval:
    """An interval that is written with < and >."""
    signs = re.findall("[<>≤≥]", text)
    parts = split(text, {}, 0, len(text), "<>≤≥")
    if signs[0] in ">≥":
        signs, parts = signs[::-1], parts[::-1]
    words = [trimmed(text[a:b]) for a, b in parts]
    named = [bool(re.fullmatch(NAME, w)) and not INFINITE.fullmatch(w) for w in words]
    form = "".join(str(int(n)) for n in named) + "".join("<>"[sign in ">≥"] for sign in signs)
    if form not in ("010<<", "010>>", "01<", "01>", "10<", "10>"):
        stop("interval")
    low = -math.inf if named[0] else bound(text, *parts[0])
    high = math.inf if named[-1] else bound(text, *parts[-1])
    return low, high, [sign in "<>" for sign in (signs[0], signs[-1])]


def listed_ends(text: str) -> Interval:
    """An interval that is written with its two ends, in brackets or without."""
    if found := ELEMENT.match(text):
        text = " " * found.end() + text[found.end() :]
    start, end = trim(text, 0, len(text))
    left, right = text[start : start + 1], text[end - 1 : end]
    opened = None
    if left in "[(]" and right in "])[" and not re.match(r"[^(]*\)", text[start + 1 : end - 1]):
        opened = [left != "[", right != "]"]
        text = " " * (start + 1) + text[start + 1 : end - 1]
    text = re.sub(r"\bto\b|\.{2,}|…", lambda c: ";".ljust(len(c[0])), text, flags=re.ASCII)
    parts = split(text, partners(text), 0, len(text), ";" if ";" in text else ",")
    if len(parts) != 2:
        stop("interval")
    return bound(text, *parts[0]), bound(text, *parts[1]), opened


def bound(text: str, start: int, end: int) -> float:
    """One end of an interval."""
    start, end = trim(text, start, end)
    if found := INFINITE.fullmatch(text, start, end):
        return -math.inf if found[1] == "-" else math.inf
    return entry(text, start, end)


def bounds(of: Mapping[str, Any]) -> Interval:
    """The interval of a key."""
    low, high = (bound(text, 0, len(text)) for text in map(str, of["is"]))
    return low, high, of.get("open")


def reaches(given: Interval, wanted: Interval, spec: Mapping[str, Any]) -> bool:
    """Whether the ends are those wanted, whoever has them."""
    size = max((abs(n) for n in wanted[:2] if math.isfinite(n)), default=0)
    return all(near(g, w, spec, size) for g, w in zip(given[:2], wanted[:2], strict=True))


def spans(given: Interval, wanted: Interval, spec: Mapping[str, Any]) -> bool:
    if not reaches(given, wanted, spec):
        return False
    ends = zip(given[2] or (), wanted[2] or (), wanted[:2])
    return all(math.isinf(n) or g == w for g, w, n in ends)


# expression


def formula(text: str, spec: Mapping[str, Any]) -> str:
    """The text itself, if it can be read."""
    parse(text, names=list(spec.get("names", [])))
    return text


def means(given: str, wanted: str, spec: Mapping[str, Any]) -> bool:
    names = spec.get("names", [])
    domain = {}
    if isinstance(names, Mapping):
        domain = {n: [*map(value, d[:2]), *([1] if d[2:] else [])] for n, d in names.items()}
    tol = spec.get("tol", 1e-9)
    return same(given, wanted, names=list(names), domain=domain, tolerance=tol)["equal"]


# choice, order


def listed(key: Any) -> list[str]:
    """The letters of a key."""
    return [str(k) for k in (key if isinstance(key, list) else [key])]


def letters(text: str, spec: Mapping[str, Any]) -> list[str]:
    """The letters of an entry, as they stand there."""
    every = {str(k).lower(): str(k) for k in spec["of"]}
    words = re.findall(r"[^ \t\n,;:.'\"()\[\]{}<>=→/|&+*-]+", text)
    if "and" not in every:
        words = [word for word in words if word.lower() != "and"]
    if len(words) == 1 and words[0].lower() not in every and every.keys() >= {*words[0].lower()}:
        words = list(words[0])
    for word in words:
        if word.lower() not in every:
            stop("letters", [word[:12], ", ".join(every.values())])
    return [every[word.lower()] for word in words] or stop("each", [", ".join(every.values())])


def choice(text: str, spec: Mapping[str, Any]) -> list[str]:
    found = sorted(set(letters(text, spec)))
    return found if len(found) == 1 or isinstance(spec["is"], list) else stop("one")


def order(text: str, spec: Mapping[str, Any]) -> list[str]:
    found = letters(text, spec)
    every = listed([*spec["of"]])
    return found if sorted(found) == sorted(every) else stop("each", [", ".join(every)])


def identical(given: Any, wanted: Any, spec: Mapping[str, Any]) -> bool:
    return given == wanted


# kind -> (reads a text, reads a key, whether the two agree)
KINDS: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., bool]]] = {
    "number": (quantity, lambda of: value(of["is"]), close),
    "integer": (quantity, lambda of: value(of["is"]), exact),
    "interval": (interval, bounds, spans),
    "shape": (shape, lambda of: [value(n) for n in of["is"]], identical),
    "vector": (vector, numbers, entrywise),
    "matrix": (matrix, numbers, entrywise),
    "expression": (formula, lambda of: str(of["is"]), means),
    "choice": (choice, lambda of: sorted(listed(of["is"])), identical),
    "order": (order, lambda of: listed(of["is"]), identical),
}
