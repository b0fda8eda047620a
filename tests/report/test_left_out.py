"""Trials left out before the table was made: each with its link, title and reason; long lists are opened by the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from report.builders import REVIEW, analysis_of, document_of, of_type, section, table, texts

from trialpool.report.document import Bullets, Details, Document, Paragraph, Table, plain_text

NAMED = REVIEW.replace('file = "arms.csv"', 'file = "arms.csv"\nleft_out = "excluded.csv"')


@pytest.fixture
def document(tmp_path: Path):
    """The document of a review with these rows of trials left out."""

    def made(rows: str, header: str = "trial,registry_id,outcome,title,reason") -> Document:
        (tmp_path / "excluded.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
        return document_of(analysis_of(tmp_path, review=NAMED))

    return made


def first(document: Document) -> str:
    paragraph = next(block for block in section(document, "excluded").blocks if isinstance(block, Paragraph))
    return plain_text(paragraph.content)


def test_each_trial_stands_with_its_link_title_outcome_and_reason(document):
    made = document(
        "NCT00000008,NCT00000008,,A title,no placebo\nFaro,NCT00000009,RASH,,no counts\nGand,ISRCTN8,other,,no counts\n"
    )
    found = table(made, "left-out-table")
    assert [column.heading for column in found.columns] == ["Trial", "Title", "Outcome", "Why it is left out"]
    assert texts(found) == [
        ["NCT00000008", "A title", "all", "No placebo."],
        ["Faro NCT00000009", "–", "Any rash", "No counts."],
        ["Gand ISRCTN8", "–", "other", "No counts."],
    ]
    links = [[run.href for line in row.cells[0].lines for run in line] for row in found.rows]
    study = "https://clinicaltrials.gov/study"
    assert links == [[f"{study}/NCT00000008"], ["", f"{study}/NCT00000009"], ["", ""]]
    assert first(made) == "excluded.csv names 3 trials that were left out before the table was made."


def test_columns_without_content_are_not_shown(document):
    found = table(document("A,no placebo\n", "trial,reason"), "left-out-table")
    assert [column.heading for column in found.columns] == ["Trial", "Why it is left out"]


def test_trial_left_out_of_several_outcomes_is_one_trial(document):
    made = document("A,,rash,,no counts\nA,,fever,,no counts\n")
    assert first(made) == "excluded.csv names 1 trial that was left out before the table was made."
    assert len(table(made, "left-out-table").rows) == 2


def test_trials_left_out_of_an_analysis_stay_in_their_own_table(document, little_document):
    made = document("A,,,,no placebo\n")
    assert texts(table(made, "excluded-table")) == texts(table(little_document, "excluded-table"))


def test_none_left_out_is_said(document):
    made = document("")
    assert first(made) == "excluded.csv names no trial that was left out before the table was made."
    assert "left-out-table" not in made.numbers()


def test_review_that_names_no_file_says_nothing_of_it(little, little_document):
    assert little.left_out is None
    assert little.to_dict()["left_out"] is None
    assert "left-out-table" not in {block.id for block in of_type(little_document, Table)}
    assert "before the table was made" not in str(section(little_document, "excluded"))


@pytest.mark.parametrize(("count", "opened"), [(25, False), (26, True), (400, True)])
def test_long_list_is_opened_by_the_reader_and_its_reasons_stand_before(document, count, opened):
    reasons = ["no placebo", "not randomised", "no placebo", "of its own"]
    made = document("".join(f"T{i},,,,{reasons[min(i, 3)] if i < 4 else 'no results'}\n" for i in range(count)))
    blocks = section(made, "excluded").blocks
    (details,) = [block for block in blocks if isinstance(block, Details)] or [None]
    assert (details is not None) is opened
    assert len(table(made, "left-out-table").rows) == count
    if opened:
        assert details.summary == f"The {count} trials, each with its reason"
        (reasons,) = [block for block in blocks if isinstance(block, Bullets)]
        assert [plain_text(item) for item in reasons.items] == [
            f"{count - 4} trials: no results",
            "2 trials: no placebo",
        ]


def test_long_list_of_single_reasons_has_no_most_frequent(document):
    made = document("".join(f"T{i},,,,reason {i}\n" for i in range(30)))
    assert not any(isinstance(block, Bullets) for block in section(made, "excluded").blocks)


def test_file_is_among_the_inputs_and_the_colophon(document):
    made = document("A,,,,no placebo\n")
    assert [row[0] for row in texts(table(made, "inputs-table"))] == ["review.toml", "arms.csv", "excluded.csv"]
    assert made.colophon.endswith("from review.toml, arms.csv and excluded.csv.")
