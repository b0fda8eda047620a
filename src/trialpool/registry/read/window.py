"""A stream of UTF-8 text, of which a piece is held that grows at its end and is dropped at its start."""

from __future__ import annotations

import json
import re

from trialpool.registry.read.limits import Stream, UnreadableError

__all__ = ["BOM", "Window", "decoded"]

_PIECE = 1024 * 1024
BOM = b"\xef\xbb\xbf"
_SIGNATURES = {
    b"\x1f\x8b": "a packed file inside a packed file; unpack it first",
    b"PK\x03\x04": "an archive inside an archive, or one with the wrong name; unpack it first",
    b"\xff\xfe": "UTF-16 text, not UTF-8; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text, not UTF-8; save it as UTF-8",
    b"PAR1": "a Parquet file, not JSON",
    b"%PDF": "a PDF file, not JSON",
}


def decoded(data: bytes) -> tuple[str, int | None]:
    r"""UTF-8 text, and the position of the first byte that is not UTF-8: what is wrong becomes U+FFFD.

    >>> decoded(b"caf\xe9 au lait")
    ('caf� au lait', 3)
    """
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        return data.decode(errors="replace"), error.start


class Window:
    """Text of a stream: ``text[start:]`` is what was taken in and not yet dropped.

    >>> import io
    >>> window = Window(io.BytesIO(b"[1, 2]"))
    >>> window.grow(), window.drop(1), window.text[window.start :]
    (True, None, '1, 2]')
    >>> window.grow()
    False
    """

    __slots__ = ("_behind", "_bytes", "_line", "_pending", "_replaced", "_stream", "start", "text")

    def __init__(self, stream: Stream) -> None:
        self.text = ""
        self.start = 0
        self._stream = stream
        self._pending = b""
        self._bytes = 0
        self._behind = 0
        self._line = 1
        self._replaced: list[str] = []

    def __len__(self) -> int:
        return len(self.text) - self.start

    def peek(self, length: int) -> str:
        """The first characters."""
        return self.text[self.start : self.start + length]

    def grow(self) -> bool:
        """Take in more text, as much again as there is; False at the end of the stream."""
        data = self._stream.read(max(_PIECE, len(self)))
        if not self._bytes:
            data = self._beginning(data)
        if not data and not self._pending:
            return False
        self._forget()
        self._take(self._pending + data, last=not data)
        return True

    def _beginning(self, data: bytes) -> bytes:
        for signature, what in _SIGNATURES.items():
            if data.startswith(signature):
                raise UnreadableError(what)
        if b"\x00" in data[:4]:
            raise UnreadableError(
                "the file holds NUL bytes: UTF-16 or UTF-32 text, or no text at all; save it as UTF-8"
            )
        self._bytes = len(BOM) if data.startswith(BOM) else 0
        return data[self._bytes :]

    def _forget(self) -> None:
        """Only here is text copied: dropping costs nothing, however small the pieces that are dropped."""
        self._line += self.text.count("\n", 0, self.start)
        self._behind += self.start
        self.text = self.text[self.start :]
        self.start = 0

    def _take(self, data: bytes, *, last: bool) -> None:
        # A character may be cut in two by the end of the piece: its bytes wait for the next one.
        kept = len(data) if last else len(data) - _unfinished(data)
        self._pending = data[kept:]
        text, wrong = decoded(data[:kept])
        if wrong is not None:
            self._replaced.append(
                f"byte {self._bytes + wrong} of the file is not UTF-8; it, and any others, were read as U+FFFD; "
                "download it again"
            )
        self._bytes += kept
        self.text += text

    def drop(self, end: int) -> None:
        """Forget the text before position ``end``."""
        self.start = end

    def has(self, between: re.Pattern[str]) -> bool:
        """Drop what ``between`` matches at the start, and tell whether text is left."""
        while True:
            match = between.match(self.text, self.start)
            self.drop(match.end() if match else self.start)
            if len(self):
                return True
            if not self.grow():
                return False

    def seek(self, pattern: re.Pattern[str]) -> None:
        """Drop everything up to the next match after the first character, or to the end."""
        self.drop(self.start + 1)
        while not (match := pattern.search(self.text, self.start)):
            # A match may begin in the last characters.
            self.drop(max(self.start, len(self.text) - 100))
            if not self.grow():
                self.drop(len(self.text))
                return
        self.drop(match.start())

    def replaced(self) -> list[str]:
        """What had to be replaced since the last call, in words."""
        found, self._replaced = self._replaced, []
        return found

    def explain(self, error: ValueError) -> str:
        """Why the text at the start of the window, which is all there is, cannot be decoded."""
        if not isinstance(error, json.JSONDecodeError):
            return f"not JSON ({error}); download it again"
        line = self._line + self.text.count("\n", 0, error.pos)
        at = f"line {line}, character {self._behind + error.pos} of the file"
        if error.pos >= len(self.text.rstrip()) or error.msg.startswith("Unterminated string"):
            return f"the JSON is cut short (at {at}: {error.msg}); download it again"
        return f"not JSON (at {at}: {error.msg}); download it again"


def _unfinished(data: bytes) -> int:
    """How many bytes at the end begin a character that they do not finish."""
    for length in range(1, min(4, len(data) + 1)):
        byte = data[-length]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return length if length < needed else 0
        if byte < 0x80:
            return 0
    return 0
