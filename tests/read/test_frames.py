from __future__ import annotations

import hashlib
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trialpool.errors import MissingExtraError, OptionError, TableError
from trialpool.read import read_table
from trialpool.trials import Arm, Counts, Outcome, Source, Trial

DATA: dict[str, list[object]] = {
    "trial": ["A", "A"],
    "treatment": ["drug", "placebo"],
    "outcome": ["fever", "fever"],
    "events": [1, 2],
    "n": [10, 11],
    "dose": [1.5, None],
    "background": ["yes", None],
}


def records(data):
    return [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]


def expected(file="data frame"):
    return (
        Trial(
            "A",
            (
                Arm(
                    "drug",
                    "drug",
                    (Outcome("fever", Source(file, 0), Counts(1, 10), None, {"dose": 1.5, "background": "yes"}),),
                ),
                Arm("placebo", "placebo", (Outcome("fever", Source(file, 1), Counts(2, 11), None, {}),)),
            ),
        ),
    )


FRAMES = {
    "pandas": pd.DataFrame,
    "pandas nullable": lambda data: pd.DataFrame(data).convert_dtypes(),
    "pandas pyarrow": lambda data: pd.DataFrame(data).convert_dtypes(dtype_backend="pyarrow"),
    "pandas with an index": lambda data: pd.DataFrame(data, index=[7, 3]),
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "list of dicts": records,
    "tuple of dicts": lambda data: tuple(records(data)),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_every_kind_of_frame_gives_the_same_trials(make):
    table = read_table(make(DATA))
    assert table.trials == expected()
    assert table.source_name == "data frame"
    assert table.sha256 is None
    assert table.notes == ()


def test_parquet_gives_the_same_trials(tmp_path):
    pq.write_table(pa.table(DATA), tmp_path / "arms.parquet")
    table = read_table(tmp_path / "arms.parquet")
    assert table.trials == expected("arms.parquet")
    assert table.source_name == "arms.parquet"
    assert table.sha256 == hashlib.sha256((tmp_path / "arms.parquet").read_bytes()).hexdigest()


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_rows_are_counted_from_zero_and_the_message_says_so(make):
    with pytest.raises(TableError) as caught:
        read_table(make({**DATA, "events": [1, 12]}))
    assert str(caught.value).startswith(
        "data frame (rows counted from 0): row 1, column 'events': 12 events in 11 participants"
    )


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_a_missing_count_is_an_empty_cell(make, problems):
    (problem,) = problems(make({**DATA, "n": [10, None]}))
    assert problem.startswith("row 1, column 'n': the cell is empty")


def test_kinds_of_columns():
    frame = pd.DataFrame({**DATA, "flag": [True, False], "site": pd.Categorical(["x", None])})
    frame["start"] = pd.to_datetime(["2005-01-01", None])
    drug, placebo = (arm.outcomes[0].covariates for arm in read_table(frame).trials[0].arms)
    assert drug == {"dose": 1.5, "background": "yes", "flag": "true", "site": "x", "start": "2005-01-01"}
    assert placebo == {"flag": "false"}


def test_numpy_and_decimal_scalars():
    rows = records(DATA)
    rows[0].update(events=np.int64(1), n=np.float32(10), dose=np.float64(1.5))
    rows[1].update(events=Decimal(2), n=np.int8(11), dose=float("nan"))
    assert read_table(rows).trials == expected()


def test_rows_that_lack_a_key_have_an_empty_cell():
    rows = records(DATA)
    del rows[1]["dose"]
    assert read_table(rows).trials == expected()


def test_rows_without_any_value_are_passed_over():
    empty = dict.fromkeys(DATA)
    first, second = records(DATA)
    sources = [arm.outcomes[0].source.row for arm in read_table([first, empty, second]).trials[0].arms]
    assert sources == [0, 2]


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"x", 1j, np.bool_(True)])
def test_a_cell_that_is_no_value(problems, value):
    rows = records(DATA)
    rows[0]["dose"] = value
    (problem,) = problems(rows)
    assert problem.startswith("row 0, column 'dose': ")
    assert problem.endswith("; a cell holds one text or one number")


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_frame_without_rows(make, problems):
    empty = {name: pa.array([], pa.string()) if make is pa.table else [] for name in DATA}
    assert problems(make(empty)) == ("there is no row of data; give one row per trial or arm",)


def test_an_empty_list(problems):
    assert problems([]) == ("there is no row of data; give one row per trial or arm",)


def test_columns_of_one_name(problems):
    frame = pd.DataFrame(DATA)
    frame.columns = ["trial", "treatment", "outcome", "events", "n", "dose", "dose"]
    (problem,) = problems(frame)
    assert problem.startswith("two columns have the same name (")
    assert "\n" not in problem
    (problem,) = problems(pa.table([[1], [2]], names=["n", "n"]))
    assert problem.startswith("two columns have the same name (")


def test_column_names_that_are_numbers():
    frame = pd.DataFrame(DATA).rename(columns={"dose": 5, "background": 6.0})
    assert read_table(frame).trials[0].arms[0].outcomes[0].covariates == {"5": 1.5, "6": "yes"}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (5, "int"),
        (None, "NoneType"),
        (b"trial,arm", "bytes"),
        ({"trial": ["A"]}, "dict"),
        (pl.LazyFrame(DATA), "LazyFrame"),
        (pl.Series([1]), "Series"),
        (np.zeros(3), "ndarray"),
    ],
)
def test_what_is_no_table_says_what_is_one(data, kind):
    with pytest.raises(OptionError) as caught:
        read_table(data)
    assert str(caught.value).startswith(f"data is of type {kind}; give ")


def test_a_list_holds_dicts():
    with pytest.raises(OptionError, match=r"data\[1\] is of type int; a list of rows holds one dict per row"):
        read_table([{"trial": "A"}, 5])


def test_a_damaged_parquet_file(write, problems):
    (problem,) = problems(write(b"PAR1 nothing PAR1", "arms.parquet"))
    assert problem.startswith("not a readable .parquet file (")
    assert "\n" not in problem


def test_a_small_parquet_file_with_millions_of_cells_is_refused(tmp_path, problems):
    path = tmp_path / "arms.parquet"
    pq.write_table(pa.table({"trial": pa.array(["A"] * 200_000)}), path)
    assert path.stat().st_size < 20_000
    assert problems(path, max_bytes=100_000) == ("it holds 200,000 cells, more than the limit of 100,000",)


@pytest.mark.parametrize("package", ["narwhals", "pyarrow"])
def test_without_a_package_the_extra_is_named(tmp_path, monkeypatch, package):
    path = tmp_path / "arms.parquet"
    pq.write_table(pa.table(DATA), path)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=f"reading a .parquet file needs .*'{package}'.*trialpool.tables."):
        read_table(path)


def test_a_data_frame_needs_narwhals(monkeypatch):
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(MissingExtraError, match="reading a data frame needs .*'narwhals'"):
        read_table(pd.DataFrame(DATA))
