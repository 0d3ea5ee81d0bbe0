"""The convolution explorer, Python side: settings, their validation, and a still picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dlworkbook.widgets.kit.base import StateError, Widget, declared
from dlworkbook.widgets.kit.settings import fields, number, whole

FIELDS = declared("convolution")["fields"]
MAX_CHANNELS, MAX_VALUE = FIELDS["input"]["most"][0], 1e6

#: Pixels of everything but the rows of cells, on a wide page and on a phone.
REST, NARROW_REST = 396, 655


def _nested(value: Any) -> Any:
    """Arrays and tensors as nested lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_nested(v) for v in value]
    return value


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def _array(key: str, what: str) -> Callable[[Any], list]:
    """A check for a full array; leading axes of length 1 may be left out."""
    limits = FIELDS[key]["most"]
    rank = len(limits)

    def walk(value: Any, sizes: list[int], level: int) -> Any:
        if level == rank:
            return number(value, MAX_VALUE)
        if not isinstance(value, list) or len(value) != sizes[level]:
            raise ValueError("rows of different lengths")
        return [walk(v, sizes, level + 1) for v in value]

    def check(value: Any) -> list:
        value = _nested(value)
        if not 2 <= _depth(value) <= rank:
            raise ValueError(f"expected {what}, got {_depth(value)} axes")
        while _depth(value) < rank:
            value = [value]
        sizes, inner = [], value
        for _ in range(rank):
            sizes.append(len(inner))
            inner = inner[0]
        if any(not 1 <= size <= limit for size, limit in zip(sizes, limits, strict=True)):
            shape, most = (" x ".join(map(str, v)) for v in (sizes, limits))
            raise ValueError(f"the shape {shape} is beyond {most}")
        return walk(value, sizes, 0)

    return check


def _pair(key: str) -> Callable[[Any], list[int]]:
    """A check for one whole number, or two: rows, columns."""
    one = whole(FIELDS[key]["from"], FIELDS[key]["to"])

    def check(value: Any) -> list[int]:
        value = _nested(value)
        both = value if isinstance(value, list) else [value, value]
        if len(both) != 2:
            raise ValueError(f"expected one number or two (rows, columns), got {value!r}")
        return [one(v) for v in both]

    return check


def _bias(value: Any) -> list:
    value = [] if value is None else _nested(value)
    if not isinstance(value, list) or len(value) > MAX_CHANNELS:
        raise ValueError(f"expected up to {MAX_CHANNELS} numbers, one for each output channel")
    return [number(v, MAX_VALUE) for v in value]


