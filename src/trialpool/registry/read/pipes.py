"""Lines of AACT's pipe-delimited files: fields are not quoted, unless they hold a pipe, and may hold quotes of their own."""

from __future__ import annotations

import re

__all__ = ["PipeError", "split_fields"]

# From an opening quote to the one that closes it: quotes inside are doubled.
_WRAPPED = re.compile(r'"((?:[^"]|"")*)"(?=\||$)')
_MOST_PIPES_IN_FIELDS = 2_000


class PipeError(ValueError):
    """A line does not have the columns of its table."""


def split_fields(line: str, columns: int) -> list[str | None]:
    """Fields of a line; None where nothing stands between two pipes.

    A quote at the start of a field opens it only if the number of columns asks for that: most such quotes are the text's own.

    Parameters
    ----------
    line : str
        Without its line break.
    columns : int
        How many fields the line must have.

    Raises
    ------
    PipeError
        Too few or too many fields, or several ways to arrive at their number.

    Examples
    --------
    >>> split_fields('NCT00000102||"Placebo" group', 3)
    ['NCT00000102', None, '"Placebo" group']
    >>> split_fields('NCT00000102|"5 mg|kg ""low"" dose"|1', 3)
    ['NCT00000102', '5 mg|kg "low" dose', '1']
    """
    pieces = line.split("|")
    if len(pieces) == columns:
        return _fields(pieces)
    if len(pieces) < columns:
        raise PipeError(
            f"{len(pieces)} fields instead of {columns}: the line was cut short, or broken in two; left out"
        )
    if len(pieces) - columns > _MOST_PIPES_IN_FIELDS:
        raise PipeError(f"{len(pieces)} fields instead of {columns}; left out")
    return _fields(_joined(line, pieces, columns))


def _fields(pieces: list[str]) -> list[str | None]:
    """Unwrap fields that are wrapped for a reason: a pipe or a quote inside, or nothing at all (an empty text, not null)."""
    return [_unwrapped(piece) if piece.startswith('"') else piece or None for piece in pieces]


def _unwrapped(field: str) -> str:
    match = _WRAPPED.fullmatch(field)
    if match and (not match[1] or "|" in match[1] or '"' in match[1]):
        return match[1].replace('""', '"')
    return field


def _joined(line: str, pieces: list[str], columns: int) -> list[str]:
    """Join pieces that a wrapped field holds together, in the one way that gives the right number of fields."""
    ends = _wrapped_ends(line, pieces)
    surplus = len(pieces) - columns
    # ways[i][s]: ways to read the pieces from i on with s pipes inside fields; more than one is as bad as many.
    ways: list[dict[int, int]] = [{} for _ in pieces]
    ways.append({0: 1})
    for i in range(len(pieces) - 1, -1, -1):
        found = dict(ways[i + 1])
        if i in ends:
            inside = ends[i] - i
            for s, count in ways[ends[i] + 1].items():
                if s + inside <= surplus:
                    found[s + inside] = min(2, found.get(s + inside, 0) + count)
        ways[i] = found
    count = ways[0].get(surplus, 0)
    if count != 1:
        why = "no" if count == 0 else "more than one"
        raise PipeError(f"{len(pieces)} fields instead of {columns}, and {why} way to join them by quotes; left out")
    return _the_one_way(pieces, ends, ways, surplus)


def _the_one_way(pieces: list[str], ends: dict[int, int], ways: list[dict[int, int]], surplus: int) -> list[str]:
    fields, i = [], 0
    while i < len(pieces):
        end = i if surplus in ways[i + 1] else ends[i]
        fields.append("|".join(pieces[i : end + 1]))
        surplus -= end - i
        i = end + 1
    return fields


def _wrapped_ends(line: str, pieces: list[str]) -> dict[int, int]:
    """For each piece that opens a wrapped field with a pipe inside, the piece that closes it."""
    ends: dict[int, int] = {}
    start = 0
    for i, piece in enumerate(pieces):
        if piece.startswith('"') and (match := _WRAPPED.match(line, start)) and "|" in match[1]:
            ends[i] = i + match[1].count("|")
        start += len(piece) + 1
    return ends
