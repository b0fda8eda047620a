"""``python -m trialpool``: the command line."""

import sys

from trialpool.cli import main

if __name__ == "__main__":
    sys.exit(main())
