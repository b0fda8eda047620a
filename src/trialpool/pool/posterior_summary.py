"""What a reader is told of a posterior distribution."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["PosteriorSummary"]


@dataclass(frozen=True, slots=True)
class PosteriorSummary:
    """A posterior in numbers, on the working scale.

    Attributes
    ----------
    interval : {"central", "shortest"}
        Which credible interval the limits are.
    tau, tau_low, tau_high : float
        Median and central limits of the standard deviation between trials.
    probability_below : float
        Of an effect below no difference.
    relevant : float or None
        The threshold of a relevant effect, as displayed.
    probability_relevant : float or None
        Of an effect beyond it, on its side of no difference.
    tau_prior, effect_prior : str
    """

    interval: str
    tau: float
    tau_low: float
    tau_high: float
    probability_below: float
    relevant: float | None
    probability_relevant: float | None
    tau_prior: str
    effect_prior: str

    def to_dict(self) -> dict[str, Any]:
        """The summary as JSON-ready data."""
        return asdict(self)
