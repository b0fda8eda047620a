"""The door: a file or data frame to Trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialpool.checks import choice, instance, nearest, positive, quoted
from trialpool.display import clean_text, html_table, plural
from trialpool.errors import OptionError, TableError
from trialpool.read.arms import read_arm_row
from trialpool.read.assemble import assemble, assemble_estimates, find_conflicts, repeated_estimates
from trialpool.read.cells import CellError, is_empty, label
from trialpool.read.columns import Layout, find_layout, misspelt_columns
from trialpool.read.covariates import read_covariates
from trialpool.read.estimates import EstimateRow, asymmetry_notes, read_estimate_row
from trialpool.read.formats import load_sheet
from trialpool.read.problems import Problem, raise_problems
from trialpool.read.remarks import remarks
from trialpool.read.rows import ArmRow, RowReader
from trialpool.read.sheet import Sheet
from trialpool.read.two_by_two import read_trial_row
from trialpool.results import Note, raise_warnings
from trialpool.trials import ESTIMATE_SCALES, Arm, Covariate, EstimateScale, Outcome, Trial

if TYPE_CHECKING:
    from trialpool.read.formats import TableData

__all__ = ["TrialTable", "read_table"]

_DEFAULT_NAMES = {"treatment": "treatment", "control": "control", "outcome": "event"}


@dataclass(frozen=True, slots=True, repr=False)
class TrialTable:
    """The trials of a table, and where they were read from.

    Attributes
    ----------
    trials : tuple of Trial
        In the order in which the table first names them.
    source_name : str
        File name without its folder, or ``"data frame"``.
    sha256 : str or None
        Of the file's bytes; None for a data frame or list.
    notes : tuple of Note
        What a reader should know; those of level ``warning`` were also raised.
    """

    trials: tuple[Trial, ...]
    source_name: str
    sha256: str | None
    notes: tuple[Note, ...]

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The names of the outcomes, each once, in the order of the table's rows."""
        return tuple(dict.fromkeys(outcome.name for _, outcome in self._in_row_order()))

    @property
    def treatments(self) -> tuple[str, ...]:
        """The names of the treatments, each once, in the order of the table's rows."""
        return tuple(dict.fromkeys(arm.treatment for arm, _ in self._in_row_order()))

    def _in_row_order(self) -> list[tuple[Arm, Outcome]]:
        pairs = [(arm, outcome) for trial in self.trials for arm in trial.arms for outcome in arm.outcomes]
        return sorted(pairs, key=lambda pair: pair[1].source.row or 0)

    def __repr__(self) -> str:
        arms = sum(len(trial.arms) for trial in self.trials)
        sizes = f"{plural(len(self.trials), 'trial')}, {plural(arms, 'arm')}"
        outcomes = f"{plural(len(self.outcomes), 'outcome')}: {', '.join(self.outcomes)}"
        return clean_text(f"{self.source_name}: {sizes}; {outcomes}")

    def _repr_html_(self) -> str:
        rows = [
            (
                trial.label,
                "; ".join(arm.label for arm in trial.arms),
                "; ".join(dict.fromkeys(outcome.name for arm in trial.arms for outcome in arm.outcomes)),
            )
            for trial in self.trials
        ]
        return html_table(("Trial", "Arms", "Outcomes"), rows, "lll", caption=repr(self))


def read_table(
    data: TableData,
    *,
    columns: Mapping[str, str] | None = None,
    treatment: str = "treatment",
    control: str = "control",
    outcome: str = "event",
    scale: EstimateScale | None = None,
    max_bytes: int = 64 * 2**20,
) -> TrialTable:
    """Read trials from a table with one row per trial, arm and outcome, with one row per trial, or with one row per estimate.

    One row per arm needs the columns ``trial``, ``treatment``, ``outcome``, and ``events`` with ``n`` or ``person_years``, or
    ``n`` with ``mean`` and ``sd``; in place of ``sd`` serve ``std_error``, or ``conf_low`` and ``conf_high``; in place of both,
    ``median`` with ``q1`` and ``q3``, or with ``minimum`` and ``maximum``. ``arm`` (by default the treatment),
    ``follow_up_years``, ``source``, ``verification``, ``registry_id`` (or ``nct``) and ``publication`` are optional. One row per
    trial needs ``trial``, and ``events_treatment`` and ``n_treatment`` (or ``non_events_treatment``) with the same for
    ``control``. One row per estimate needs ``trial``, ``outcome``, ``treatment``, ``control``, ``estimate``, its ``scale`` and
    ``std_error``, ``variance``, ``conf_low`` and ``conf_high``, or ``p_value``. Every other column is a covariate.

    Parameters
    ----------
    data : path, data frame or list of dict
        A ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.parquet`` file, any eager data frame that narwhals knows, or
        one dict per row.
    columns : mapping of str to str, optional
        Our name of a column to the table's own name, as in ``{"events": "tpos"}``.
    treatment, control, outcome : str
        What a table with one row per trial is about. Where the table itself names its treatments or outcomes, a name
        given here must be one of them.
    scale : {"ratio", "log ratio", "difference"}, optional
        What the estimates of a table with one row per estimate are, where it has no column ``scale``.
    max_bytes : int
        Largest file that is read.

    Returns
    -------
    TrialTable

    Raises
    ------
    TableError
        With every problem found in the table, each with its row and column.
    OptionError
        An argument that has no meaning for this table.

    Examples
    --------
    >>> rows = [
    ...     {"trial": "Aronson", "treatment": "BCG", "outcome": "tuberculosis", "events": 4, "n": 123},
    ...     {"trial": "Aronson", "treatment": "none", "outcome": "tuberculosis", "events": 11, "n": 139},
    ... ]
    >>> table = read_table(rows)
    >>> print(table)
    data frame: 1 trial, 2 arms; 1 outcome: tuberculosis
    >>> table.trials[0].arms[1].outcomes[0].counts
    Counts(events=11, n=139, person_years=None, follow_up_years=None, listed_from=None)
    """
    names = _checked_names(treatment, control, outcome)
    columns = {} if columns is None else columns
    instance("columns", columns, Mapping, "give our name of a column to the table's own, such as {'events': 'tpos'}")
    sheet, digest = load_sheet(data, int(positive("max_bytes", max_bytes)))
    trials, table_notes = _read_sheet(sheet, columns, names, _checked_scale(scale))
    notes = (*sheet.notes, *table_notes, *remarks(trials))
    table = TrialTable(trials, sheet.name, digest, notes)
    _check_stated_names(table, names)
    raise_warnings(notes)
    return table


