"""Expressions as people type them: answer boxes, graph steppers, typed functions.

The twin of ``expression.js``, function by function: same grammar, trees, sentences and
verdicts. What may be written, and what a tree is, stands at the top of that file. Trees are
dictionaries here. No ``eval``; nothing beyond the standard library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Tree = dict[str, Any]

LONGEST = 500  # characters: no chain is then too deep for the stack
DEEPEST = 50  # brackets, signs, powers and roots inside each other
POINTS = 24
DRAWS = 1000

SAY = {
    "empty": "Nothing is written here yet.",
    "long": "This is too long: at most {0} characters are read.",
    "deep": "Too many brackets, signs or powers stand inside each other: at most {0}.",
    "character": "The character {0} has no meaning here.",
    "round": "Only round brackets are read here, not {0}.",
    "bars": "For an absolute value write abs(...).",
    "equals": "Write one side only, without {0}.",
    "end": "Something is missing at the end.",
    "before": "Something is missing before {0}.",
    "times": "Something is missing before {0}, perhaps *.",
    "open": "A bracket is not closed.",
    "close": "A bracket is closed that was not opened.",
    "comma": "A comma stands only between the values of a function; decimals have a point.",
    "ways": "{0} can be read in two ways: write {1} or {2}.",
    "reach": "It is not clear how far {0} reaches here: add brackets or a *.",
    "letter": "{0} is no name: a name is one word of letters, digits and _.",
    "name": "There is no {0} here; {1}.",
    "function": "There is no function {0} here.",
    "brackets": "Brackets must follow {0} at once: {0}(...); a power comes behind them.",
    "values": "{0} takes {1}, not {2}; a comma separates values.",
    "large": "{0} is too large a number.",
    "infinite": "This is infinite, or too large to be worked out.",
    "undefined": "This has no value, as 0/0 or the root of a negative number.",
    "value": "There is no value for {0}.",
    "domain": "The key has a value at {0} of {1} points only: state another domain for it.",
}

# Characters that are read as others, beside the full-width forms of ASCII.
READ = [
    ("\t\n\r\u00a0\u2002\u2003\u2009\u200a\u200b\u200e\u202f\u2060\u2061\u2062\u3000\ufeff", " "),
    ("−–—‐‑", "-"), ("×·⋅∗∙•", "*"), ("÷∕⁄", "/"), ("ˆ", "^"), ("。", "."),
    ("、", ","), ("【", "["), ("】", "]"),
    ("ϵ", "ε"), ("ϑ", "θ"), ("ϕ", "φ"), ("µ", "μ"), ("∆", "Δ"),
]
# From α and from Α on, in Unicode's order; ς is a sigma.
GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi",
    "chi", "psi", "omega",
]
READ_AS = {c: to for characters, to in READ for c in characters}
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
ALPHABET = re.compile(r"[ 0-9A-Za-z_.,+\-*/^%()√¼-¾⁻⁰¹²³⁴-⁹₀-₉α-ωΑ-ΡΣ-Ω]")
INSTEAD = {**dict.fromkeys("[]{}", SAY["round"]), "|": SAY["bars"], "=": SAY["equals"]}

EXPONENT = "(?:[eE][-+]?[0-9]+)?"
HALVES = {"¼": 0.25, "½": 0.5, "¾": 0.75}
NUMBER = re.compile(rf"[0-9]*[¼-¾]|(?:[0-9]+\.?[0-9]*|\.[0-9]+){EXPONENT}")
WITH_COMMAS = re.compile(rf"[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?{EXPONENT}")
THOUSANDS = re.compile(rf"[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+(?:\.[0-9]+)?{EXPONENT}")
DECIMAL = re.compile(rf"[0-9]+,[0-9]+{EXPONENT}")
APART = re.compile(" *[eE] *[-+][0-9]+")  # 1.1 e-16
WITH_EXPONENT = re.compile("(.*)([eE])([-+][0-9]+)")
WORD = re.compile("(?:[A-Za-z][A-Za-z0-9₀-₉]*|[α-ωΑ-ΡΣ-Ω][0-9₀-₉]*)(?:_[A-Za-z0-9]+)*")
POWER = re.compile(f"⁻?[{RAISED}]+")
SIGN, TIMES, CARET, PERCENT, ROOT, OPEN, CLOSE, COMMA = map(
    re.compile, [r"[-+]", r"\*(?!\*)|/", r"\^|\*\*", "%", "√", r"\(", r"\)", ","]
)


def ieee(function: Callable[[float], float]) -> Callable[[float], float]:
    """The function with infinities and NaN, as in JavaScript, where ``math`` raises."""

    def run(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return run


def logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: -math.inf if x == 0 else ieee(function)(x)


def steady(function: Callable[[float], float]) -> Callable[[float], float]:
    """A whole number that rounding has missed stays whole: floor(0.3/0.1) is 3."""

    def run(x: float) -> float:
        if not math.isfinite(x):
            return x
        whole = math.floor(x + 0.5)
        return float(whole if abs(x - whole) < 1e-12 * max(1, abs(x)) else function(x))

    return run


def logistic(x: float) -> float:
    return 1 / (1 + ieee(math.exp)(-x))


def extreme(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *x: math.nan if any(map(math.isnan, x)) else function(x) + 0.0


def relu(x: float) -> float:
    return extreme(max)(0.0, x)


def sign(x: float) -> float:
    return x if x == 0 or math.isnan(x) else math.copysign(1.0, x)


FUNCTIONS: dict[str, Callable[..., float]] = {
    "sin": ieee(math.sin), "cos": ieee(math.cos), "tan": ieee(math.tan), "tanh": math.tanh,
    "exp": ieee(math.exp), "sqrt": ieee(math.sqrt), "log": logarithm(math.log),
    "ln": logarithm(math.log), "log2": logarithm(math.log2), "log10": logarithm(math.log10),
    "sigmoid": logistic, "sigma": logistic, "abs": abs, "sign": sign, "relu": relu,
    "max": extreme(max), "min": extreme(min), "floor": steady(math.floor),
    "ceil": steady(math.ceil),
}
MANY = ("max", "min")  # take two values or more; the others take one
CONSTANTS = {"pi": math.pi, "e": math.e}


def divide(a: float, b: float) -> float:
    """``a / b`` with infinities and NaN, as in JavaScript."""
    if b:
        return a / b
    return math.copysign(math.inf, a) * math.copysign(1, b) if a and a == a else math.nan


def raise_to(a: float, b: float) -> float:
    """``a ** b`` with infinities and NaN, as in JavaScript."""
    if math.isnan(b) or (abs(a) == 1 and math.isinf(b)):
        return math.nan
    odd = b % 2 == 1
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and odd else math.inf
    except ValueError:  # the root of a negative number, or a negative power of zero
        return math.nan if a else math.copysign(math.inf, a) if odd else math.inf


# operator -> (how strongly it binds, what its left and its right side must bind, the function)
OPERATORS: dict[str, tuple[int, int, int, Callable[[float, float], float]]] = {
    "+": (1, 1, 2, lambda a, b: a + b),
    "-": (1, 1, 2, lambda a, b: a - b),
    "*": (2, 2, 3, lambda a, b: a * b),
    "/": (2, 2, 3, divide),
    "^": (4, 5, 3, raise_to),
}
NEGATION = 3


class ExpressionError(ValueError):
    """What is wrong, in words, and where: the index of a character of the text."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


