"""What a person waits for at the prompt: import, ``--help``, one pooling of 13 trials; each in a new process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import resources

from benchmarks.timing import Row, median_wall_seconds

TRIALPOOL = ["-m", "trialpool"]
BCG = str(resources.files("trialpool.datasets") / "bcg" / "arms.csv")
POOL_BCG = ["pool", BCG, "--outcome", "tuberculosis", "--treatment", "BCG vaccine", "--control", "no vaccine"]


def rows() -> Iterator[Row]:
    """One row a command; an empty Python process is the floor below all of them."""
    yield Row("python -c pass (the floor)", _seconds(["-c", "pass"]), "s")
    yield Row("import trialpool", _seconds(["-c", "import trialpool"]), "s", at_most=0.3)
    yield Row("trialpool --help", _seconds([*TRIALPOOL, "--help"]), "s", at_most=0.3)
    yield Row("trialpool pool, 13 trials", _seconds([*TRIALPOOL, *POOL_BCG]), "s", at_most=0.7)


def _seconds(arguments: Sequence[str]) -> float:
    command = [sys.executable, *arguments]
    return median_wall_seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
