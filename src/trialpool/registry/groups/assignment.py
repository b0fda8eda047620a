"""The assignment of rows to columns with the greatest sum of scores, and by how much each pair is preferred."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "best_assignment", "margins"]

Floats = NDArray[np.float64]


def best_assignment(scores: Floats) -> list[int]:
    """For each row its column, or -1; each column is used at most once (Hungarian method; Kuhn 1955, Munkres 1957).

    Parameters
    ----------
    scores : array of shape (rows, columns)

    Returns
    -------
    list of int
        ``min(rows, columns)`` rows get a column, so that the sum of scores is the greatest.

    >>> best_assignment(np.array([[0.9, 0.8], [0.8, 0.1]]))
    [1, 0]
    """
    rows, columns = scores.shape
    if rows > columns:
        taken = best_assignment(scores.T)
        found = [-1] * rows
        for column, row in enumerate(taken):
            found[row] = column
        return found
    if rows == 0:
        return []
    return _rectangular(float(scores.max()) - scores)


def _rectangular(cost: Floats) -> list[int]:
    """Least cost with no more rows than columns, by shortest augmenting paths; index 0 is a dummy."""
    rows, columns = cost.shape
    row_price = np.zeros(rows + 1)
    column_price = np.zeros(columns + 1)
    owner = np.zeros(columns + 1, dtype=np.intp)
    for row in range(1, rows + 1):
        owner[0] = row
        column = 0
        slack = np.full(columns + 1, np.inf)
        came_from = np.zeros(columns + 1, dtype=np.intp)
        visited = np.zeros(columns + 1, dtype=bool)
        while owner[column] != 0:
            visited[column] = True
            at = owner[column]
            reduced = np.concatenate(([np.inf], cost[at - 1] - row_price[at] - column_price[1:]))
            better = ~visited & (reduced < slack)
            slack[better] = reduced[better]
            came_from[better] = column
            following = int(np.argmin(np.where(visited, np.inf, slack)))
            step = slack[following]
            row_price[owner[visited]] += step
            column_price[visited] -= step
            slack[~visited] -= step
            column = following
        while column != 0:
            owner[column] = owner[came_from[column]]
            column = int(came_from[column])
    found = [-1] * rows
    for column in range(1, columns + 1):
        if owner[column]:
            found[int(owner[column]) - 1] = column - 1
    return found


def margins(scores: Floats, assigned: list[int]) -> list[float]:
    """How much the sum would lose, at the least, if a row took another column: by a swap, or a column that is free.

    One row or one column alone has nothing to be confused with: its margin is 1.
    """
    rows, columns = scores.shape
    owner = {column: row for row, column in enumerate(assigned) if column >= 0}
    found = []
    for row, column in enumerate(assigned):
        losses = [
            scores[row, column] - scores[row, other] + _loss_of_owner(scores, owner.get(other), other, column)
            for other in range(columns)
            if other != column and column >= 0
        ]
        losses += [
            scores[row, column] - scores[rival, column] for rival in range(rows) if column >= 0 and assigned[rival] < 0
        ]
        found.append(float(min(losses, default=1.0)))
    return found


def _loss_of_owner(scores: Floats, owner: int | None, loses: int, gets: int) -> float:
    return 0.0 if owner is None else float(scores[owner, loses] - scores[owner, gets])
