"""Bytes to Trials: tables of trial arms; nothing is decided here."""

from trialpool.read.table import TrialTable, read_table

__all__ = ["TrialTable", "read_table"]
