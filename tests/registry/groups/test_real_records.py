"""Real records with the traps that overlapping, repeated and oddly named event groups are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from validation import registry_groups as evaluation

from trialpool.registry.groups import KINDS, ROLES, RecordGroups, match_groups
from trialpool.registry.model import Record

DEVELOPMENT = evaluation.HERE / "data" / "registry_labels_development.csv"


@pytest.fixture(scope="module")
def records(real_load) -> dict[str, Record]:
    return {loaded.record.nct_id: loaded.record for loaded in real_load.records}


@pytest.fixture
def matched(records) -> Callable[[str], RecordGroups]:
    return lambda nct_id: match_groups(records[nct_id])


def rows(groups):
    return [(m.title, m.arms, m.kind, m.role) for m in groups.matches]


def test_every_record_is_matched_without_error(records):
    groups = 0
    for record in records.values():
        found = match_groups(record)
        events = record.adverse_events
        keys = [group.id for group in events.groups] if events else []
        labels = {arm.label for arm in record.arms}
        names = {intervention.name for intervention in record.interventions}
        assert [match.group for match in found.matches] == keys
        for match in found.matches:
            assert match.kind in KINDS
            assert match.role in ROLES
            assert 0 <= match.confidence <= 1
            assert set(match.arms) <= labels
            assert {*match.treatments, *match.background} <= names
            assert match.accepted or match.reasons
        assert all({a, b} <= set(keys) and a != b for a, b in found.overlaps)
        groups += len(keys)
    assert groups > 900


def test_crossover_by_treatment(matched):
    found = matched("NCT04111536")
    both = ("Liothyronine (LT3), then placebo", "Placebo, then Liothyronine")
    assert rows(found) == [
        ("Liothyronine (LT3)", both, "crossover", "active"),
        ("Placebo", both, "crossover", "placebo"),
    ]
    assert found.overlaps == (("EG000", "EG001"),)


def test_core_and_extension_of_the_same_arms(matched):
    found = matched("NCT02468232")
    assert [m.kind for m in found.matches] == ["arm", "arm", "extension", "extension"]
    assert found.overlaps == (("EG000", "EG002"), ("EG001", "EG003"))


def test_double_blind_and_open_label_phase(matched):
    assert [m.kind for m in matched("NCT03988634").matches] == ["arm", "arm", "extension"]


def test_placebo_then_active_in_later_windows(matched):
    found = {m.title: m for m in matched("NCT01064687").matches}
    assert found["Placebo (Baseline Through 26 Weeks)"].role == "placebo"
    assert found["Placebo (Baseline Through 26 Weeks)"].background == ("Metformin", "Pioglitazone")
    assert found["1.5 mg LY2189265 (Baseline Through 56 Weeks)"].kind == "period"
    switched = [m for title, m in found.items() if title.startswith("Placebo/")]
    assert len(switched) == 2
    assert not any(m.accepted for m in switched)


def test_totals_and_combined_arms(matched):
    found = matched("NCT00360568")
    assert [m.kind for m in found.matches] == ["arm", "arm", "total"]
    assert found.overlaps == (("EG000", "EG002"), ("EG001", "EG002"))
    combined = matched("NCT00910962").of("EG003")
    assert (combined.kind, combined.arms) == ("combined", ("Treatment A", "Treatment B"))


def test_arms_named_by_letter_are_found_by_drug_and_dose(matched):
    assert [m.arms for m in matched("NCT00910962").matches[:3]] == [
        ("Treatment C",),
        ("Treatment A",),
        ("Treatment B",),
    ]


def test_placebo_on_top_of_treatments_that_all_receive(matched):
    found = matched("NCT01439373")
    assert [(m.role, m.treatments) for m in found.matches] == [("active", ("GSK2336805",)), ("placebo", ())]
    assert "Ribavirin" in found.matches[1].background


def test_a_factorial_trial(matched):
    found = {m.title: (m.role, m.treatments) for m in matched("NCT03133793").matches}
    assert found == {
        "Placebo Only": ("placebo", ()),
        "CoQ10 Only": ("active", ("CoQ10",)),
        "D-ribose Only": ("active", ("D-Ribose Oral Powder",)),
        "CoQ10 + D-ribose": ("active", ("CoQ10", "D-Ribose Oral Powder")),
    }


def test_double_dummy(matched):
    found = {m.title: m.role for m in matched("NCT02469298").matches}
    assert list(found.values()) == ["active", "placebo", "active", "active"]


def test_mothers_and_children_are_of_one_arm_and_overlap(matched):
    found = matched("NCT02377466")  # mothers, unborn and newborn children: 69 at risk, 25 enrolled
    assert {m.arms for m in found.matches if m.title.startswith("Placebo")} == {("Placebo",)}
    assert {("EG000", "EG002"), ("EG000", "EG004"), ("EG002", "EG004")} <= set(found.overlaps)


def test_groups_with_too_many_people_are_not_accepted(matched):
    found = matched("NCT02729038")  # the same 8 people before and after haemodialysis: 40 at risk, 32 enrolled
    assert not any(m.accepted for m in found.matches if "Hemodialysis (" in m.title)


def test_placebo_people_who_were_randomised_again_are_noticed(matched):
    found = {m.title: m for m in matched("NCT02234141").matches}
    assert [found[f"Selonsertib {dose} mg"].accepted for dose in (2, 6, 18)] == [False, False, False]
    assert "49 are at risk, of whom 39 started" in " ".join(found["Selonsertib 2 mg"].reasons)
    assert found["Placebo"].accepted


def test_arms_that_are_orders_of_what_groups_received(matched):
    found = matched("NCT02441101")
    both = ("RV pacing optimization on/off", "RV pacing optimization off/on")
    assert [m.arms for m in found.matches] == [both, both]


def test_disease_cohorts_that_each_have_drug_and_placebo(matched):
    found = matched("NCT03332212")
    cohorts = ("Cohort A (Empagliflozin + Placebo)", "Cohort B (Empagliflozin + Placebo)")
    assert [(m.arms, m.role, m.accepted) for m in found.matches] == [
        (cohorts, "placebo", True),
        (cohorts, "active", True),
    ]


def test_numbered_cohorts_and_pooled_doses(matched):
    cohorts = {m.title: m.arms for m in matched("NCT02569710").matches}
    assert cohorts["Cohort 5a (8 Weeks GT3)"] == ("Cohort 5 (Without Cirrhosis) : AL-335+ODV + SMV",)
    assert len(cohorts["Cohort 1b + Cohort 4 (8 Weeks GT1)"]) == 2
    pooled = matched("NCT03276728").of("EG001")
    assert (pooled.title, pooled.arms, pooled.kind) == ("Part A: AMG 986 Pooled", ("Part A: AMG 986",), "arm")


def test_forty_groups(matched):
    found = {m.title: m for m in matched("NCT04955626").matches}
    assert len(found) == 40
    assert (found["SSA: Placebo: Blinded Period"].arms, found["SSA: Placebo: Blinded Period"].role) == (
        ("Placebo",),
        "placebo",
    )
    assert found["SSC: BNT162b2 10 mcg"].arms == ("10 µg dose",)


def test_drug_under_another_name(matched):
    found = {m.title: m.arms for m in matched("NCT01357850").matches}
    assert found["Albiglutide 3.75 mg"] == ("GSK716155 (3.75mg)",)
    assert found["Placebo"] == ("GSK716155-matched placebo",)


def test_labels_of_the_development_records(records):
    """Records on which the rules were developed: what is accepted must stay right; see validation/registry_groups.py."""
    labels = evaluation.read_labels(DEVELOPMENT)
    compared = evaluation.compare(labels, {label["nct_id"]: records[label["nct_id"]] for label in labels})
    precision, recall = evaluation.precision_and_recall(compared, "arms, kind and role")
    assert len(compared) >= 163
    assert precision >= 0.98
    assert recall >= 0.84


def test_the_evaluation_counts_as_it_says(records):
    labels = evaluation.read_labels(DEVELOPMENT)[:6]
    records = {label["nct_id"]: records[label["nct_id"]] for label in labels}
    compared = evaluation.compare(labels, records)
    wrong = [{**label, "role": "sham"} for label in labels]
    assert evaluation.precision_and_recall(evaluation.compare(wrong, records), "role") == (0.0, 0.0)
    accepted = sum(item.match.accepted for item in compared)
    right = sum(item.match.accepted and item.all_right for item in compared)
    assert evaluation.precision_and_recall(compared, "arms, kind and role") == (right / accepted, right / 6)


def test_the_evaluation_command(records_folder, capsys, tmp_path):
    labels = DEVELOPMENT.read_text(encoding="utf-8").splitlines()
    easy = tmp_path / "easy.csv"
    easy.write_text(
        "\n".join([labels[0], *[line for line in labels if line.startswith("NCT01149421")]]), encoding="utf-8"
    )
    arguments = ["--records", str(records_folder), "--labels"]
    assert evaluation.main([*arguments, str(easy)]) == 0
    assert "3 groups; 3 accepted, 0 asked" in capsys.readouterr().out
    easy.write_text(easy.read_text(encoding="utf-8").replace("placebo", "sham"), encoding="utf-8")
    assert evaluation.main([*arguments, str(easy)]) == 1
    assert "Accepted, and wrong: 1" in capsys.readouterr().out
