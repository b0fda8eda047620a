"""AACT's pipe-delimited files, with all that stands between their pipes."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.errors import InputError
from trialpool.registry.read import Limits, Problem, aact_tables, read_aact_table
from trialpool.registry.read.pipes import PipeError, split_fields

HEADER = "id|nct_id|title|subjects_affected"


def table(tmp_path, *lines, end="\n", header=HEADER):
    (tmp_path / "reported_events.txt").write_bytes(end.join([header, *lines, ""]).encode())
    return list(read_aact_table(tmp_path, "reported_events"))


def titles(rows):
    return [row["title"] for row in rows]


def test_rows_are_read_by_their_columns_and_two_pipes_are_null(tmp_path):
    rows = table(tmp_path, "1|NCT00000102|Placebo|12", "2|NCT00000102||", "3|NCT00000102|é <b>|0")
    assert rows == [
        {"id": "1", "nct_id": "NCT00000102", "title": "Placebo", "subjects_affected": "12"},
        {"id": "2", "nct_id": "NCT00000102", "title": None, "subjects_affected": None},
        {"id": "3", "nct_id": "NCT00000102", "title": "é <b>", "subjects_affected": "0"},
    ]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("'Placebo'", "'Placebo'"),
        ('"Placebo"', '"Placebo"'),  # no reason to be wrapped: its own quotes
        ('"Placebo" group', '"Placebo" group'),
        ('"Placebo', '"Placebo'),
        ('5" tube', '5" tube'),
        ('"', '"'),
        ('""', ""),
        ('"5 mg|kg"', "5 mg|kg"),
        ('"a ""b"" | c"', 'a "b" | c'),
        ('"a ""b"" c"', 'a "b" c'),
        ('"|"', "|"),
        ('"a|b|""c|"""', 'a|b|"c|"'),
        ("a, b; c\td", "a, b; c\td"),
        (" padded ", " padded "),
        ("\\|x"[0:1] + "x", "\\x"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes(tmp_path, field, text, end):
    assert titles(table(tmp_path, f"1|NCT00000102|{field}|2", f'2|NCT00000102|"stray|{3}', end=end)) == [text, '"stray']


def test_a_stray_quote_does_not_swallow_the_wrapped_field_after_it():
    assert split_fields('"6 inch|"a|b"|x', 3) == ['"6 inch', "a|b", "x"]
    assert split_fields('x|6"|"a|b"', 3) == ["x", '6"', "a|b"]
    assert split_fields('"a|b"|"c|d"|"e', 3) == ["a|b", "c|d", '"e']


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1|NCT00000102|Placebo", "cut short, or broken in two"),
        ("1", "cut short, or broken in two"),
        ("1|NCT00000102|a|b|2", "no way to join"),
        ('1|NCT00000102|"a|b|2', "no way to join"),
        ('"x|y"|"a|b"|2', "more than one way"),
        ("|" * 5_000, "5001 fields"),
        ('"|' * 3_000, "fields instead of"),
    ],
)
def test_lines_without_the_right_number_of_fields_are_told_and_the_next_one_is_read(tmp_path, line, words):
    problem, row = table(tmp_path, line, "2|NCT00000102|Placebo|3")
    assert isinstance(problem, Problem)
    assert words in problem.problem
    assert (problem.file, problem.lost) == ((tmp_path / "reported_events.txt").as_posix() + ":2", "row")
    assert row["title"] == "Placebo"


def test_bytes_that_are_not_utf8_are_told_and_the_row_is_read(tmp_path):
    (tmp_path / "studies.txt").write_bytes(b"\xef\xbb\xbfnct_id|acronym\r\nNCT00000102|A\xe9\r\n")
    problem, row = read_aact_table(tmp_path, "studies")
    assert (problem.lost, row) == ("field", {"nct_id": "NCT00000102", "acronym": "A�"})


def test_a_line_over_the_limit_is_told_and_empty_lines_are_none(tmp_path):
    (tmp_path / "studies.txt").write_text("nct_id|acronym\n" + "x" * 2_000_000 + "\n\nNCT00000102|A\n")
    problem, row = read_aact_table(tmp_path, "studies", limits=Limits(document_bytes=1_000_000))
    assert "longer than 1,000,000 bytes" in problem.problem
    assert row["acronym"] == "A"


@pytest.mark.parametrize("header", ["", "1|NCT00000102|Placebo", "id|id", "ID,NCT_ID"])
def test_a_file_without_a_header_is_told(tmp_path, header):
    (problem,) = table(tmp_path, "1|2|3", header=header)
    assert (problem.lost, "columns" in problem.problem) == ("record", True)


def test_tables_of_a_folder_and_of_a_zip_archive_are_the_same(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "studies.txt").write_text("nct_id|acronym\nNCT00000102|A\n")
    (folder / "result_groups.txt").write_text('id|title\n7|"a|b"\n')
    (folder / "readme.md").write_text("x")
    path = tmp_path / "20260101_export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"export/{file.name}")
    for place in (folder, str(path)):
        assert aact_tables(place) == ("result_groups", "studies")
        assert list(read_aact_table(place, "result_groups")) == [{"id": "7", "title": "a|b"}]


def test_what_is_not_there_is_the_users_error(tmp_path):
    (tmp_path / "studies.txt").write_text("nct_id\n")
    with pytest.raises(InputError, match="no table 'study' \\(did you mean 'studies'\\?\\); it has 'studies'"):
        read_aact_table(tmp_path, "study")
    with pytest.raises(InputError, match="name a folder or a zip archive"):
        aact_tables(tmp_path / "missing")
    with pytest.raises(InputError, match="not a zip archive"):
        aact_tables(tmp_path / "studies.txt")


def test_unsafe_damaged_and_repeated_members_are_told(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../studies.txt", "nct_id\nNCT00000102\n")
        archive.writestr("outcomes.txt", "nct_id\n" + ("x" * 999 + "\n") * 20_000)
    (problem,) = read_aact_table(path, "studies")
    assert "leads out of the archive" in problem.problem
    *rows, last = read_aact_table(path, "outcomes")
    assert isinstance(last, Problem)
    assert "made to fill memory" in last.problem
    assert 1_000 < len(rows) < 20_000
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x/outcomes.txt", "nct_id\n")
    with pytest.raises(InputError, match="'outcomes' is there twice"):
        aact_tables(path)


FIELDS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(FIELDS.filter(lambda text: not text.startswith('"')), min_size=1, max_size=6))
def test_fields_written_by_the_rule_come_back(fields):
    def written(text):
        return '"' + text.replace('"', '""') + '"' if "|" in text else text

    line = "|".join(written(text) for text in fields)
    assert split_fields(line, len(fields)) == fields


@given(st.text('ab|"', max_size=30), st.integers(1, 6))
def test_any_line_is_read_or_refused_and_loses_no_letter(line, columns):
    try:
        fields = split_fields(line, columns)
    except PipeError:
        return
    assert len(fields) == columns
    letters = [letter for letter in line if letter in "ab"]
    assert [letter for field in fields for letter in field or "" if letter in "ab"] == letters
