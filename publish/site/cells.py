"""What the site makes of cell tags: some cells are run but not shown, solutions are folded."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from .exercises import Solution

# Executed with all others, but kept out of the HTML.
HIDDEN = {"notebook-only", "check"}


def tags(node: nodes.Node) -> set[str]:
    """Tags of a code cell; empty for any other node."""
    if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
        return set(node.get("cell_metadata", {}).get("tags", []))
    return set()


class HideCells(SphinxTransform):
    """Take cells that belong to the notebook edition only out of the document."""

    default_priority = 210

    def apply(self, **kwargs: object) -> None:
        for node in list(self.document.findall(nodes.container)):
            if tags(node) & HIDDEN:
                node.parent.remove(node)


class GatherSolutions(SphinxTransform):
    """Move the code cells of a solution, and its further parts, into its fold."""

    default_priority = 211

    def apply(self, **kwargs: object) -> None:
        swallowed: set[int] = set()
        for solution in list(self.document.findall(Solution)):
            if id(solution) in swallowed:
                continue
            siblings = solution.parent.children
            index = siblings.index(solution) + 1
            while index < len(siblings):
                node = siblings[index]
                more = isinstance(node, Solution) and node["target"] == solution["target"]
                if not more and "solution" not in tags(node):
                    break
                solution.parent.remove(node)
                swallowed.add(id(node))
                # children[0] of a further part is its summary, which the first already has
                solution.extend(node.children[1:] if more else [node])


def setup(app: Sphinx) -> None:
    app.add_transform(HideCells)
    app.add_transform(GatherSolutions)
