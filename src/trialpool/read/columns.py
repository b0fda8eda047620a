"""Which column means what: names are matched, mapped, and one of the two shapes of table is recognised."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from trialpool.checks import nearest, quoted
from trialpool.errors import TableError
from trialpool.read.cells import CellError, text
from trialpool.read.problems import Problem, raise_problems
from trialpool.read.sheet import Sheet
from trialpool.results import Note

__all__ = ["BOUNDED", "CONTINUOUS", "Layout", "Shape", "column_titles", "find_layout", "folded", "misspelt_columns"]

Shape = Literal["arms", "two-by-two", "estimates"]

CONTINUOUS = ("mean", "sd", "std_error", "conf_low", "conf_high", "median", "q1", "q3", "minimum", "maximum")
"""Columns of a continuous outcome."""

BOUNDED = ("events_low", "events_high", "listed_from")
"""Columns of counts that are known within bounds, and of the number from which a registry lists an event."""

_SHARED = ("trial", "outcome", "source", "verification", "registry_id", "publication")
_ARMS = (
    *_SHARED,
    "arm",
    "treatment",
    "events",
    "n",
    "person_years",
    "follow_up_years",
    *BOUNDED,
    *CONTINUOUS,
    "conf_level",
)
_SIDES = ("treatment", "control")
_TWO_BY_TWO = (*_SHARED, *(f"{what}_{side}" for side in _SIDES for what in ("events", "n", "non_events")))
_PRECISION = ("std_error", "variance", "conf_low", "conf_high", "conf_level", "p_value")
_ESTIMATES = (
    *_SHARED, "treatment", "control", "estimate", *_PRECISION, "scale", "measure", "n_treatment", "n_control",
)  # fmt: skip
_OF_SHAPE: Mapping[Shape, tuple[str, ...]] = {"arms": _ARMS, "two-by-two": _TWO_BY_TWO, "estimates": _ESTIMATES}
_ROW_OF: Mapping[Shape, str] = {
    "arms": "one row per arm",
    "two-by-two": "one row per trial",
    "estimates": "one row per estimate",
}
_ALIASES = {"nct": "registry_id", "nct_id": "registry_id", "nct_number": "registry_id"}
_SEPARATORS = re.compile(r"[\s_-]+")
# High, so that a covariate of its own is not taken for a misspelt column.
_MISSPELT = 0.82


def folded(name: str) -> str:
    """A column name without case, spaces, hyphens and underscores."""
    return _SEPARATORS.sub("", name.casefold())


_KNOWN = {folded(name): name for name in dict.fromkeys((*_ARMS, *_TWO_BY_TWO, *_ESTIMATES))} | {
    folded(alias): name for alias, name in _ALIASES.items()
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of a table and the position of each column that is used.

    Attributes
    ----------
    shape : {"arms", "two-by-two", "estimates"}
    titles : tuple of str
        The file's own names of all columns.
    positions : mapping of str to int
        Position of each column we know, by our name.
    covariates : mapping of str to int
        Position of every other column, by the file's name.
    """

    shape: Shape
    titles: tuple[str, ...]
    positions: Mapping[str, int]
    covariates: Mapping[str, int]

    def title(self, name: str) -> str:
        """The file's name of the column that we call ``name``."""
        return self.titles[self.positions[name]] if name in self.positions else name


def find_layout(sheet: Sheet, columns: Mapping[str, str]) -> Layout:
    """Match the header against the names we know, after ``columns`` (our name to the file's name).

    Raises
    ------
    TableError
        Every duplicated, unusable or missing column, and every mapping that leads nowhere.
    """
    problems = list(sheet.problems) if not sheet.header else []
    titles = column_titles(sheet, problems)
    mapped = _mapped(columns, titles, problems)
    positions = mapped | _matched(titles, mapped, problems)
    raise_problems(sheet.where, problems)
    shape = _shape(positions, titles, sheet.where)
    used = {name: i for name, i in positions.items() if name in _OF_SHAPE[shape]}
    unused = [name for name in mapped if name not in used]
    if unused:
        raise TableError(
            sheet.where, [f"a table with {_ROW_OF[shape]} has no use for the mapped {quoted(unused)}; leave it out"]
        )
    covariates = {title: i for i, title in enumerate(titles) if i not in used.values()}
    return Layout(shape, titles, used, covariates)


def column_titles(sheet: Sheet, problems: list[Problem]) -> tuple[str, ...]:
    """The file's own names of the columns; those that cannot be used, or stand twice, are added to the problems."""
    titles: list[str] = []
    first: dict[str, str] = {}
    for i, raw in enumerate(sheet.header, start=1):
        try:
            title = " ".join(text(raw).split())
        except CellError as error:
            problems.append(Problem(f"the name of column {i}: {error}"))
            title = f"column {i}"
        if folded(title) in first:
            twin = first[folded(title)]
            problems.append(Problem(f"columns {twin!r} and {title!r} have the same name; rename or remove one"))
        first.setdefault(folded(title), title)
        titles.append(title)
    return tuple(titles)