def pads(state: dict) -> tuple[list[int], list[int]]:
    """Zero rows and columns around the input: ([top, left], [bottom, right])."""
    x, k = state["input"][0], state["kernel"][0][0]
    before, after = [], []
    for n, size, stride, dilation, padding in zip(
        (len(x), len(x[0])), (len(k), len(k[0])),
        state["stride"], state["dilation"], state["padding"], strict=True,
    ):  # fmt: skip
        most = dilation * (size - 1)
        total = {"valid": 0, "same": most, "full": 2 * most, "custom": 2 * padding}.get(
            state["mode"], max((math.ceil(n / stride) - 1) * stride + most + 1 - n, 0)
        )
        before.append(total // 2)
        after.append(total - total // 2)
    return before, after


def convolve(state: dict, x: Any, k: Any, b: Any = None) -> Any:
    """torch's output, (O, H', W'), for tensors x (C, H, W), k as in PyTorch, b (O,) or None.

    Raises what torch raises where it refuses the settings of ``state``.
    """
    from torch.nn import functional as F

    settings: dict[str, Any] = {key: state[key] for key in ("stride", "dilation", "groups")}
    (top, left), (bottom, right) = pads(state)
    w = k.flip(-2, -1) if state["flip"] else k
    if state["mode"] == "same" or (state["mode"] == "same_tf" and state["transposed"]):
        settings["padding"] = "same"
    elif state["mode"] != "same_tf":
        settings["padding"] = (top, left)
    else:
        x = F.pad(x, (left, right, top, bottom))
    if state["transposed"]:
        more = {"output_padding": state["output_padding"]}
        y = F.conv_transpose2d(x[None], w, b, **settings, **more)[0]
    else:
        y = F.conv2d(x[None], w, b, **settings)[0]
    return F.relu(y) if state["relu"] else y


class ConvolutionExplorer(Widget):
    """Turn a convolution by hand.

    ``ConvolutionExplorer()`` starts with the exam problem of the page. Arrays may be nested
    lists, NumPy arrays or tensors:

    - ``input``: (C, H, W) or (H, W), up to 3 x 10 x 10;
    - ``kernel``: in PyTorch's layout, (O, C/groups, h, w), transposed (C, O/groups, h, w);
      or (h, w); up to 5 x 5;
    - ``bias``: O numbers, or None;
    - ``mode``: "valid", "same", "full", "custom" (then ``padding`` counts) or "same_tf";
    - ``stride``, ``dilation``, ``padding``, ``output_padding``: a number, or (rows, columns);
    - ``groups``; ``flip`` (turn the kernel: true convolution); ``relu``; ``transposed``;
    - ``step``: the window shown first; ``channel``: the output channel it is in.

    A setting out of range raises :class:`StateError` (a ``ValueError``) that names it. A
    combination without an output (a kernel that does not fit) is no error: the widget says why.
    """

    widget_name = "convolution"
    (
        input, kernel, bias, mode, padding, stride, dilation, output_padding,
        groups, flip, relu, transposed, step, channel,
    ) = fields(
        "convolution",
        input=_array("input", "(H, W) or (C, H, W)"),
        kernel=_array("kernel", "(h, w) or (O, C/groups, h, w)"),
        bias=_bias,
        **{key: _pair(key) for key in ("padding", "stride", "dilation", "output_padding")},
    )  # fmt: skip

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        given = len(self.kernel) if self.transposed else len(self.kernel[0]) * self.groups
        outputs = len(self.kernel[0]) * self.groups if self.transposed else len(self.kernel)
        if given != len(self.input):
            raise StateError(
                f"ConvolutionExplorer: the kernel is made for {given} input channels "
                f"(groups={self.groups}), the input has {len(self.input)}"
            )
        if len(self.input) % self.groups or outputs % self.groups or outputs > MAX_CHANNELS:
            raise StateError(
                f"ConvolutionExplorer: groups={self.groups} with {len(self.input)} input and "
                f"{outputs} output channels: groups must divide both, and neither may be "
                f"more than {MAX_CHANNELS}"
            )
        if self.bias and len(self.bias) != outputs:
            raise StateError(
                f"ConvolutionExplorer: {len(self.bias)} biases for {outputs} output channels"
            )

    def output(self) -> list | None:
        """torch's output, (O, H', W') as nested lists; None if there is none."""
        import torch

        x, k, b = (
            torch.tensor(v, dtype=torch.float64) for v in (self.input, self.kernel, self.bias)
        )
        try:
            return convolve(self.state(), x, k, b if self.bias else None).tolist()
        except (RuntimeError, TypeError, ValueError):
            return None

    # --- where nothing can move
    def describe(self) -> str:
        """What is seen; without torch, only what is computed."""
        size = f"{len(self.input[0])} by {len(self.input[0][0])} input"
        kernel = f"{len(self.kernel[0][0])} by {len(self.kernel[0][0][0])} kernel"
        try:
            y = self.output()
        except ImportError:
            return f"{size}, {kernel}, mode {self.mode}, stride {self.stride[0]}."
        if y is None:
            return f"{size}, {kernel}, no output with these settings."
        first = ", ".join(f"{v:.6g}" for v in y[0][0])
        return (
            f"{size}, {kernel}, mode {self.mode}, stride {self.stride[0]}: "
            f"output {len(y[0])} by {len(y[0][0])}, first row {first}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        try:
            y = self.output()
        except ImportError:
            return None
        parts = [("input", self.input[0]), ("kernel", self.kernel[0][0])]
        parts += [("output", y[0])] if y else []
        widths = [len(m[0]) for _, m in parts]
        tall = max(len(m) for _, m in parts)
        cell = 0.32  # inches
        figure = Figure(figsize=(cell * (sum(widths) + 2 * len(parts)), cell * (tall + 2)))
        axes = figure.subplots(
            1, len(parts), gridspec_kw={"width_ratios": widths, "wspace": 0.25}, squeeze=False
        )
        for ax, (name, m) in zip(axes[0], parts, strict=True):
            rows, cols = len(m), len(m[0])
            ax.set(xlim=(0, cols), ylim=(tall, 0), aspect="equal", title=name)
            ax.axis("off")
            for i in range(rows + 1):
                ax.plot([0, cols], [i, i], color="#888", lw=0.6)
            for j in range(cols + 1):
                ax.plot([j, j], [0, rows], color="#888", lw=0.6)
            for i in range(rows):
                for j in range(cols):
                    text = f"{m[i][j]:.3g}"
                    ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=8)
        return figure

    def reserve(self) -> dict[str, int]:
        """Room for the first view; the constants were measured on it (see the browser test)."""
        before, after = pads(self.state())
        border = [p + q for p, q in zip(before, after, strict=True)]
        k, channels = self.kernel[0][0], len(self.input)
        rows, cols, h, w = len(self.input[0]), len(self.input[0][0]), len(k), len(k[0])
        outputs = len(self.kernel[0]) * self.groups if self.transposed else len(self.kernel)
        y = [
            (n - 1) * s + d * (m - 1) + 1 + more if self.transposed
            else (n + p - d * (m - 1) - 1) // s + 1
            for n, m, s, d, p, more in zip(
                (rows, cols), (h, w), self.stride, self.dilation, border, self.output_padding,
                strict=True,
            )
        ]  # fmt: skip
        out_rows, out_cols = y if min(y) > 0 else (4, 4)
        if not self.transposed:
            rows, cols = rows + border[0], cols + border[1]
        beside = 76 + 28 * (cols + w + out_cols) <= 664  # the width of a page's text
        # On a phone (304 px inside the frame) kernel and output share a line if cells stay large.
        shares = channels == 1 and 254 // (w + out_cols) - 2 >= 30
        return {
            "rest": REST + 54 * (channels - 1) + (0 if beside else 45),
            "rows": max(channels * rows, outputs * out_rows) if beside else rows + out_rows,
            "cols": cols + w + out_cols if beside else max(cols + w, out_cols),
            "nrest": NARROW_REST + 100 * (channels - 1) + (0 if shares else 30),
            "nrows": channels * (rows + h)
            + outputs * out_rows
            - (min(h, out_rows) if shares else 0),
            "ncols": max(cols, out_cols),
            "share": w + out_cols if shares else 1,
        }
