"""The same answers on a store and on a real PostgreSQL server, and as recounted from the records."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
from registry.store.trials import event, stream, trial

from trialpool.errors import InputError, OptionError
from trialpool.registry.read import Loaded
from trialpool.registry.store import GroupSide, Store, candidates, event_rows, open_database, overview, two_by_two

KEY = ("nct_id", "event_type", "organ_system", "adverse_event_term", "occurrence")


@pytest.fixture(scope="module")
def databases(eighth_store, aact_url):
    with eighth_store.database() as ours, open_database(aact_url) as theirs:
        yield ours, theirs


@pytest.fixture(scope="module")
def sides(every_eighth):
    """The first event group against the second, in every trial; the third beside the first, where there is one."""
    found = []
    for loaded in every_eighth:
        events = loaded.record.adverse_events
        for group, side in zip(events.groups if events else (), ("treatment", "control", "treatment"), strict=False):
            found.append(GroupSide(loaded.record.nct_id, group.id, side))
    return found


def without_ids(rows):
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def sorted_rows(rows):
    return sorted(rows, key=lambda row: tuple(str(row[name]) for name in KEY))


def test_overview_is_the_same_and_counts_the_records(databases, every_eighth):
    cells = sum(
        len(term.cells)
        for loaded in every_eighth
        if loaded.record.adverse_events
        for term in loaded.record.adverse_events.terms
    )
    expected = [{"trials": len(every_eighth), "with_results": len(every_eighth) - 2, "event_rows": cells}]
    ours, theirs = databases
    assert ours.rows(overview(ours)) == theirs.rows(overview(theirs)) == expected


def test_candidates_are_the_same_and_those_of_the_records(databases, every_eighth):
    ours, theirs = databases
    without = [one.record for one in every_eighth if one.record.adverse_events is None]
    assert [record.has_results for record in without] == [False, False, True, True]
    of_each = [[without[0].interventions[0].name], [without[2].interventions[0].name]]
    for names in (
        *of_each,
        ["Placebo"],
        ["insulin", "METFORMIN"],
        ["100 mg"],
        ["no such drug 50%_"],
        ["(", "%"],
        ["'; DROP"],
    ):
        expected = sorted(loaded.record.nct_id for loaded in every_eighth if mentions(loaded.record, names))
        found = [row["nct_id"] for row in ours.rows(candidates(ours, names))]
        assert found == expected
        assert [row["nct_id"] for row in theirs.rows(candidates(theirs, names))] == expected
        assert names not in of_each or set(expected) & {record.nct_id for record in without}


def mentions(record, names) -> bool:
    texts = [arm.label for arm in record.arms]
    texts += [text for found in record.interventions for text in (found.name, *found.other_names)]
    groups = record.adverse_events.groups if record.adverse_events else ()
    texts += [text for group in groups for text in (group.title, group.description)]
    return any(name.lower() in text.lower() for name in names for text in texts)


@pytest.mark.parametrize("names", [[], [""], ["aspirin", "  "]])
def test_a_candidate_needs_a_name(eighth_store, names):
    with eighth_store.database() as database, pytest.raises(OptionError, match="no name to look for"):
        candidates(database, names)


def test_event_rows_are_the_same_and_those_of_the_records(databases, every_eighth):
    ours, theirs = databases
    ids = [loaded.record.nct_id for loaded in every_eighth[:5]]
    found = ours.rows(event_rows(ours, nct_ids=ids))
    assert without_ids(found) == without_ids(theirs.rows(event_rows(theirs, nct_ids=ids)))
    expected = [
        (loaded.record.nct_id, term.section, term.term, cell.group, cell.affected, cell.at_risk, cell.events)
        for loaded in every_eighth[:5]
        for term in loaded.record.adverse_events.terms
        for cell in term.cells
    ]
    names = (
        "nct_id",
        "event_type",
        "adverse_event_term",
        "ctgov_group_code",
        "subjects_affected",
        "subjects_at_risk",
        "event_count",
    )
    assert [tuple(row[name] for name in names) for row in found] == expected
    nausea = ours.rows(event_rows(ours, terms=["NAUSEA"]))
    assert len(nausea) > 20
    assert {row["adverse_event_term"].lower() for row in nausea} == {"nausea"}
    assert without_ids(nausea) == without_ids(theirs.rows(event_rows(theirs, terms=["NAUSEA"])))


def test_two_by_two_is_the_same(databases, sides):
    ours, theirs = databases
    for terms in (None, ["Headache", "nausea"], ["no such term"]):
        found = sorted_rows(ours.rows(two_by_two(ours, sides, terms=terms)))
        assert found == sorted_rows(theirs.rows(two_by_two(theirs, sides, terms=terms)))
        assert bool(found) is (terms != ["no such term"])


def test_two_by_two_is_that_of_the_records(databases, sides, every_eighth):
    """Recounted term by term, without SQL."""
    side_of = {(side.nct_id, side.group): side.side for side in sides}
    expected = {}
    for loaded in every_eighth:
        seen: dict[tuple, int] = defaultdict(int)
        for term in loaded.record.adverse_events.terms if loaded.record.adverse_events else ():
            for cell in term.cells:
                side = side_of.get((loaded.record.nct_id, cell.group))
                if side is None or cell.at_risk == 0:
                    continue
                key = (loaded.record.nct_id, term.section, term.organ_system, term.term)
                seen[*key, cell.group] += 1
                row = expected.setdefault((*key, seen[*key, cell.group]), {"treatment": [], "control": []})
                row[side].append((cell.affected, cell.at_risk))
    ours, _ = databases
    found = {tuple(row[name] for name in KEY): row for row in ours.rows(two_by_two(ours, sides))}
    assert found.keys() == expected.keys()
    for key, cells in expected.items():
        for side in ("treatment", "control"):
            affected, at_risk = ([cell[i] for cell in cells[side]] for i in (0, 1))
            assert found[key][f"{side}_groups"] == len(cells[side])
            assert found[key][f"{side}_events"] == (sum(affected) if affected and None not in affected else None)
            assert found[key][f"{side}_n"] == (sum(at_risk) if at_risk and None not in at_risk else None)


@pytest.fixture
def small(tmp_path):
    """Three groups: Low and High are the treatment, Placebo the control."""
    rows = [
        event("Rash", ("EG000", 1, 10), ("EG001", 2, 20), ("EG002", 3, 30)),
        event("Rash", ("EG000", 4, 10), ("EG001", 5, 20), ("EG002", 6, 30)),
        event("Pregnancy", ("EG000", 0, 0), ("EG001", 1, 9), ("EG002", 0, 12)),
        event("Cough", ("EG000", None, 10), ("EG001", 2, 20), ("EG002", 3, 30)),
    ]
    serious = [event("Rash", ("EG000", 1, 10), ("EG001", 0, 20), ("EG002", 0, 30))]
    store = Store.create(tmp_path / "store")
    study = trial("NCT00000001", groups=("Low", "High", "Placebo"), serious=serious, other=rows)
    store.load(stream(study), source_note="", loaded_on=date(2026, 1, 1))
    with store.database() as database:
        yield database


SIDES = [
    GroupSide("NCT00000001", "EG000", "treatment"),
    GroupSide("NCT00000001", "EG001", "treatment"),
    GroupSide("NCT00000001", "EG002", "control"),
]


def test_sections_and_repeated_terms_are_not_added_up(small):
    rows = sorted_rows(small.rows(two_by_two(small, SIDES, terms=["rash"])))
    cells = ("event_type", "occurrence", "treatment_events", "treatment_n", "control_events", "control_n")
    assert [tuple(row[name] for name in cells) for row in rows] == [
        ("other", 1, 3, 30, 3, 30),
        ("other", 2, 9, 30, 6, 30),
        ("serious", 1, 1, 30, 0, 30),
    ]


def test_nobody_at_risk_is_not_assessed(small):
    (row,) = small.rows(two_by_two(small, SIDES, terms=["Pregnancy"]))
    assert (row["treatment_groups"], row["treatment_events"], row["treatment_n"]) == (1, 1, 9)


def test_a_number_that_one_group_does_not_state_is_missing_for_its_side(small):
    (row,) = small.rows(two_by_two(small, SIDES, terms=["Cough"]))
    assert (row["treatment_groups"], row["treatment_events"], row["treatment_n"]) == (2, None, 30)
    assert (row["control_events"], row["control_n"]) == (3, 30)


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ([], "no event groups"),
        ([SIDES[0], SIDES[0]], "twice"),
        ([SIDES[0], GroupSide("NCT00000001", "EG000", "control")], "twice"),
        ([GroupSide("NCT00000001", "EG\x1f000", "control")], "control character"),
        ([GroupSide("NCT00000001", "EG000", "treatmnet")], "treatment"),
        ([GroupSide("NCT00000001", f"EG{i:03}", "control") for i in range(63)], "more than 62"),
    ],
)
def test_sides_that_say_nothing_clear(small, sides, message):
    with pytest.raises(OptionError, match=message):
        two_by_two(small, sides)


def test_a_group_named_by_somebody_is_data_not_sql(small):
    odd = GroupSide("NCT00000001", "'); DROP TABLE studies; --", "control")
    assert small.rows(two_by_two(small, [odd])) == []


def test_wrong_password_is_told_without_it(aact_url):
    with pytest.raises(InputError) as caught:
        open_database(aact_url.replace("se%2Fcret", "gu%2Fess"))
    assert "cannot be connected to" in str(caught.value)
    assert "gu/ess" not in str(caught.value)
    assert "gu%2Fess" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:hunter2@localhost:1/aact", "postgresql://u:hunter2@[::1/aact", "postgresql://u:hunter2@h/d?no=1"],
)
def test_no_server_or_no_address_is_one_clear_error(url):
    with pytest.raises(InputError, match="PostgreSQL database") as caught:
        open_database(url)
    assert "hunter2" not in str(caught.value)


def test_a_database_without_aact_is_told(postgresql_server):
    with pytest.raises(InputError, match="no schema 'ctgov'"):
        open_database(postgresql_server.replace("/postgres?", "/template1?"))


def test_a_database_keeps_no_older_versions(aact_url):
    with pytest.raises(OptionError, match="current versions alone"):
        open_database(aact_url, date(2020, 1, 1))


def test_every_real_candidate_of_a_drug(real, real_store):
    expected = {item.record.nct_id for item in real.loaded if mentions(item.record, ["dapagliflozin"])}
    assert set(real_store.candidates(["Dapagliflozin"])) == expected
    assert all(isinstance(item, Loaded) for item in real.loaded)
    assert expected
