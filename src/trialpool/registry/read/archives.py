"""Members of a zip archive as streams, never unpacked to disk; what is not safe or not known is told, and left alone."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from trialpool.registry.read.limits import DAMAGE, Limits, UnreadableError, Watch, WatchedStream, in_words

__all__ = ["Archive", "Member"]

_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive; ``refusal`` says why it must not be read, if so."""

    name: str
    info: zipfile.ZipInfo
    refusal: str = ""


class Archive:
    """A zip archive, read member by member.

    The bytes of all members are counted together too, so that an archive whose members share their packed bytes is stopped.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self._size = path.stat().st_size
        except DAMAGE as error:
            raise UnreadableError(f"not a zip archive that can be read: {in_words(error)}") from None
        self._limits = limits
        self._watch = limits.watch(self._size, "the archive", members=len(self._zip.infolist()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def members(self) -> Iterator[Member]:
        """Files of the archive, sorted by name."""
        infos = (info for info in self._zip.infolist() if not info.is_dir())
        for info in sorted(infos, key=lambda info: (info.orig_filename, info.header_offset)):
            yield Member(info.orig_filename, info, _refusal(info))

    def open(self, member: Member) -> WatchedStream:
        """The unpacked bytes of a member."""
        # The size that the archive states may be a lie, but no member is larger than the archive.
        packed = min(member.info.compress_size, self._size)
        try:
            stream = self._zip.open(member.info)
        except DAMAGE as error:
            raise UnreadableError(in_words(error)) from None
        return WatchedStream(stream, (self._limits.watch(packed, "the member"), self._watch))

    def watch(self, member: Member) -> tuple[Watch, ...]:
        """Counts what is unpacked from a member that is itself packed."""
        packed = min(member.info.compress_size, self._size)
        return self._limits.watch(packed, "the member"), self._watch


def _refusal(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    parts = re.split(r"[/\\]", name)
    if ".." in parts or name.startswith(("/", "\\")) or _DRIVE.match(name) or "\x00" in name:
        return (
            "the path of the member leads out of the archive; it was not read (nothing is ever unpacked to disk); "
            "pack the file again with a plain name"
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        return "the member is a link to another file; it was not read; pack the file itself"
    if info.flag_bits & _ENCRYPTED:
        return "the member is encrypted; it was not read; pack it without a password"
    return ""
