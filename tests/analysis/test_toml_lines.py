"""Line numbers of keys, whatever the style of the file."""

from __future__ import annotations

import tomllib

import pytest
from analysis.reviews import documents
from hypothesis import given

from trialpool.analysis.toml_lines import TomlLines


def lines(text: str) -> TomlLines:
    tomllib.loads(text)  # a text that is not TOML would prove nothing
    return TomlLines(text)


def test_keys_tables_and_what_is_not_there():
    found = lines('title = "x"\n\n[data]\nfile = "a"\n\n[[analysis]]\nid = "a"\n[[analysis]]\n\nid = "b"\n')
    assert found.of("", 0, "title") == 1
    assert (found.of("data"), found.of("data", 0, "file"), found.of("data", 0, "missing")) == (3, 4, 3)
    assert [found.of("analysis", i) for i in (0, 1)] == [6, 8]
    assert [found.of("analysis", i, "id") for i in (0, 1)] == [7, 10]
    assert found.of("no such table") == found.of("analysis", 9, "id") == found.of("") == 1


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "a = 1"])
def test_files_with_next_to_nothing(text):
    assert lines(text).of("", 0, "a") == 1


@pytest.mark.parametrize("style", ["a = 1", '"a" = 1', "'a' = 1", "  a\t=1", '"\\u0061" = 1'])
def test_styles_of_a_key(style):
    assert lines(f"\n\n{style}\n").of("", 0, "a") == 3


@pytest.mark.parametrize("style", ["[a]", "[ a ]", '["a"]', "  ['a'] # [b]", "[a]#"])
def test_styles_of_a_table(style):
    found = lines(f"\n{style}\nkey = 1\n")
    assert (found.of("a"), found.of("a", 0, "key")) == (2, 3)


@pytest.mark.parametrize(
    "before",
    [
        '# """',
        "# '''",
        "# [z]",
        's = \'"""\'',
        "s = \"it'''s\"",
        's = "\\"\\"\\"" # """',
        's = """\n[z]\na = 1\n"""',
        's = """\na = 1 \\"""\nz = 2\n"""',
        's = """a""""',
        's = """"""',
        "s = '''\n[[z]]\na = 1\n'''",
        "s = '''it's'''''",
        's = [\n "a = 1",\n # a = 1\n [1, 2],\n "[z]",\n]',
        "s = [[1, 2],\n[3, 4]]",
        's = { b = "}", c = [1, 2], d = { e = "{" } }',
        "s = 1979-05-27 07:32:00",
        "s = 1.5e3",
        "s.t.u = 1",
    ],
)
def test_nothing_before_a_key_hides_it_or_counts_as_it(before):
    text = f"{before}\na = 1\n[z]\nb = 1\n"
    found = lines(text)
    after = before.count("\n") + 2
    assert (found.of("", 0, "a"), found.of("z"), found.of("z", 0, "b")) == (after, after + 1, after + 2)


def test_lines_end_where_toml_ends_them():
    r"""A line separator or form feed within text ends no line of a file."""
    assert lines('a = "x\u2028y\x85z"\r\nb = 1\r\n').of("", 0, "b") == 2


def test_keys_of_tables_written_in_other_ways():
    found = lines('x = 1\ndata.file = "a"\ndata.columns.n = "b"\nquestion = { population = "p",\tother = 1 }\n')
    assert (found.of("data"), found.of("data", 0, "file")) == (2, 2)
    assert (found.of("data", 0, "columns"), found.of("data.columns", 0, "n")) == (3, 3)
    assert (found.of("question"), found.of("question", 0, "population"), found.of("question", 0, "other")) == (4, 4, 4)


def test_arrays_of_inline_tables():
    found = lines('\nanalysis = [\n  { id = "a" },\n\n  { id = "b", outcome = "x" },\n]\n')
    assert [found.of("analysis", i, "id") for i in (0, 1)] == [3, 5]
    assert found.of("analysis", 1, "outcome") == 5
    assert found.of("", 0, "analysis") == 2


def test_table_within_a_table():
    found = lines('[data]\nfile = "a"\n\n[data.columns]\nevents = "e"\n\n[[a]]\n[[a]]\n[a.b]\nc = 1\n')
    assert (found.of("data", 0, "columns"), found.of("data.columns"), found.of("data.columns", 0, "events")) == (
        4,
        4,
        5,
    )
    assert found.of("a", 1, "b") == 9


def test_text_where_a_table_is_expected():
    assert lines('title = "x"\n\nanalysis = "all"\n').of("analysis") == 3


@given(documents())
def test_every_key_of_any_document_is_found_on_its_line(document):
    found = lines(document.text)
    for (table, index, key), line in document.lines.items():
        assert found.of(table, index, key) == line
