"""The rule that tells whether a conclusion depends on a choice, on results whose intervals are known."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
from harmonise.builders import make_comparison

from trialpool.pool import InverseVariance, MantelHaenszel, Peto, Pooled, make_request, pool_request
from trialpool.sensitivity import Alternative
from trialpool.sensitivity.alternatives import alternative, conclusion_of, not_applicable, sensitivity_table

TABLES = make_comparison((4, 100, 11, 90), (30, 200, 12, 100), (20, 90, 40, 85))
POOLED = pool_request(TABLES, make_request())


def known(low: float, high: float) -> Pooled:
    """A result whose interval on the working scale is this one."""
    return replace(POOLED, estimate=(low + high) / 2, conf_low=low, conf_high=high)


LOWER, HIGHER, UNCERTAIN = known(-2, -1), known(1, 2), known(-1, 2)


def table(reference: Pooled, *others: Pooled | None):
    rows = [Alternative(f"row {i}", other, "" if other else "no events") for i, other in enumerate(others)]
    return sensitivity_table("Choice", reference, "as planned", rows)


# --- what a reader concludes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "conclusion"),
    [
        (-2, -1, "lower"),
        (1, 2, "higher"),
        (-1, 2, "uncertain"),
        (-1, 0, "uncertain"),  # a limit at no difference does not exclude it
        (0, 1, "uncertain"),
        (-1e-12, 1e-12, "uncertain"),
        (-2, -1e-12, "lower"),
    ],
)
def test_conclusion_is_where_the_whole_interval_lies(low, high, conclusion):
    assert conclusion_of(known(low, high)) == conclusion


def test_alternative_without_an_answer_has_no_conclusion():
    assert Alternative("row", None, "no events").conclusion is None


# --- the verdict -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (LOWER, "the interval lies below no difference"),
        (HIGHER, "the interval lies above no difference"),
        (UNCERTAIN, "the interval includes no difference"),
    ],
)
def test_same_conclusion_everywhere_does_not_depend(result, words):
    found = table(result, result, result)
    assert not found.depends
    assert found.verdict == f"The conclusion does not depend on this choice: in every row {words}."


@pytest.mark.parametrize("reference", [LOWER, HIGHER, UNCERTAIN])
@pytest.mark.parametrize("other", [LOWER, HIGHER, UNCERTAIN])
def test_one_other_conclusion_is_enough(reference, other):
    assert table(reference, reference, other, reference).depends == (reference is not other)


def test_size_of_the_effect_alone_does_not_make_it_depend():
    assert not table(known(0.1, 0.2), known(5, 9)).depends


def test_verdict_names_each_row_that_differs_and_how():
    found = table(UNCERTAIN, LOWER, UNCERTAIN, HIGHER, LOWER)
    assert found.verdict == (
        "The conclusion depends on this choice: here the interval includes no difference, but "
        "with 'row 0', 'row 3' the interval lies below no difference; "
        "with 'row 2' the interval lies above no difference."
    )


def test_rows_without_an_answer_are_counted_and_do_not_decide():
    found = table(LOWER, LOWER, None, None)
    assert not found.depends
    assert found.verdict.endswith("in every row the interval lies below no difference. 2 alternatives not estimable.")
    found = table(LOWER, UNCERTAIN, None)
    assert found.depends
    assert found.verdict.endswith("1 alternative not estimable.")


def test_no_row_with_an_answer_is_no_evidence_of_agreement():
    found = table(LOWER, None, None)
    assert not found.depends
    assert found.verdict == "No alternative gives an answer. 2 alternatives not estimable."
    assert table(LOWER).verdict == "No alternative gives an answer."


def of_studies(pooled: Pooled, count: int) -> Pooled:
    """The same result, from this many studies."""
    return replace(pooled, studies=(pooled.studies[0],) * count)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((3, 3), ""),
        (
            (3, 2),
            " 1 row pools other studies than the reference (2, not 3): there the studies differ, not only the choice.",
        ),
        (
            (2, 2),
            " 2 rows pool other studies than the reference (2, not 3): there the studies differ, not only the choice.",
        ),
        (
            (5, 2, 3, 5),
            " 3 rows pool other studies than the reference (2 or 5, not 3): there the studies differ, not only the choice.",
        ),
    ],
)
@pytest.mark.parametrize("other", [LOWER, UNCERTAIN])
def test_verdict_tells_rows_that_pool_other_studies(counts, said, other):
    rows = [Alternative(f"row {i}", of_studies(other, count)) for i, count in enumerate(counts)]
    silent = Alternative("silent", None, "no events")
    found = sensitivity_table("Choice", LOWER, "as planned", [*rows, silent])
    plain = sensitivity_table("Choice", LOWER, "as planned", [*rows, silent], varies_studies=True)
    end = " 1 alternative not estimable."
    assert plain.verdict.endswith(end)
    assert "other studies" not in plain.verdict
    assert found.verdict == plain.verdict.removesuffix(end) + said + end
    assert found.depends == plain.depends


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (6, "'row 0', 'row 1', 'row 2', 'row 3', 'row 4', 'row 5' the interval"),
        (7, "'row 0', 'row 1', 'row 2', 'row 3' and 3 more the interval"),
    ],
)
def test_of_many_rows_that_differ_the_first_are_named(count, named):
    assert f"with {named} includes no difference." in table(LOWER, *[UNCERTAIN] * count).verdict


def test_choice_that_does_not_arise_has_no_rows():
    found = not_applicable("Zero-cell handling", "No study has an empty cell.")
    assert (found.rows, found.depends, found.verdict) == ((), False, "No study has an empty cell.")


# --- rows ------------------------------------------------------------------------------------------------------------


def test_reference_comes_first_and_is_the_only_one():
    found = table(LOWER, UNCERTAIN, None)
    assert [row.is_reference for row in found.rows] == [True, False, False]
    assert found.rows[0].label == "as planned"
    assert found.rows[0].pooled is LOWER


def test_alternative_pools_or_says_why_not():
    answered = alternative("DL", TABLES, make_request(method=InverseVariance(tau2="DL")))
    assert (answered.label, answered.reason) == ("DL", "")
    assert answered.pooled == pool_request(TABLES, make_request(method=InverseVariance(tau2="DL")))
    one = alternative("one", TABLES.keep([0]), make_request())
    assert one.pooled is None
    assert one.reason.startswith("nothing to pool: only one study has an estimable risk ratio")
    shared = replace(
        TABLES, multi_arm="shared", contrasts=(*TABLES.contrasts, replace(TABLES.contrasts[0], label="A: high"))
    )
    for method in (MantelHaenszel(), Peto()):
        refused = alternative("refused", shared, make_request(method=method))
        assert refused.pooled is None
        assert "has no shared-control covariance" in refused.reason


def test_keys_of_a_row():
    found = table(LOWER, None)
    answered, silent = (row.to_dict() for row in found.rows)
    assert list(answered) == list(silent)
    assert answered["conclusion"] == "lower"
    assert answered["displayed"] == list(LOWER.displayed)
    assert answered["request"] == LOWER.request.to_dict()
    assert answered["tau2"] == LOWER.heterogeneity.tau2
    assert silent["reason"] == "no events"
    assert {silent[key] for key in silent if key not in {"label", "reason", "is_reference"}} == {None}


def test_table_is_read_as_rows_and_a_verdict():
    reference, other = replace(LOWER, estimate=-1.5), UNCERTAIN
    found = table(reference, other, None)
    lines = str(found).splitlines()
    assert lines[0] == "Choice"
    assert lines[2].split() == ["Alternative", "Estimate", "Studies", "Conclusion"]
    # the logarithms of the first are -1.5, -2 and -1, of the second 0.5, -1 and 2
    assert re.split("  +", lines[4]) == ["as planned", "RR 0.22 (0.14 to 0.37)", "3", "reference"]
    assert re.split("  +", lines[5]) == ["row 0", "RR 1.65 (0.37 to 7.39)", "3", "the interval includes no difference"]
    assert re.split("  +", lines[6]) == ["row 1", "not estimable", "no events"]
    assert lines[-1] == found.verdict
    shown = found._repr_html_()
    assert f"<p>{html.escape(found.verdict)}</p>" in shown
    assert all(cell in shown for line in lines[4:7] for cell in re.split("  +", line))


def test_table_without_rows_is_its_verdict():
    found = not_applicable("Choice", "It <never> arises.")
    assert str(found) == "Choice\n\nIt <never> arises."
    assert found._repr_html_() == "<p>It &lt;never&gt; arises.</p>"


def test_json_is_strict_and_tidy_has_a_row_each():
    found = table(LOWER, UNCERTAIN, None)
    data = found.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["rows"] == [row.to_dict() for row in found.rows]
    assert [row["table"] for row in found.tidy()] == ["Choice"] * 3
    assert [{key: value for key, value in row.items() if key != "table"} for row in found.tidy()] == data["rows"]
