"""What the site makes of cell tags: some cells are run but not shown, others stand in folds."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from .answers import Answer
from .exercises import Exercise, Solution, exercises
from .folds import Depth

# Executed with all others, but kept out of the HTML.
HIDDEN = {"notebook-only", "check"}


def tags(node: nodes.Node) -> set[str]:
    """Tags of a code cell; empty for any other node."""
    if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
        return set(node.get("cell_metadata", {}).get("tags", []))
    return set()


class NoteStates(SphinxTransform):
    """Note for the routes where an exercise is checked, before its check cell is taken out."""

    default_priority = 209

    def apply(self, **kwargs: object) -> None:
        own = {record["label"]: record for record in exercises(self.env).get(self.env.docname, [])}
        record: dict = {}
        for node in self.document.findall():
            if isinstance(node, Exercise):
                record = own[node["label"]]
                judged = next(iter(node.findall(Answer)), None) is not None
                record["state"] = "page" if judged else "discussed"
            elif "check" in tags(node) and record.get("state") == "discussed":
                record["state"] = "notebook"


class HideCells(SphinxTransform):
    """Take cells that belong to the notebook edition only out of the document."""

    default_priority = 210

    def apply(self, **kwargs: object) -> None:
        for node in list(self.document.findall(nodes.container)):
            if tags(node) & HIDDEN:
                node.parent.remove(node)


class GatherFolds(SphinxTransform):
    """Move the code cells of a solution or a fold, and its further parts, into it."""

    default_priority = 211

    def apply(self, **kwargs: object) -> None:
        swallowed: set[int] = set()
        for fold in list(self.document.findall(Solution)) + list(self.document.findall(Depth)):
            if id(fold) in swallowed:
                continue
            tag = "solution" if isinstance(fold, Solution) else "fold"
            siblings = fold.parent.children
            index = siblings.index(fold) + 1
            while index < len(siblings):
                node = siblings[index]
                more = _continues(node, fold)
                if not more and tag not in tags(node):
                    break
                fold.parent.remove(node)
                swallowed.add(id(node))
                # children[0] of a further part is its summary, which the first already has
                fold.extend(node.children[1:] if more else [node])


def _continues(node: nodes.Node, fold: Solution | Depth) -> bool:
    """True for a further part of this solution or fold."""
    if isinstance(fold, Solution):
        return isinstance(node, Solution) and node["target"] == fold["target"]
    return isinstance(node, Depth) and node["continues"]


def setup(app: Sphinx) -> None:
    app.add_transform(NoteStates)
    app.add_transform(HideCells)
    app.add_transform(GatherFolds)
