"""What a new version of the records changes: in the cells of a review, and in its results."""

from trialpool.registry.update.cells import CellChange, cell_changes
from trialpool.registry.update.results import ResultChange, result_changes

__all__ = ["CellChange", "ResultChange", "cell_changes", "result_changes"]
