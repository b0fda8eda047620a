"""The real records against a recount of their raw JSON, which knows nothing of the reader."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter

import pytest

AE = "resultsSection.adverseEventsModule"
OM = "resultsSection.outcomeMeasuresModule.outcomeMeasures[]"
FLOW = "resultsSection.participantFlowModule"
BASE = "resultsSection.baselineCharacteristicsModule"
MEASUREMENTS = "classes[].categories[].measurements[]"


def leaves(value, path=""):
    """Every value with its path, positions left out."""
    yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, f"{path}[]")


def as_number(value):
    try:
        return float(str(value).replace(",", ""))
    except ValueError:
        return 0.0


def recount(raw):
    """How often each path occurs, and the sum of its numbers."""
    number, total = Counter(), Counter()
    for path, value in leaves(raw):
        number[path] += 1
        if not isinstance(value, (dict, list, bool)):
            total[path] += as_number(value)
    return number, total


def total(values):
    return sum(value for value in values if value is not None)


def event_counts(record):
    events = record.adverse_events
    if events is None:
        return
    yield f"{AE}.eventGroups[]", len(events.groups), None
    for kind in ("deaths", "serious", "other"):
        totals = [getattr(group, kind) for group in events.groups if getattr(group, kind)]
        yield f"{AE}.eventGroups[].{kind}NumAffected", None, total(each.affected for each in totals)
        yield f"{AE}.eventGroups[].{kind}NumAtRisk", None, total(each.at_risk for each in totals)
    for section in ("serious", "other"):
        terms = events.of(section)
        cells = [cell for term in terms for cell in term.cells]
        path = f"{AE}.{section}Events[]"
        yield path, len(terms), None
        yield f"{path}.stats[]", len(cells), None
        for key, name in (("numAffected", "affected"), ("numAtRisk", "at_risk"), ("numEvents", "events")):
            stated = [getattr(cell, name) for cell in cells if getattr(cell, name) is not None]
            yield f"{path}.stats[].{key}", len(stated), sum(stated)


def block_counts(path, classes):
    measurements = [each for row in classes for category in row.categories for each in category.measurements]
    yield f"{path}.classes[]", len(classes), None
    yield f"{path}.classes[].categories[]", sum(len(row.categories) for row in classes), None
    yield f"{path}.{MEASUREMENTS}", len(measurements), None
    for key, name in (("value", "value"), ("spread", "spread"), ("lowerLimit", "low"), ("upperLimit", "high")):
        yield f"{path}.{MEASUREMENTS}.{key}", None, total(getattr(each, name) for each in measurements)
    yield from denominator_counts(f"{path}.classes[]", [each for row in classes for each in row.denominators])


def denominator_counts(path, denominators):
    counts = [count for each in denominators for _, count in each.counts]
    yield f"{path}.denoms[].counts[]", len(counts), None
    yield f"{path}.denoms[].counts[].value", None, total(counts)


def outcome_counts(record):
    outcomes = record.outcomes
    yield OM, len(outcomes), None
    yield f"{OM}.groups[]", sum(len(each.groups) for each in outcomes), None
    yield from block_counts(OM, [row for each in outcomes for row in each.classes])
    yield from denominator_counts(OM, [row for each in outcomes for row in each.denominators])
    analyses = [each for outcome in outcomes for each in outcome.analyses]
    path = f"{OM}.analyses[]"
    yield path, len(analyses), None
    yield f"{path}.groupIds[]", sum(len(each.groups) for each in analyses), None
    for key, name in (("paramValue", "value"), ("ciLowerLimit", "low"), ("ciUpperLimit", "high")):
        yield f"{path}.{key}", None, total(getattr(each, name) for each in analyses)
    yield f"{path}.ciPctValue", None, 100 * total(each.conf_level for each in analyses)
    yield f"{path}.dispersionValue", None, total(each.dispersion for each in analyses)


def participant_counts(record):
    flow, baseline = record.flow, record.baseline
    if flow is not None:
        yield f"{FLOW}.groups[]", len(flow.groups), None
        for key, name, rows in (
            ("milestones", "milestones", "achievements"),
            ("dropWithdraws", "withdrawals", "reasons"),
        ):
            found = [each for period in flow.periods for each in getattr(period, name)]
            numbers = [each.participants for milestone in found for each in milestone.achievements]
            path = f"{FLOW}.periods[].{key}[]"
            yield path, len(found), None
            yield f"{path}.{rows}[]", len(numbers), None
            yield f"{path}.{rows}[].numSubjects", None, total(numbers)
    if baseline is not None:
        yield f"{BASE}.groups[]", len(baseline.groups), None
        yield f"{BASE}.measures[]", len(baseline.measures), None
        yield from block_counts(f"{BASE}.measures[]", [row for each in baseline.measures for row in each.classes])
        yield from denominator_counts(BASE, baseline.denominators)
        yield from denominator_counts(
            f"{BASE}.measures[]", [row for each in baseline.measures for row in each.denominators]
        )


def test_every_record_loads_under_its_own_name(real_load, records_folder):
    files = sorted(path.name for path in records_folder.glob("*.json.gz"))
    assert len(files) >= 321
    assert [f"{loaded.record.nct_id}.json.gz" for loaded in real_load.records] == files
    assert all(loaded.record.origin.place.endswith(file) for loaded, file in zip(real_load.records, files, strict=True))


def test_counts_and_sums_equal_a_recount_of_the_raw_json(real_load, raw_record):
    differences, compared = [], 0
    for loaded in real_load.records:
        record = loaded.record
        number, sums = recount(raw_record(record.nct_id))
        counted = [*event_counts(record), *outcome_counts(record), *participant_counts(record)]
        for path, count, summed in counted:
            compared += 1
            if count is not None and count != number[path]:
                differences.append((record.nct_id, path, count, number[path]))
            if summed is not None and summed != pytest.approx(sums[path], rel=1e-9, abs=1e-9):
                differences.append((record.nct_id, path, summed, sums[path]))
    assert not differences
    assert compared > 321 * 30


def test_the_raw_bytes_hold_all_of_the_record_and_hash_to_its_origin(real_load, raw_record):
    for loaded in real_load.records[::10]:
        raw, origin = raw_record(loaded.record.nct_id), loaded.record.origin
        assert json.loads(loaded.raw) == raw
        assert hashlib.sha256(loaded.raw).hexdigest() == origin.sha256
        assert origin.version == raw["derivedSection"]["miscInfoModule"]["versionHolder"]
        assert b'": ' not in loaded.raw[:1000]


def at(raw, path):
    for step in re.findall(r"[^.\[\]]+", path):
        raw = raw[int(step)] if step.isdigit() else raw[step]
    return raw


def numbered(record):
    """Every number that keeps its path, as (path, key, number)."""
    events = record.adverse_events
    for group in events.groups if events else ():
        yield from ((each.path, None, each.affected) for each in (group.deaths, group.serious, group.other) if each)
    for cell in (cell for term in (events.terms if events else ()) for cell in term.cells):
        yield cell.path, "numAtRisk", cell.at_risk
        yield cell.path, "groupId", cell.group
    outcomes = [row for outcome in record.outcomes for row in outcome.classes]
    baseline = [row for measure in (record.baseline.measures if record.baseline else ()) for row in measure.classes]
    for row in (*outcomes, *baseline):
        yield from ((each.path, "value", each.text) for category in row.categories for each in category.measurements)
    for period in record.flow.periods if record.flow else ():
        for milestone in (*period.milestones, *period.withdrawals):
            yield from ((each.path, "groupId", each.group) for each in milestone.achievements)


def test_every_number_stands_at_its_path(real_load, raw_record):
    looked_up = 0
    for loaded in real_load.records[::5]:
        raw = raw_record(loaded.record.nct_id)
        for path, key, expected in numbered(loaded.record):
            found = at(raw, path)
            assert (found[key] if key else found) == expected, (loaded.record.nct_id, path)
            looked_up += 1
    assert looked_up > 10_000


def test_titles_labels_and_terms_are_kept_letter_by_letter(real_load, raw_record):
    for loaded in real_load.records[::5]:
        record, raw = loaded.record, raw_record(loaded.record.nct_id)
        module = raw["resultsSection"].get("adverseEventsModule", {})
        if record.adverse_events:
            terms = [row["term"] for key in ("seriousEvents", "otherEvents") for row in module.get(key, [])]
            assert [term.term for term in record.adverse_events.terms] == terms
            assert [group.title for group in record.adverse_events.groups] == [
                row["title"] for row in module["eventGroups"]
            ]
        arms = raw["protocolSection"]["armsInterventionsModule"].get("armGroups", [])
        assert [arm.label for arm in record.arms] == [arm["label"] for arm in arms]
        measures = raw["resultsSection"].get("outcomeMeasuresModule", {}).get("outcomeMeasures", [])
        assert [outcome.title for outcome in record.outcomes] == [row["title"] for row in measures]


NUMBER_WITH_COMMA = re.compile(
    r'"(?:value|spread|lowerLimit|upperLimit|numSubjects|paramValue|dispersionValue|ci(?:Lower|Upper)Limit)":'
    r'"(-?[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?)"'
)
THRESHOLD = re.compile(r'"frequencyThreshold":"(0\.0*[1-9][0-9]*)"')


def test_the_error_table_holds_commas_in_numbers_and_thresholds_below_one_percent_and_nothing_else(real_load):
    expected = Counter()
    for loaded in real_load.records:
        text = loaded.raw.decode()
        for pattern in (NUMBER_WITH_COMMA, THRESHOLD):
            expected.update((loaded.record.nct_id, value) for value in pattern.findall(text))
    assert Counter((problem.nct_id, problem.value) for problem in real_load.problems) == expected
    assert {problem.lost for problem in real_load.problems} == {"nothing"}
    assert sum(expected.values()) > 200


def fields_by_kind(node, path=""):
    path = f"{path}.{node['name']}" if path else node["name"]
    yield path, node["sourceType"]
    for child in node.get("children", ()):
        yield from fields_by_kind(child, path)


def test_only_fields_of_the_kind_markup_are_escaped_and_they_all_are(real_load, raw_record, registry_folder):
    """This is why titles and terms are not unescaped and descriptions are."""
    tree = json.loads((registry_folder / "schema" / "ctgov_v2_metadata.json").read_text())
    kinds = dict(pair for node in tree for pair in fields_by_kind(node))
    escaped, plain = Counter(), Counter()
    for loaded in real_load.records[::8]:
        for path, value in leaves(raw_record(loaded.record.nct_id)):
            if isinstance(value, str):
                kind = kinds.get(path.replace("[]", ""), "")
                escaped[kind] += len(re.findall(r"\\[<>\[\]*^_~&]", value))
                plain[kind] += len(re.findall(r"(?<!\\)[<>]", value))
    assert set(+escaped) == {"MARKUP"}
    assert escaped["MARKUP"] > 500
    # One record keeps HTML in its criteria for eligibility, whose brackets are not escaped.
    assert plain["MARKUP"] < 0.05 * escaped["MARKUP"] < plain["TEXT"]


def test_no_description_of_a_group_keeps_an_escape(real_load, raw_record):
    unescaped = 0
    for loaded in real_load.records:
        record = loaded.record
        for group in (
            *(record.adverse_events.groups if record.adverse_events else ()),
            *(record.flow.groups if record.flow else ()),
        ):
            assert not re.search(r"\\[<>\[\]*^]", group.description)
            unescaped += bool(re.search(r"[<>\[\]]", group.description))
    assert unescaped > 20
