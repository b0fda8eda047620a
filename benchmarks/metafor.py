"""The same fits in R's metafor, where R has it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

SCRIPT = Path(__file__).with_name("metafor.R")
HAS_METAFOR = 'quit(status = !requireNamespace("metafor", quietly = TRUE))'


@dataclass(frozen=True, slots=True)
class Loop:
    """CPU seconds of a loop of ``rma``, and its tau2 (NaN where it did not converge)."""

    seconds: float
    tau2: NDArray[np.float64]


def loop(y: NDArray[np.float64], v: NDArray[np.float64], estimators: list[str]) -> dict[str, Loop] | None:
    """A loop of ``rma(yi, vi, method = ...)`` over the rows, one for each estimator; None where metafor is absent."""
    if not available():
        print("R with metafor is not installed here: the comparison with it is left out", file=sys.stderr)
        return None
    with TemporaryDirectory() as folder:
        for name, values in (("y", y), ("v", v)):
            np.savetxt(Path(folder) / f"{name}.csv", values, delimiter=",", fmt="%.17g")
        subprocess.run(["Rscript", "--vanilla", str(SCRIPT), folder, *estimators], check=True)
        results = {name: np.loadtxt(Path(folder) / f"{name}.csv") for name in estimators}
    return {name: Loop(float(numbers[0]), numbers[1:]) for name, numbers in results.items()}


def available() -> bool:
    """Whether R with metafor is here."""
    if shutil.which("Rscript") is None:
        return False
    return (
        subprocess.run(["Rscript", "--vanilla", "-e", HAS_METAFOR], check=False, stderr=subprocess.DEVNULL).returncode
        == 0
    )
