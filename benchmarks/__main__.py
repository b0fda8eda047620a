"""Prints every measurement as it is taken. Numbers depend on the machine; ratios travel."""

from __future__ import annotations

import platform
import sys

import numpy as np
import scipy

import trialpool
from benchmarks import fits, rare_events, registry, regression, startup


def main() -> None:
    """Run all benchmarks."""
    print(
        f"trialpool {trialpool.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"SciPy {scipy.__version__}, {platform.system()} {platform.machine()}; medians"
    )
    for module in (startup, fits, rare_events, regression, registry):
        for row in module.rows():
            print(row)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
