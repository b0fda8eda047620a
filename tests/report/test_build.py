"""The document as a whole: every part there, every anchor once."""

from __future__ import annotations

from dataclasses import replace

from report.builders import document_of, sections

from trialpool.report.document import Document, Drawing, Table


def anchors(document: Document) -> list[str]:
    blocks = list(document.walk())
    found = [section.id for section in sections(document)]
    found += [block.id for block in blocks if isinstance(block, Table | Drawing)]
    return found + [row.anchor for block in blocks if isinstance(block, Table) for row in block.rows if row.anchor]


def test_parts_come_in_reading_order(little_document):
    assert [section.id for section in little_document.sections] == [
        "question",
        "key-results",
        "trials",
        "analyses",
        "excluded",
        "decisions",
        "provenance",
        "methods",
        "harms-checklist",
        "reproduction",
        "references",
    ]


def test_every_analysis_has_its_section(little_document):
    titles = [section.title for section in little_document.sections[3].sections]
    assert titles == ["Any rash", "Any rash, Mantel-Haenszel", "Any rash, arms apart", "fever"]


def test_anchors_are_unique(little_document, dupilumab_document):
    for document in (little_document, dupilumab_document):
        found = anchors(document)
        assert len(found) == len(set(found))


def test_anchors_stay_unique_where_ids_differ_by_case_alone(little):
    ids = ["rash", "RASH", "rash_", "fever"]
    results = tuple(replace(r, spec=replace(r.spec, id=i)) for r, i in zip(little.results, ids, strict=True))
    found = anchors(document_of(replace(little, results=results)))
    assert len(found) == len(set(found))


def test_every_figure_that_was_drawn_is_shown(dupilumab):
    from trialpool.report.build import build_document
    from trialpool.report.figures import draw_figures

    figures = draw_figures(dupilumab)
    shown = [block.id for block in build_document(dupilumab, figures).walk() if isinstance(block, Drawing)]
    assert shown == [f"figure-{figure.name}" for figure in figures]


def test_table_behind_a_figure_is_there(little_document, dupilumab_document):
    for document in (little_document, dupilumab_document):
        tables = {block.id for block in document.walk() if isinstance(block, Table)}
        assert {block.table for block in document.walk() if isinstance(block, Drawing)} - {""} <= tables


def test_title_authors_and_colophon(little_document):
    assert (little_document.title, little_document.authors) == ("Drug and rash", "A. Author")
    assert little_document.colophon.startswith("Made by trialpool ")
    assert little_document.colophon.endswith("from review.toml and arms.csv.")


def test_every_row_has_as_many_cells_as_columns(little_document, dupilumab_document):
    for document in (little_document, dupilumab_document):
        for found in (block for block in document.walk() if isinstance(block, Table)):
            for group in found.groups:
                held = [0] * len(found.columns)
                for row in group.rows:
                    free = [i for i, rows in enumerate(held) if rows == 0]
                    assert sum(cell.columns for cell in row.cells) == len(free), (found.id, row.cells[0].text)
                    assert row.first == free[0]
                    held = [max(0, rows - 1) for rows in held]
                    position = iter(free)
                    for cell in row.cells:
                        for _ in range(cell.columns):
                            held[next(position)] = cell.rows - 1
