"""Settings of the whole process that a notebook may change, and their way back.

A notebook that sets float64 as torch's default, turns gradients off or lets NumPy raise does
nothing wrong. But what it sets would reach the checks, so they are put back before each of them.
"""

from __future__ import annotations

import contextlib
import decimal
import gc
import locale
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

Setting = tuple[Callable[[], Any], Callable[[Any], Any]]  # reads it, sets it


class State:
    """The settings as they were when this was made; ``restore()`` puts them back."""

    def __init__(self) -> None:
        self.inference: list = []  # a mode ends when its object does
        settings = [*_python(), *_numpy(), *self._torch()]
        self.kept = [(read(), read, write) for read, write in settings]
        self.modes = _modes()

    def restore(self) -> None:
        """Put everything back; what cannot be put back stays."""
        for value, read, write in self.kept:
            with contextlib.suppress(Exception):
                if read() != value:  # to set some of torch's loads its compiler
                    write(value)
        with contextlib.suppress(Exception):
            _set_modes(self.modes)

    def _torch(self) -> list[Setting]:
        torch = sys.modules.get("torch")
        if torch is None:
            return []

        from torch.utils import _device

        def leave_inference(_: bool) -> None:
            if torch.is_inference_mode_enabled():
                self.inference.append(torch.inference_mode(False))
                self.inference[-1].__enter__()

        def set_autocast(kept: dict[str, bool]) -> None:
            for device, on in kept.items():
                torch.set_autocast_enabled(device, on)

        return [
            (lambda: _device.CURRENT_DEVICE, torch.set_default_device),
            (torch.get_default_dtype, torch.set_default_dtype),
            (torch.is_inference_mode_enabled, leave_inference),
            (torch.is_grad_enabled, torch._C._set_grad_enabled),
            (torch.get_num_threads, torch.set_num_threads),
            (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
            (
                torch.are_deterministic_algorithms_enabled,
                torch.use_deterministic_algorithms,
            ),
            (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
            (object, lambda _: torch.set_flush_denormal(False)),  # cannot be read: always set
            (lambda: {d: torch.is_autocast_enabled(d) for d in ("cpu", "cuda")}, set_autocast),
        ]


def _python() -> list[Setting]:
    def environment(kept: dict[str, str]) -> None:
        os.environ.clear()
        os.environ.update(kept)
        time.tzset()

    def streams(kept: tuple) -> None:
        sys.stdin, sys.stdout, sys.stderr = kept

    def handlers(kept: dict) -> None:
        for number, handler in kept.items():
            signal.signal(number, handler)

    watched = (signal.SIGALRM, signal.SIGINT, signal.SIGTERM)
    return [
        (lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
         lambda kept: signal.pthread_sigmask(signal.SIG_SETMASK, kept)),
        (lambda: {number: signal.getsignal(number) for number in watched}, handlers),
        (sys.gettrace, sys.settrace),
        (sys.getprofile, sys.setprofile),
        (threading.gettrace, threading.settrace),
        (threading.getprofile, threading.setprofile),
        (sys.getrecursionlimit, sys.setrecursionlimit),
        (sys.getswitchinterval, sys.setswitchinterval),
        (sys.get_int_max_str_digits, sys.set_int_max_str_digits),
        (gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
        (lambda: (sys.stdin, sys.stdout, sys.stderr), streams),
        (os.getcwd, os.chdir),
        (lambda: list(sys.path), lambda kept: sys.path.__setitem__(slice(None), kept)),
        (lambda: list(sys.meta_path), lambda kept: sys.meta_path.__setitem__(slice(None), kept)),
        (lambda: dict(os.environ), environment),
        (lambda: locale.setlocale(locale.LC_ALL),
         lambda kept: locale.setlocale(locale.LC_ALL, kept)),
        (lambda: decimal.getcontext().copy(), decimal.setcontext),
        (lambda: list(warnings.filters),
         lambda kept: warnings.filters.__setitem__(slice(None), kept)),
    ]


def _numpy() -> list[Setting]:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return []
    return [
        (numpy.geterr, lambda kept: numpy.seterr(**kept)),
        (numpy.geterrcall, numpy.seterrcall),
        (numpy.getbufsize, numpy.setbufsize),
        (numpy.get_printoptions, lambda kept: numpy.set_printoptions(**kept)),
    ]


def _modes() -> list:
    """torch's modes, such as a default device, from the bottom of their stack to its top."""
    overrides = sys.modules.get("torch.overrides")
    return list(overrides._get_current_function_mode_stack()) if overrides else []


def _set_modes(modes: list) -> None:
    overrides = sys.modules.get("torch.overrides")
    if overrides is None:
        return
    for _ in _modes():
        overrides._pop_mode()
    for mode in modes:
        overrides._push_mode(mode)
    dispatch = sys.modules.get("torch.utils._python_dispatch")
    while dispatch is not None and dispatch._get_current_dispatch_mode_stack():
        dispatch._pop_mode()
    device = sys.modules.get("torch.utils._device")
    if device is not None:
        device.CURRENT_DEVICE = None
