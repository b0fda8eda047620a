"""Tables that a registry shows because of what they hold: their conditional likelihood given that they were listed.

Given its margins and its log odds ratio psi, a table is noncentral hypergeometric; a registry lists it with a probability
``w(t)`` that depends on its treatment events t. Where log odds ratios are normal over all trials, listed or not, a listed
table has probability ``integral of h(t | psi)`` over ``integral of W(psi)``, with ``W(psi) = sum of w(u) h(u | psi)``: the
selection divides what is left after the integration, not the integrand, because trials with other odds ratios are listed
more, or less, often. W is analytic up to pi on either side of the real line (the hypergeometric polynomial has negative roots
alone), so that even nodes integrate it exponentially fast (Trefethen & Weideman 2014, SIAM Review 56:385).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.marginal_likelihood import Mixtures
from trialpool.numerics.marginal_likelihood import evaluate as evaluate_mixtures
from trialpool.numerics.mixed_likelihood import Evaluation
from trialpool.numerics.noncentral_hypergeometric import Conditionals, conditionals
from trialpool.numerics.ragged import Index, starts

__all__ = ["ListedTables", "listed_tables"]

Array = NDArray[np.float64]

_REACH = 6.5  # standard deviations: beyond them lie 1e-10 of a normal
_STEP = 0.85  # of the nodes, in standard deviations of the sharpest normal that the integrand may hold: for 1e-11
_MOST_NODES = 4096


@dataclass(frozen=True, slots=True)
class ListedTables:
    """K tables, as a model without trial intercepts, which are conditioned out.

    Attributes
    ----------
    whole : Conditionals
        Of each table given its margins.
    listed : Conditionals
        The same, each count weighed by its chance to be listed, of the tables that might not have been listed.
    selected : array of indices
        Which tables those are.
    varying : tuple of bool
        False, as intercepts are gone; whether log odds ratios vary.
    """

    whole: Conditionals
    listed: Conditionals
    selected: Index
    varying: tuple[bool, bool]

    @property
    def arms(self) -> Conditionals:
        """The tables."""
        return self.whole

    @property
    def own_intercepts(self) -> bool:
        """Each trial has one of its own, on which nothing depends."""
        return True

    def evaluate(self, mean: Array, variance: Array, start: Array) -> Evaluation:
        """Log likelihood of each table at a mean (row 1 of ``mean``, (2, K)) and variance (``variance[1]``) of effects."""
        k, theta, tau2 = len(self.whole), mean[1], float(variance[1])
        one_each = Mixtures.of(self.whole, np.ones(k, dtype=np.intp))
        at = evaluate_mixtures(one_each, theta, np.full(k, tau2), start[1])
        found = np.stack([at.log_likelihood, at.theta, at.tau2, at.theta_theta, at.cross, at.tau2_tau2])
        if self.selected.size:
            found[:, self.selected] -= self._log_chance(theta[self.selected], tau2)
        gradient, hessian = np.zeros((k, 4)), np.zeros((k, 4, 4))
        hessian[:, 0, 0] = -1.0  # nothing depends on the intercept: a step there is none
        gradient[:, 2], hessian[:, 2, 2] = found[1], found[3]
        if tau2 == 0:
            gradient[:, 3] = found[2]
        else:  # in the log of the variance
            gradient[:, 3] = tau2 * found[2]
            hessian[:, 2, 3] = hessian[:, 3, 2] = tau2 * found[4]
            hessian[:, 3, 3] = tau2 * found[2] + tau2 * tau2 * found[5]
        return Evaluation(found[0], gradient, hessian, np.stack([start[0], at.modes]))

    def _log_chance(self, theta: Array, tau2: float) -> Array:
        """Log of the chance to be listed, and its derivatives in theta, tau2, twice theta, both, twice tau2; (6, S)."""
        chances = self.whole.take(self.selected)
        if tau2 == 0:
            (value, score, information), (other, its_score, its_information) = (
                tuple(column[:, 0] for column in part.moments(theta[:, None])) for part in (chances, self.listed)
            )
            value, score, second = value - other, score - its_score, its_information - information
            unknown = np.full(theta.size, math.nan)
            return np.stack([value, score, 0.5 * (score * score + second), second, unknown, unknown])
        z = _even_nodes(tau2, float((chances.highest - chances.lowest).max()))
        d = math.sqrt(tau2) * z
        psi = theta[:, None] + d
        exponent = chances.log_probability(psi) - self.listed.log_probability(psi) - 0.5 * z * z
        top = exponent.max(axis=1)
        weight = np.exp(exponent - top[:, None])
        total = weight.sum(axis=1)
        log_chance = top + np.log(total * (z[1] - z[0]) / math.sqrt(2.0 * math.pi))
        m1, m2, m3, m4 = (np.asarray(weight @ d**j) / total for j in (1, 2, 3, 4))
        p = 1.0 / tau2
        parts = (
            log_chance,
            p * m1,
            0.5 * p * (p * m2 - 1.0),
            p * (p * (m2 - m1 * m1) - 1.0),
            0.5 * p * p * (p * (m3 - m1 * m2) - 2.0 * m1),
            0.25 * p * p * (2.0 - 4.0 * p * m2 + p * p * (m4 - m2 * m2)),
        )
        return np.stack(parts)


def _even_nodes(tau2: float, widest: float) -> Array:
    """Nodes in standard deviations; a sum of ``widest`` coins has no more variance than a quarter of it."""
    step = max(_STEP / math.sqrt(1.0 + 0.25 * widest * tau2), 2.0 * _REACH / _MOST_NODES)
    half = math.ceil(_REACH / step)
    return step * np.arange(-float(half), half + 1.0)


def listed_tables(tables: Array, chances: Sequence[Array | None], *, random: bool) -> ListedTables:
    """The likelihood of listed tables.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n; at least one event and one non-event.
    chances : sequence of K arrays
        Chance to be listed of each treatment count that the margins allow, from the lowest on; None where it is certain.
        That of the observed count is above zero.
    random : bool
        Whether log odds ratios vary between trials.

    Examples
    --------
    >>> table = np.array([[2.0], [10.0], [1.0], [10.0]])
    >>> at = (np.zeros((2, 1)), np.zeros(2), np.zeros((2, 1)))
    >>> [
    ...     round(float(np.exp(listed_tables(table, [chance], random=False).evaluate(*at).log_likelihood[0])), 4)
    ...     for chance in (None, np.array([1.0, 0.0, 1.0, 1.0]))
    ... ]
    [0.3947, 0.6522]
    """
    whole = conditionals(tables)
    uncertain = [i for i, chance in enumerate(chances) if chance is not None and (chance < 1).any()]
    selected = np.array(uncertain, dtype=np.intp)
    part = conditionals(tables[:, selected], widest=math.inf)
    if not uncertain:
        return ListedTables(whole, part, selected, (False, random))
    chance = np.concatenate([chances[i] for i in uncertain])
    kept = chance > 0
    size = np.add.reduceat(kept.astype(np.intp), part.first)
    first = starts(size)
    departure = part.departure[kept]
    log_weight = part.log_weight[kept] + np.log(chance[kept])
    listed = replace(
        part,
        lowest=np.minimum.reduceat(departure, first),
        highest=np.maximum.reduceat(departure, first),
        first=first,
        size=size,
        departure=departure,
        log_weight=log_weight,
        top=np.maximum.reduceat(log_weight, first),
    )
    return ListedTables(whole, listed, selected, (False, random))
