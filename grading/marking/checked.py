"""YAML that people may edit: read, held to a schema, with file and line of what is wrong."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

# JSON knows no infinity, and to Python a truth value is a number.
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine(
    "number", lambda _, value: type(value) in (int, float) and math.isfinite(value)
)
_VALIDATOR = extend(Draft202012Validator, type_checker=_TYPES)


class FileError(ValueError):
    """A file that cannot be used as it is: names it and the line, says what to do."""

    def __init__(self, path: Path, line: int, text: str) -> None:
        super().__init__(f"{path}:{line}: {text}")
        self.path, self.line, self.text = path, line, text


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Written in C where it can be: a class has thousands of entries.

    Dates stay text, with their zone, as they were written; a key may stand once.
    """


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _read(said: str) -> tuple[Any, yaml.Node | None]:
    loader = _Loader(said)
    try:
        tree = loader.get_single_node()
        _once(tree)
        return (None if tree is None else loader.construct_document(tree)), tree
    finally:
        loader.dispose()


def _once(tree: yaml.Node | None) -> None:
    """Raises MarkedYAMLError at the second of two equal keys."""
    if isinstance(tree, yaml.SequenceNode):
        for node in tree.value:
            _once(node)
    elif isinstance(tree, yaml.MappingNode):
        seen = set()
        for key, value in tree.value:
            if key.value in seen:
                told = f"'{key.value}' stands here twice"
                raise yaml.MarkedYAMLError(problem=told, problem_mark=key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
            _once(value)


def schema(name: str) -> dict[str, Any]:
    """One of the schemas beside this module."""
    path = Path(__file__).with_name(f"{name}.schema.json")
    return json.loads(path.read_text(encoding="utf-8"))


def text(path: Path) -> str:
    """The text of a file; empty if there is none. Raises FileError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise FileError(path, line, "this is not UTF-8 text. Save the file as UTF-8.") from None
    except OSError as error:
        raise FileError(path, 1, f"cannot be read ({error.strerror}).") from None


def parsed(path: Path, said: str, rules: dict[str, Any]) -> tuple[Any, yaml.Node | None]:
    """What a text says, and its tree with the lines. Raises FileError; ``path`` names the file."""
    try:
        data, tree = _read(said)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.line + 1 if mark else 1
        what = ", ".join(filter(None, (error.context, error.problem)))
        raise FileError(path, at, f"is not YAML here ({what}). Mend the line, or take it out "
                                  "again.") from None
    except (yaml.YAMLError, RecursionError) as error:
        told = type(error).__name__
        raise FileError(path, 1, f"is not YAML ({told}). Mend it, or put back a copy.") from None
    if (error := best_match(_VALIDATOR(rules).iter_errors(data))) is not None:
        told = error.schema.get("description", error.message)
        if error.validator in ("required", "additionalProperties", "pattern"):
            told += f" ({error.message})"
        elif not isinstance(error.instance, dict | list):
            told += f", not {error.instance!r}"
        raise FileError(path, line(tree, list(error.absolute_path)), f"{told}. Mend the line.")
    return data, tree


def line(tree: yaml.Node | None, way: list[str | int]) -> int:
    """The line of a place in the tree, or of the nearest around it that there is."""
    found = 1
    for step in way:
        if isinstance(tree, yaml.SequenceNode) and isinstance(step, int):
            tree = tree.value[step]
            found = tree.start_mark.line + 1
        elif isinstance(tree, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in tree.value}
            if step not in pairs:
                break
            key, tree = pairs[step]
            found = key.start_mark.line + 1
        else:
            break
    return found


def zoned(when: str) -> datetime | None:
    """The time that a text says; None if it is none, or has no zone."""
    try:
        found = datetime.fromisoformat(when)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def dumped(data: Any) -> str:
    """Data as YAML in the form of our files: long texts over several lines, keys in their order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _written(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # readable where YAML allows it: text of several lines below each other
    style = "|" if "\n" in text and " \n" not in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written)
