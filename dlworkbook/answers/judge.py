"""The verdict on a light answer, from its declaration and what a reader wrote.

The twin of ``judge.js``, function by function: same readings, sentences and verdicts. What a
declaration may hold stands in ``spec.py``; what may be written, at the top of ``judge.js``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .expression import READ_AS, ExpressionError, number, parse, same
from .values import text_of

LONGEST = 500  # characters
LONGEST_TABLE = 10000  # of a vector or matrix that is pasted

TELL = {
    "empty": "Not answered yet.",
    "long": "This is too long: at most {0} characters are read.",
    "upto": "Understood up to “{0}”. {1}",
    "whole": "A whole number is asked for.",
    "sizes": "Sizes are whole numbers.",
    "entry": "An entry is missing.",
    "open": "A bracket is not closed.",
    "close": "A bracket is closed that was not opened.",
    "letters": "{0} is none of the answers: they are {1}.",
    "one": "Choose one answer.",
    "more": "What you chose is right, but there is more.",
}


@dataclass(frozen=True)
class Verdict:
    """``state`` is right, slip, wrong, malformed or empty; ``say`` a sentence, empty if none."""

    state: str
    say: str = ""


def judge(spec: Mapping[str, Any], entry: Any) -> Verdict:
    """The verdict on an entry: a text, or a Python value as a notebook holds it."""
    text = ""
    try:
        text = text_of(entry, spec["kind"])
        if not tidy(text).strip():
            return Verdict("empty", TELL["empty"])
        table = spec["kind"] in ("vector", "matrix")
        if len(text) > (longest := LONGEST_TABLE if table else LONGEST):
            stop("long", [longest])
        read, key, agree = KINDS[spec["kind"]]
        given = read(text, spec)
        if agree(given, key(spec["is"]), spec):
            return Verdict("right", spec.get("right", ""))
        for slip in spec.get("slips", []):
            if agree(given, key(slip["is"]), spec):
                return Verdict("slip", slip["say"])
        return otherwise(given, spec)
    except ExpressionError as error:
        return Verdict("malformed", told(error, text))


def stop(say: str, words: list[Any] = (), position: int = 0) -> Any:
    raise ExpressionError(fill(TELL[say], words), position)


def fill(say: str, words: list[Any]) -> str:
    return say.format(*words)


def told(error: ExpressionError, text: str) -> str:
    """What is wrong, and up to where the entry made sense."""
    before = text[: error.position].strip()
    if not before or error.position >= len(text):
        return str(error)
    return fill(TELL["upto"], [before if len(before) < 25 else f"…{before[-24:]}", error])


def otherwise(given: Any, spec: Mapping[str, Any]) -> Verdict:
    """What is said of an entry that is neither the key nor a slip."""
    if spec["kind"] == "integer" and given % 1:
        stop("whole")
    say = spec.get("else", "")
    if spec["kind"] == "choice":
        for slip in spec.get("slips", []):
            if set(letters(slip["is"])) <= set(given):
                return Verdict("slip", slip["say"])
        if set(given) <= set(letters(spec["is"])):
            say = say or TELL["more"]
    return Verdict("wrong", say)


def tidy(text: str) -> str:
    """The text in plain characters, one for each, so that places stay; lines and tabs, too."""

    def plain(c: str) -> str:
        c = chr(ord(c) - 0xFEE0) if 0xFF00 < ord(c) < 0xFF5F else c
        return c if c in "\t\n" else IN_TABLES.get(c) or READ_AS.get(c, c)

    return "".join(map(plain, text))


IN_TABLES = {"、": ",", "【": "[", "】": "]", "\\": "\\"}


def latex(text: str) -> str:
    """What LaTeX writes with commands and braces, with signs and brackets."""
    if not re.search(r"[\\{$]", text):
        return text
    for pattern, to in LATEX:
        text = re.sub(pattern, to, text)
    count = -1
    while count:
        text, count = re.subn(r"\\[dt]?frac *\{([^{}]*)\} *\{([^{}]*)\}", r"((\1)/(\2))", text)
        text, more = re.subn(r"\{([^{}]*)\}", r"(\1)", text) if not count else (text, 0)
        count += more
    return re.sub(r"\\([A-Za-z]+)", r" \1", text)


LATEX = [
    (r"\$|\\(?:left|right|displaystyle)(?![A-Za-z])", ""),
    (r"\\[,;:! ]", " "),
    (r"\\%", "%"),
    (r"\\(?:cdot|times)(?![A-Za-z])", "*"),
    (r"\\(?:mathrm|operatorname|text|mathit) *\{([^{}]*)\}", r"\1"),
    (r"_\{([A-Za-z0-9]+)\}", r"_\1"),
]


def bare(text: str, spec: Mapping[str, Any]) -> str:
    """The text without the unit at its end."""
    unit = tidy(str(spec.get("unit", ""))).strip()
    cut = tidy(text).rstrip()
    return cut.removesuffix(unit) if unit and cut != unit else text


def quantity(text: str, spec: Mapping[str, Any]) -> float:
    return number(latex(bare(text, spec)))


def value(key: Any) -> float:
    """The number of a key, which may be an expression."""
    return float(key) if isinstance(key, (int, float)) else number(key)


def near(given: float, wanted: float, spec: Mapping[str, Any], largest: float = 0.0) -> bool:
    """Whether a number is the wanted one, as exactly as the declaration asks."""
    tol = spec.get("tol", 1e-3)
    largest = max(largest, abs(wanted))
    return abs(given - wanted) <= max(tol * abs(wanted), spec.get("abs", tol * largest or 1e-9))


def equal(given: float, wanted: float, spec: Mapping[str, Any]) -> bool:
    return abs(given - wanted) <= 1e-9 * max(1, abs(wanted))


def partners(s: str) -> dict[int, int]:
    """Where each bracket is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, c in enumerate(s):
        if c in "([":
            opened.append(at)
        elif c in ")]":
            if not opened:
                stop("close", [], at)
            found[opened.pop()] = at
    if opened:
        stop("open", [], opened[-1])
    return found


