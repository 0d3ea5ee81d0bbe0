"""Run a learner's function so that nothing it does can hurt the caller.

``run(function, seconds)`` calls ``function()`` with a time limit, keeps what it prints, and turns
whatever it raises into a value. Only a real Ctrl-C of the user comes through.

The limit is on processor time, that of other threads of the process included. Of the time on the
clock a third is charged, for what sleeps or waits; but not the time for which the function was
ready and others had the processor: a busy machine is no endless loop. Only Linux tells how long
that was, and only of a process's first thread. Elsewhere a twentieth of the clock is charged.

Three things make this harder than ``try``/``except``:

* a loop that catches every exception also catches the one that should stop it;
* ``KeyboardInterrupt`` may come from the user or from the learner's own ``raise``;
* ``SIGALRM`` exists on Unix and reaches the main thread only: elsewhere the call runs in a thread
  of its own, which is left behind if it cannot be stopped.

What cannot be stopped from inside the process: ``os._exit``, a crash in C code, and one long call
into C code that never returns to Python. Who grades the work of strangers runs each submission in
a process of its own.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KEPT_CHARACTERS = 2000  # of what the learner's code prints
AGAIN_SECONDS = 0.002  # after the first alarm, until the code has ended
PATIENCE = 3  # asleep or waiting: so many times the limit may pass on the clock
BACKSTOP = 20  # the same, where nobody can tell whether the machine is busy
GRACE_SECONDS = 1.0  # for a thread to end after it was told to
BURST = 4  # so often a thread is told without a pause


class TimeLimit(BaseException):
    """Raised inside the learner's code when its time is up."""


@dataclass
class Ran:
    """What happened: ``kind`` is ``"value"``, ``"raised"`` or ``"timed_out"``."""

    kind: str
    value: Any = None
    error: BaseException | None = None
    seconds: float = 0.0  # charged
    printed: str = ""
    printed_characters: int = 0
    left_running: bool = False


class BoundedText(io.TextIOBase):
    """A text stream that keeps the first characters and counts the rest."""

    def __init__(self, kept: int = KEPT_CHARACTERS) -> None:
        super().__init__()
        self.kept = kept
        self.text = ""
        self.characters = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        text = str.__str__(text)  # of a subclass, whose methods are the learner's, a plain copy
        room = self.kept - len(self.text)
        if room > 0:
            self.text += text[:room]
        self.characters += len(text)
        return len(text)


def _queued() -> float | None:
    """Seconds for which this process's first thread was ready while others had the processor.

    None where the system does not tell.
    """
    try:
        with open("/proc/self/schedstat", "rb") as file:
            running, queued, _ = map(int, file.read().split())  # nanoseconds, and turns
    except (OSError, ValueError):
        return None
    return queued * 1e-9 if running else None  # a kernel that does not count says 0


class _Clock:
    """Time used since it was made. ``first``: by the first thread of the process."""

    def __init__(self, seconds: float, first: bool) -> None:
        self.seconds = max(seconds, 0.001)
        self.wall, self.processor = time.monotonic(), time.process_time()
        self.queued = _queued() if first else None

    def passed(self) -> float:
        """Seconds on the clock."""
        return time.monotonic() - self.wall

    def used(self) -> float:
        """Seconds that are charged."""
        queued = None if self.queued is None else _queued()
        if queued is None:
            charged = self.passed() / BACKSTOP
        else:
            charged = (self.passed() - (queued - self.queued)) / PATIENCE
        return max(time.process_time() - self.processor, charged)

    def left(self) -> float:
        """Time until it makes sense to look again; 0 when the limit is reached."""
        left = self.seconds - self.used()
        return 0.0 if left < 0.05 * self.seconds else left


@dataclass
class _Watch:
    """State that the signal handlers share with the call they watch."""

    active: bool = True
    alarms: int = 0
    interrupted: bool = False
    posting: bool = False  # a thread is just being told that its time is up
    # A generator of our own: the learner's random numbers stay as they are.
    random: random.Random = field(default_factory=lambda: random.Random(0))

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> bool:
        """The code has ended, also with a TimeLimit: none is posted when this is over."""
        self.active = False  # and no lock, which could be left held
        while self.posting:
            time.sleep(0)
        return kind is TimeLimit


def run(function: Callable[[], Any], seconds: float) -> Ran:
    """Call ``function()`` for at most ``seconds`` and say what happened.

    Raises ``KeyboardInterrupt`` only when the user pressed Ctrl-C (or the kernel was interrupted).
    """
    printed = BoundedText()
    on_main = threading.current_thread() is threading.main_thread()
    by_alarm = on_main and hasattr(signal, "setitimer")
    clock = _Clock(seconds, first=by_alarm and threading.get_native_id() == os.getpid())
    call = _run_with_alarm if by_alarm else _run_in_thread
    out, err = contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed)
    with out, err, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ran = call(function, clock)
    ran.seconds = clock.used()
    ran.printed, ran.printed_characters = printed.text, printed.characters
    return ran


