"""What records say in words, or of their own analyses, is kept as it stands."""

from __future__ import annotations

import pytest
from registry.events.small import event

from trialpool.registry.events import event_cells

DESCRIPTION = "AE description text present"
NON_INFERIORITY = "non-inferiority"
# trap -> record and what is kept
RECORDS = {
    DESCRIPTION: [
        ("NCT05126836", "Data on non-serious adverse events was not collected"),
        ("NCT00382863", "Events adjudicated per Clinical Events Committee (CEC) Charter by independent CEC."),
        ("NCT00281684", "Safety population was used for this analysis."),
    ],
    NON_INFERIORITY: [
        # outcome, analysis: type, estimate, limits, level, p, method
        ("NCT00281099", 0, 0, "NON_INFERIORITY_OR_EQUIVALENCE", (1.139, 1.139, 1.59, 0.963), "", "Andersen-Gill Model"),
        ("NCT00382863", 3, 0, "NON_INFERIORITY_OR_EQUIVALENCE", (None,) * 4, "0.012", "Exact binomial test"),
    ],
}


@pytest.mark.parametrize(("nct_id", "text"), RECORDS[DESCRIPTION])
def test_description_of_the_adverse_events(real_records, nct_id, text):
    assert real_records[nct_id].adverse_events.description == text


def test_each_description_of_the_real_records_is_kept(trap_names, real_records):
    described = {
        nct_id for nct_id, record in real_records.items() if record.adverse_events and record.adverse_events.description
    }
    assert described == {nct_id for nct_id, traps in trap_names.items() if DESCRIPTION in traps}


def test_the_words_that_events_were_limited_are_the_reason(real_records):
    found = event_cells(real_records["NCT04441996"], event('terms = ["Nausea"]\nsections = ["other"]'), ["EG000"])
    assert found.of("EG000").status == "unknown"
    assert "were limited to TPE-associated complications" in found.of("EG000").reason


@pytest.mark.parametrize(
    ("nct_id", "outcome", "place", "kind", "numbers", "p_value", "method"), RECORDS[NON_INFERIORITY]
)
def test_analysis_of_non_inferiority(real_records, nct_id, outcome, place, kind, numbers, p_value, method):
    found = real_records[nct_id].outcomes[outcome].analyses[place]
    assert found.non_inferiority == kind
    assert (found.value, found.low, found.high, found.conf_level) == numbers
    assert (found.p_value, found.method) == (p_value, method)
    assert found.groups == ("OG000", "OG001")


def test_trials_that_tested_non_inferiority_or_equivalence_say_so(trap_names, real_records):
    tested = {
        nct_id
        for nct_id, record in real_records.items()
        for outcome in record.outcomes
        for analysis in outcome.analyses
        if analysis.non_inferiority.startswith(("NON_INFERIORITY", "EQUIVALENCE"))
    }
    assert tested == {nct_id for nct_id, traps in trap_names.items() if NON_INFERIORITY in traps}
