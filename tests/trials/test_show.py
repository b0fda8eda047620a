"""The numbers of arms as text, in each form."""

from __future__ import annotations

import pytest
from effects.builders import comparison_of, make_given, make_means, make_rates
from harmonise.builders import make_comparison

from trialpool.trials import Comparison, GivenEffect
from trialpool.trials.show import ARM_HEADINGS, arm_totals, main_numbers, shown_arms

COUNTS = make_comparison((4, 123, 11, 139), (6, 306, 29.5, 151.5))
RATES = make_rates((7, 1344, 11, 0.25), (8, 1600.5, 8, 12))
MEANS = make_means((5, 4.7, 13, -6.5, 3.8, 13.5))
GIVEN = make_given(GivenEffect(0.1, 0.2, True))


@pytest.mark.parametrize(
    ("comparison", "form", "shown"),
    [
        (COUNTS, "counts", ("4/123", "11/139")),
        (RATES, "rates", ("7/1344", "11/0.25")),
        (MEANS, "means", ("5.00 (4.70); 13", "−6.50 (3.80); 13.5")),
        (GIVEN, "estimate", ("–", "–")),
    ],
)
def test_arms_are_shown_in_the_form_they_have(comparison: Comparison, form, shown):
    (first, *_) = comparison.contrasts
    assert main_numbers(first) == form
    assert shown_arms(first) == shown_arms(first, form) == shown
    assert form in ARM_HEADINGS


def test_a_form_that_a_contrast_lacks_leaves_its_sizes_or_dashes():
    assert shown_arms(MEANS.contrasts[0], "counts") == ("13", "13.5")
    assert shown_arms(RATES.contrasts[0], "means") == ("–", "–")


def test_totals_add_up_events_and_their_denominators_and_participants():
    assert arm_totals(COUNTS.contrasts, COUNTS.contrasts, "counts") == ("10/429", "40.5/290.5")
    assert arm_totals(COUNTS.contrasts, COUNTS.contrasts[:1], "counts") == ("10/429", "11/139")
    assert arm_totals(RATES.contrasts, RATES.contrasts, "rates") == ("15/2944.5", "19/12.2")
    assert arm_totals(MEANS.contrasts * 2, MEANS.contrasts, "means") == ("26", "13.5")
    assert arm_totals(GIVEN.contrasts, GIVEN.contrasts, "estimate") == ("–", "–")


def test_a_notebook_shows_every_form_in_one_comparison():
    page = comparison_of([*COUNTS.contrasts, *RATES.contrasts, *MEANS.contrasts, *GIVEN.contrasts])._repr_html_()
    for text in ("4/123", "7/1344", "5.00 (4.70); 13"):
        assert f">{text}</td>" in page