def _run_with_alarm(function: Callable[[], Any], clock: _Clock) -> Ran:
    watch = _Watch()

    def on_alarm(signum, frame):
        if not watch.active:
            return
        if not watch.alarms and (left := clock.left()):
            signal.setitimer(signal.ITIMER_REAL, left, AGAIN_SECONDS)
            return
        watch.alarms += 1
        if watch.alarms > 1:
            # The code caught the last one. ``while True: try: sleep(1) except: pass`` is always
            # inside its ``try`` when an alarm interrupts the sleep, so let another one ring some
            # microseconds later, each time another number of them: sooner or later that is when
            # the code is in the ``except`` block or jumps back, and there nothing catches it.
            delay = max(10 ** watch.random.uniform(-6, -3.5), 1e-6)
            signal.setitimer(signal.ITIMER_REAL, delay, AGAIN_SECONDS)
        if frame is None or frame.f_code is not _run_with_alarm.__code__:
            raise TimeLimit  # between two lines of ours it would only be in the way

    before_int = signal.getsignal(signal.SIGINT)

    def on_interrupt(signum, frame):
        watch.interrupted = True
        return before_int(signum, frame)

    before_alarm = signal.signal(signal.SIGALRM, on_alarm)
    if callable(before_int):
        signal.signal(signal.SIGINT, on_interrupt)
    outer, outer_interval = signal.setitimer(signal.ITIMER_REAL, clock.seconds, AGAIN_SECONDS)
    try:
        try:
            value = function()
            watch.active = False
            ran = Ran("timed_out" if watch.alarms else "value", value)
        except BaseException as error:
            watch.active = False  # from here on the handlers do nothing
            late = isinstance(error, TimeLimit) or watch.alarms > 0
            ran = Ran("timed_out" if late else "raised", error=error)
    except TimeLimit as error:  # the alarm rang between two lines of ours
        watch.active = False
        ran = Ran("timed_out", error=error)
    finally:
        watch.active = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before_alarm or signal.SIG_DFL)
        if callable(before_int):
            signal.signal(signal.SIGINT, before_int)
        if outer:  # a guard around ours goes on with the time it has left
            left = max(outer - clock.passed(), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left, outer_interval)
    if watch.interrupted:
        raise KeyboardInterrupt
    return ran


def _run_in_thread(function: Callable[[], Any], clock: _Clock) -> Ran:
    box: list[Ran] = []
    watch = _Watch()

    def call() -> None:
        try:
            box.append(Ran("value", function()))
        except TimeLimit:
            raise
        except BaseException as error:
            box.append(Ran("raised", error=error))

    def work() -> None:
        # Once for each TimeLimit that comes late, two bursts of them: it may hit a line of ours.
        with watch, watch, watch, watch, watch, watch, watch, watch:
            call()

    thread = threading.Thread(target=work, daemon=True, name="dlworkbook-check")
    try:
        thread.start()
    except RuntimeError:  # a Python without threads (in a browser): no limit there
        work()
        return box[0] if box else Ran("timed_out")
    try:
        while thread.is_alive() and (left := clock.left()):
            thread.join(left)
    except BaseException:  # Ctrl-C while waiting
        _stop(thread, watch)
        raise
    if thread.is_alive():
        _stop(thread, watch)
        return Ran("timed_out", left_running=thread.is_alive())
    return box[0] if box else Ran("timed_out")


def _stop(thread: threading.Thread, watch: _Watch) -> None:
    """Ask a thread to end, again and again for a second."""
    try:
        import ctypes

        post = ctypes.pythonapi.PyThreadState_SetAsyncExc
    except (ImportError, AttributeError):
        return
    end, posted = time.monotonic() + GRACE_SECONDS, 0
    interval = sys.getswitchinterval()
    # As with the alarms: one exception may be caught, so post some without a pause, and let the
    # threads change over so often that one lands where nothing catches it. A loop that sleeps
    # inside of its ``try`` survives this; it is left behind, and the report says so.
    sys.setswitchinterval(1e-6)
    try:
        while time.monotonic() < end:
            watch.posting = True  # before the look at `active`: the thread waits until it is off
            if not watch.active:
                break
            post(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeLimit))
            watch.posting = False
            posted += 1
            if posted % BURST == 0:
                thread.join(0.001)  # time to get through our own lines
    finally:
        watch.posting = False
        sys.setswitchinterval(interval)
    if not watch.active:
        thread.join(GRACE_SECONDS)
