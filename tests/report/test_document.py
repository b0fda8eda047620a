"""The records of the document: what they gather, and what they number."""

from __future__ import annotations

from trialpool.report.document import (
    Bullets,
    Cell,
    Column,
    Details,
    Document,
    Inline,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    cell,
    inlines,
    plain_text,
)


def some_table(id_: str = "t", *over: str) -> Table:
    columns = tuple(Column(f"column {i}", over=text) for i, text in enumerate(over or ("", "")))
    return Table(id_, "A table", columns, (RowGroup((Row((cell("a"), cell("b"))),)), RowGroup((Row((cell("c"),)),))))


def test_inlines_takes_texts_and_runs_and_drops_what_is_empty():
    link = Inline("b", "link", "#b")
    assert inlines("a ", "", link) == (Inline("a "), link)


def test_plain_text_is_the_words_of_all_runs():
    assert plain_text(inlines("a ", Inline("b", "badge"))) == "a b"


def test_cell_text_has_every_line():
    two = Cell((inlines("0.49 "), inlines("(0.33 to 0.73)")))
    assert two.text == "0.49  (0.33 to 0.73)"


def test_cell_knows_words_that_must_be_broken():
    assert not cell("a b " * 40).has_long_word
    assert cell("short and " + "x" * 29).has_long_word


def test_table_gives_the_rows_of_all_groups():
    assert [row.cells[0].text for row in some_table().rows] == ["a", "c"]


def test_table_has_two_headings_where_columns_share_one():
    assert not some_table().two_headings
    assert some_table("t", "", "drug").two_headings


def test_walk_goes_through_details_and_inner_sections_in_order():
    inside, deep = some_table("inside"), some_table("deep")
    section = Section(
        "a", "A", (Paragraph(inlines("x")), Details("more", (inside,))), (Section("b", "B", (deep,)), Section("c", "C"))
    )
    kinds = [type(block).__name__ for block in section.walk()]
    assert kinds == ["Paragraph", "Details", "Table", "Table"]
    assert [block.id for block in section.walk() if isinstance(block, Table)] == ["inside", "deep"]


def test_tables_are_numbered_through_the_document():
    first = Section("a", "A", (some_table("one"), Details("more", (some_table("two"),))))
    second = Section("b", "B", (Bullets((inlines("x"),)), some_table("three")))
    document = Document("T", "", "lead", (first, second), "end")
    assert document.numbers() == {"one": 1, "two": 2, "three": 3}


def test_tables_and_figures_are_numbered_apart(little_document):
    numbers = little_document.numbers()
    figures = [n for id_, n in numbers.items() if id_.startswith("figure-")]
    tables = [n for id_, n in numbers.items() if not id_.startswith("figure-")]
    assert figures == list(range(1, len(figures) + 1))
    assert tables == list(range(1, len(tables) + 1))
    assert numbers["summary-of-findings"] == 1
