"""Permutation tests of a meta-regression, and the same in metafor on fewer permutations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks import metafor
from benchmarks.timing import Row, median_cpu_seconds
from trialpool.regress import Permutations
from trialpool.regress.least_squares import design_of
from trialpool.regress.permutation import permutation_test

K = 20
DRAWS = 10_000
IN_R = 200
AGREEMENT = 0.15
"""Of two p-values by random permutations, of which R has only IN_R: four standard errors."""


def rows() -> Iterator[Row]:
    """One covariate, REML, Hartung-Knapp."""
    rng = np.random.default_rng(20_250_103)
    v = rng.uniform(0.02, 0.6, K)
    x = rng.normal(size=K)
    y = rng.normal(0.2 + 0.15 * x, np.sqrt(v + 0.1))
    design = design_of(np.column_stack([np.ones(K), x]))

    def test() -> float:
        request = Permutations(draws=DRAWS)
        return permutation_test(y, v, design, request, tau2="REML", interval="hartung-knapp").p_values[1]

    seconds = median_cpu_seconds(test)
    yield Row(f"permutation test of a meta-regression, {DRAWS:,} draws, k = {K}", seconds, "CPU s", at_most=0.2)
    in_r = metafor.timed(
        "regression.R", {"data": np.column_stack([y, v, x]), "draws": np.array([IN_R])}, ["permutation"]
    )
    if in_r is None:
        return
    scaled = in_r["permutation"].seconds * DRAWS / IN_R
    yield Row(f"  metafor permutest(), {IN_R} timed, scaled to {DRAWS:,}", scaled, "CPU s")
    yield Row("  metafor / trialpool", scaled / seconds, "times")
    difference = abs(test() - float(in_r["permutation"].numbers[0]))
    yield Row("  difference in p, random on both sides", difference, "", at_most=AGREEMENT)
