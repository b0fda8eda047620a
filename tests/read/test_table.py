from __future__ import annotations

import csv
import dataclasses
import hashlib
import inspect
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.errors import OptionError, TableError, TrialpoolWarning
from trialpool.read import TrialTable, read_table

HEADER = "trial,treatment,outcome,events,n\n"
ROWS = "A,drug,fever,1,10\nA,placebo,fever,2,11\n"


def each_outcome(table: TrialTable):
    return [(trial, arm, outcome) for trial in table.trials for arm in trial.arms for outcome in arm.outcomes]


def test_a_table_knows_its_file_by_name_and_content(write):
    path = write(HEADER + ROWS)
    for given_path in (path, str(path)):
        table = read_table(given_path)
        assert table.source_name == "arms.csv"
        assert table.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert {outcome.source.file for *_, outcome in each_outcome(table)} == {"arms.csv"}
        assert str(path.parent) not in repr(table)


def test_the_extension_is_known_in_any_case(write):
    assert len(read_table(write(HEADER + ROWS, "ARMS.CSV")).trials) == 1
    assert len(read_table(write((HEADER + ROWS).replace(",", "\t"), "arms.Txt")).trials) == 1


def test_outcomes_and_treatments_stand_once_in_the_order_of_rows(write):
    table = read_table(
        write(f"{HEADER}A,drug,fever,1,10\nB,placebo,rash,1,10\nA,placebo,cough,1,10\nB,drug,fever,1,10\n")
    )
    assert table.outcomes == ("fever", "rash", "cough")
    assert table.treatments == ("drug", "placebo")
    assert [trial.label for trial in table.trials] == ["A", "B"]


def test_a_table_in_one_line(write):
    table = read_table(write(HEADER + ROWS + "B,drug,rash,1,10\n"))
    assert str(table) == "arms.csv: 2 trials, 3 arms; 2 outcomes: fever, rash"


def test_a_table_is_frozen(write):
    table = read_table(write(HEADER + ROWS))
    assert [field.name for field in dataclasses.fields(TrialTable)] == ["trials", "source_name", "sha256", "notes"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.trials = ()


def test_options_stand_by_name_with_their_defaults():
    parameters = inspect.signature(read_table).parameters
    assert {name: p.default for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY} == {
        "columns": None,
        "treatment": "treatment",
        "control": "control",
        "outcome": "event",
        "scale": None,
        "max_bytes": 64 * 1024 * 1024,
    }


def test_warnings_point_at_the_caller_and_are_kept(write):
    path = write(f"{HEADER}A,drug,fever,1,10\na,drug,fever,2,10\n")
    with pytest.warns(TrialpoolWarning) as caught:
        table = read_table(path)
    assert [warning.filename for warning in caught] == [__file__]
    assert [note.message for note in table.notes] == [str(warning.message) for warning in caught]


def test_one_problem_is_one_line_and_many_are_listed(write):
    with pytest.raises(TableError) as caught:
        read_table(write(f"{HEADER}A,drug,fever,-1,10\n"))
    assert str(caught.value) == "arms.csv: row 2, column 'events': '-1' is negative; a count is 0 or more"
    with pytest.raises(TableError) as caught:
        read_table(write(HEADER + "".join(f"A{i},drug,fever,-1,10\n" for i in range(30))))
    assert len(caught.value.problems) == 30
    assert str(caught.value).splitlines()[0] == "arms.csv: 30 problems"
    assert str(caught.value).splitlines()[-1] == "  - ... and 10 more"


# --- names given for a table that names its own treatments and outcomes ---


def test_names_that_the_table_holds_change_nothing(write):
    path = write(HEADER + ROWS)
    assert read_table(path, treatment="drug", control="placebo", outcome="fever") == read_table(path)
    assert read_table(path, treatment="Drug", control="PLACEBO", outcome="Fever") == read_table(path)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"treatment": "drugs"},
            "treatment='drugs' is not in arms.csv (did you mean 'drug'?); it has 'drug', 'placebo'",
        ),
        ({"control": "Placebos"}, "control='Placebos' is not in arms.csv (did you mean 'placebo'?); it has 'drug', "),
        ({"outcome": "death"}, "outcome='death' is not in arms.csv; it has 'fever'"),
    ],
)
def test_a_name_that_the_table_does_not_hold_is_refused(write, options, problem):
    with pytest.raises(OptionError) as caught:
        read_table(write(HEADER + ROWS), **options)
    assert str(caught.value).startswith(problem)


# --- files that cannot be read ---


def test_a_missing_file_gets_the_nearest_name(write, tmp_path, problems):
    write(HEADER + ROWS)
    assert problems(tmp_path / "amrs.csv") == ("there is no such file (did you mean 'arms.csv'?)",)
    with pytest.raises(TableError, match="amrs.csv"):
        read_table(tmp_path / "amrs.csv")


def test_a_missing_folder_is_named(tmp_path, problems):
    folder = tmp_path / "nowhere"
    assert problems(folder / "arms.csv") == (f"there is no such file, and no folder {str(folder)!r}",)