def _read_sheet(
    sheet: Sheet, columns: Mapping[str, str], names: Mapping[str, str], scale: EstimateScale | None
) -> tuple[tuple[Trial, ...], list[Note]]:
    """The trials of a sheet once every row has been looked at, with the notes on its columns."""
    layout = find_layout(sheet, columns)
    problems = list(sheet.problems)
    covariates, covariate_notes = read_covariates(sheet, layout, problems)
    notes = [*misspelt_columns(layout), *covariate_notes]
    if layout.shape == "estimates":
        estimates = _read_estimates(sheet, layout, covariates, problems, scale)
        return assemble_estimates(estimates), [*notes, *asymmetry_notes(estimates)]
    if scale is not None:
        raise OptionError(f"scale={scale!r} has no meaning for a table without a column 'estimate'; leave it out")
    rows: list[ArmRow] = []
    for row, values in zip(sheet.rows, covariates, strict=True):
        cells = RowReader(sheet.name, layout, row, problems)
        rows += read_arm_row(cells, values) if layout.shape == "arms" else read_trial_row(cells, values, **names)
    problems += find_conflicts(rows, layout)
    raise_problems(sheet.where, problems, layout.titles)
    return assemble(rows), notes


def _checked_scale(scale: EstimateScale | None) -> EstimateScale | None:
    if scale is not None:
        choice("scale", scale, ESTIMATE_SCALES)
    return scale


def _read_estimates(
    sheet: Sheet,
    layout: Layout,
    covariates: Sequence[Mapping[str, Covariate]],
    problems: list[Problem],
    scale: EstimateScale | None,
) -> list[EstimateRow]:
    """Every row's estimate; the scale stands in the table or is said by the caller, and is never guessed."""
    if scale is not None and "scale" in layout.positions:
        raise OptionError(f"scale={scale!r} is given, and the table has a column {layout.title('scale')!r}; keep one")
    if scale is None and "scale" not in layout.positions:
        raise TableError(
            sheet.where,
            [
                f"the table does not say what its estimates are; add a column 'scale' with one of {quoted(ESTIMATE_SCALES)}"
            ],
        )
    found = [
        read_estimate_row(RowReader(sheet.name, layout, row, problems), values, scale)
        for row, values in zip(sheet.rows, covariates, strict=True)
    ]
    rows = [row for row in found if row is not None]
    problems += repeated_estimates(rows)
    raise_problems(sheet.where, problems, layout.titles)
    return rows


def _checked_names(treatment: str, control: str, outcome: str) -> dict[str, str]:
    names = {"treatment": treatment, "control": control, "outcome": outcome}
    for option, value in names.items():
        if is_empty(value):
            raise OptionError(f"{option}={value!r} is not a name; give a text such as {_DEFAULT_NAMES[option]!r}")
        try:
            names[option] = label(value)
        except CellError as error:
            raise OptionError(f"{option}: {error}") from None
    if names["treatment"] == names["control"]:
        raise OptionError(f"treatment and control are both {treatment!r}; name two different treatments")
    return names


def _check_stated_names(table: TrialTable, names: Mapping[str, str]) -> None:
    """Refuse a name given for what the table names itself, and names otherwise; case does not count."""
    held = {"outcome": table.outcomes, "treatment": table.treatments, "control": table.treatments}
    for option, value in names.items():
        if value != _DEFAULT_NAMES[option] and value.casefold() not in {name.casefold() for name in held[option]}:
            hint = nearest(value, held[option])
            raise OptionError(f"{option}={value!r} is not in {table.source_name}{hint}; it has {quoted(held[option])}")
