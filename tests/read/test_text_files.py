from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.errors import InputError, TableError
from trialpool.read import read_table
from trialpool.read.text_files import read_text

HEADER = "trial,treatment,outcome,events,n\n"
ROWS = "A,drug,fever,1,10\nA,placebo,fever,2,11\n"


def cells_of(content: str, extension: str = ".csv"):
    sheet = read_text(content.encode("utf-8"), f"arms{extension}", extension)
    assert sheet.problems == ()
    return sheet.header, [(row.number, *row.cells) for row in sheet.rows]


def problems_of(content: bytes, extension: str = ".csv") -> tuple[str, ...]:
    with pytest.raises(TableError) as caught:
        read_text(content, f"arms{extension}", extension)
    assert caught.value.where == f"arms{extension}"
    return caught.value.problems


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        ("a,b\n1,2\n", ".csv"),
        ("a;b\n1;2\n", ".csv"),
        ("a\tb\n1\t2\n", ".csv"),
        ("a\tb\n1\t2\n", ".tsv"),
        ("a\tb\n1\t2\n", ".txt"),
        ("a,b\n1,2\n", ".txt"),
        ("a;b\n1;2\n", ".txt"),
        ('"a, x; y";b\n1;2\n', ".csv"),
        ("\ufeffa,b\n1,2\n", ".csv"),
        ("a,b\r\n1,2\r\n", ".csv"),
        ("a,b\r1,2\r", ".csv"),
        ("a,b\n1,2", ".csv"),
    ],
)
def test_delimiters_line_ends_and_byte_order_mark(content, extension):
    header, rows = cells_of(content, extension)
    assert header in {("a", "b"), ("a, x; y", "b")}
    assert rows == [(2, "1", "2")]


def test_a_semicolon_table_keeps_commas_in_its_cells():
    _, rows = cells_of("a;b\nx, y;2\n")
    assert rows == [(2, "x, y", "2")]


def test_rows_have_their_line_in_the_file_whatever_stands_above():
    content = 'a,b\n"one\ntwo\nthree",1\n\n,\n   ,\t\nx,2\n"say ""hi""",3\n'
    _, rows = cells_of(content)
    assert rows == [(2, "one\ntwo\nthree", "1"), (8, "x", "2"), (9, 'say "hi"', "3")]


def test_lines_are_counted_above_the_header_too():
    header, rows = cells_of("\n\na,b\n1,2\n")
    assert header == ("a", "b")
    assert rows == [(4, "1", "2")]


def test_columns_without_name_and_values_are_left_out():
    header, rows = cells_of("a,,b,\n1,,2,\n")
    assert header == ("a", "b")
    assert rows == [(2, "1", "2")]


def test_a_value_without_a_column_name_is_a_problem(row_problems):
    found = row_problems("A,drug,fever,1,10,", "A,placebo,fever,2,11,low", header="trial,treatment,outcome,events,n,\n")
    assert found == ("row 3: 'low' stands in column 6, which has no name in the header; name it or clear it",)


def test_too_many_and_too_few_fields(row_problems):
    found = row_problems("A,drug,fever,1,10,extra", "A,placebo,fever,2,11", "B,drug,fever", "B,placebo,fever,x,1")
    assert found == (
        "row 2: 6 fields where the header has 5; put a text that holds the delimiter in double quotes",
        (
            "row 4: 3 fields where the header has 5; keep the delimiters of empty cells, and start a new line only "
            "between rows"
        ),
        (
            "row 5, column 'events': 'x' is not a number; write digits alone, and leave the row out if the number is not "
            "known"
        ),
    )


@pytest.mark.parametrize("content", ["", "\n", " \n\t\n", ",,\n,,\n", "\ufeff"])
def test_an_empty_file(write, problems, content):
    assert problems(write(content)) == ("the file is empty; give a header row and one row per trial or arm",)


def test_a_header_alone(write, problems):
    assert problems(write(HEADER)) == ("there is no row of data; give one row per trial or arm",)
    assert problems(write(HEADER + "\n,,,,\n")) == ("there is no row of data; give one row per trial or arm",)


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
def test_bytes_that_are_not_utf8_are_located(prefix):
    content = prefix + HEADER.encode() + b"A,drug,fever,1,10\r\nTha\xe7i,drug,fever,1,10\r\n"
    offset = content.index(b"\xe7")
    assert problems_of(content) == (
        f"byte {offset} (line 3) is 0xe7, which is not UTF-8; save the file as UTF-8 (in Excel: 'CSV UTF-8')",
    )


def test_a_nul_byte_is_located():
    content = HEADER.encode() + b"A,drug,fever,1,\x0010\n"
    offset = content.index(b"\x00")
    assert problems_of(content) == (
        f"byte {offset} (line 2) is NUL, so this is not a text file; save the file as UTF-8 (in Excel: 'CSV UTF-8')",
    )


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zipped(), "a zip or Excel file; give an Excel workbook the extension .xlsx"),
        (b"PAR1\x15\x04\x00\x00PAR1", "a Parquet file; give it the extension .parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "an old Excel (.xls) or password-protected file"),
        (gzip.compress(b"trial"), "a gzip file; unpack it first"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF file; type its table into a CSV"),
        (HEADER.encode("utf-16"), "UTF-16 text; save the file as UTF-8"),
        (b"\xfe\xff" + HEADER.encode("utf-16-be"), "UTF-16 text; save the file as UTF-8"),
    ],
)
def test_binary_files_given_as_csv_are_named(content, kind):
    (problem,) = problems_of(content)
    assert problem.startswith("the content is not UTF-8 text but " + kind)


def test_text_that_starts_like_another_format_is_still_text():
    header, _ = cells_of("PAR1,b\n1,2\n")
    assert header == ("PAR1", "b")


def test_a_quote_that_is_never_closed():
    (problem,) = problems_of(b'a,b\n1,2\n"x,3\n4,5\n')
    assert problem.startswith("row 3: a double quote opens a text that is never closed")


def test_a_misplaced_quote():
    (problem,) = problems_of(b'a,b\n"x"y,3\n')
    assert problem.startswith("row 2: misplaced double quote")


def test_a_cell_longer_than_any_text():
    (problem,) = problems_of(b'a,b\n"' + b"x" * 200_000 + b'",3\n')
    assert problem.startswith("row 2: a cell is too long")


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_read_or_raise_one_input_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "arms.csv"
    path.write_bytes(HEADER.encode() + content)
    try:
        table = read_table(path)
    except InputError as error:
        assert "arms.csv" in str(error)  # noqa: PT017
    else:
        assert table.trials


CELL = st.one_of(
    st.sampled_from(
        ["A", "B", "drug", "placebo", "fever", "1", "10", "", "=1", "<b>", "1,5", "nan", '"', "NCT1", "-1"]
    ),
    st.text(max_size=8),
)


@given(st.lists(st.lists(CELL, min_size=5, max_size=5), min_size=1, max_size=6))
@pytest.mark.filterwarnings("ignore::trialpool.errors.TrialpoolWarning")
def test_no_cells_do_anything_but_read_or_raise_one_input_error(rows):
    names = ("trial", "treatment", "outcome", "events", "n")
    try:
        table = read_table([dict(zip(names, row, strict=True)) for row in rows])
    except InputError as error:
        assert str(error).replace("\n", "").isprintable()  # noqa: PT017
    else:
        for trial in table.trials:
            for arm in trial.arms:
                for outcome in arm.outcomes:
                    assert outcome.counts is not None
                    assert 0 <= outcome.counts.events <= outcome.counts.n > 0
