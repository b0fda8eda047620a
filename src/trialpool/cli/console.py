"""What the verbs share with the terminal: streams, errors, warnings, signals, progress."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn, Self

from trialpool.display import clean_text
from trialpool.errors import TrialpoolWarning

__all__ = [
    "Progress",
    "Stopped",
    "print_error",
    "release_stdout",
    "signals_stop",
    "use_unicode",
    "warnings_as_lines",
]

_SECONDS_BEFORE_PROGRESS = 1.0
_CLEAR_LINE = "\r\x1b[K"
_BAR = 24


class Stopped(KeyboardInterrupt):
    """A signal asked this process to end: handled like Ctrl-C, so that nothing half-written stays behind."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number
        super().__init__()


@contextlib.contextmanager
def signals_stop() -> Iterator[None]:
    """Raise Stopped where a signal would end the process without cleaning up."""
    names = ("SIGTERM", "SIGHUP") if threading.current_thread() is threading.main_thread() else ()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]  # an ignored one stays ignored
    for number in taken:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 (what signal calls)
    raise Stopped(number)


@contextlib.contextmanager
def warnings_as_lines() -> Iterator[None]:
    """Print each TrialpoolWarning once, as a line on stderr; other warnings stay as they are."""
    told: set[str] = set()
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **named: Any) -> None:
            if not issubclass(category, TrialpoolWarning):
                others(message, category, *rest, **named)
            elif str(message) not in told:
                told.add(str(message))
                _tell("warning", clean_text(message))

        warnings.simplefilter("always", TrialpoolWarning)
        warnings.showwarning = show
        yield


def print_error(message: str) -> None:
    """Print an error on stderr, with its lines and their indentation but without control characters."""
    lines = message.splitlines() or [""]
    _tell("error", "\n".join(line[: len(line) - len(line.lstrip())] + clean_text(line) for line in lines))


def _tell(kind: str, message: str) -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # nobody is left to be told
            start = _CLEAR_LINE if sys.stderr.isatty() else ""  # a progress line may stand there
            print(f"{start}trialpool: {kind}: {message}", file=sys.stderr, flush=True)


def use_unicode() -> None:
    """Write UTF-8, with the bytes of a path that is not; a terminal of another encoding gets ``?`` for what it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty() and codecs.lookup(stream.encoding).name != "utf-8":
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="surrogateescape")


def release_stdout() -> None:
    """Flush stdout; where that is impossible, drop what is left, or the interpreter complains once more at its end."""
    try:
        print(end="", flush=True)
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Progress:
    """One line on the terminal that says what is being done, for work of more than a second; elsewhere nothing.

    Call it with the steps done, the steps in all and the name of the next, or with :meth:`bar` or :meth:`say`.
    """

    def __init__(self, text: str = "") -> None:
        self._text = text
        self._visible = False
        self._timer: threading.Timer | None = None
        self._start: tuple[float, float, float] | None = None

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            self._timer = threading.Timer(_SECONDS_BEFORE_PROGRESS, self._appear)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._visible:
            print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int, what: str) -> None:
        """Say that ``done`` of ``total`` steps are done and what comes next."""
        self.say(f"{done}/{total} {what}")

    def bar(self, done: float, total: float, text: str) -> None:
        """Draw how much of countable work is done, with a text and the time that is left at the speed since the first call."""
        now = time.monotonic()
        if self._start is None or self._start[2] != total:
            self._start = (now, done, total)
        share = min(done / total, 1.0) if total > 0 else 1.0
        drawn = f"[{'#' * int(share * _BAR):.<{_BAR}}] {text}"
        gained = done - self._start[1]
        left = f", eta {_minutes((now - self._start[0]) / gained * max(total - done, 0))}" if gained > 0 else ""
        self.say(drawn + left)

    def say(self, text: str) -> None:
        """Say what is being done."""
        self._text = text
        if self._visible:
            self._draw()

    def _appear(self) -> None:
        self._visible = True
        self._draw()

    def _draw(self) -> None:
        room = shutil.get_terminal_size().columns - 1
        with contextlib.suppress(OSError, ValueError):  # a lost progress line must not stop the work
            print(f"{_CLEAR_LINE}{clean_text(self._text)[:room]}", end="", file=sys.stderr, flush=True)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
