"""Whatever is done to a record, reading it raises nothing: it gives the record, or a problem that says it is lost."""

from __future__ import annotations

import copy
import gzip
import io
import json
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st
from registry.read.small import SMALL, small_bytes

from trialpool.registry.model import Origin
from trialpool.registry.read import Loaded, Problem, read_bytes, read_paths, record_from_json
from trialpool.registry.read.limits import DEFAULT_LIMITS
from trialpool.registry.read.lines import read_lines

TEXTS = st.one_of(st.text(), st.sampled_from(["1,553", "NA", "0,3139", "<5", "EG000", "\\[", "NCT00000102", "5%"]))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)


def places(value, found):
    """Every place of a value that can be changed: its container and key."""
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(child, (dict, list)):
            places(child, found)
    return found


@st.composite
def mutated(draw):
    study = copy.deepcopy(SMALL)
    for _ in range(draw(st.integers(1, 4))):
        spots = places(study, [])
        if not spots:
            break
        container, key = spots[draw(st.integers(0, len(spots) - 1))]
        action = draw(st.sampled_from(["replace", "delete", "repeat"]))
        if action == "delete":
            del container[key]
        elif action == "repeat" and isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        else:
            container[key] = draw(VALUES)
    return study


def check(found):
    found = list(found)
    loaded = [each for each in found if isinstance(each, Loaded)]
    problems = [each for each in found if isinstance(each, Problem)]
    assert len(loaded) + len(problems) == len(found) > 0
    assert loaded or any(problem.lost == "record" for problem in problems)
    assert all(problem.file and problem.problem and len(problem.value) <= 200 for problem in problems)
    for each in loaded:
        each.raw.decode()
    return loaded, problems


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_mutated_record_is_read_or_lost(study):
    record, problems = record_from_json(study, Origin("ClinicalTrials.gov", "a.json"))
    assert (record is None) == ("record" in [problem.lost for problem in problems])
    loaded, _ = check(read_bytes(json.dumps(study).encode(), "a.json"))
    assert bool(loaded) == (record is not None)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_bytes_cut_or_changed_anywhere_are_read_or_told(data):
    whole = small_bytes()
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 3))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    check(read_bytes(bytes(broken), "a.json"))
    check(read_bytes(b'{"studies": [' + bytes(broken) + b"," + whole + b"]}", "page.json"))
    loaded, _ = check(
        read_lines(io.BytesIO(bytes(broken).replace(b"\n", b"") + b"\n" + whole), "a.ndjson", DEFAULT_LIMITS)
    )
    assert loaded


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_packed_bytes_cut_or_changed_anywhere_are_read_or_told(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writing:
        writing.writestr("a.json", small_bytes())
        writing.writestr("b.json.gz", gzip.compress(small_bytes()))
    for name, whole in (("a.json.gz", gzip.compress(small_bytes())), ("b.zip", archive.getvalue())):
        broken = bytearray(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
        for _ in range(data.draw(st.integers(0, 3))):
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
        (folder / name).write_bytes(broken)
    list(read_paths(folder))