def fail(say: str, words: Sequence[object] = (), position: int = 0) -> Any:
    raise ExpressionError(say.format(*(short(str(w)) for w in words)), position)


def short(word: str) -> str:
    return f"{word[:59]}…" if len(word) > 60 else word


def shown(c: str) -> str:
    """A character as it can be shown: its code where nothing would be seen."""
    code = ord(c)
    hidden = code < 33 or 126 < code < 161 or 0x2000 <= code < 0x2070 or 0xD800 <= code < 0xE000
    return f"U+{code:04X}" if hidden else c


def as_read(c: str) -> str:
    """The character as which another is read."""
    ascii_ = chr(ord(c) - 0xFEE0) if 0xFF00 < ord(c) < 0xFF5F else c
    return READ_AS.get(ascii_, ascii_)


def read(text: object) -> str:
    """The text in the parser's alphabet, character by character, so that places stay."""
    characters = str(text)
    if len(characters) > LONGEST:
        fail(SAY["long"], [LONGEST], LONGEST)
    out = ""
    for place, c in enumerate(characters):
        found = as_read(c)
        if not ALPHABET.match(found):
            fail(INSTEAD.get(found, SAY["character"]), [shown(c)], place)
        out += found
    return out


def plain(word: str) -> str:
    """One spelling of a name: α_1, alpha1 and α₁ are the same."""

    def spelled(c: str) -> str:
        return GREEK[ord(c) - ord("α")]

    word = re.sub("[α-ω]", lambda c: spelled(c[0]), word)
    word = re.sub("[Α-ΡΣ-Ω]", lambda c: spelled(c[0].lower()).capitalize(), word)
    word = re.sub("[₀-₉]", lambda c: str(ord(c[0]) - ord("₀")), word)
    return re.sub("_(?=[0-9])", "", word)


