"""The help of a verb loads nothing that only its work needs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from trialpool.cli.parser import VERBS

NUMERICAL = {"numpy", "scipy", "pandas", "polars", "pyarrow", "narwhals"}
OPTIONAL = {"duckdb", "ibis", "httpx", "psycopg", "openpyxl", "jinja2", "matplotlib", "typst"}
AT_WORK = {"analysis", "effects", "harmonise", "plots", "pool", "read", "regress", "report", "sensitivity", "trials"}
REGISTRY_AT_WORK = {"events", "extract", "groups", "read", "store", "update"}


@pytest.mark.parametrize("verb", ["", "registry", *VERBS])
def test_help_loads_no_numerical_package_and_no_part_that_works(verb):
    code = (
        "import json, sys\n"
        "from trialpool.cli import main\n"
        f"status = main({[*verb.split(), '--help']!r})\n"
        "print(json.dumps([status, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    *text, last = done.stdout.splitlines()
    status, loaded = json.loads(last)
    assert (status, text[0].startswith(f"usage: trialpool {verb}".rstrip())) == (0, True)
    parts = {f"trialpool.{name}" for name in AT_WORK} | {f"trialpool.registry.{name}" for name in REGISTRY_AT_WORK}
    assert {name.partition(".")[0] for name in loaded} & (NUMERICAL | OPTIONAL) == set()
    assert set(loaded) & parts == set()
