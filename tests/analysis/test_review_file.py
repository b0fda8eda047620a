"""Review files: valid ones come through as written, and every mistake is listed with its line, key and way out."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest
from analysis.reviews import VALID, documents, line_of, spoiled, write_review
from hypothesis import given, settings
from hypothesis import strategies as st

from trialpool.analysis import read_review
from trialpool.analysis.schema import TABLES
from trialpool.datasets import example_files, names
from trialpool.effects import ZeroCells
from trialpool.errors import ReviewError
from trialpool.pool import InverseVariance, MantelHaenszel, Peto


@pytest.fixture
def read(tmp_path):
    """Read a review file of this text."""

    def read_text(text: str | bytes):
        return read_review(write_review(tmp_path, text))

    return read_text


@pytest.fixture
def mistakes(read):
    """Every problem of this text."""

    def problems_of(text: str | bytes) -> tuple[str, ...]:
        with pytest.raises(ReviewError) as caught:
            read(text)
        assert caught.value.where == "review.toml"
        return caught.value.problems

    return problems_of


# --- valid files -----------------------------------------------------------------------------------------------------


def test_review_says_what_the_file_says(read, tmp_path):
    review = read(VALID)
    assert review.title == "Rash and nausea"
    assert (review.question.population, review.question.intervention, review.question.comparator) == (
        "Adults",
        "Drug",
        "Placebo",
    )
    assert (review.data_file, dict(review.columns)) == ("arms.csv", {})
    assert (review.treatments, review.controls) == (("drug",), ("placebo",))
    assert [(o.name, o.label, o.better, o.baseline_risks) for o in review.outcomes] == [
        ("rash", "Rash of any kind", "fewer", (0.05, 0.10)),
        ("nausea", "nausea", "fewer", ()),
    ]
    assert (review.file_name, review.folder) == ("review.toml", str(tmp_path))
    assert review.sha256 == hashlib.sha256(VALID.encode()).hexdigest()


def test_analyses_take_their_defaults_from_the_outcome_and_the_comparison(read):
    planned, sensitivity = read(VALID).analyses
    assert (planned.id, planned.title, planned.kind, planned.multi_arm) == (
        "rash-planned",
        "Rash of any kind",
        "planned",
        "split",
    )
    assert (planned.subgroups, planned.outcome.name, planned.comment) == (("weeks",), "rash", "")
    assert (planned.request.measure, planned.request.method) == ("risk ratio", InverseVariance())
    assert (sensitivity.title, sensitivity.kind) == ("nausea", "sensitivity")
    assert (sensitivity.request.measure, sensitivity.request.method) == ("odds ratio", InverseVariance(tau2="DL"))


def test_options_of_an_analysis_become_its_request(read):
    text = spoiled(
        'tau2 = "DL"',
        'method = "mantel-haenszel"\nzero_cells = "constant"\nincrement = 0.1\nconf_level = 0.9\nmulti_arm = "shared"\n'
        'title = "Other"\ncomment = "Why."',
    )
    spec = read(text).analyses[1]
    assert spec.request.method == MantelHaenszel(zero_cells=ZeroCells(rule="constant", increment=0.1))
    assert (spec.request.conf_level, spec.multi_arm, spec.title, spec.comment) == (0.9, "shared", "Other", "Why.")


def test_peto_of_the_odds_ratio_is_peto_s_own_measure(read):
    spec = read(spoiled('tau2 = "DL"', 'method = "peto"')).analyses[1]
    assert (spec.request.measure, spec.request.method) == ("Peto odds ratio", Peto())


def test_without_multi_arm_arms_are_combined(read):
    assert read(spoiled('multi_arm = "split"\n', "")).analyses[0].multi_arm == "combine"


def test_several_treatments_on_a_side(read):
    assert read(spoiled('control = "placebo"', 'control = ["placebo", "no treatment"]')).controls == (
        "placebo",
        "no treatment",
    )


@pytest.mark.parametrize(
    ("estimate", "digits"),
    [("0.98", 2), ("1", 0), ("0.980", 3), ("98e-2", 2), ("0.9_8", 2), ("0.98000000000000000000", 15)],
)
def test_decimals_of_a_published_result_are_those_it_was_printed_with(read, estimate, digits):
    (published,) = read(spoiled("estimate = 0.98", f"estimate = {estimate}")).published
    assert published.digits == (digits, 2, 2)
    assert published.estimate == float(estimate.replace("_", ""))
    assert (published.measure, published.trials, published.participants) == ("", None, None)


def test_whole_numbers_have_no_decimals(read):
    text = spoiled("0.98", "2").replace("0.83", "1").replace("1.16", "3")
    assert read(text).published[0].digits == (0, 0, 0)


@pytest.mark.parametrize("start", ["\ufeff", "", "\n\n"])
def test_byte_order_mark_of_an_editor_is_no_part_of_the_file(read, start):
    assert read(start + VALID).title == "Rash and nausea"


def test_windows_line_ends(read, mistakes):
    assert read(VALID.replace("\n", "\r\n")) != read(VALID)  # its bytes differ
    assert read(VALID.replace("\n", "\r\n")).analyses == read(VALID).analyses
    (problem,) = mistakes(spoiled('tau2 = "DL"', 'tau2 = "D"').replace("\n", "\r\n"))
    assert problem.startswith(f"line {line_of(VALID, 'tau2')}, ")


@pytest.mark.parametrize("name", [name for name in names() if "review.toml" in example_files(name)])
def test_example_reviews_are_valid(read, name):
    review = read(example_files(name)["review.toml"])
    assert review.analyses
    assert review.data_file in example_files(name)


# --- files that are no review at all ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "  \n\t\n"])
def test_empty_file(mistakes, text):
    assert mistakes(text) == ("is empty; make an example with: trialpool example dupilumab",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('title = "x"\ntitle = "y"\n', "is not valid TOML: Cannot overwrite a value (at line 2, column 12); correct that line"),
        ('title = "x\n', "is not valid TOML: Illegal character '\\n' (at line 1, column 11); correct that line"),
        ("title = x\n", "is not valid TOML: Invalid value (at line 1, column 9); correct that line"),
        ("[data]\n[data]\n", "is not valid TOML: Cannot declare ('data',) twice (at line 2, column 6); correct that line"),
        ("<html>\n", "is not valid TOML: Invalid statement (at line 1, column 1); correct that line"),
        ("n = " + "9" * 5000, "holds a number with too many digits to read; shorten it"),
        ("n = 1e999999999999999999999", "holds a number with too many digits to read; shorten it"),
        ("n = " + "[" * 100_000, "is nested too deeply to read; no key takes lists in lists"),
    ],
)  # fmt: skip
def test_malformed_toml(mistakes, text, message):
    assert mistakes(text) == (message,)


@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [
        ('title = "Röver"\n'.encode("latin-1"), 1, "0xf6"),
        ('\n\ntitle = "x"\n# \N{EM DASH}\n'.encode("cp1252"), 4, "0x97"),
        (VALID.encode("utf-16"), 1, "0xff"),
    ],
)
def test_file_that_is_not_utf_8(mistakes, content, line, byte):
    assert mistakes(content) == (f"line {line}: is not UTF-8 (byte {byte}); save the file as UTF-8",)


def test_file_that_is_far_too_large(mistakes):
    assert mistakes("# " + "x" * (4 * 2**20)) == (
        "is larger than 4 MB; a review file names its data file, it does not hold the data",
    )


def test_file_that_is_not_there_or_cannot_be_read(tmp_path):
    with pytest.raises(ReviewError, match="no.toml: does not exist; give the path of a review file, or make one with"):
        read_review(tmp_path / "no.toml")
    with pytest.raises(ReviewError, match="is not a file; give the path of a review file"):
        read_review(tmp_path)


def test_file_without_permission(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    path = write_review(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(
        ReviewError, match=r"review.toml: cannot be read \(Permission denied\); give the path of a review"
    ):
        read_review(path)


def test_path_may_be_text(tmp_path):
    assert read_review(str(write_review(tmp_path))) == read_review(tmp_path / "review.toml")


# --- any file --------------------------------------------------------------------------------------------------------


def as_read(value):
    """A value of a document as the review has it."""
    if isinstance(value, list):
        return tuple(map(as_read, value))
    return float(value) if isinstance(value, Decimal) else value


@settings(max_examples=60)
@given(document=documents())
def test_any_valid_document_comes_through_as_written(tmp_path_factory, document):
    path = Path(tmp_path_factory.getbasetemp()) / "any.toml"
    path.write_text(document.text, encoding="utf-8", newline="")
    review = read_review(path)
    held = {
        "": [review],
        "question": [review.question],
        "outcome": review.outcomes,
        "analysis": review.analyses,
        "published": review.published,
    }
    for table, index, values in document.tables:
        for key, value in values.items():
            if table == "data":
                assert getattr(review, {"file": "data_file", "left_out": "left_out_file"}[key]) == value
            elif table == "comparison":
                assert getattr(review, f"{key}s") == tuple(value if isinstance(value, list) else [value])
            elif table == "analysis" and not hasattr(held[table][index], key):
                assert str(as_read(value)) in str(held[table][index].request.to_dict())
            elif (table, key) == ("analysis", "outcome"):
                assert review.analyses[index].outcome.name == value
            else:
                assert getattr(held[table][index], key) == as_read(value)
    assert [spec.id for spec in review.analyses] == [v["id"] for t, _, v in document.tables if t == "analysis"]


@settings(max_examples=60)
@given(document=documents(), data=st.data())
def test_misspelt_key_of_any_document_is_reported_on_its_line(tmp_path_factory, document, data):
    (table, index, key), line = data.draw(st.sampled_from([place for place in document.lines.items() if place[0][2]]))
    lines = document.text.split("\n")
    assert key in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(key, f"{key}x", 1)
    if table == "question" and lines[line - 1].lstrip().startswith("question ="):
        lines[line - 1] = document.text.split("\n")[line - 1].replace(f"{key} =", f"{key}x =", 1)
    path = Path(tmp_path_factory.getbasetemp()) / "misspelt.toml"
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    with pytest.raises(ReviewError) as caught:
        read_review(path)
    where = (
        f"[[{table}]] number {index + 1}"
        if table and TABLES[table].repeated
        else f"[{table}]"
        if table
        else "top level"
    )
    start = f"line {line}, {where}: key '{key}x' is not known (did you mean '{key}'?)"
    assert any(problem.startswith(start) for problem in caught.value.problems), caught.value.problems
    # nothing else is said to be wrong but that the key is missing, if it has to be there
    assert all(
        f"'{key}x'" in p or f"'{key}' is missing" in p or "has no meaning" in p or "does not go" in p
        for p in caught.value.problems
    )
