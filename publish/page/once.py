"""YAML in which a key may stand once (of two, the second would silently win), and its lines."""

from __future__ import annotations

import yaml

# What YAML complains of, and what to do about it; the first that fits.
REMEDIES = {
    "mapping values are not allowed": "put a text that holds a colon into quotation marks",
    "found character '\\t'": "indent with blanks, not with tabs",
    "found character": "put a text that begins with such a sign into quotation marks",
    "expected ',' or": "close each bracket that opens, and put commas between what is inside",
    "could not find expected ':'": "write a colon and a blank behind each key",
    "unexpected end of stream": "close each quotation mark that opens",
    "<block end>": "let keys that belong together begin in one column, and put a text in two "
                   "quotation marks or in none",
}

class Loader(yaml.SafeLoader):
    """Raises MarkedYAMLError at the second of two equal keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"'{key.value}' stands here twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def faults(error: yaml.YAMLError, first: int = 1) -> list[tuple[str, int]]:
    """What YAML complains of, and the lines; ``first`` is the number of the text's first line."""
    parts = [
        (getattr(error, kind, None), getattr(error, f"{kind}_mark", None))
        for kind in ("context", "problem")
    ]
    return [(text, mark.line + first) for text, mark in parts if text and mark]


def remedy(error: yaml.YAMLError) -> str:
    """What to do, as the end of a sentence (``; indent with ...``); empty if that is not known."""
    problem = getattr(error, "problem", None) or ""
    return next((f"; {what}" for start, what in REMEDIES.items() if start in problem), "")


def lines(text: str, first: int = 1) -> dict[tuple[str, ...], int]:
    """The line of each key by its path of keys; entries of lists are keys '0', '1' and so on."""
    found: dict[tuple[str, ...], int] = {}

    def walk(node: yaml.Node | None, path: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            inner = [(str(key.value), key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            inner = [(str(k), value, value) for k, value in enumerate(node.value)]
        else:
            return
        for name, place, value in inner:
            found[(*path, name)] = place.start_mark.line + first
            walk(value, (*path, name))

    walk(yaml.compose(text), ())
    return found


def nearest(lines: dict[tuple[str, ...], int], keys: tuple[str, ...]) -> int:
    """Line of a key, or of the nearest key around it that exists; else 1."""
    while keys and keys not in lines:
        keys = keys[:-1]
    return lines.get(keys, 1)
