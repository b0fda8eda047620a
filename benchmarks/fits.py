"""Random-effects fits from arrays: one at a time, many at once, and the same in metafor."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks import metafor
from benchmarks.timing import Row, median_cpu_seconds
from trialpool.heterogeneity.tau2 import dersimonian_laird, paule_mandel, reml
from trialpool.pool.arrays import random_effects

K = 10
SINGLE = 200
BATCH = 100_000
IN_R = 1_000
ESTIMATORS = {"REML": reml, "DL": dersimonian_laird, "PM": paule_mandel}
TARGET_RATIOS = {"REML": 1_000.0}
MOST_SECONDS = {"REML": 1.0}
AGREEMENT = 2e-4
"""metafor's default iterations stop at steps of 1e-5; beyond this the two did not do the same work."""


def problems() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Effects and variances (BATCH, K) of log ratios with tau2 = 0.1."""
    rng = np.random.default_rng(20_250_101)
    v = rng.uniform(0.02, 0.6, size=(BATCH, K))
    y = rng.normal(0.2, np.sqrt(v + 0.1))
    return y, v


def rows() -> Iterator[Row]:
    """Rows of single fits, of batches, and of the ratios to metafor."""
    y, v = problems()
    one = median_cpu_seconds(lambda: [reml(y[i], v[i]) for i in range(SINGLE)]) / SINGLE
    yield Row(f"one REML fit from arrays, k = {K}", 1e3 * one, "ms", at_most=0.2)
    pooled = median_cpu_seconds(lambda: [random_effects(y[i], v[i]) for i in range(SINGLE)]) / SINGLE
    yield Row("  with its estimate and safe Hartung-Knapp interval", 1e3 * pooled, "ms")
    in_r = metafor.timed("metafor.R", {"y": y[:IN_R], "v": v[:IN_R]}, list(ESTIMATORS))
    for name, function in ESTIMATORS.items():
        seconds = median_cpu_seconds(partial(function, y, v))
        yield Row(f"{BATCH:,} {name} fits as a batch, k = {K}", seconds, "CPU s", at_most=MOST_SECONDS.get(name))
        if in_r is not None:
            yield from _beside_metafor(name, seconds, np.asarray(function(y[:IN_R], v[:IN_R])), in_r[name])


def _beside_metafor(name: str, seconds: float, tau2: NDArray[np.float64], loop: metafor.Timed) -> Iterator[Row]:
    scaled = loop.seconds * BATCH / IN_R
    yield Row(f"  loop of metafor rma(), {IN_R:,} timed, scaled to {BATCH:,}", scaled, "CPU s")
    yield Row("  metafor / trialpool", scaled / seconds, "times", at_least=TARGET_RATIOS.get(name))
    fitted = np.isfinite(loop.numbers)
    if not fitted.all():
        yield Row("  metafor did not converge in", float((~fitted).sum()), "fits")
    difference = float(np.abs(tau2 - loop.numbers)[fitted].max())
    yield Row("  largest difference in tau2", difference, "", at_most=AGREEMENT)
