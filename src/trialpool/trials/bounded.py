"""A contrast whose counts are known within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from trialpool.trials.bounds import Bounds

__all__ = ["Bounded"]


@dataclass(frozen=True, slots=True)
class Bounded:
    """The bounds of both sides of a contrast.

    ``listed_elsewhere`` says that another arm of the trial alone has events enough for the registry to list the event.
    """

    treatment: Bounds
    control: Bounds
    listed_elsewhere: bool = False