def _mapped(columns: Mapping[str, str], titles: tuple[str, ...], problems: list[Problem]) -> dict[str, int]:
    """Position of each column that the caller mapped, by our name."""
    by_fold = {folded(title): i for i, title in enumerate(titles)}
    positions: dict[str, int] = {}
    for ours, theirs in columns.items():
        name = _KNOWN.get(folded(str(ours)))
        position = by_fold.get(folded(str(theirs)))
        if name is None:
            hint = nearest(str(ours), _KNOWN.values())
            problems.append(Problem(f"columns maps {ours!r}, which is not a name we know{hint}"))
        elif position is None:
            hint = nearest(str(theirs), titles)
            problems.append(Problem(f"columns maps {ours!r} to {theirs!r}, which the table does not have{hint}"))
        elif name in positions:
            problems.append(Problem(f"columns maps {name!r} twice; map it once"))
        elif position in positions.values():
            other = next(known for known, taken in positions.items() if taken == position)
            problems.append(Problem(f"columns maps {other!r} and {name!r} to the same column {titles[position]!r}"))
        if name is not None and position is not None:
            positions.setdefault(name, position)
    return positions


def _matched(titles: tuple[str, ...], mapped: Mapping[str, int], problems: list[Problem]) -> dict[str, int]:
    """Position of each column that is named as we name it and that no mapping uses or replaces."""
    positions: dict[str, int] = {}
    for i, title in enumerate(titles):
        name = _KNOWN.get(folded(title))
        if name is None or name in mapped or i in mapped.values():
            continue
        other = titles[positions[name]] if name in positions else title
        if folded(other) != folded(title):
            problems.append(Problem(f"columns {other!r} and {title!r} both stand for {name!r}; rename one of them"))
        positions.setdefault(name, i)
    return positions


def _shape(positions: Mapping[str, int], titles: tuple[str, ...], where: str) -> Shape:
    if "estimate" in positions and "events" not in positions:
        return _estimates_shape(positions, where)
    missing_arms = _missing_arms(positions)
    missing_two_by_two = _missing_two_by_two(positions)
    if missing_arms and missing_two_by_two:
        hints = _hints(titles, positions, (*missing_arms, *missing_two_by_two))
        raise TableError(
            where,
            [
                f"as a table with one row per trial, arm and outcome it lacks {_listed(missing_arms)}",
                f"as a table with one row per trial it lacks {_listed(missing_two_by_two)}",
                *hints,
                f"the columns found are {quoted(titles)}; rename them, or map them by name",
            ],
        )
    if not missing_arms and not missing_two_by_two:
        raise TableError(where, ["the columns fit a row per arm and also a row per trial; keep the columns of one"])
    return "two-by-two" if missing_arms else "arms"


def _estimates_shape(positions: Mapping[str, int], where: str) -> Shape:
    missing = [name for name in ("trial", "outcome", "treatment", "control") if name not in positions]
    problems = [f"as a table with one row per estimate it lacks {quoted(missing)}"] if missing else []
    interval = {"conf_low", "conf_high"} <= positions.keys()
    if not interval and not any(name in positions for name in ("std_error", "variance", "p_value")):
        problems.append(
            "the estimates have no precision; add 'std_error', 'variance', 'conf_low' and 'conf_high', or 'p_value'"
        )
    if problems:
        raise TableError(where, problems)
    return "estimates"


def _missing_arms(positions: Mapping[str, int]) -> list[str]:
    needed = ["trial", "treatment", "outcome"]
    spread = "sd" in positions or "std_error" in positions or {"conf_low", "conf_high"} <= positions.keys()
    if "mean" in positions or "sd" in positions:
        needed += ["n", "mean", *([] if spread else ["sd"])]
    elif "median" in positions:
        needed += ["n"]
    else:
        needed += ["events"] if "person_years" in positions else ["n", "events"]
    return [name for name in needed if name not in positions]


def _missing_two_by_two(positions: Mapping[str, int]) -> list[str]:
    missing = [name for name in ("trial", *(f"events_{side}" for side in _SIDES)) if name not in positions]
    sizes = [side for side in _SIDES if f"n_{side}" not in positions and f"non_events_{side}" not in positions]
    return missing + [f"n_{side}" for side in sizes]


def _listed(names: Iterable[str]) -> str:
    """The missing columns, with what may stand in their place."""
    place_of = {"events": " (or 'mean' and 'sd')", "n_treatment": " (or 'non_events_treatment')"}
    place_of["n_control"] = " (or 'non_events_control')"
    return ", ".join(f"'{name}'{place_of.get(name, '')}" for name in names)


def _hints(titles: tuple[str, ...], positions: Mapping[str, int], missing: tuple[str, ...]) -> list[str]:
    unknown = [title for i, title in enumerate(titles) if i not in positions.values()]
    hints = [(title, nearest(title, dict.fromkeys(missing))) for title in unknown]
    return [f"column {title!r} is not known{hint}" for title, hint in hints if hint]


def misspelt_columns(layout: Layout) -> list[Note]:
    """A warning for each covariate whose name is nearly that of a column we know and the table lacks."""
    absent = {folded(name): name for name in _OF_SHAPE[layout.shape] if name not in layout.positions}
    notes = []
    for title in layout.covariates:
        close = difflib.get_close_matches(folded(title), absent, n=1, cutoff=_MISSPELT)
        if close:
            message = f"column {title!r} is kept as a covariate; rename it if it was meant to be {absent[close[0]]!r}"
            notes.append(Note("column-name-near-miss", message, "warning"))
    return notes
