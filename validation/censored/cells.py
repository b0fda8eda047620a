"""The cells of the study, and the trials that are generated in each.

An arm's size is log-uniform from 50 to 500, the same in both arms or twice as large under treatment, each in half of the
trials. A trial's log odds midway between its arms are normal around those that give the cell's risk under control, with a
standard deviation of 0.7; its log odds ratio is normal around the cell's with standard deviation tau; half of its departure
goes up in one arm and half goes down in the other. The event is listed where an arm has ``max(1, ceil(threshold n))`` events.
The other populations break the binomial model: see Population.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from trialpool.pool.interval_censored_contrasts import BoundedContrast
from trialpool.trials.bounds import Piece

__all__ = ["BLOCK", "Cell", "Population", "all_cells", "generate"]

Array = NDArray[np.float64]

Population = Literal["normal", "two points", "skewed", "correlated", "third arm"]
"""Trial baselines: normal; at one of two points 2 log odds apart; exponential with a long tail of high risks (standard
deviation 1); normal, and correlated with the log odds ratios (0.8). Or a third arm, which is left out of the contrast, with
odds e^0.7 times those under control, so that it often brings the event into the list."""

SIZES = (50, 500)
BASELINE_SD = 0.7
CORRELATION = 0.8
THIRD_ARM = 0.7
BLOCK = 25
"""Data sets of one seed and one file."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting: threshold of the registry, risk under control, odds ratio, tau, number of trials, population."""

    threshold: float
    risk: float
    odds_ratio: float
    tau: float
    k: int
    population: Population = "normal"

    @property
    def name(self) -> str:
        """The cell in a word, also of its folder."""
        population = "" if self.population == "normal" else f"-{self.population.replace(' ', '-')}"
        numbers = f"t{100 * self.threshold:g}-risk{100 * self.risk:g}-or{self.odds_ratio:g}-tau{self.tau:g}-k{self.k}"
        return numbers + population

    @property
    def columns(self) -> dict[str, Any]:
        """The cell as the first columns of a row."""
        return {
            "threshold": self.threshold,
            "risk": round(self.risk, 6),
            "odds_ratio": self.odds_ratio,
            "tau": self.tau,
            "k": self.k,
            "population": self.population,
        }

    def generator(self, block: int) -> np.random.Generator:
        """Random numbers of one block, from the cell's own numbers: any part of the study can be run again alone."""
        numbers = (1e6 * self.threshold, 1e6 * self.risk, 1e6 * self.odds_ratio, 1e6 * self.tau, self.k)
        population = get_args(Population).index(self.population)
        return np.random.default_rng(
            np.random.SeedSequence([*(round(number) for number in numbers), population, block])
        )


def all_cells() -> tuple[Cell, ...]:
    """All cells in the order of their numbers: a core of 126, and those that complete it.

    >>> len(all_cells()), all_cells()[0].name
    (228, 't0-risk1-or0.5-tau0-k8')
    """
    cores = _normal(0.0, 8), _normal(0.3, 20)
    return (*cores[0], *cores[1], *_others(), *_normal(0.3, 8), *_normal(0.0, 20))


def _normal(tau: float, k: int) -> tuple[Cell, ...]:
    """Where the binomial model holds: risks around the threshold, and two without threshold."""
    around = (
        (threshold, times * threshold) for threshold in (0.01, 0.02, 0.05) for times in (0.25, 0.5, 1.0, 2.0, 4.0)
    )
    risks = ((0.0, 0.01), (0.0, 0.05), *around)
    return tuple(Cell(*where, odds_ratio, tau, k) for where in risks for odds_ratio in (0.5, 1.0, 2.0))


def _others() -> tuple[Cell, ...]:
    """Where it does not."""
    risks = (0.025, 0.05, 0.1)
    return tuple(
        Cell(0.05, risk, odds_ratio, 0.3, 20, population)
        for population in get_args(Population)[1:]
        for risk in risks
        for odds_ratio in (0.5, 2.0)
    )


def generate(cell: Cell, block: int) -> list[list[BoundedContrast]]:
    """The data sets of a block, each a list of k contrasts as a registry shows them.

    >>> len(generate(all_cells()[0], 0)), len(generate(all_cells()[0], 0)[0])
    (25, 8)
    """
    rng = cell.generator(block)
    shape = (BLOCK, cell.k)
    n_control = np.rint(np.exp(rng.uniform(math.log(SIZES[0]), math.log(SIZES[1]), shape))).astype(np.int64)
    n_treatment = n_control * rng.integers(1, 3, shape)
    z_baseline, z_effect = rng.normal(size=shape), rng.normal(size=shape)
    if cell.population == "correlated":
        z_effect = CORRELATION * z_baseline + math.sqrt(1.0 - CORRELATION**2) * z_effect
    effect = math.log(cell.odds_ratio) + cell.tau * z_effect
    middle = logit(cell.risk) + 0.5 * math.log(cell.odds_ratio) + _departure(cell.population, z_baseline, rng)
    events = [rng.binomial(n, expit(middle + sign * effect)) for n, sign in ((n_treatment, 0.5), (n_control, -0.5))]
    listed_from = [_listed_from(cell.threshold, n) for n in (n_treatment, n_control)]
    elsewhere = np.zeros(shape, dtype=np.bool_)
    if cell.population == "third arm":
        third = rng.binomial(n_control, expit(middle - 0.5 * effect + THIRD_ARM))
        elsewhere = third >= listed_from[1]
    listed = elsewhere | (events[0] >= listed_from[0]) | (events[1] >= listed_from[1])
    sides = [_pieces(*numbers, listed) for numbers in zip(events, (n_treatment, n_control), listed_from, strict=True)]
    return [
        [((sides[0][b][i],), (sides[1][b][i],), bool(elsewhere[b, i])) for i in range(cell.k)] for b in range(BLOCK)
    ]


def _departure(population: Population, z: Array, rng: np.random.Generator) -> Array:
    if population == "two points":
        return np.where(z > 0, 1.0, -1.0)
    if population == "skewed":
        return np.asarray(rng.exponential(size=z.shape) - 1.0)
    return BASELINE_SD * z


def _listed_from(threshold: float, n: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(1, np.ceil(np.round(threshold * n, 9))).astype(np.int64)


def _pieces(
    events: NDArray[np.int64], n: NDArray[np.int64], listed_from: NDArray[np.int64], listed: NDArray[np.bool_]
) -> list[list[Piece]]:
    low, high = np.where(listed, events, 0), np.where(listed, events, listed_from - 1)
    rows = zip(*(array.tolist() for array in (low, high, n, listed_from)), strict=True)
    return [[Piece(*numbers) for numbers in zip(*row, strict=True)] for row in rows]
