"""One study: what is read where, and what becomes of fields that are not what they should be."""

from __future__ import annotations

import pytest
from registry.read.small import NCT_ID, SMALL, cell, groups, read, small, told

from trialpool.registry.model import Origin, Total
from trialpool.registry.read import record_from_json


def test_every_part_is_read():
    record, problems = read(SMALL)
    assert problems == []
    assert (record.nct_id, record.aliases, record.title) == (NCT_ID, ("NCT00000001",), "A v B")
    assert (record.organisation, record.status, record.start, record.last_update) == (
        "An institute", "COMPLETED", "2001-02", "2016-04-18",
    )  # fmt: skip
    assert (record.design.phases, record.design.masking, record.design.enrollment) == (
        ("PHASE2", "PHASE3"),
        "DOUBLE",
        200,
    )
    assert record.arms[0].interventions == ("Drug: A",)
    assert (record.interventions[0].arms, record.interventions[0].other_names) == (("A",), ("a",))
    assert (record.conditions, record.keywords, record.has_results) == (("Gout",), ("urate",), True)
    assert record.origin == Origin("ClinicalTrials.gov", "a.json", "2024-05-17")


def test_adverse_events_are_read():
    events = read(SMALL)[0].adverse_events
    group = events.groups[0]
    assert (group.id, group.title, group.description, group.deaths) == ("EG000", "A", "A [mg]", None)
    assert group.serious == Total(9, 100, "resultsSection.adverseEventsModule.eventGroups[0].seriousNumAffected")
    assert (events.threshold, events.threshold_text, events.time_frame) == (0.05, "5", "12 weeks")
    assert [(term.section, term.term) for term in events.terms] == [("serious", "Gout"), ("other", "Rash")]
    assert (events.terms[0].cells[0].affected, events.terms[0].cells[0].events) == (3, 4)
    assert events.terms[1].cells[1].path == "resultsSection.adverseEventsModule.otherEvents[0].stats[1]"


def test_outcomes_flow_and_baseline_are_read():
    record, _ = read(SMALL)
    outcome = record.outcomes[0]
    measurement = outcome.classes[0].categories[0].measurements[0]
    assert (measurement.group, measurement.text, measurement.value, measurement.high) == ("OG001", "-1.5", -1.5, None)
    assert outcome.denominators[0].count("OG000") == 98
    analysis = outcome.analyses[0]
    assert (analysis.value, analysis.conf_level, analysis.p_value) == (0.5, 0.95, "<0.001")
    assert record.flow.periods[0].milestones[0].achievements[0].participants == 100
    assert record.flow.periods[0].withdrawals[0].type == "Death"
    assert record.baseline.measures[0].classes[0].categories[0].measurements[0].spread == 9


def test_a_record_without_results_and_a_withdrawn_one_are_records():
    study = {"protocolSection": SMALL["protocolSection"], "hasResults": False}
    record, problems = read(study)
    assert (record.has_results, record.adverse_events, record.flow, record.baseline, record.outcomes) == (
        False, None, None, None, (),
    )  # fmt: skip
    assert problems == []
    bare = {
        "identificationModule": {"nctId": NCT_ID},
        "statusModule": {"overallStatus": "WITHDRAWN", "whyStopped": "a \\& b"},
    }
    record, problems = read({"protocolSection": bare})
    assert (record.status, record.why_stopped, problems) == ("WITHDRAWN", "a & b", [])


def test_results_that_a_copy_lacks_are_told():
    record, problems = read({"protocolSection": SMALL["protocolSection"], "hasResults": True})
    assert record.has_results
    assert "fetch the whole record" in problems[0].problem


@pytest.mark.parametrize(
    "nct_id", [None, "", "NCT1234567", "NCT123456789", "nct00000102", "NCT00000102\n", 102, "EudraCT"]
)
def test_a_record_without_a_valid_identifier_is_lost(nct_id):
    record, (problem,) = record_from_json(small(nct_id), Origin("ClinicalTrials.gov", "a.json"))
    assert record is None
    assert (problem.path, problem.lost) == ("protocolSection.identificationModule.nctId", "record")


@pytest.mark.parametrize("data", [None, [], "x", 3, {}, {"protocolSection": []}, {"FullStudiesResponse": {}}])
def test_what_is_no_study_is_lost(data):
    record, (problem,) = record_from_json(data, Origin("ClinicalTrials.gov", "a.json"))
    assert record is None
    assert "not a study" in problem.problem


