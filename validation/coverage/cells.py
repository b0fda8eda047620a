"""The cells of the study, and the trials that are generated in each.

A trial's total size is log-uniform from 100 to 1,000 and is split 1:1 or 2:1 (treatment to control). The log odds of an event
under control are normal around those of the cell's risk with a standard deviation of 0.5; the trial's log odds ratio is
normal around the cell's effect with standard deviation tau; events are binomial. With baselines at the midpoint, half of a
trial's departure from the mean effect goes up in one arm and half goes down in the other, so that a trial's number of events
tells next to nothing of its effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

__all__ = ["BASELINE_SD", "EFFECT", "SIZES", "Baseline", "Cell", "all_cells", "arms_log_odds", "generate"]

Array = NDArray[np.float64]
Baseline = Literal["control", "midpoint"]

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
    baseline : {"control", "midpoint"}
        What varies independently of the effects: the log odds under control, or those midway between the arms.
    """

    k: int
    risk: float
    tau: float
    allocation: int
    effect: float = EFFECT
    baseline: Baseline = "control"

    @property
    def name(self) -> str:
        """The cell in a word, also of its file."""
        effect = "" if self.effect == EFFECT else f"-effect{self.effect:g}"
        baseline = "" if self.baseline == "control" else f"-{self.baseline}"
        return f"k{self.k}-risk{100 * self.risk:g}-tau{self.tau:g}-{self.allocation}to1{effect}{baseline}"

    @property
    def columns(self) -> dict[str, Any]:
        """The cell as the first columns of a row."""
        numbers = {"k": self.k, "risk": self.risk, "tau": self.tau, "allocation": f"{self.allocation}:1"}
        return {**numbers, "log_odds_ratio": round(self.effect, 6), "baseline": self.baseline}

    def generator(self, block: int) -> np.random.Generator:
        """Random numbers of one block, from the cell's own numbers: any part of the study can be run again alone."""
        numbers = (self.k, 1e6 * self.risk, 1e6 * self.tau, self.allocation, 1e6 * (self.effect + 10.0), block)
        return np.random.default_rng(np.random.SeedSequence([round(number) for number in numbers]))


def all_cells(effect: float = EFFECT, baseline: Baseline = "control") -> tuple[Cell, ...]:
    """The 90 cells, in the order of their numbers.

    >>> len(all_cells()), all_cells()[0].name
    (90, 'k2-risk0.5-tau0-1to1')
    """
    return tuple(Cell(*numbers, effect, baseline) for numbers in product(TRIALS, RISKS, TAUS, ALLOCATIONS))


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
    under_treatment, under_control = (expit(odds) for odds in arms_log_odds(cell, baseline, effect))
    treated = rng.binomial(n_treatment.astype(np.int64), under_treatment)
    control = rng.binomial(n_control.astype(np.int64), under_control)
    return np.stack([treated, n_treatment, control, n_control], axis=1).astype(np.float64)


def arms_log_odds(cell: Cell, baseline: Array, effect: Array) -> tuple[Array, Array]:
    """Log odds of an event under treatment and under control, for trials with these baselines and log odds ratios."""
    control = baseline - 0.5 * (effect - cell.effect) if cell.baseline == "midpoint" else baseline
    return control + effect, control
