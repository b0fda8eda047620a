"""Progress, signals and streams."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from types import SimpleNamespace

import pytest

from trialpool.cli import console
from trialpool.cli.console import Progress, Stopped, signals_stop


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch) -> Terminal:
    stream = Terminal()
    monkeypatch.setattr(console, "sys", SimpleNamespace(stderr=stream))
    return stream


@pytest.fixture
def at_once(monkeypatch) -> None:
    monkeypatch.setattr(console, "_SECONDS_BEFORE_PROGRESS", 0.0)


def appeared(progress: Progress) -> None:
    progress._timer.join(timeout=5)


def test_progress_shows_each_step_and_clears_its_line(terminal, at_once):
    with Progress("reading") as progress:
        appeared(progress)
        progress(1, 3, "Skin infections")
        progress.say("writing")
    assert terminal.getvalue().split(console._CLEAR_LINE) == ["", "reading", "1/3 Skin infections", "writing", ""]


def test_progress_of_quick_work_shows_nothing(terminal):
    with Progress("reading") as progress:
        progress(1, 3, "Skin infections")
    assert terminal.getvalue() == ""
    assert progress._timer.finished.is_set()


def test_progress_shows_where_a_long_step_stands_without_being_told_again(terminal, at_once):
    with Progress() as progress:
        progress(2, 3, "a long step")
        appeared(progress)
    assert "2/3 a long step" in terminal.getvalue()


def test_progress_is_for_terminals_only(monkeypatch, at_once):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress("reading") as progress:
        progress(1, 3, "Skin infections")
        assert progress._timer is None
    assert stream.getvalue() == ""


def test_progress_stays_on_one_line_and_carries_no_escape_sequences(terminal, at_once, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    with Progress() as progress:
        appeared(progress)
        progress(1, 2, "a title\nof several lines\x1b[2J")
    drawn = terminal.getvalue().split(console._CLEAR_LINE)[2]
    assert drawn == "1/2 a title of seve"


@pytest.fixture
def seconds(monkeypatch) -> list[float]:
    """The clock's next answers, one for each call of a bar."""
    left: list[float] = []
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: left.pop(0)))
    return left


def test_bar_shows_the_share_that_is_done_and_the_time_that_is_left(terminal, at_once, seconds):
    seconds += [100.0, 103.0, 112.0, 124.0]
    with Progress() as progress:
        appeared(progress)
        progress.bar(0, 12, "0/12 pages")
        progress.bar(3, 12, "3/12 pages, 2,113 trials")
        progress.bar(6, 12, "6/12 pages")
        progress.bar(12, 12, "12/12 pages")
    assert terminal.getvalue().split(console._CLEAR_LINE)[2:-1] == [
        "[........................] 0/12 pages",
        "[######..................] 3/12 pages, 2,113 trials, eta 0:09",
        "[############............] 6/12 pages, eta 0:12",
        "[########################] 12/12 pages, eta 0:00",
    ]


def test_bar_of_work_that_goes_on_counts_only_what_is_done_now(terminal, at_once, seconds):
    seconds += [0.0, 60.0]
    with Progress() as progress:
        appeared(progress)
        progress.bar(100, 221, "")
        progress.bar(101, 221, "")
    assert terminal.getvalue().split(console._CLEAR_LINE)[-2].endswith("eta 2:00:00")


@pytest.mark.parametrize(("done", "total"), [(0, 0), (5, 3)])
def test_bar_is_never_longer_than_its_frame(terminal, at_once, seconds, done, total):
    seconds += [0.0]
    with Progress() as progress:
        appeared(progress)
        progress.bar(done, total, "trials")
    assert terminal.getvalue().split(console._CLEAR_LINE)[-2] == f"[{'#' * 24}] trials"


def test_progress_goes_away_on_an_error(terminal, at_once):
    def work():
        with Progress("reading") as progress:
            appeared(progress)
            raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        work()
    assert terminal.getvalue().endswith(f"reading{console._CLEAR_LINE}")


def test_message_clears_a_progress_line_first(terminal):
    console.print_error("wrong")
    assert terminal.getvalue() == f"{console._CLEAR_LINE}trialpool: error: wrong\n"


SIGNALS = [s for s in ("SIGTERM", "SIGHUP") if hasattr(signal, s)]


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("name", SIGNALS)
def test_signal_becomes_an_interrupt_that_knows_its_exit_code(name):
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)  # ignored where the tests run under nohup
    try:
        with pytest.raises(KeyboardInterrupt) as caught, signals_stop():
            os.kill(os.getpid(), number)
        assert isinstance(caught.value, Stopped)
        assert caught.value.exit_code == 128 + number
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("name", SIGNALS)
def test_signal_that_is_ignored_or_handled_stays_so(name):
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with signals_stop():
            assert signal.getsignal(number) is signal.SIG_IGN
            os.kill(os.getpid(), number)
    finally:
        signal.signal(number, before)


def test_signals_are_left_alone_outside_the_main_thread():
    seen = []

    def work():
        with signals_stop():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]


def test_nobody_listening_to_errors_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    console.print_error("wrong")
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    console.print_error("wrong")


@pytest.mark.parametrize(("encoding", "terminal", "expected"), [
    ("latin-1", False, ("utf-8", "surrogateescape")),
    ("latin-1", True, ("latin-1", "replace")),
    ("UTF8", False, ("utf-8", "surrogateescape")),
    ("UTF8", True, ("utf-8", "surrogateescape")),
])  # fmt: skip
def test_encoding_of_a_stream(monkeypatch, encoding, terminal, expected):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdout", stream)
    console.use_unicode()
    assert (stream.encoding, stream.errors) == expected