def binary(op: str, left: Tree, right: Tree) -> Tree:
    return {"type": "binary", "op": op, "left": left, "right": right}


def value(n: float) -> Tree:
    return {"type": "number", "value": n}


def parse(
    text: object,
    *,
    names: Iterable[str] | None = None,
    functions: Iterable[str] | None = None,
) -> Tree:
    """The tree of a text.

    ``names`` are the letters that there are (None: any), ``functions`` the functions that may
    be called (None: all). Raises ExpressionError.
    """
    s = read(text)
    known: dict[str, str] = {}
    for n in names or []:
        if not WORD.fullmatch(read(n)):
            fail(SAY["letter"], [n])
        known[plain(read(n))] = n
    allowed = set(FUNCTIONS if functions is None else functions)
    at = 0  # the next token
    end = 0  # behind the last one
    depth = 0
    loose = ""  # ^, √, % or a function if the last token ends what it reaches, without brackets
    bare = -1  # the end of the value of a function without brackets
    in_call = False  # whether a comma separates
    pending: list[str] = []  # words of a product like pq that are still to come

    def callable_(word: str) -> bool:
        return word in FUNCTIONS and word in allowed

    def skip() -> None:
        nonlocal at
        while s[at : at + 1] == " ":
            at += 1

    def take(pattern: re.Pattern[str]) -> str:
        nonlocal at, end, loose
        found = None if pending else pattern.match(s, at)
        if not found:
            return ""
        at = end = found.end()
        skip()
        loose = ""
        return found[0]

    def ahead(characters: str) -> bool:
        return not pending and bool(re.match(f"[{characters}]", s[at : at + 1]))

    def nest(rule: Callable[[], Tree]) -> Tree:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            fail(SAY["deep"], [DEEPEST], at)
        tree = rule()
        depth -= 1
        return tree

    def unexpected() -> Any:
        place = at
        if at >= len(s):
            fail(SAY["end"], [], at)
        if n := take(NUMBER):
            fail(SAY["times"], [n], place)
        closed = ahead(")") and not depth
        fail(SAY["close" if closed else "comma" if ahead(",") else "before"], [s[at]], at)

    def close(start: int) -> None:
        if take(CLOSE):
            return
        if at >= len(s):
            fail(SAY["open"], [], start)
        unexpected()

    def sum_() -> Tree:
        left = product()
        while op := take(SIGN):
            left = binary(op, left, product())
        return left

    def product() -> Tree:
        left = unary()
        slash = ""
        while True:
            if bare == end and ahead("*/"):
                fail(SAY["reach"], [loose], at)
            if op := take(TIMES):
                left = binary(op, left, unary())
                slash = op if op == "/" else ""
            elif pending or ahead("A-Za-zα-ωΑ-ΡΣ-Ω(√"):
                if loose or slash:
                    fail(SAY["reach"], [loose or slash], at)
                left = binary("*", left, power())
            else:
                return left

    def unary() -> Tree:
        op = take(SIGN)
        if not op:
            return power()
        of = nest(unary)
        return {"type": "unary", "op": op, "of": of} if op == "-" else of

    def power() -> Tree:
        nonlocal loose
        base = atom()
        if loose and ahead("*^%⁻⁰¹²³⁴-⁹") and not re.match(r"\*(?!\*)", s[at:]):
            fail(SAY["reach"], [loose], at)
        if raised := take(POWER):
            digits = [str(RAISED.index(c)) for c in raised.replace("⁻", "")]
            exponent = finite("".join(digits), at)
            if raised.startswith("⁻"):
                exponent = {"type": "unary", "op": "-", "of": exponent}
            base = binary("^", base, exponent)
        elif take(PERCENT):
            base = binary("/", base, value(100.0))
            loose = "%"
        start = at
        if not take(CARET):
            return base
        if raised:
            fail(SAY["reach"], [raised], start)
        opened = ahead("(")
        base = binary("^", base, nest(unary))
        loose = "" if opened and s[end - 1] == ")" else "^"
        return base

    def atom() -> Tree:
        nonlocal loose
        start = at
        if pending:
            return word(pending.pop(0), start)
        if take(OPEN):
            return group(start)
        if take(ROOT):
            opened = ahead("(")
            of = nest(atom)
            loose = "" if opened else "√"
            return {"type": "call", "name": "sqrt", "args": [of]}
        if ahead(".0-9¼-¾"):
            return numeral(start)
        name = take(WORD)
        return letter(name, start) if name else unexpected()

    def group(start: int) -> Tree:
        nonlocal in_call
        outer, in_call = in_call, False
        tree = nest(sum_)
        close(start)
        in_call = outer
        return tree

    def numeral(start: int) -> Tree:
        written = "" if in_call else take(WITH_COMMAS)
        point = written.replace(",", ".", 1)
        whole = written.replace(",", "")
        if written:
            thousands, decimal = THOUSANDS.fullmatch(written), DECIMAL.fullmatch(written)
            if thousands and decimal:
                fail(SAY["ways"], [written, whole, point], start)
            if not thousands and not decimal:
                fail(SAY["comma"], [], start)
            written = point if decimal else whole
        else:
            written = take(NUMBER) or unexpected()
        apart = found[0] if (found := APART.match(s, end)) else ""
        if found := WITH_EXPONENT.fullmatch(written + apart.replace(" ", "")):
            m, e, power = found.groups()
            if apart or e in known:
                either = [f"{m}*10^{power}", f"{m}*{e} {power}"]
                fail(SAY["ways"], [written + apart, *either], start)
        return finite(written, start)

    def finite(written: str, start: int) -> Tree:
        half = HALVES.get(written[-1], 0)  # 1½
        n = float((written[:-1] or 0) if half else written) + half
        return value(n) if math.isfinite(n) else fail(SAY["large"], [written], start)

    def letter(written: str, start: int) -> Tree:
        """A name, a function, a constant or a product of such, as pq or plog(p)."""
        nonlocal pending
        name = plain(written)
        if name in known or (name in CONSTANTS and name != written):
            return word(name, start)
        if name in FUNCTIONS:
            return call(name, start)
        if names is None:
            if name not in CONSTANTS:
                if ahead("("):
                    fail(SAY["function"], [written], start)
                known[name] = written
            return word(name, start)
        ways = splits(name, ahead("("))
        if len(ways) > 1:
            either = [re.sub("^pi$", "π", "*".join(way)) for way in ways]
            fail(SAY["ways"], [written, *either], start)
        if not ways:
            every = list(known.values())
            listed = " and ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))
            letters = f"the letters are {listed}" if every[1:] else f"the only letter is {listed}"
            fail(SAY["name"], [written, letters if every else "only numbers are read"], start)
        pending = ways[0][1:]
        return word(ways[0][0], start)

    def splits(name: str, opened: bool) -> list[list[str]]:
        """Up to two ways to cut a word into words that there are; a function only at its end."""
        words = [*known, *CONSTANTS]
        last = [*filter(callable_, FUNCTIONS)] if opened else []
        ways: list[list[list[str]]] = [[[]]]
        for to in range(1, len(name) + 1):
            parts = dict.fromkeys(words if to < len(name) else words + last)
            ends = [part for part in parts if name.endswith(part, 0, to)]
            ways.append([[*way, part] for part in ends for way in ways[to - len(part)]][:2])
        return ways[-1]

    def word(name: str, start: int) -> Tree:
        if name in known:
            return {"type": "name", "name": known[name]}
        return {"type": "constant", "name": name} if name in CONSTANTS else call(name, start)

    def call(name: str, start: int) -> Tree:
        nonlocal in_call
        if not callable_(name):
            fail(SAY["function"], [name], start)
        outer, opened = in_call, at
        if not take(OPEN):
            return without_brackets(name, start)
        in_call = True
        args = [nest(sum_)]
        while take(COMMA):
            args.append(nest(sum_))
        close(opened)
        in_call = outer
        many = name in MANY
        if len(args) < 2 if many else len(args) > 1:
            takes = "2 values or more" if many else "1 value"
            fail(SAY["values"], [name, takes, len(args)], start)
        return {"type": "call", "name": name, "args": args}

    def without_brackets(name: str, start: int) -> Tree:
        """A function of one number or letter: ln 2.5; what follows must not bind as strongly."""
        nonlocal bare, loose
        one = name not in MANY and ahead(".0-9¼-¾A-Za-zα-ωΑ-ΡΣ-Ω")
        of = nest(atom) if one else None
        if not of or of["type"] not in ("number", "name", "constant"):
            fail(SAY["brackets"], [name], start)
        bare, loose = end, name
        return {"type": "call", "name": name, "args": [of]}

    skip()
    if at >= len(s):
        fail(SAY["empty"])
    tree = sum_()
    return unexpected() if at < len(s) else tree


