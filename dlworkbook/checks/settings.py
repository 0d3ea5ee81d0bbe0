"""Settings of the session that a notebook may have changed: usual for a check, then as before.

A default device or dtype, gradients switched off, errors of NumPy raised: with such settings our
own code would compute something else, or stop, and right answers would not be told from wrong ones.
Libraries that are not loaded have no settings yet, and are not loaded here.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from .values import torch_module


@contextmanager
def usual() -> Iterator[None]:
    """Usual settings inside, those of before outside, whatever happens in between."""
    numpy, torch = sys.modules.get("numpy"), torch_module()
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        if numpy is not None:
            usually = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
            stack.enter_context(numpy.errstate(**usually))
        if torch is not None:
            stack.enter_context(_usual_torch(torch))
        yield


@contextmanager
def _usual_torch(torch) -> Iterator[None]:
    context = getattr(getattr(torch, "_GLOBAL_DEVICE_CONTEXT", None), "device_context", None)
    # Not torch.get_default_device, which stops where the device is missing.
    before = [
        (lambda device: _set_device(torch, device), getattr(context, "device", None), None),
        (torch.set_default_dtype, torch.get_default_dtype(), torch.float32),
        (torch.set_num_threads, torch.get_num_threads(), 1),
        (torch.set_float32_matmul_precision, torch.get_float32_matmul_precision(), "highest"),
    ]
    try:
        for change, _, usually in before:
            change(usually)
        with ExitStack() as stack:
            stack.enter_context(torch.inference_mode(False))
            stack.enter_context(torch.enable_grad())
            stack.enter_context(torch.autocast("cpu", enabled=False))
            if not _on_cpu(torch):  # inside of `with torch.device(...)`, or an old default type
                stack.enter_context(torch.device("cpu"))
            yield
    finally:
        for change, value, _ in before:
            change(value)


def _set_device(torch, device: object) -> None:
    torch.set_default_device(device)
    if device is None:  # torch 2.6 keeps the None, and its get_default_device then stops at it
        with suppress(AttributeError):
            del torch._GLOBAL_DEVICE_CONTEXT.device_context


def _on_cpu(torch) -> bool:
    try:
        return torch.empty(0).device.type == "cpu"
    except Exception:  # a device that this machine does not have
        return False