def table(s: str) -> list[list[tuple[str, int]]]:
    """Rows of cells, each a text and its place, in what a person writes or pastes."""
    s = unwrapped(s)
    closes = partners(s)

    def split(start: int, end: int, marks: str) -> list[tuple[int, int]]:
        parts, at = [], start
        while at < end:
            if s[at] in marks:
                parts.append((start, at))
                start = at + 1
            at = closes.get(at, at) + 1
        return [*parts, (start, end)]

    def trim(start: int, end: int) -> tuple[int, int]:
        while start < end and s[start].isspace():
            start += 1
        while start < end and s[end - 1].isspace():
            end -= 1
        return start, end

    def within(start: int, end: int) -> tuple[int, int] | None:
        start, end = trim(start, end)
        return (start + 1, end - 1) if closes.get(start) == end - 1 else None

    def listed(start: int, end: int) -> tuple[int, int] | None:
        inner = within(start, end)
        return inner if inner and (s[inner[0] - 1] == "[" or len(split(*inner, ",")) > 1) else None

    def cells(start: int, end: int) -> list[tuple[int, int]]:
        start, end = trim(start, end)
        for mark in "\t,":
            parts = split(start, end, mark)
            if len(parts) > 1:
                return parts if trim(*parts[-1])[0] < end else parts[:-1]
        parts = [trim(*part) for part in split(start, end, " \n")]
        return [part for part in parts if part[0] < part[1]]

    whole = within(0, len(s)) or (0, len(s))
    rows: list[list[tuple[int, int]]] = []
    for line in split(*whole, ";\n"):
        parts = cells(*line)
        if parts and all(listed(*part) for part in parts):
            rows += [cells(*listed(*part)) for part in parts]
        elif parts:
            rows.append(parts)
    return [[(s[start:end], start) for start, end in row] for row in rows]


def unwrapped(s: str) -> str:
    """The text with blanks where a name, a call or an environment stands around a table."""
    if found := re.search(r"\\begin *\{(\w*matrix|array)\}(\{[clr| ]*\})?", s):
        end = s.find("\\end", found.end())
        body = s[found.end() : end if end >= 0 else len(s)]
        body = body.replace("\\\\", "; ").replace("&", "\t").replace("\n", " ")
        return " " * found.end() + body
    if found := re.match(r"\s*(?:[\w.]+\s*=\s*)?(?:[\w.]+\(\s*(?=\[))?", s):
        start = found.end()
        end = s.rfind("]") + 1 if "(" in found[0] else len(s)
        s = " " * start + s[start:end]
    return s.rstrip(" \n;")


def entries(text: str) -> list[list[float]]:
    """The numbers of a table."""

    def entry(cell: str, start: int) -> float:
        if not cell.strip():
            stop("entry", [], start)
        try:
            return number(latex(cell))
        except ExpressionError as error:
            raise ExpressionError(str(error), start + error.position) from None

    return [[entry(*cell) for cell in row] for row in table(tidy(text))]


def sizes(text: str, spec: Mapping[str, Any]) -> list[float]:
    text = tidy(text)
    if "," not in text:
        text = re.sub("[*xX]", ",", text)
    found = [n for row in entries(text) for n in row]
    return found if all(n % 1 == 0 for n in found) else stop("sizes")


def letters(key: Any) -> list[str]:
    return [str(k) for k in (key if isinstance(key, list) else [key])]


def chosen(text: str, spec: Mapping[str, Any]) -> list[str]:
    """The letters of a choice."""
    every = {str(k).lower(): str(k) for k in spec["of"]}
    words = re.findall(r"[^\s,;()\[\].'\"]+", re.sub(r"\band\b", " ", tidy(text)))
    if len(words) == 1 and words[0].lower() not in every:
        words = list(words[0])
    for word in words:
        if word.lower() not in every:
            stop("letters", [word[:12], ", ".join(every.values())])
    found = sorted({every[word.lower()] for word in words})
    if len(found) > 1 and not isinstance(spec["is"], list):
        stop("one")
    return found


def formula(text: str, spec: Mapping[str, Any]) -> str:
    text = latex(text)
    parse(text, names=list(spec.get("names", [])))
    return text


def means(given: str, wanted: str, spec: Mapping[str, Any]) -> bool:
    letters = spec.get("names", [])
    domain = {}
    if isinstance(letters, Mapping):
        domain = {n: [*map(value, d[:2]), *([1] if d[2:] else [])] for n, d in letters.items() if d}
    tol = spec.get("tol", 1e-9)
    return same(given, wanted, names=list(letters), domain=domain, tolerance=tol)["equal"]


# kind -> (reads a text, reads a key, whether the two agree)
Kind = tuple[Callable[..., Any], Callable[..., Any], Callable[..., bool]]
KINDS: dict[str, Kind] = {
    "number": (quantity, value, near),
    "integer": (quantity, value, equal),
    "shape": (sizes, lambda key: [value(n) for n in key], lambda g, w, spec: g == w),
    "choice": (chosen, letters, lambda g, w, spec: set(g) == set(w)),
    "expression": (formula, str, means),
}
