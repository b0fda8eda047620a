"""The arms of a group as they are found."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["ArmChoice"]


@dataclass(frozen=True, slots=True)
class ArmChoice:
    """Positions of arms, how sure that is, and why."""

    arms: tuple[int, ...] = ()
    certainty: float = 0.5
    reason: str = ""

    def doubted(self, left: float, why: str) -> ArmChoice:
        """The same arms with this share of certainty left, and why."""
        return replace(self, certainty=self.certainty * left, reason=f"{self.reason}; {why}")
