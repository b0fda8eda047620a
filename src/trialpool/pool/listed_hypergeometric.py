"""The hypergeometric-normal model of tables that a registry lists because of their counts.

Trials whose counts were too low to be listed are missing, and what is left is selected by its outcome; the likelihood of what
is left, given its margins and that it was listed, is right all the same. It asks nothing of the risks of the control arms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import choice, probability
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.listed_tables import ListedTables, listed_tables
from trialpool.pool.count_tables import count_tables
from trialpool.pool.unconditional import PoolingModel, Task, UnconditionalFit, fit_unconditional

__all__ = ["listed_hypergeometric"]

Array = NDArray[np.float64]

_WAYS_OUT = "use the best and the worst case, or a Bayesian model of the listed trials"


def listed_hypergeometric(
    tables: ArrayLike,
    chances: Sequence[ArrayLike | None],
    *,
    model: PoolingModel = "random",
    profile: bool = True,
    conf_level: float = 0.95,
) -> UnconditionalFit:
    """Log odds ratio from the listed trials alone, free of the bias of their selection.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n of the listed trials. Trials that could not have been listed
        with another count, given their margins, carry no information and change nothing.
    chances : sequence of K arrays or None
        Chance to be listed of each treatment count that the margins allow, from the lowest on; None where it is certain.
    model : {"common", "random"}
        One log odds ratio, or normal ones over all trials, listed or not.
    profile : bool
        Profile-likelihood interval and likelihood-ratio p-value; else Wald's.
    conf_level : float

    Returns
    -------
    UnconditionalFit
        Without anything on intercepts, which are conditioned out.

    Raises
    ------
    OptionError
        Impossible counts, or a listed table that had no chance to be listed.
    NotEstimableError
        The odds ratio is zero or infinite, or the variance grows without bound.

    Examples
    --------
    >>> from trialpool.pool.listing import chance_of_listing
    >>> from trialpool.trials import Piece
    >>> tables = np.array([[7, 6, 8], [100, 110, 120], [2, 1, 3], [100, 105, 118]])
    >>> chances = [
    ...     chance_of_listing((Piece(a, a, n, 6),), (Piece(c, c, m, 6),), a + c) for a, n, c, m in tables.T.tolist()
    ... ]
    >>> fits = [listed_hypergeometric(tables, listed, model="common") for listed in (chances, [None] * 3)]
    >>> [round(fit.estimate, 3) for fit in fits]
    [0.943, 1.277]
    """
    choice("model", model, ("common", "random"))
    probability("conf_level", conf_level)
    counts = count_tables(tables, "participants")
    if counts.batch or len(chances) != counts.slots:
        raise OptionError(f"give tables of shape (4, K) and K chances; given were {len(chances)} chances")
    given = [None if chance is None else np.asarray(chance, dtype=np.float64) for chance in chances]
    kept = [given[slot] for slot in counts.slot]
    for table, chance in zip(counts.tables.T, kept, strict=True):
        _refuse_impossible(table, chance)
    informative = [i for i, chance in enumerate(kept) if chance is None or (chance > 0).sum() > 1]
    used = listed_tables(counts.tables[:, informative], [kept[i] for i in informative], random=model == "random")
    _refuse_infinite(used, random=model == "random")
    task = Task(used, np.zeros(len(informative)), 0.0)
    return fit_unconditional(task, profile=profile, conf_level=conf_level)


def _refuse_impossible(table: Array, chance: Array | None) -> None:
    if chance is None:
        return
    a, n1, c, n2 = table.tolist()
    lowest, highest = max(0.0, a + c - n2), min(n1, a + c)
    shown = f"{a:g}/{n1:g} v {c:g}/{n2:g}"
    if chance.shape != (int(highest - lowest) + 1,) or not ((chance >= 0) & (chance <= 1)).all():
        raise OptionError(
            f"the chances of {shown} are no probabilities of {lowest:g} to {highest:g} treatment events; give one for each"
        )
    if chance[int(a - lowest)] == 0:
        raise OptionError(
            f"{shown} is listed although no arm has the events that the listing takes; "
            "if the registry lists it all the same, its listing is certain: leave listed_from of that trial empty "
            "(in Python: None in the place of its chances)"
        )


def _refuse_infinite(used: ListedTables, *, random: bool) -> None:
    k = len(used.whole)
    if k == 0:
        raise NotEstimableError(
            "no listed trial says anything of the odds ratio: none has both events and non-events, and a chance to be "
            f"listed with other counts; {_WAYS_OUT}"
        )
    if k == 1 and random:
        raise NotEstimableError(
            "one listed trial alone says something of the odds ratio, and nothing of its variance between trials; "
            "use model='common'"
        )
    lowest, highest = used.whole.lowest.copy(), used.whole.highest.copy()
    lowest[used.selected], highest[used.selected] = used.listed.lowest, used.listed.highest
    for end, word, side in ((lowest, "zero", "treatment"), (highest, "infinite", "control")):
        if not end.any():
            raise NotEstimableError(
                f"the conditional odds ratio is {word}: in every listed trial the {side} arm has as few events as the total "
                f"and the listing leave it; {_WAYS_OUT}"
            )
