"""How much a file may unpack to: memory is bounded by the largest record, work by the ratio of unpacked to packed bytes."""

from __future__ import annotations

import lzma
import struct
import zlib
from dataclasses import dataclass
from typing import Protocol
from zipfile import BadZipFile

__all__ = ["DAMAGE", "DEFAULT_LIMITS", "Limits", "Stream", "UnreadableError", "Watch", "WatchedStream", "in_words"]

DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, BadZipFile, RuntimeError, struct.error, ValueError)
"""What the standard library raises for files that are cut short, changed, encrypted or packed in an unknown way."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a load accepts.

    Attributes
    ----------
    document_bytes : int
        Largest size of one unpacked record: a file, a line, or an element of a page.
    ratio : float
        Most unpacked bytes for one packed byte; real records have some 15.
    free_bytes : int
        The ratio counts from here: a small file may be as repetitive as it likes.

    Examples
    --------
    >>> Limits().document_bytes
    67108864
    """

    document_bytes: int = 64 * 1024 * 1024
    ratio: float = 200.0
    free_bytes: int = 10 * 1024 * 1024

    def watch(self, packed: int, what: str, *, members: int = 1) -> Watch:
        """Watch over something that is ``packed`` bytes long; of an archive, some members may use up their free bytes."""
        return Watch(max(float(self.free_bytes * min(members, 10)), self.ratio * packed), what)


DEFAULT_LIMITS = Limits()


class UnreadableError(Exception):
    """A file cannot be read on, in words; caught where files are read, and shown as a problem."""


class Stream(Protocol):
    """What can be read in pieces."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""


@dataclass(slots=True)
class Watch:
    """Counts the bytes unpacked from a file, a member or a whole archive, and stops a bomb."""

    most: float
    what: str
    unpacked: int = 0

    def add(self, amount: int) -> None:
        """Count more bytes."""
        self.unpacked += amount
        if self.unpacked > self.most:
            raise UnreadableError(
                f"{self.what} unpacks to more than {int(self.most):,} bytes, far more than its packed size explains, as "
                "files do that are made to fill memory; not read on"
            )


@dataclass(slots=True)
class WatchedStream:
    """A stream whose bytes are counted, and whose failures are told in words."""

    stream: Stream
    watches: tuple[Watch, ...] = ()

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        try:
            data = self.stream.read(size)
        except DAMAGE as error:
            raise UnreadableError(in_words(error)) from None
        for watch in self.watches:
            watch.add(len(data))
        return data


def in_words(error: Exception) -> str:
    """What the failure means, and what to do.

    >>> in_words(EOFError("Compressed file ended before the end-of-stream marker was reached"))
    'the packed data end too early; download the file again'
    """
    if isinstance(error, EOFError):
        return "the packed data end too early; download the file again"
    if isinstance(error, (FileNotFoundError, PermissionError, IsADirectoryError)):
        return f"cannot be opened ({error.strerror})"
    if isinstance(error, NotImplementedError):
        return f"packed in a way that is not supported ({error}); pack it with the usual method (deflate)"
    return f"the packed data are damaged ({error}); download the file again"
