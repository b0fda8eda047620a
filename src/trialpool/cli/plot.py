"""trialpool forest, trialpool funnel: one outcome of a table, drawn."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from trialpool.cli.console import Progress
from trialpool.cli.options import add_comparison, add_request, add_subgroup, comparison_from, request_from, word
from trialpool.errors import OptionError
from trialpool.plots import STYLES, Figure, ForestLabels, forest, funnel
from trialpool.pool import Pooled, pool_request, subgroup_request
from trialpool.results import raise_warnings
