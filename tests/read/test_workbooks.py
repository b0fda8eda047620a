from __future__ import annotations

import datetime as dt
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from trialpool.errors import MissingExtraError, TableError, TrialpoolWarning
from trialpool.read import read_table
from trialpool.trials import Counts

HEADER = ["trial", "treatment", "outcome", "events", "n"]
Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """A workbook whose first sheet holds the given rows."""

    def save_workbook(*rows: list[object], header: list[str] = HEADER, name: str = "arms.xlsx") -> Path:
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        for row in (header, *rows):
            sheet.append(row)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return save_workbook


def replace_cell(path: Path, cell: str, xml: str) -> Path:
    """Write a cell as other programs write it, which openpyxl cannot."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    start = sheet.index(f'<c r="{cell}"')
    end = sheet.index("</c>", start) + len("</c>")
    parts["xl/worksheets/sheet1.xml"] = (sheet[:start] + xml + sheet[end:]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_workbook_reads_like_the_same_csv(save, write):
    rows = [["A", "drug", "fever", 1, 10], ["A", "placebo", "fever", "2", 11.0]]
    from_workbook = read_table(save(*rows))
    from_csv = read_table(write("trial,treatment,outcome,events,n\nA,drug,fever,1,10\nA,placebo,fever,2,11\n"))
    assert from_workbook.source_name == "arms.xlsx"
    assert [[o.counts for arm in t.arms for o in arm.outcomes] for t in from_workbook.trials] == [
        [o.counts for arm in t.arms for o in arm.outcomes] for t in from_csv.trials
    ]
    assert [o.source.row for t in from_workbook.trials for arm in t.arms for o in arm.outcomes] == [2, 3]


def test_rows_keep_the_number_that_the_sheet_shows(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for column, title in enumerate(HEADER, start=2):
        sheet.cell(3, column, title)
    for row, values in ((5, ["A", "drug", "fever", 1, 10]), (9, ["A", "placebo", "fever", 2, 11])):
        for column, value in enumerate(values, start=2):
            sheet.cell(row, column, value)
    workbook.save(tmp_path / "arms.xlsx")
    table = read_table(tmp_path / "arms.xlsx")
    assert [o.source.row for t in table.trials for arm in t.arms for o in arm.outcomes] == [5, 9]


def test_kinds_of_cells(save):
    path = save(
        [1, "drug", "fever", 1, 10, 1999, True, dt.date(2005, 1, 2), dt.datetime(2005, 1, 2, 12)],  # noqa: DTZ001
        [2, "drug", "fever", 1, 10, "2000", False, None, None],
        header=[*HEADER, "year", "blind", "start", "lock"],
    )
    first, second = read_table(path).trials
    assert (first.label, second.label) == ("1", "2")
    assert first.arms[0].outcomes[0].covariates == {
        "year": 1999.0,
        "blind": "true",
        "start": "2005-01-02",
        "lock": "2005-01-02T12:00:00",
    }
    assert second.arms[0].outcomes[0].covariates == {"year": 2000.0, "blind": "false"}


def test_the_same_checks_as_for_text(save, problems):
    path = save(["A", "drug", "fever", 12, 10], [None, "drug", "fever", 3.5, 0])
    assert [problem.split(":")[0] for problem in problems(path)] == [
        "row 2, column 'events'",
        "row 3, column 'trial'",
        "row 3, column 'events'",
        "row 3, column 'n'",
    ]


def test_a_formula_counts_as_its_stored_value(save):
    path = replace_cell(save(["A", "drug", "fever", 1, 10]), "D2", '<c r="D2"><f>1+1</f><v>2</v></c>')
    assert read_table(path).trials[0].arms[0].outcomes[0].counts == Counts(2, 10)


def test_a_formula_without_a_stored_value_is_refused(save, problems):
    path = save(["A", "drug", "fever", "=1+1", 10], ['="A"', "placebo", "fever", 1, 10])
    reason = (
        "holds a formula without a stored value; open the workbook in a spreadsheet program and save it, or paste the "
        "value"
    )
    assert problems(path) == (f"row 2, column 'events': {reason}", f"row 3, column 'trial': {reason}")


def test_a_formula_whose_stored_value_is_an_empty_text_is_an_empty_cell(save, problems):
    path = save(["A", "drug", "fever", 1, 10, "x"], header=[*HEADER, "note"])
    replace_cell(path, "F2", '<c r="F2" t="str"><f>IF(TRUE,"")</f><v></v></c>')
    assert read_table(path).trials[0].arms[0].outcomes[0].covariates == {}
    replace_cell(path, "D2", '<c r="D2" t="str"><f>IF(TRUE,"")</f><v></v></c>')
    assert problems(path)[0].startswith("row 2, column 'events': the cell is empty")


def test_a_text_that_looks_like_a_formula_is_refused(save, problems):
    path = replace_cell(save(["A", "drug", "fever", 1, 10]), "A2", '<c r="A2" t="inlineStr"><is><t>=1+1</t></is></c>')
    assert problems(path) == (
        "row 2, column 'trial': '=1+1' is a spreadsheet formula, not a value; paste its value instead",
    )


def test_a_spreadsheet_error_is_refused_in_any_column(save, problems):
    path = save(["A", "drug", "fever", 1, 10, "x"], header=[*HEADER, "dose"])
    replace_cell(path, "F2", '<c r="F2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    assert problems(path) == (
        "row 2, column 'dose': holds the spreadsheet error #DIV/0!; mend the formula or clear the cell",
    )


def test_a_value_beside_the_table_is_a_problem(save, problems):
    path = save(["A", "drug", "fever", 1, 10, None, "stray"])
    assert problems(path) == (
        "row 2: 'stray' stands in column 7, which has no name in the header; name it or clear it",
    )


def test_only_the_first_sheet_is_read_and_the_others_are_named(save):
    path = save(["A", "drug", "fever", 1, 10])
    workbook = openpyxl.load_workbook(path)
    workbook.create_sheet("methods")
    workbook.create_sheet("notes")
    workbook.save(path)
    with pytest.warns(TrialpoolWarning, match="only the first worksheet 'Sheet' is read, not 'methods', 'notes'"):
        table = read_table(path)
    assert [(note.code, note.level) for note in table.notes] == [("other-worksheets", "warning")]


def test_a_wrong_size_in_the_file_hides_no_row(save):
    path = save(["A", "drug", "fever", 1, 10], ["A", "placebo", "fever", 1, 10])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b'<dimension ref="A1:E3"' in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'<dimension ref="A1:E3"', b'<dimension ref="A1:C2"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert len(read_table(path).trials[0].arms) == 2


def test_an_empty_workbook(save, problems):
    assert problems(save(header=[])) == ("the file is empty; give a header row and one row per trial or arm",)
    assert problems(save()) == ("there is no row of data; give one row per trial or arm",)


@pytest.mark.parametrize("damage", [lambda data: b"not a zip", lambda data: data[:-200]])
def test_what_is_no_workbook_says_so(save, problems, damage):
    path = save(["A", "drug", "fever", 1, 10])
    path.write_bytes(damage(path.read_bytes()))
    assert problems(path) == (
        "not an intact .xlsx workbook; save an .xls or password-protected workbook as plain .xlsx or CSV",
    )


def test_a_zip_that_is_no_workbook_says_so(tmp_path, problems):
    path = tmp_path / "arms.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    (problem,) = problems(path)
    assert problem.startswith("not a readable .xlsx workbook (")
    assert problem.endswith("save it anew, or as CSV")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_with_damaged_parts_says_so(save, problems, part):
    path = save(["A", "drug", "fever", 1, 10])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = parts[part][:100]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    (problem,) = problems(path)
    assert problem.startswith("not a readable .xlsx workbook (")
    assert "\n" not in problem


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path, problems):
    path = tmp_path / "arms.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 3_000_000)
    assert path.stat().st_size < 10_000
    assert problems(path, max_bytes=1_000_000) == (
        "its content unpacks to 3,000,000 bytes, more than the limit of 1,000,000",
    )


def test_without_openpyxl_the_extra_is_named(save, monkeypatch):
    path = save(["A", "drug", "fever", 1, 10])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match="reading an .xlsx workbook needs .*'openpyxl'.*trialpool.tables."):
        read_table(path)


@pytest.mark.parametrize(
    ("cover", "problem"),
    [
        ([], "the file is empty; give a header row and one row per trial or arm"),
        ([["Data of our review"], ["by us"]], "the columns found are 'Data of our review'; rename them, or map"),
        ([HEADER], "there is no row of data; give one row per trial or arm"),
    ],
)
def test_a_first_sheet_that_does_not_fit_is_named_with_those_behind_it(tmp_path, cover, problem):
    workbook = openpyxl.Workbook()
    workbook.active.title = "cover"
    for row in cover:
        workbook.active.append(row)
    for title in ("arms", "notes"):
        sheet = workbook.create_sheet(title)
        sheet.append(HEADER)
        sheet.append(["A", "drug", "fever", 1, 10])
    workbook.save(tmp_path / "arms.xlsx")
    with pytest.raises(TableError) as caught:
        read_table(tmp_path / "arms.xlsx")
    assert caught.value.where == "arms.xlsx (only the first worksheet 'cover' is read, not 'arms', 'notes')"
    assert problem in str(caught.value)
