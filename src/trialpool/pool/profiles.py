"""Named profiles: frozen sets of choices, each after one program or guideline.

Two programs give two numbers mostly because their defaults differ. A profile fixes estimator, interval, zero-cell rule, I2
definition and prediction distribution, and is printed with every result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from trialpool.checks import choice
from trialpool.choices import ProfileName
from trialpool.effects import MEASURES, ZeroCells, numbers_of, takes_zero_cells
from trialpool.pool.methods import InverseVariance, MantelHaenszel
from trialpool.pool.request import METHODS, Method

__all__ = ["PROFILES", "Profile", "profile"]


@dataclass(frozen=True, slots=True)
class Profile:
    """The choices of one program or guideline, for each method."""

    name: ProfileName
    description: str
    inverse_variance: InverseVariance
    mantel_haenszel: MantelHaenszel

    def method(self, name: str = "inverse-variance", measure: str = "") -> Method:
        """The profile's choices for a method; its zero-cell rule goes as far as the measure has cells that can be empty.

        >>> profile("revman5").method("mantel-haenszel").zero_cells.rule
        'constant'
        """
        choice("method", name, tuple(METHODS))
        if name == "inverse-variance":
            return replace(self.inverse_variance, zero_cells=_suited(self.inverse_variance.zero_cells, measure))
        if name != "mantel-haenszel":
            return METHODS[name]()  # the programs behind the profiles have no choices of their own here
        if measure == "risk difference":
            return self.mantel_haenszel
        return MantelHaenszel(zero_cells=_suited(self.mantel_haenszel.zero_cells, measure))


def _suited(rule: ZeroCells, measure: str) -> ZeroCells:
    """The rule for a measure: none without cells; for rates what R's meta adds goes to the events alone, as everywhere."""
    if measure not in MEASURES:
        return rule
    if not takes_zero_cells(measure):
        return ZeroCells()
    return replace(rule, convention="cells") if numbers_of(measure) == "rates" else rule


_CONSTANT = ZeroCells(rule="constant")
_META = ZeroCells(rule="constant", convention="meta")
_ALL = (
    Profile(
        "trialpool",
        "Recommended default: REML, Hartung-Knapp never narrower than Wald, prediction interval with k - 2 df, I2 from tau2, "
        "no zero-cell correction.",
        InverseVariance(),
        MantelHaenszel(),
    ),
    Profile(
        "cochrane-2025",
        "Cochrane's random-effects methods since January 2025: REML, Q-profile, Hartung-Knapp, prediction interval with k - 1 df, "
        "I2 from tau2; 0.5 added where a cell is zero.",
        InverseVariance(tau2="REML", interval="hartung-knapp", prediction="k-1", i2="tau2", zero_cells=_CONSTANT),
        MantelHaenszel(zero_cells=_CONSTANT, risk_difference_variance="Greenland-Robins"),
    ),
    Profile(
        "revman5",
        "Review Manager 5: DerSimonian-Laird, Wald, I2 from Q; 0.5 added where a cell is zero, in Mantel-Haenszel too.",
        InverseVariance(tau2="DL", interval="wald", prediction="k-2", i2="Q", zero_cells=_CONSTANT),
        MantelHaenszel(zero_cells=_CONSTANT, risk_difference_variance="Greenland-Robins"),
    ),
    Profile(
        "metafor",
        "R metafor's rma() on escalc(): REML, Wald, normal prediction interval, I2 from tau2; 0.5 added where a cell is zero, "
        "double-zero studies included. rma.mh(): no correction in the pooled estimate.",
        InverseVariance(
            tau2="REML",
            interval="wald",
            prediction="normal",
            i2="tau2",
            zero_cells=ZeroCells(rule="constant", double_zero="corrected"),
        ),
        MantelHaenszel(),
    ),
    Profile(
        "meta",
        "R meta's metabin(): REML, Wald, prediction interval with k - 2 df, I2 from Q; 0.5 added where a cell is zero, in "
        "Mantel-Haenszel too.",
        InverseVariance(tau2="REML", interval="wald", prediction="k-2", i2="Q", zero_cells=_META),
        MantelHaenszel(zero_cells=_META, risk_difference_variance="Greenland-Robins"),
    ),
    Profile(
        "iqwig",
        "IQWiG General Methods: Paule-Mandel, Hartung-Knapp with the ad hoc correction, prediction interval with k - 2 df; "
        "0.5 added where a cell is zero. trialpool always applies the ad hoc correction; IQWiG applies it where the "
        "Hartung-Knapp interval is narrower than DerSimonian-Laird's Wald interval.",
        InverseVariance(tau2="PM", interval="hartung-knapp-safe", prediction="k-2", i2="Q", zero_cells=_CONSTANT),
        MantelHaenszel(zero_cells=_CONSTANT),
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType({p.name: p for p in _ALL})
"""Every profile by name."""


def profile(name: str) -> Profile:
    """A profile by name.

    >>> print(profile("revman5").inverse_variance.tau2)
    DL
    """
    return PROFILES[choice("profile", name, list(PROFILES))]
