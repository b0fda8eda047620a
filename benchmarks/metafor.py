"""The same work in R with metafor, where R has it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
HAS_METAFOR = 'quit(status = !requireNamespace("metafor", quietly = TRUE))'


@dataclass(frozen=True, slots=True)
class Timed:
    """CPU seconds of a piece of work in R, and the numbers that came out (NaN where R gave none)."""

    seconds: float
    numbers: NDArray[np.float64]


def timed(script: str, inputs: Mapping[str, NDArray[np.float64]], works: Sequence[str]) -> dict[str, Timed] | None:
    """Run ``Rscript SCRIPT FOLDER WORK...``; None where R with metafor is absent.

    The script finds ``inputs`` in the folder as CSV without header, and leaves a file ``WORK.csv`` for each work: CPU seconds
    in the first line, numbers in the others.
    """
    if not available():
        return None
    with TemporaryDirectory() as folder:
        for name, values in inputs.items():
            np.savetxt(Path(folder) / f"{name}.csv", values, delimiter=",", fmt="%.17g")
        subprocess.run(["Rscript", "--vanilla", str(HERE / script), folder, *works], check=True)
        results = {work: np.loadtxt(Path(folder) / f"{work}.csv") for work in works}
    return {work: Timed(float(numbers[0]), numbers[1:]) for work, numbers in results.items()}


@cache
def available() -> bool:
    """Whether R with metafor is here; says so once if not."""
    command = ["Rscript", "--vanilla", "-e", HAS_METAFOR]
    there = (
        shutil.which("Rscript") is not None and not subprocess.run(command, check=False, capture_output=True).returncode
    )
    if not there:
        print("R with metafor is not installed here: the comparison with it is left out", file=sys.stderr)
    return there