@pytest.mark.parametrize(
    ("stat", "affected", "lost"),
    [
        (cell("EG000", "1,553", 2000), 1553, "nothing"),
        (cell("EG000", "12", 100), 12, "nothing"),
        (cell("EG000", "NA", 100), None, "nothing"),
        (cell("EG000", "", 100), None, "nothing"),
        (cell("EG000", "NR", 100), None, "field"),
        (cell("EG000", "<5", 100), None, "field"),
        (cell("EG000", "0,3139", 100), None, "field"),
        (cell("EG000", -1, 100), None, "field"),
        (cell("EG000", 2.5, 100), None, "field"),
        (cell("EG000", True, 100), None, "field"),
        (cell("EG000", {"n": 5}, 100), None, "field"),
        (cell("EG000", [5], 100), None, "field"),
        (cell("EG000", 10**30, 100), None, "field"),
    ],
)
def test_counts_that_are_not_integers(stat, affected, lost):
    record, problems = read(small(otherEvents=[{"term": "Rash", "stats": [stat]}]))
    assert record.adverse_events.of("other")[0].cells[0].affected == affected
    ((path, _, was),) = told(problems)
    assert (path, was) == ("adverseEventsModule.otherEvents[0].stats[0].numAffected", lost)


def test_null_and_missing_counts_are_not_stated():
    record, problems = read(
        small(otherEvents=[{"term": "Rash", "stats": [cell("EG000", None, 0), {"groupId": "EG001"}]}])
    )
    assert [(each.affected, each.at_risk) for each in record.adverse_events.of("other")[0].cells] == [
        (None, 0),
        (None, None),
    ]
    assert problems == []


def problem_of(stats, term="Rash"):
    record, problems = read(small(otherEvents=[{"term": term, "stats": stats}]))
    return record.adverse_events.of("other")[0], told(problems)


def test_numbers_that_contradict_each_other_are_kept_and_told():
    row, problems = problem_of([cell("EG000", 101, 100), cell("EG001", 7, 100, 6)])
    assert [(each.affected, each.at_risk, each.events) for each in row.cells] == [(101, 100, None), (7, 100, 6)]
    path = "adverseEventsModule.otherEvents[0].stats"
    assert problems == [(f"{path}[0].numAffected", "101", "nothing"), (f"{path}[1].numEvents", "6", "nothing")]


def test_cells_of_unknown_and_repeated_groups_are_kept_and_told():
    row, problems = problem_of([cell("EG000", 1, 9), cell("EG007", 2, 9), cell("EG000", 3, 9), cell(None, 4, 9)])
    assert [each.affected for each in row.cells] == [1, 2, 3, 4]
    assert [(path[-16:], value) for path, value, _ in problems] == [
        ("stats[1].groupId", "EG007"), ("stats[2].groupId", "EG000"), ("stats[3].groupId", "null"),
    ]  # fmt: skip


def test_a_row_without_a_term_or_without_numbers_is_kept_and_told():
    row, problems = problem_of([cell("EG000", 1, 9)], term=None)
    assert (row.term, len(row.cells)) == ("", 1)
    assert problems == [("adverseEventsModule.otherEvents[0].term", "", "field")]
    row, problems = problem_of([])
    assert (row.term, row.cells) == ("Rash", ())
    assert problems == [("adverseEventsModule.otherEvents[0].stats", "Rash", "nothing")]


def test_group_totals_are_checked_and_repeated_groups_told():
    found = [
        {"id": "EG000", "title": "A", "seriousNumAffected": 9, "seriousNumAtRisk": 8, "deathsNumAtRisk": 8},
        {"id": "EG000", "title": "B"},
        {"title": "C"},
    ]
    record, problems = read(small(eventGroups=found, seriousEvents=[], otherEvents=[]))
    assert [group.id for group in record.adverse_events.groups] == ["EG000", "EG000", ""]
    assert record.adverse_events.groups[0].deaths == Total(
        None, 8, "resultsSection.adverseEventsModule.eventGroups[0].deathsNumAffected"
    )
    assert record.adverse_events.groups[1].serious is None
    path = "adverseEventsModule.eventGroups"
    assert told(problems) == [
        (f"{path}[0].seriousNumAffected", "9", "nothing"), (f"{path}[1].id", "EG000", "nothing"), (f"{path}[2].id", "", "field"),
    ]  # fmt: skip


