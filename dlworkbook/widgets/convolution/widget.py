"""The convolution explorer, Python side: settings, their validation, and a still picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

from dlworkbook.widgets.kit.base import Field, StateError, Widget

MODES = ("valid", "same", "full", "custom", "same_tf")
MAX_CHANNELS, MAX_VALUE = 3, 1e6

#: Pixels of everything but the rows of cells, on a wide page and on a phone.
REST, NARROW_REST = 396, 655

#: Input and kernel of an exam problem of 2021 (EX-CONV-2021).
EXAM_INPUT = [
    [5, 6, 0, 1, 8, 2],
    [0, 9, 8, 4, 6, 5],
    [2, 6, 5, 3, 8, 4],
    [6, 3, 4, 9, 1, 0],
    [7, 5, 9, 1, 6, 7],
    [2, 5, 9, 2, 3, 7],
]
EXAM_KERNEL = [[0, -1, 1], [1, 0, 0], [0, -1, 1]]


def _number(value: Any) -> int | float:
    """A finite number of at most a million; NumPy and torch scalars become Python's."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    if abs(value) > MAX_VALUE:
        raise ValueError(f"{value!r} is beyond a million")
    return int(value) if value == int(value) else float(value)


def _nested(value: Any) -> Any:
    """Arrays and tensors as nested lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_nested(v) for v in value]
    return value


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def _array(rank: int, limits: tuple[int, ...], what: str) -> Callable[[Any], list]:
    """A check for a full array of ``rank`` axes; leading axes of length 1 may be left out."""

    def walk(value: Any, sizes: list[int], level: int) -> Any:
        if level == rank:
            return _number(value)
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
        for size, limit in zip(sizes, limits, strict=True):
            if not 1 <= size <= limit:
                shape = " x ".join(map(str, sizes))
                most = " x ".join(map(str, limits))
                raise ValueError(f"the shape {shape} is beyond {most}")
        return walk(value, sizes, 0)

    return check


def _pair(low: int, high: int) -> Callable[[Any], list[int]]:
    """A check for one whole number, or two: rows, columns."""

    def check(value: Any) -> list[int]:
        value = _nested(value)
        both = value if isinstance(value, list) else [value, value]
        if len(both) != 2:
            raise ValueError(f"expected one number or two (rows, columns), got {value!r}")
        return [_whole(low, high)(v) for v in both]

    return check


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, Real) or value != int(value):
            raise ValueError(f"{value!r} is not a whole number")
        if not low <= value <= high:
            raise ValueError(f"{value!r} is not between {low} and {high}")
        return int(value)

    return check


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
        return value

    return check


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither True nor False")
    return value


def _bias(value: Any) -> list:
    value = [] if value is None else _nested(value)
    if not isinstance(value, list) or len(value) > MAX_CHANNELS:
        raise ValueError(f"expected up to {MAX_CHANNELS} numbers, one for each output channel")
    return [_number(v) for v in value]


class ConvolutionExplorer(Widget):
    """Turn a convolution by hand.

    ``ConvolutionExplorer()`` starts with the exam problem of 2021. Arrays may be nested
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
    label = "Convolution explorer"

    input = Field([EXAM_INPUT], _array(3, (3, 10, 10), "(H, W) or (C, H, W)"))
    kernel = Field([[EXAM_KERNEL]], _array(4, (3, 3, 5, 5), "(h, w) or (O, C/groups, h, w)"))
    bias = Field([], _bias)
    mode = Field("valid", _one_of(*MODES))
    padding = Field([1, 1], _pair(0, 6))
    stride = Field([1, 1], _pair(1, 4))
    dilation = Field([1, 1], _pair(1, 3))
    output_padding = Field([0, 0], _pair(0, 3))
    groups = Field(1, _whole(1, MAX_CHANNELS))
    flip = Field(False, _switch)
    relu = Field(False, _switch)
    transposed = Field(False, _switch)
    step = Field(0, _whole(0, 9999))
    channel = Field(0, _whole(0, MAX_CHANNELS - 1))

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

    # --- the same arithmetic as in the page, for the still picture
    def pads(self) -> tuple[list[int], list[int]]:
        """Zero rows and columns: ([top, left], [bottom, right])."""
        before, after = [], []
        sizes = (len(self.input[0]), len(self.input[0][0]))
        shape = (len(self.kernel[0][0]), len(self.kernel[0][0][0]))
        for n, k, s, d, p in zip(
            sizes, shape, self.stride, self.dilation, self.padding, strict=True
        ):
            most = d * (k - 1)
            total = {"valid": 0, "same": most, "full": 2 * most, "custom": 2 * p}.get(
                self.mode, max((math.ceil(n / s) - 1) * s + most + 1 - n, 0)
            )
            before.append(total // 2)
            after.append(total - total // 2)
        return before, after

    def output(self) -> list | None:
        """The output, (O, H', W') as nested lists; None if there is none."""
        (top, left), (bottom, right) = self.pads()
        height, width = len(self.input[0]), len(self.input[0][0])
        h, w = len(self.kernel[0][0]), len(self.kernel[0][0][0])
        (sh, sw), (dh, dw) = self.stride, self.dilation
        if self.mode.startswith("same") and self.transposed:
            return None
        if self.mode == "same" and max(self.stride) > 1:
            return None
        if self.transposed:
            rows = (height - 1) * sh + dh * (h - 1) + 1 + self.output_padding[0] - top - bottom
            cols = (width - 1) * sw + dw * (w - 1) + 1 + self.output_padding[1] - left - right
            if any(
                o >= max(s, d)
                for o, s, d in zip(self.output_padding, self.stride, self.dilation, strict=True)
            ):
                return None
        else:
            rows = (height + top + bottom - dh * (h - 1) - 1) // sh + 1
            cols = (width + left + right - dw * (w - 1) - 1) // sw + 1
        if rows < 1 or cols < 1:
            return None
        inputs = len(self.input)
        outputs = len(self.kernel[0]) * self.groups if self.transposed else len(self.kernel)
        y = [[[0] * cols for _ in range(rows)] for _ in range(outputs)]
        for o in range(outputs):
            group = o // (outputs // self.groups)
            for c in range(inputs):
                if c // (inputs // self.groups) != group:
                    continue
                k = (
                    self.kernel[c][o % (outputs // self.groups)]
                    if self.transposed
                    else self.kernel[o][c % (inputs // self.groups)]
                )
                if self.flip:
                    k = [row[::-1] for row in k[::-1]]
                self._add(y[o], self.input[c], k, top, left)
            b = self.bias[o] if self.bias else 0
            y[o] = [[max(v + b, 0) if self.relu else v + b for v in row] for row in y[o]]
        return y

    def _add(self, y: list, x: list, k: list, top: int, left: int) -> None:
        """Add the part of one input channel, (H, W), to one output channel, (H', W')."""
        (sh, sw), (dh, dw) = self.stride, self.dilation
        fixed, moving = (x, y) if self.transposed else (y, x)
        for i in range(len(fixed)):
            for j in range(len(fixed[0])):
                for u, row in enumerate(k):
                    for v, weight in enumerate(row):
                        a, b = i * sh + u * dh - top, j * sw + v * dw - left
                        if not (0 <= a < len(moving) and 0 <= b < len(moving[0])):
                            continue
                        if self.transposed:
                            y[a][b] += x[i][j] * weight
                        else:
                            y[i][j] += x[a][b] * weight

    # --- where nothing can move
    def describe(self) -> str:
        y = self.output()
        size = f"{len(self.input[0])} by {len(self.input[0][0])} input"
        kernel = f"{len(self.kernel[0][0])} by {len(self.kernel[0][0][0])} kernel"
        if y is None:
            return f"{size}, {kernel}, no output with these settings."
        first = ", ".join(f"{v:.6g}" for v in y[0][0])
        return (
            f"{size}, {kernel}, mode {self.mode}, stride {self.stride[0]}: "
            f"output {len(y[0])} by {len(y[0][0])}, first row {first}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        y = self.output()
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
        before, after = self.pads()
        height, width = len(self.input[0]), len(self.input[0][0])
        h, w = len(self.kernel[0][0]), len(self.kernel[0][0][0])
        channels = len(self.input)
        y = self.output() or [[[0] * 4] * 4]
        rows, cols = height, width
        out_rows, out_cols = len(y[0]), len(y[0][0])
        if self.transposed:
            out_rows, out_cols = out_rows + before[0] + after[0], out_cols + before[1] + after[1]
        else:
            rows, cols = rows + before[0] + after[0], cols + before[1] + after[1]
        beside = 68 + 28 * (cols + w + out_cols) <= 664  # the width of a page's text
        # On a phone (304 px inside the frame) kernel and output share a line if cells stay large.
        shares = channels == 1 and 254 // (w + out_cols) - 2 >= 30
        return {
            "rest": REST + 54 * (channels - 1) + (0 if beside else 45),
            "rows": max(channels * rows, len(y) * out_rows) if beside else rows + out_rows,
            "cols": cols + w + out_cols if beside else max(cols + w, out_cols),
            "nrest": NARROW_REST + 100 * (channels - 1) + (0 if shares else 30),
            "nrows": channels * (rows + h)
            + len(y) * out_rows
            - (min(h, out_rows) if shares else 0),
            "ncols": max(cols, out_cols),
            "share": w + out_cols if shares else 1,
        }
