"""How many participants a cell is about, where the rows or the sections of a group differ in their numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from trialpool.registry.events.pieces import Piece
from trialpool.registry.events.sections import SectionFinding

__all__ = ["at_risk_together"]

_LARGEST = "rows of one group have different numbers at risk; the largest is used"
_PARTS = "rows of one group have different numbers at risk, which add up to the whole group; its number is used"
_SMALLER = "serious and other events were assessed in different numbers of participants; the smaller number is used"


def at_risk_together(found: Sequence[SectionFinding]) -> tuple[int | None, list[Piece], str]:
    """The number at risk of a cell, what is known of these participants, and the rule where numbers at risk differ.

    A row's own number at risk counts, not the group's. Rows of parts of a group that add up to it, such as women and men, are about
    the whole group. Where only some were assessed for one section, the cell is about them: of ``x`` participants with an event
    of the other section, among ``m`` more, at least ``x - m`` are theirs.

    Returns
    -------
    n : int or None
        None where the record gives no number at risk.
    pieces : list of Piece
    rule : str
        Empty where the numbers at risk do not differ.
    """
    totals = {one.n for one in found if one.n}
    if len(totals) < 2:
        n, rule = _of_rows([piece for one in found for piece in one.listed], max(totals, default=None))
        return n, [piece for one in found for piece in one.joined], rule
    sizes = [_of_rows(one.listed, one.n)[0] or 0 for one in found]
    n = min(size for size in sizes if size)
    pieces = [_among(piece, size - n) for one, size in zip(found, sizes, strict=True) for piece in one.joined]
    return n, pieces, _SMALLER if len({size for size in sizes if size}) > 1 else ""


def _of_rows(rows: Sequence[Piece], total: int | None) -> tuple[int | None, str]:
    sizes = {row.at_risk for row in rows if row.at_risk}
    if len(sizes) < 2:
        return max(sizes, default=total), ""
    if max(sizes) != total and sum(sizes) == total:
        return total, _PARTS
    return max(sizes), _LARGEST


def _among(piece: Piece, more: int) -> Piece:
    """What a piece says of the smaller number of participants, if ``more`` than these were assessed for it."""
    return replace(piece, low=max(0, piece.low - more)) if more > 0 else piece
