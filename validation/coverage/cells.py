"""The cells of the study, and the trials that are generated in each.

A trial's total size is log-uniform from 100 to 1,000 and is split 1:1 or 2:1 (treatment to control). The log odds of an event
under control are normal around those of the cell's risk with a standard deviation of 0.5; the trial's log odds ratio is
normal around the cell's effect with standard deviation tau; events are binomial.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

__all__ = ["BASELINE_SD", "EFFECT", "SIZES", "Cell", "all_cells", "generate"]

Array = NDArray[np.float64]

TRIALS = (2, 3, 5, 10, 30)
RISKS = (0.005, 0.02, 0.1)
TAUS = (0.0, 0.2, 0.5)
ALLOCATIONS = (1, 2)
EFFECT = math.log(0.6)
SIZES = (100, 1000)
BASELINE_SD = 0.5
_BLOCK = 100  # data sets of one seed, so that a longer run begins with those of a shorter one


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting.

    Attributes
    ----------
    k : int
        Trials of a data set.
    risk : float
        Risk under control at the mean log odds.
    tau : float
        Standard deviation of the log odds ratios.
    allocation : int
        Treatment participants per control participant.
    effect : float
        Mean log odds ratio.
    """

    k: int
    risk: float
    tau: float
    allocation: int
    effect: float = EFFECT

    @property
    def name(self) -> str:
        """The cell in a word, also of its file."""
        effect = "" if self.effect == EFFECT else f"-effect{self.effect:g}"
        return f"k{self.k}-risk{100 * self.risk:g}-tau{self.tau:g}-{self.allocation}to1{effect}"

    @property
    def columns(self) -> dict[str, Any]:
        """The cell as the first columns of a row."""
        numbers = {"k": self.k, "risk": self.risk, "tau": self.tau, "allocation": f"{self.allocation}:1"}
        return {**numbers, "log_odds_ratio": round(self.effect, 6)}

    def generator(self, block: int) -> np.random.Generator:
        """Random numbers of one block, from the cell's own numbers: any part of the study can be run again alone."""
        numbers = (self.k, 1e6 * self.risk, 1e6 * self.tau, self.allocation, 1e6 * (self.effect + 10.0), block)
        return np.random.default_rng(np.random.SeedSequence([round(number) for number in numbers]))


def all_cells(effect: float = EFFECT) -> tuple[Cell, ...]:
    """The 90 cells, in the order of their numbers.

    >>> len(all_cells()), all_cells()[0].name
    (90, 'k2-risk0.5-tau0-1to1')
    """
    return tuple(Cell(*numbers, effect) for numbers in product(TRIALS, RISKS, TAUS, ALLOCATIONS))


def generate(cell: Cell, datasets: int) -> Array:
    """Tables of shape (datasets, 4, k): treatment events, treatment n, control events, control n.

    >>> fewer, more = generate(all_cells()[0], 30), generate(all_cells()[0], 150)
    >>> bool((more[:30] == fewer).all())
    True
    """
    blocks = [_block(cell, block) for block in range(math.ceil(datasets / _BLOCK))]
    return np.concatenate(blocks)[:datasets]


def _block(cell: Cell, block: int) -> Array:
    rng = cell.generator(block)
    shape = (_BLOCK, cell.k)
    total = np.rint(np.exp(rng.uniform(math.log(SIZES[0]), math.log(SIZES[1]), shape)))
    n_control = np.rint(total / (1 + cell.allocation))
    n_treatment = total - n_control
    baseline = rng.normal(logit(cell.risk), BASELINE_SD, shape)
    effect = rng.normal(cell.effect, cell.tau, shape)
    treated = rng.binomial(n_treatment.astype(np.int64), expit(baseline + effect))
    control = rng.binomial(n_control.astype(np.int64), expit(baseline))
    return np.stack([treated, n_treatment, control, n_control], axis=1).astype(np.float64)
