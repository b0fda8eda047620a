"""Covariates of a contrast: the values that its active arms agree on."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.trials import Covariate, Outcome

__all__ = ["agreed_covariates"]


def agreed_covariates(arms: Sequence[Outcome]) -> tuple[dict[str, Covariate], list[str]]:
    """Covariates with one value in all arms, and the names of those that differ.

    >>> from trialpool.trials import Source
    >>> weekly = Outcome("rash", Source(), covariates={"weeks": 16.0, "schedule": "qw"})
    >>> fortnightly = Outcome("rash", Source(), covariates={"weeks": 16.0, "schedule": "q2w"})
    >>> agreed_covariates([weekly, fortnightly])
    ({'weeks': 16.0}, ['schedule'])
    """
    agreed: dict[str, Covariate] = {}
    differing = []
    for name in dict.fromkeys(name for arm in arms for name in arm.covariates):
        first = arms[0].covariates.get(name)
        if first is not None and all(arm.covariates.get(name) == first for arm in arms):
            agreed[name] = first
        else:
            differing.append(name)
    return agreed, differing