def evaluate(tree: Tree, values: Mapping[str, float] | None = None) -> float:
    """The value of a tree in floating point, infinities and NaN included."""
    match tree["type"]:
        case "number":
            return tree["value"]
        case "constant":
            return CONSTANTS[tree["name"]]
        case "name":
            name = tree["name"]
            return float(values[name]) if values and name in values else fail(SAY["value"], [name])
        case "unary":
            return -evaluate(tree["of"], values)
        case "call":
            return FUNCTIONS[tree["name"]](*[evaluate(a, values) for a in tree["args"]])
        case _:
            left, right = evaluate(tree["left"], values), evaluate(tree["right"], values)
            return OPERATORS[tree["op"]][3](left, right)


def to_text(tree: Tree) -> str:
    """A text that parses to the tree again, with no more brackets than needed."""
    return enclosed(tree, 0)


def enclosed(tree: Tree, least: int) -> str:
    match tree["type"]:
        case "number":
            return number_text(tree["value"])
        case "call":
            return f"{tree['name']}({', '.join([enclosed(a, 0) for a in tree['args']])})"
        case "unary":
            return bracket(f"-{enclosed(tree['of'], NEGATION)}", least > NEGATION)
        case "binary":
            binds, left, right, _ = OPERATORS[tree["op"]]
            op = f" {tree['op']} " if binds == 1 else tree["op"]
            text = enclosed(tree["left"], left) + op + enclosed(tree["right"], right)
            return bracket(text, least > binds)
        case _:
            return tree["name"]


