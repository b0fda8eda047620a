"""trialpool registry diff: two extractions, compared."""

from __future__ import annotations

import csv
import shutil

import pytest

from trialpool.cli import main
from trialpool.datasets import example_files


@pytest.fixture
def versions(tmp_path):
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        for file, content in example_files("bcg").items():
            (folder / file).write_bytes(content)
    table = tmp_path / "new" / "arms.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["events_treatment"] == "4"
    rows[0] |= {"events_treatment": "9", "non_events_treatment": "114"}
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_the_changed_cell_and_both_results(versions, capsys):
    assert main(["registry", "diff", str(versions / "old"), str(versions / "new" / "review.toml")]) == 0
    out = capsys.readouterr().out
    assert "1 cell of 1 trial differ" in out
    (cell,) = [line for line in out.splitlines() if "changed" in line]
    assert cell.split()[-2:] == ["4", "9"]
    tuberculosis = next(line for line in out.splitlines() if line.startswith("Tuberculosis "))
    assert "risk ratio 0.49 (0.33 to 0.73), inverse-variance, 13 trials" in tuberculosis
    assert tuberculosis.endswith("yes")


def test_nothing_changed(versions, capsys):
    assert main(["registry", "diff", str(versions / "old"), str(versions / "old")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("No cell changed.\n")
    assert [line.split()[-1] for line in out.splitlines() if "trials" in line] == ["no", "no"]


def test_the_changes_as_csv(versions, capsys):
    path = versions / "changes.csv"
    assert main(["registry", "diff", str(versions / "old"), str(versions / "new"), "-o", str(path)]) == 0
    (row,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert (row["change"], row["number"], row["before"], row["after"]) == ("changed", "events", "4", "9")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("old", "absent"), "absent/review.toml|absent does not exist; give a review file, or a folder"),
        (("old", "new", "-o", "old"), "old is a folder; name a file"),
        (("old",), "the following arguments are required: NEW"),
        (("old", "new", "--force"), "--force has no meaning without -o"),
        (
            ("old", "new", "-o", "old/arms.csv"),
            "old/arms.csv would be overwritten; choose another file, or say --force",
        ),
    ],
)
def test_mistakes(versions, capsys, monkeypatch, words, message):
    monkeypatch.chdir(versions)
    assert main(["registry", "diff", *words]) == 2
    error = capsys.readouterr().err
    assert any(part in error for part in message.split("|"))


def test_a_broken_review_is_named(versions, capsys):
    (versions / "new" / "review.toml").write_text("title = 3", encoding="utf-8")
    assert main(["registry", "diff", str(versions / "old"), str(versions / "new")]) == 2
    assert "review.toml" in capsys.readouterr().err


def test_an_analysis_that_one_version_lacks(versions, capsys):
    review = versions / "new" / "review.toml"
    text = review.read_text(encoding="utf-8")
    review.write_text(text.replace('id = "tuberculosis-odds-ratio"', 'id = "other"'), encoding="utf-8")
    assert main(["registry", "diff", str(versions / "old"), str(versions / "new")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("not asked" in line for line in lines) == 2
    shutil.rmtree(versions / "old")


def test_a_version_without_an_answer_still_shows_its_cells(versions, capsys):
    table = versions / "new" / "arms.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    assert main(["registry", "diff", str(versions / "old"), str(versions / "new")]) == 0
    out = capsys.readouterr().out
    assert "removed" in out
    assert "new/review.toml: no analysis of the review has an answer" in out
    assert "not asked" in out


def test_two_questions_are_said_to_be_two(versions, capsys):
    other = versions / "other"
    other.mkdir()
    for file, content in example_files("catheters").items():
        (other / file).write_bytes(content)
    assert main(["registry", "diff", str(versions / "old"), str(other)]) == 0
    assert "These are two questions: BCG vaccine v no vaccine: tuberculosis, and now" in capsys.readouterr().out


def test_a_trial_that_one_version_alone_uses_is_named(versions, capsys):
    table = versions / "new" / "arms.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(lines[:-1]), encoding="utf-8")
    assert main(["registry", "diff", str(versions / "old"), str(versions / "new")]) == 0
    out = capsys.readouterr().out
    gone = next(line for line in out.splitlines() if line.endswith("not in the table"))
    assert gone.split()[:2] == ["Comstock", "et"]
    assert "used" in gone
