"""Bytes to records of a registry, and to problems: nothing is decided here."""

from trialpool.registry.read.aact_files import aact_tables, read_aact_table
from trialpool.registry.read.decode import canonical_json
from trialpool.registry.read.files import read_bytes, read_paths
from trialpool.registry.read.limits import Limits
from trialpool.registry.read.problems import Loaded, Problem
from trialpool.registry.read.studies import record_from_json

__all__ = [
    "Limits",
    "Loaded",
    "Problem",
    "aact_tables",
    "canonical_json",
    "read_aact_table",
    "read_bytes",
    "read_paths",
    "record_from_json",
]
