"""Published data sets, each with its source."""

from trialpool.datasets.catalogue import Dataset, example_files, load, names

__all__ = ["Dataset", "example_files", "load", "names"]
