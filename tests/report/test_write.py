"""write_report: what is written, the same every time."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from report.builders import REVIEW, TABLE, analysis_of

from trialpool.errors import OutputError
from trialpool.report import ReportFiles, report_contents, write_report


@pytest.fixture(scope="module")
def written(little, tmp_path_factory) -> ReportFiles:
    return write_report(little, tmp_path_factory.mktemp("written") / "report")


def test_files_are_named(written):
    out = written.report.parent
    assert written.report == out / "report.html"
    assert written.results == out / "results.json"
    assert {path.parent for path in written.tables} == {out / "tables"}
    assert {path.parent for path in written.figures} == {out / "figures"}
    assert len(written.tables) == 10
    assert sorted(p for p in out.rglob("*") if p.is_file()) == sorted(
        [written.report, written.results, written.manifest, *written.tables, *written.figures]
    )


def test_results_are_the_analysis_in_full_precision(little, written):
    assert json.loads(written.results.read_text(encoding="utf-8")) == json.loads(json.dumps(little.to_dict()))
    assert written.results.read_bytes().endswith(b"}\n")


def test_results_hold_no_nan(written):
    def refuse(word):
        raise AssertionError(word)

    json.loads(written.results.read_text(encoding="utf-8"), parse_constant=refuse)


def test_letters_beyond_ascii_are_written_as_they_are(tmp_path):
    analysis = analysis_of(tmp_path, TABLE.replace("Alba", "Ålborg"))
    contents = report_contents(analysis)
    assert "Ålborg".encode() in contents["results.json"]
    assert "Ålborg".encode() in contents["tables/studies.csv"]
    assert "Ålborg".encode() in contents["report.html"]


def test_figures_stand_alone(written):
    for path in written.figures:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("<svg xmlns=")
        assert text.count("@font-face") == 2


def test_page_embeds_the_same_figures_without_their_font(little):
    contents = report_contents(little)
    assert contents["report.html"].count(b"<svg ") == sum(name.startswith("figures/") for name in contents)


def test_same_input_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, second = (report_contents(analysis_of(tmp_path / name)) for name in ("a", "b"))
    assert first == second


def test_bytes_do_not_depend_on_hash_seed_or_locale(tmp_path):
    (tmp_path / "arms.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "review.toml").write_text(REVIEW, encoding="utf-8")
    code = (
        "import sys, hashlib\nfrom trialpool.analysis import run\nfrom trialpool.report import report_contents\n"
        "contents = report_contents(run(sys.argv[1]))\n"
        "print(hashlib.sha256(b''.join(k.encode() + v for k, v in contents.items())).hexdigest())"
    )
    import os

    digests = set()
    for seed, language in (("1", "C"), ("2", "C.UTF-8")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": language, "TZ": "Asia/Tokyo"}
        command = [sys.executable, "-c", code, str(tmp_path / "review.toml")]
        digests.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(digests) == 1


def test_changed_count_changes_the_bytes(little, tmp_path):
    changed = report_contents(analysis_of(tmp_path, TABLE.replace("rash,6,80", "rash,7,80")))
    usual = report_contents(little)
    for name in ("report.html", "results.json", "tables/studies.csv", "figures/rash-forest.svg"):
        assert changed[name] != usual[name]


def test_nothing_written_names_the_folder_of_the_review(little):
    for name, data in report_contents(little).items():
        assert little.review.folder.encode() not in data, name


def test_unwritable_place_is_told_before_the_report_is_made(little, tmp_path, monkeypatch):
    (tmp_path / "out").write_text("mine")
    monkeypatch.setattr("trialpool.report.write.report_contents", lambda analysis: pytest.fail("made all the same"))
    with pytest.raises(OutputError, match="is there and is not a folder"):
        write_report(little, tmp_path / "out")


def test_file_of_the_user_is_told_before_the_report_is_made_and_replaced_when_forced(little, tmp_path, monkeypatch):
    (tmp_path / "report.html").write_text("mine")
    with monkeypatch.context() as early:
        early.setattr("trialpool.report.write.report_contents", lambda analysis: pytest.fail("made all the same"))
        with pytest.raises(OutputError, match=r"did not write \(report\.html\)"):
            write_report(little, tmp_path)
    assert write_report(little, tmp_path, force=True).report.read_bytes() == report_contents(little)["report.html"]


def test_manifest_lists_every_other_file(little, written):
    assert json.loads(written.manifest.read_bytes())["files"] == sorted(report_contents(little))


@pytest.mark.parametrize("force", [False, True])
def test_data_of_the_review_are_never_replaced(tmp_path, force):
    analysis = analysis_of(tmp_path)
    (tmp_path / "tables").mkdir()
    data = (tmp_path / analysis.review.data_file).rename(tmp_path / "tables" / "studies.csv")
    moved = replace(analysis, review=replace(analysis.review, data_file="tables/studies.csv"))
    before = data.read_bytes()
    with pytest.raises(OutputError, match=r"studies\.csv is a file that the review is made from"):
        write_report(moved, tmp_path, force=force)
    assert data.read_bytes() == before
    assert not (tmp_path / "report.html").exists()


def test_trials_left_out_are_never_replaced(tmp_path):
    (tmp_path / "tables").mkdir()
    held = tmp_path / "tables" / "left-out.csv"
    held.write_text("trial,reason\nFaro,no placebo\n")
    review = REVIEW.replace('file = "arms.csv"', 'file = "arms.csv"\nleft_out = "tables/left-out.csv"')
    with pytest.raises(OutputError, match=r"left-out\.csv is a file that the review is made from"):
        write_report(analysis_of(tmp_path, review=review), tmp_path, force=True)
    assert held.read_text() == "trial,reason\nFaro,no placebo\n"


def test_error_while_making_the_report_writes_nothing(little, tmp_path, monkeypatch):
    def interrupted(document):
        raise KeyboardInterrupt

    monkeypatch.setattr("trialpool.report.write.render_html", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(little, tmp_path / "a" / "out")
    assert list(tmp_path.iterdir()) == []


def test_place_may_be_text(little, tmp_path):
    files = write_report(little, str(tmp_path / "out"))
    assert isinstance(files.report, Path)
    assert files.report.is_file()


def test_published_figures_of_dupilumab_are_in_the_page(dupilumab):
    page = report_contents(dupilumab)["report.html"].decode()
    assert "0.98 (0.83 to 1.16)" in page
    assert "1.16 (0.78 to 1.74)" in page
    assert "unverified input" in page
