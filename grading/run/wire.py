"""What goes between a judge and the process that runs a student's code: plain JSON.

Arrays travel as dtype, shape and bytes. What the student's process sends may be anything, so each
reply is read by the shape that it must have; whatever else comes is a ``Forged``. What it is sent
are inputs, names and numbers, never an answer.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from dlworkbook.checks.answer import LONGEST_SOURCE, Call, Look, Texts
from dlworkbook.checks.faults import Fault
from dlworkbook.checks.values import LARGEST, Settled

LONGEST = 48_000_000  # bytes of a message: three results of the largest size that is read
MOST_PARTS = 8  # results of one call
MOST_ENTRIES = 2_000  # texts of one value, names in a list
MOST_TEXT = 4_000
DTYPES = ("float64", "float32", "int64", "int32", "bool")
KINDS = ("array", "none", "ellipsis", "generator", "coroutine", "other")


class Forged(ValueError):
    """A message that the grader's own code cannot have sent."""


# -- what the student's process is sent, and what it gives back


def pack(value: Any) -> Any:
    """A value of ours as JSON data: arrays, data classes, tuples, dicts, plain values."""
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": [str(value.dtype), list(value.shape), data]}
    if isinstance(value, np.generic):
        return pack(np.asarray(value)) | {"scalar": True}
    if is_dataclass(value) and not isinstance(value, type):
        fields = {key: pack(getattr(value, key)) for key in vars(value)}
        return {"made": [type(value).__name__, fields]}
    if isinstance(value, dict):
        return {"dict": [[key, pack(part)] for key, part in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [pack(part) for part in value]}
    if isinstance(value, list):
        return [pack(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return value


def unpack(data: Any, kinds: dict[str, Callable]) -> Any:
    """The value that was packed; ``kinds``: data classes by name. Only for what we sent."""
    if isinstance(data, list):
        return [unpack(part, kinds) for part in data]
    if not isinstance(data, dict):
        return data
    if "array" in data:
        made = array(data)
        return made[()] if data.get("scalar") else made
    if "made" in data:
        name, fields = data["made"]
        return kinds[name](**{key: unpack(part, kinds) for key, part in fields.items()})
    if "dict" in data:
        return {key: unpack(part, kinds) for key, part in data["dict"]}
    if "tuple" in data:
        return tuple(unpack(part, kinds) for part in data["tuple"])
    return float(data["float"])


def array(data: Any) -> np.ndarray:
    """An array, checked. Raises Forged."""
    try:
        dtype, shape, text = data["array"]
    except (TypeError, KeyError, ValueError):
        raise Forged("no array") from None
    if dtype not in DTYPES or not isinstance(text, str) or not isinstance(shape, list):
        raise Forged("no array")
    if len(shape) > 16 or not all(type(n) is int and 0 <= n <= LARGEST for n in shape):
        raise Forged("no shape")
    size = math.prod(shape)
    if size > LARGEST:
        raise Forged("too large")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Forged("no bytes") from None
    if len(raw) != size * np.dtype(dtype).itemsize:
        raise Forged("another number of bytes")
    return np.frombuffer(raw, dtype).reshape(shape).copy()


# -- replies, as the judge reads them


def text(data: Any, most: int = MOST_TEXT) -> str:
    if not isinstance(data, str) or len(data) > most:
        raise Forged("no text")
    return data.encode("utf-8", "replace").decode()


def flag(data: Any) -> bool:
    if not isinstance(data, bool):
        raise Forged("no flag")
    return data


def whole(data: Any, most: int = 10**12) -> int:
    if type(data) is not int or not 0 <= data <= most:
        raise Forged("no count")
    return data


def seconds(data: Any) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float) or not 0 <= data < 1e6:
        raise Forged("no time")
    return float(data)


def names(data: Any) -> list[str]:
    if not isinstance(data, list) or len(data) > MOST_ENTRIES:
        raise Forged("no list")
    return [text(part) for part in data]


def fault(data: Any) -> Fault | None:
    if data is None:
        return None
    kind, said, line, code, own = _fields(data, "type_name", "text", "line", "code", "own")
    return Fault(text(kind), text(said), whole(line), text(code), flag(own))


def settled(data: Any) -> Settled:
    kind, held, read, shape, dtype, name, tensor = _fields(
        data, "kind", "array", "read", "shape", "dtype", "type_name", "tensor"
    )
    if kind not in KINDS or not isinstance(shape, list) or len(shape) > 64:
        raise Forged("no result")
    numbers = [None if part is None else array(part) for part in (held, read)]
    for part in numbers:
        if part is not None and part.dtype != np.float64:
            raise Forged("another dtype")
    made = Settled(kind, *numbers, tuple(whole(n) for n in shape), text(dtype), text(name),
                   flag(tensor))  # fmt: skip
    if made.array is not None and (made.array.shape != made.shape or kind != "array"):
        raise Forged("another shape")
    return made


def facts(data: Any) -> dict[str, Any]:
    """Arrays by name, lists of texts, a fault."""
    if not isinstance(data, dict) or len(data) > 16:
        raise Forged("no facts")
    found: dict[str, Any] = {}
    for key, value in data.items():
        if key == "fault":
            found[key] = fault(value)
        elif key == "gradients" and isinstance(value, dict) and len(value) < 100:
            found[key] = {text(name): array(part) for name, part in value.items()}
        else:
            found[key] = names(value)
    return found


def look(data: Any) -> Look:
    given, kind, name, signature, gap = _fields(
        data, "given", "type_name", "name", "signature", "gap"
    )
    return Look(text(given, 40), text(kind), text(name), text(signature), flag(gap))


def call(data: Any) -> Call:
    parts = data.get("parts") if isinstance(data, dict) else None
    changed = data.get("changed") if isinstance(data, dict) else None
    if not isinstance(parts, list) or len(parts) > MOST_PARTS or not isinstance(changed, list):
        raise Forged("no call")
    kind, backend = text(data.get("kind"), 40), text(data.get("backend"), 40)
    if kind not in ("value", "raised", "timed_out") or backend not in ("numpy", "torch"):
        raise Forged("no call")
    made = Call(kind, backend, whole(data.get("number")), seconds(data.get("seconds")))
    made.parts = [settled(part) for part in parts]
    made.facts = facts(data.get("facts"))
    made.fault = fault(data.get("fault"))
    if (kind == "value" and not made.parts) or (kind == "raised" and made.fault is None):
        raise Forged("no call")
    made.ours, made.printed = text(data.get("ours")), text(data.get("printed"))
    made.changed = tuple(whole(k, 100) for k in changed[:100])
    made.shared, made.left_running = flag(data.get("shared")), flag(data.get("left_running"))
    made.printed_characters = whole(data.get("printed_characters"))
    return made


def kept(data: Any) -> list | None:
    if data is None:
        return None
    if not isinstance(data, list) or len(data) > MOST_PARTS:
        raise Forged("no results")
    return [None if part is None else array(part) for part in data]


def texts(data: Any) -> Texts:
    state, kind, error, entries = _fields(data, "state", "type_name", "error", "entries")
    if state not in ("value", "raised", "timed_out") or not isinstance(entries, list):
        raise Forged("no texts")
    if len(entries) > MOST_ENTRIES or not all(
        isinstance(entry, list) and len(entry) == 2 for entry in entries
    ):
        raise Forged("no texts")
    pairs = [(text(said, LONGEST_SOURCE), text(why)) for said, why in entries]
    return Texts(state, text(kind), text(error), pairs)


def _fields(data: Any, *keys: str) -> list[Any]:
    if not isinstance(data, dict) or set(data) != set(keys):
        raise Forged("other fields")
    return [data[key] for key in keys]


def packed_call(made: Call) -> dict[str, Any]:
    """A call as the student's process sends it."""
    plain = {
        key: value for key, value in vars(made).items()
        if key not in ("parts", "facts", "fault", "probe", "role", "changed")
    }
    return plain | {
        "parts": [_packed(part) for part in made.parts],
        "facts": {key: _fact(value) for key, value in made.facts.items()},
        "fault": None if made.fault is None else asdict(made.fault),
        "changed": list(made.changed),
    }


def _packed(part: Settled) -> dict[str, Any]:
    numbers = {key: None if (held := getattr(part, key)) is None else pack(held)
               for key in ("array", "read")}  # fmt: skip
    return vars(part) | numbers | {"shape": list(part.shape)}


def _fact(value: Any) -> Any:
    if isinstance(value, Fault):
        return asdict(value)
    if isinstance(value, dict):
        return {key: pack(np.asarray(part, "float64")) for key, part in value.items()
                if part is not None}  # fmt: skip
    return list(value)


def line(message: dict[str, Any]) -> bytes:
    """A message as one line."""
    return json.dumps(message, allow_nan=False).encode() + b"\n"
