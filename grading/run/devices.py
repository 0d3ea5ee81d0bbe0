"""Notebooks that were written on a graphics card, run on a processor.

The grader has no graphics card. A notebook from Colab that says ``.to('cuda')`` would stop in
nearly every cell. So where one is asked for, the work is done on the processor: the numbers are
the same but for rounding. What asks the card itself (its name, its memory) stops as ever.
"""

from __future__ import annotations

import re
import sys

NAME = re.compile(r"(cuda|mps|xpu)(:\d+)?")
CODE = re.compile(r"\b(cuda|mps|xpu|accelerator)\b")


def asks(cells: list[str]) -> bool:
    """Whether the code names a graphics card. Only then anything is changed: it costs time."""
    return any(CODE.search(cell) for cell in cells)


def use_processor() -> None:
    """From now on, torch takes the processor where a graphics card is asked for."""
    torch = sys.modules.get("torch")
    if torch is None or torch.cuda.is_available():
        return
    from torch.overrides import TorchFunctionMode
    from torch.utils import _device

    moves = {torch.Tensor.to, torch.Tensor.cuda}
    makers = _device._device_constructors()

    def here(value):
        if isinstance(value, torch.device) and NAME.fullmatch(str(value)):
            return torch.device("cpu")
        return "cpu" if isinstance(value, str) and NAME.fullmatch(value) else value

    class Processor(TorchFunctionMode):
        """Changes the device of every call."""

        def __torch_function__(self, function, types, args=(), kwargs=None):
            options = {name: here(value) for name, value in (kwargs or {}).items()}
            if isinstance(options.get("device"), int):
                options["device"] = "cpu"  # the number of a card
            if function is torch.Tensor.cuda:
                function, args, options = torch.Tensor.to, (args[0], "cuda"), {}
            elif function is torch.Tensor.to and len(args) > 1 and isinstance(args[1], int):
                args = (args[0], "cuda", *args[2:])
            default = _device.CURRENT_DEVICE
            if function in makers and options.get("device") is None and default is not None:
                options["device"] = here(default)
            given = tuple(map(here, args))
            value = function(*given, **options)
            # a move to the card makes a copy: who changes that does not change the input
            moved = function in moves and (given[1:] != args[1:] or options != (kwargs or {}))
            return value.clone() if moved and value is args[0] else value

    Processor().__enter__()
