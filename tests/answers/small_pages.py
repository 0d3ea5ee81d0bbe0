"""A small book that holds every kind of answer, and what is entered into each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from publish.page import items
from tests.kit.small_book import Built, build, page

MODULES = ("exercises", "folds", "answers", "progress", "cells", "facts", "numbering", "routes",
           "theme", "policy")
PAGE, OTHER, CHAPTER = "book/ch01_x/page", "book/ch01_x/other", "book/ch01_x/index"
ROUTE = "book/routes/interview"
COUNTED = 10  # answers of PAGE; its three predictions do not count
SPECS = {
    "pr-choice": """kind: choice
of: {a: "equal", b: "close, not equal", c: "different, as 1<2"}
is: a
right: "The factor cancels."
slips:
  - {is: b, say: "Divide one by the other."}
  - {is: c, say: "What is left of the thousand?"}""",
    "pr-number": """kind: number
is: 8
unit: px
ask: How wide will it be?
slips: [{is: 6, say: "That is without padding."}]
else: "Count the places.\"""",
    "pr-unsettled": """kind: integer
is: 3
ask: How many?
else: "Count them.\"""",
    "ex-kinds-number": """kind: number
is: 1/4
tol: 0.05
unit: px
slips: [{is: 4, say: "Upside down."}]
else: "Look at the slope again.\"""",
    "ex-kinds-integer": """kind: integer
is: 6
ask: How many places?
right: "Six, from 0 to 5."
slips: [{is: 8, say: "`valid` pads nothing."}]
else: "Count the places.\"""",
    "ex-kinds-interval": """kind: interval
is: [0, 2]
open: [true, true]
ask: Which rates converge?
slips: [{is: [0, 1], say: "It may overshoot, and still converge."}]
else: "Look at the factor.\"""",
    "ex-kinds-shape": """kind: shape
is: [2, 3]
ask: Its shape
slips: [{is: [3, 2], say: "The other way round."}]
else: "Rows first.\"""",
    "ex-kinds-vector": """kind: vector
is: [1, 2, 3]
ask: The gradient
slips: [{is: [-1, -2, -3], say: "Look at the sign."}]
else: "Once more.\"""",
    "ex-kinds-matrix": """kind: matrix
is: [[1, 2], [3, 4]]
ask: The product
slips: [{is: [[1, 3], [2, 4]], say: "Transposed."}]
else: "Row times column.\"""",
    "ex-kinds-expression": """kind: expression
names: {p: [0, 1], q: [0, 1]}
is: -p*q
ask: The derivative
slips: [{is: p*q, say: "Look at your sign."}]
else: "Take the logarithm first.\"""",
    "ex-kinds-choice": """kind: choice
of: {a: "underflow", b: "overflow", c: "neither"}
is: b
ask: What happens?
right: "Nothing above 3.4e38 fits."
slips:
  - {is: a, say: "The exponents are positive."}
  - {is: c, say: "Try it with 89."}""",
    "ex-kinds-several": """kind: choice
of: {a: "width", b: "depth", c: "height"}
is: [a, c]
ask: Which change?
right: "Both sides shrink."
slips: [{is: [a, b], say: "Depth stays."}]
else: "There are others.\"""",
    "ex-kinds-order": """kind: order
of: {a: "shift the scores", b: "take exponentials", c: "add them up"}
is: [a, b, c]
ask: Put them in order
right: "Shift first."
slips: [{is: [b, a, c], say: "What overflows before the shift?"}]
else: "What needs what?\"""",
    "try-other": """kind: integer
is: 2
else: "No.\"""",
}


@dataclass
class Entry:
    """What is entered into an answer: of each state an entry and what is said of it."""

    right: str
    slip: tuple[str, str]
    wrong: tuple[str, str]
    malformed: tuple[str, str] | None = None
    right_says: str = ""
    form: str = ""  # part of what is said of the form expected
    other: list[str] = field(default_factory=list)  # right, too