def bracket(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def number_text(n: float) -> str:
    """The shortest text of a number, as JavaScript writes it."""
    text = repr(float(n)).removesuffix(".0")
    return text.replace("e+", "e").replace("e-0", "e-")


def names(tree: Tree) -> list[str]:
    """The names of a tree in order of appearance, each once, without the constants."""
    return list(dict.fromkeys(appearing(tree)))


def appearing(tree: Tree) -> list[str]:
    if tree["type"] == "name":
        return [tree["name"]]
    found: list[str] = []
    for part in [*(tree[k] for k in ("left", "right", "of") if k in tree), *tree.get("args", [])]:
        found += appearing(part)
    return found


def number(text: object) -> float:
    """A number as a person writes it: 1/4*sqrt(1/3), 3×10^5, 14%. Raises ExpressionError."""
    n = evaluate(parse(text, names=[]))
    return n if math.isfinite(n) else fail(SAY["undefined" if math.isnan(n) else "infinite"])


def same(
    given: object,
    wanted: object,
    *,
    names: Sequence[str] | None = None,
    functions: Iterable[str] | None = None,
    domain: Mapping[str, Sequence[float]] | None = None,
    tolerance: float = 1e-9,
) -> dict[str, Any]:
    """Whether a text means what the key ``wanted`` means.

    ``{"equal": True}``, or ``equal`` false with ``at``, ``given`` and ``wanted``: the first of
    two dozen fixed points at which they differ and both values there. A domain maps names to
    ``[from, to]`` (the ends are left out; without it -3 to 3) or ``[from, to, step]``. Points
    at which the key has no value do not count. ``tolerance`` is relative. Raises
    ExpressionError for a text that cannot be read, or that has names which there are not.
    """
    key = parse(wanted, names=names)
    every = list(dict.fromkeys(appearing(key)) if names is None else names)
    tree = parse(given, names=every, functions=functions)
    seed = 7

    def draw(name: str) -> float:
        nonlocal seed
        low, high, *step = (domain or {}).get(name, (-3, 3))
        seed = seed * 16807 % 2147483647
        share = (seed % 999 + 1) / 1000
        if step:
            count = math.floor((high - low) / step[0] + 1e-9) + 1
            x = low + step[0] * math.floor(share * count)
        else:
            x = low + (high - low) * share
        return float(f"{x:.12g}")  # 0.372, as it can be told

    points: list[tuple[dict[str, float], float]] = []
    for _ in range(DRAWS):
        if len(points) == POINTS:
            break
        at = {name: draw(name) for name in every}
        w = evaluate(key, at)
        if math.isfinite(w):
            points.append((at, w))
    if len(points) < POINTS:
        fail(SAY["domain"], [len(points), DRAWS])
    scale = max(abs(w) for _, w in points) or 1
    for at, w in points:
        g = evaluate(tree, at)
        if not abs(g - w) <= tolerance * max(abs(w), scale / 1000):
            return {"equal": False, "at": at, "given": g, "wanted": w}
    return {"equal": True}