def test_forty_groups_a_term_of_ten_thousand_letters_and_markup_are_kept():
    found = [{"id": f"EG{i:03}", "title": f"<script>alert({i})</script> \\[x\\]"} for i in range(40)]
    stats = [cell(group["id"], 1, 50) for group in found]
    record, problems = read(
        small(eventGroups=found, seriousEvents=[], otherEvents=[{"term": "x" * 10_000, "stats": stats}])
    )
    assert problems == []
    assert record.adverse_events.groups[39].title == "<script>alert(39)</script> \\[x\\]"
    assert len(record.adverse_events.terms[0].cells) == 40
    assert record.adverse_events.terms[0].term == "x" * 10_000


def test_wrong_types_are_told_with_their_path_and_the_rest_is_read():
    study = small(eventGroups="EG000", otherEvents=[3, {"term": ["a"], "stats": {"EG000": 1}}], timeFrame=12)
    study["resultsSection"]["participantFlowModule"] = []
    study["protocolSection"]["designModule"] = {"phases": "PHASE3", "enrollmentInfo": {"count": "1,200"}}
    study["protocolSection"]["conditionsModule"]["conditions"] = ["Gout", None, 5]
    study["hasResults"] = "yes"
    record, problems = read(study)
    found = {path: lost for path, _, lost in told(problems)}
    expected = {
        "protocolSection.designModule.phases": "field",
        "protocolSection.designModule.enrollmentInfo.count": "nothing",
        "protocolSection.conditionsModule.conditions[1]": "row",
        "protocolSection.conditionsModule.conditions[2]": "nothing",
        "participantFlowModule": "field",
        "adverseEventsModule.eventGroups": "field",
        "adverseEventsModule.otherEvents[0]": "row",
        "adverseEventsModule.otherEvents[1].term": "field",
        "adverseEventsModule.otherEvents[1].stats": "nothing",
        "adverseEventsModule.timeFrame": "nothing",
        "hasResults": "field",
    }
    assert expected.items() <= found.items()
    assert (record.adverse_events.time_frame, record.design.enrollment, record.conditions) == (
        "12",
        1200,
        ("Gout", "5"),
    )
    assert record.outcomes[0].title == "Urate"


def test_groups_of_outcomes_are_their_own_and_references_are_checked():
    study = small()
    (outcome,) = study["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"]
    outcome["groups"] = groups("OG")[:1]
    _, problems = read(study)
    assert [(path.rpartition("outcomeMeasures[0].")[2], value) for path, value, _ in told(problems)] == [
        ("classes[0].categories[0].measurements[0].groupId", "OG001"), ("analyses[0].groupIds[1]", "OG001"),
    ]  # fmt: skip


def test_a_confidence_level_that_is_none_is_lost():
    study = small()
    study["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"][0]["analyses"][0]["ciPctValue"] = "100"
    record, problems = read(study)
    assert record.outcomes[0].analyses[0].conf_level is None
    assert [lost for *_, lost in told(problems)] == ["field"]


def test_values_in_problems_are_shortened():
    _, (problem,) = read(small(frequencyThreshold="x" * 10_000))
    assert len(problem.value) == 200
    assert problem.nct_id == NCT_ID
    assert read(small(frequencyThreshold=10**4000))[1][0].value == "an integer of 13288 bits"


def test_numbers_without_end_raise_nothing_wherever_they_stand():
    study = small(
        timeFrame=10**6000, frequencyThreshold=10**6000, otherEvents=[{"term": 1, "stats": [cell(3, 10**6000, 1e308)]}]
    )
    study["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"][0]["classes"][0]["categories"][0]["measurements"] = [
        {"groupId": "OG000", "value": 10**6000}, {"groupId": "OG001", "value": {"a": "b" * 1000}}, {"value": 2.5},
    ]  # fmt: skip
    record, _ = read(study)
    measured = record.outcomes[0].classes[0].categories[0].measurements
    assert [(each.text, each.value) for each in measured] == [
        ("an integer of 19932 bits", None),
        ("", None),
        ("2.5", 2.5),
    ]


def test_unknown_words_and_fields_are_kept():
    study = small()
    study["protocolSection"]["armsInterventionsModule"]["armGroups"][0]["type"] = "A_NEW_TYPE"
    study["a_new_section"] = {"x": 1}
    record, problems = read(study)
    assert record.arms[0].type == "A_NEW_TYPE"
    assert problems == []
