r"""MathML as the standard has it: what takes two children gets two.

KaTeX writes the name of an operator (``\max``, ``\operatorname{rank}``) and the invisible sign
"apply to what follows" (U+2061) side by side. Where one child is expected, as below a letter in
``\lambda_{\max}``, that makes one child too many, and readers of MathML show or speak an error.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
REVISION = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
APPLY = "\u2061"
CHILDREN = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2,
    "msubsup": 3, "munderover": 3,
}
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)

ElementTree.register_namespace("", NAMESPACE)


def _name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def faults(html: str) -> list[str]:
    """What is wrong with the formulas of a piece of HTML: elements with a wrong number of children.

    Raises ElementTree.ParseError for a formula that is not even XML.
    """
    found = []
    for math in _MATH.findall(html):
        tree = ElementTree.fromstring(math)
        source = next(tree.iter(f"{{{NAMESPACE}}}annotation"), tree).text
        for element in tree.iter():
            wanted = CHILDREN.get(_name(element), len(element))
            if len(element) != wanted:
                found.append(f"{_name(element)} with {len(element)} children in {source!r}")
    return found


def repair(html: str) -> str:
    """The same HTML, with the sign U+2061 in one <mrow> with the name before it."""
    return _MATH.sub(_repair, html) if APPLY in html else html


def _repair(match: re.Match) -> str:
    tree = ElementTree.fromstring(match.group())
    changed = False
    for element in tree.iter():
        if len(element) <= CHILDREN.get(_name(element), len(element)):
            continue
        for at in reversed(range(1, len(element))):
            if element[at].text == APPLY:
                row = ElementTree.Element(f"{{{NAMESPACE}}}mrow")
                row.extend([element[at - 1], element[at]])
                element[at - 1:at + 1] = [row]
                changed = True
    return ElementTree.tostring(tree, encoding="unicode") if changed else match.group()
