"""The reporting threshold of other events: from how many participants a term is listed."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from trialpool.registry.model import AdverseEvents

__all__ = ["listed_from", "threshold_of"]


def threshold_of(events: AdverseEvents) -> Fraction | None:
    """The reporting threshold as an exact share, from the record's own digits; None where it is not stated.

    >>> threshold_of(AdverseEvents(threshold=0.05, threshold_text="5"))
    Fraction(1, 20)
    """
    if events.threshold is None:
        return None
    try:
        share = Fraction(Decimal(events.threshold_text.strip().removesuffix("%"))) / 100
    except (InvalidOperation, ValueError, OverflowError):
        return Fraction(repr(events.threshold))
    return share if float(share) == events.threshold else Fraction(repr(events.threshold))


def listed_from(threshold: Fraction, n: int) -> int:
    """The number of participants from which a term is listed, of ``n`` at risk: the threshold times n, rounded up.

    >>> listed_from(Fraction(1, 20), 100), listed_from(Fraction(1, 20), 101), listed_from(Fraction(0), 50)
    (5, 6, 1)
    """
    return max(1, -(-threshold.numerator * n // threshold.denominator))