def test_a_folder_is_not_a_table(tmp_path, problems):
    assert problems(tmp_path) == ("this is a folder; give the path of the table in it",)
    (tmp_path / "arms.csv").mkdir()
    assert problems(tmp_path / "arms.csv") == ("this is a folder; give the path of the table in it",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path, problems):
    os.mkfifo(tmp_path / "arms.csv")
    assert problems(tmp_path / "arms.csv") == ("this is not a regular file; save the table to a file first",)


def test_a_link_to_a_file_is_read(write, tmp_path):
    write(HEADER + ROWS)
    (tmp_path / "link.csv").symlink_to(tmp_path / "arms.csv")
    assert read_table(tmp_path / "link.csv").source_name == "link.csv"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("arms.xls", "the extension '.xls' is not known; save the workbook as .xlsx; a table is one of "),
        ("arms.ods", "the extension '.ods' is not known; save the sheet as .xlsx or .csv; a table is one of "),
        ("arms.csv.gz", "the extension '.gz' is not known; unpack it first; a table is one of "),
        ("arms.json", "the extension '.json' is not known; a table is one of "),
        ("arms", "the file has no extension; a table is one of "),
    ],
)
def test_an_unknown_extension_gets_the_way_out(write, problems, name, problem):
    kinds = "'.csv', '.tsv', '.txt', '.xlsx', '.parquet'"
    assert problems(write(HEADER + ROWS, name)) == (problem + kinds,)


@pytest.mark.parametrize("name", ["arms.csv", "arms.tsv", "arms.xlsx", "arms.parquet"])
def test_a_file_without_a_byte(write, problems, name):
    assert problems(write(b"", name)) == ("the file is empty; give a header row and one row per trial or arm",)


def test_a_file_that_may_not_be_read(write, problems, monkeypatch):
    def refuse(self, mode):
        raise PermissionError(13, "Permission denied")

    path = write(HEADER + ROWS)
    monkeypatch.setattr(Path, "open", refuse)
    assert problems(path) == ("the file cannot be read: Permission denied",)


def test_a_path_with_a_nul_character(problems):
    assert problems("a\0b.csv") == ("the path holds the character NUL, which no file name can",)


@pytest.mark.parametrize("name", ["arms.csv", "arms.xlsx", "arms.parquet"])
def test_a_file_of_200_mb_is_refused_by_its_size_alone(tmp_path, problems, name):
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(200_000_000)
    started = time.perf_counter()
    found = problems(path)
    assert time.perf_counter() - started < 0.1
    assert found == ("the file has 190.7 MiB, more than the limit of 64.0 MiB; leave out what is not trial data",)


def test_the_limit_can_be_moved(write, problems):
    path = write(HEADER + ROWS)
    size = path.stat().st_size
    assert len(read_table(path, max_bytes=size).trials) == 1
    assert problems(path, max_bytes=size - 1) == (
        f"the file has {size} bytes, more than the limit of {size - 1} bytes; leave out what is not trial data",
    )


@pytest.mark.parametrize("limit", [0, -1, "1 MB", None, float("nan")])
def test_the_limit_is_a_positive_number(write, limit):
    with pytest.raises(OptionError, match="max_bytes="):
        read_table(write(HEADER + ROWS), max_bytes=limit)


# --- cost ---


def test_reading_csv_imports_no_optional_package(write):
    path = write(HEADER + ROWS)
    code = (
        "import sys; from trialpool.read import read_table; read_table(sys.argv[1]); "
        "print([m for m in ('narwhals', 'pandas', 'polars', 'pyarrow', 'openpyxl', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- properties ---

LABEL = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="<="), min_size=1, max_size=12
)
COUNT = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(sorted).filter(lambda pair: pair[1] > 0)
TABLES = st.dictionaries(st.tuples(LABEL, LABEL, LABEL), COUNT, min_size=1, max_size=12)


def counted(table: TrialTable):
    return {
        (trial.label, arm.label, outcome.name): [outcome.counts.events, outcome.counts.n]
        for trial, arm, outcome in each_outcome(table)
    }


def written(rows, delimiter=","):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["trial", "treatment", "outcome", "events", "n"])
    writer.writerows([*names, *numbers] for names, numbers in rows)
    return buffer.getvalue().encode("utf-8")


@pytest.mark.filterwarnings("ignore::trialpool.errors.TrialpoolWarning")
@given(cells=TABLES, delimiter=st.sampled_from([",", ";", "\t"]), seed=st.randoms(use_true_random=False))
def test_any_table_survives_being_written_in_any_order(tmp_path_factory, cells, delimiter, seed):
    rows = list(cells.items())
    seed.shuffle(rows)
    path = tmp_path_factory.mktemp("written") / "arms.csv"
    path.write_bytes(written(rows, delimiter))
    table = read_table(path)
    assert counted(table) == cells
    assert sorted(outcome.source.row for *_, outcome in each_outcome(table)) == list(range(2, len(rows) + 2))
    assert read_table(path) == table