ENTRIES = {
    "ex-kinds-number": Entry("0.25", ("4 px", "Upside down."), ("7", "Look at the slope again."),
                             ("1/4)", "A bracket is closed"), form="within 5% counts",
                             other=["1/4", "0,26", "25%", ".25 px"]),
    "ex-kinds-integer": Entry("6", ("8", "valid pads nothing."), ("3", "Count the places."),
                              ("six", "only numbers are read"), "Six, from 0 to 5.",
                              "a whole number", ["６"]),
    "ex-kinds-interval": Entry("(0, 2)", ("(0, 1)", "It may overshoot"), ("(3, 4)", "Look at"),
                               ("(0, 2", ""), form="an interval"),
    "ex-kinds-shape": Entry("(2, 3)", ("3x2", "The other way round."), ("(2, 2)", "Rows first."),
                            ("(2, x)", "Understood up to"), form="a shape, such as (2, 3)",
                            other=["2×3", "torch.Size([2, 3])"]),
    "ex-kinds-vector": Entry("1 2 3", ("[-1, -2, -3]", "Look at the sign."),
                             ("[1, 2]", "Once more."), ("[1, 2, a]", "Understood up to"),
                             form="a vector"),
    "ex-kinds-matrix": Entry("1 2\n3 4", ("[[1, 3], [2, 4]]", "Transposed."),
                             ("[[1, 2]]", "Row times column."), ("[[1, 2], [3, 4]", ""),
                             form="a matrix row by row", other=["1\t2\n3\t4", "[1 2; 3 4]"]),
    "ex-kinds-expression": Entry("-p q", ("p*q", "Look at your sign."),
                                 ("p^2", "Take the logarithm first."),
                                 ("p q +", "Something is missing at the end."),
                                 form="an expression in p and q", other=["−p·q", "-q*p"]),
    "ex-kinds-choice": Entry("b", ("a", "The exponents are positive."),
                             ("c", "Try it with 89."), None, "Nothing above 3.4e38 fits."),
    "ex-kinds-several": Entry("a, c", ("a, b", "Depth stays."), ("b", "There are others."), None,
                              "Both sides shrink.", "all that apply"),
    "ex-kinds-order": Entry("a, b, c", ("b, a, c", "What overflows before the shift?"),
                            ("c, b, a", "What needs what?"), None, "Shift first.",
                            "first things first"),
}
LISTED = ("choice", "order")


def kind(name: str) -> str:
    return SPECS[name].split("\n")[0].removeprefix("kind: ")


def box(name: str) -> str:
    return f":::{{answer}} {name}\n{SPECS[name]}\n:::\n"


EXERCISE = """::::{exercise} The kinds
:label: ex-kinds
:number: own
:level: E

What do you know?

"""
PREDICT = "::::{predict}\nTwo models score three classes.\n\n"
# Any question of the sources: the route lists no other.
FACTS = f'{{goals: [one, two, three], level: E, interview: ["{items.keys("interview")[0]}"]}}'


def whole_page() -> str:
    predictions = "\n".join(box(name) for name in SPECS if name.startswith("pr-"))
    exercises = "\n".join(box(name) for name in SPECS if name.startswith("ex-"))
    return (
        f"# All kinds\n\nA promise, with a [proof](#inside).\n\n{PREDICT}{predictions}::::\n\n"
        "## Text\n\n"
        "The factor cancels. {settles}`pr-choice` Both agree.\n\n"
        "The width is eight. {settles}`pr-number`\n\n"
        ":::{fold} Proof that x is y\n(inside)=\nDeep text.\n:::\n\n"
        "```{code-cell} python\n:tags: [fold]\nprint('cell of the fold')\n```\n\n"
        ":::{fold}\nMore of it.\n:::\n\nAfter the fold.\n\n"
        f"## Exercises\n\n{EXERCISE}{exercises}\n:::{{hint}}\nA hint.\n:::\n::::\n"
    )


def other_page() -> str:
    return f"# Other\n\nA promise.\n\n## Text\n\nTry it.\n\n{box('try-other')}"


def make(folder: Path) -> Built:
    """Build the book; its pages lie in ``folder/out/html``."""
    listing = "```{{toctree}}\n{}\n```\n".format
    pages = {
        "index": page(f"# Book\n\nText.\n\n{listing(f'/{CHAPTER}')}{listing(f'/{ROUTE}')}"),
        CHAPTER: page(f"# Chapter\n\nWhat it is.\n\n{listing('page')}{listing('other')}"
                      f"{listing('plain')}", '{number: "1"}'),
        PAGE: page(whole_page(), FACTS),
        OTHER: page(other_page(), FACTS),
        "book/ch01_x/plain": page("# Plain\n\nA promise, and no answers.\n", FACTS),
        ROUTE: page("# Questions\n\nAll of them.\n\n:::{route} interview\n:::\n"),
    }
    return build(folder, pages, MODULES)
