"""How long to wait: between requests, and before a request is made again."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["LONGEST_WAIT", "Pace", "back_off", "retry_after"]

LONGEST_WAIT = 120.0
"""Seconds: a server that asks for more is not waited for."""

_FIRST_WAIT = 1.0
_LONGEST_BACK_OFF = 60.0


@dataclass(slots=True)
class Pace:
    """Keeps the starts of requests at least ``seconds`` apart.

    Attributes
    ----------
    seconds : float
    clock : callable
        Seconds that never run backwards.
    sleep : callable
    """

    seconds: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _last: float | None = field(default=None, init=False)

    def wait(self) -> None:
        """Return when the next request may start."""
        if self._last is not None:
            remaining = self._last + self.seconds - self.clock()
            if remaining > 0:
                self.sleep(remaining)
        self._last = self.clock()


def back_off(attempt: int, name: str) -> float:
    """Seconds to wait after a failed attempt, counted from 1: doubled each time, and spread by a jitter of its own.

    The jitter follows from ``name``, so that two clients rarely knock together and a run can be repeated.

    >>> [1 <= back_off(n, "page 3") / 2 ** (n - 1) <= 1.5 for n in (1, 2, 3)]
    [True, True, True]
    """
    jitter = zlib.crc32(f"{name} {attempt}".encode("utf-8", "surrogatepass")) / 0xFFFFFFFF
    return float(min(_FIRST_WAIT * 2 ** (attempt - 1), _LONGEST_BACK_OFF) * (1 + jitter / 2))


def retry_after(header: str | None, date: str | None) -> float | None:
    """Seconds that a server asks to wait, or None where it does not say so in a way that can be understood.

    Parameters
    ----------
    header : str or None
        ``Retry-After``: seconds, or a date.
    date : str or None
        The server's own ``Date``; it stands for now, since this machine's clock may be wrong.

    Examples
    --------
    >>> retry_after("30", None)
    30.0
    >>> retry_after("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:27:15 GMT")
    45.0
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until = _moment(text)
    if until is None:
        return None
    return max((until - (_moment(date or "") or datetime.now(UTC))).total_seconds(), 0.0)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second for a year or zone of too many digits
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
