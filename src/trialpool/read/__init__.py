"""Bytes to Trials: tables of trial arms, and of trials left out; nothing is decided here."""

from trialpool.read.left_out import LEFT_OUT_COLUMNS, LeftOut, LeftOutTable, read_left_out
from trialpool.read.table import TrialTable, read_table

__all__ = ["LEFT_OUT_COLUMNS", "LeftOut", "LeftOutTable", "TrialTable", "read_left_out", "read_table"]
