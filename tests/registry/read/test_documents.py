"""JSON documents, pages and lines: what is sound is read, what is not is told, and reading goes on."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from registry.read.small import NCT_ID, small, small_bytes

from trialpool.registry.read import Limits, Loaded, Problem, read_bytes
from trialpool.registry.read.limits import DEFAULT_LIMITS
from trialpool.registry.read.lines import read_lines, split_lines
from trialpool.registry.read.loading import load_value

IDS = [f"NCT0000010{i}" for i in range(6)]


def page(ids, **fields):
    return json.dumps({"studies": [small(nct_id) for nct_id in ids], **fields}).encode()


def split(found):
    """Identifiers read with their places, and problems."""
    found = list(found)
    records = {each.record.nct_id: each.record.origin.place for each in found if isinstance(each, Loaded)}
    return records, [each for each in found if isinstance(each, Problem)]


def lines(data, limits=DEFAULT_LIMITS):
    return split(read_lines(io.BytesIO(data), "a.ndjson", limits))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_one_study_in_any_layout_is_the_same_version(indent, bom):
    (found,) = read_bytes(bom + json.dumps(small(), indent=indent).encode() + b"\n", "a.json")
    assert found.record.origin.sha256 == next(read_bytes(small_bytes(), "b.json")).record.origin.sha256
    assert json.loads(found.raw) == small()


def test_a_page_is_read_study_by_study_wherever_its_other_fields_stand():
    for data in (
        page(IDS, nextPageToken="abc"),
        b'{"totalCount": 6, "nextPageToken": "x", "studies":' + page(IDS)[len('{"studies":') :],
        b'{"new": {"field": 1}, "studies":' + page(IDS)[len('{"studies":') :],
    ):
        records, problems = split(read_bytes(data, "page.json"))
        assert records == {nct_id: f"page.json#studies[{i}]" for i, nct_id in enumerate(IDS)}
        assert problems == []


def test_an_empty_page_is_no_problem_and_a_list_is_read():
    assert split(read_bytes(b'{"studies": []}', "a")) == ({}, [])
    records, problems = split(read_bytes(json.dumps([small(nct_id) for nct_id in IDS]).encode(), "a"))
    assert records[IDS[2]] == "a#[2]"
    assert problems == []


def test_memory_does_not_grow_with_the_length_of_a_page():
    def peak(studies):
        body = (
            b'{"studies":[' + b",".join([json.dumps({**small(), "x": ["y" * 100] * 1_000}).encode()] * studies) + b"]}"
        )
        tracemalloc.start()
        count = sum(isinstance(each, Loaded) for each in read_bytes(body, "a"))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == studies
        return most

    assert peak(90) < 1.2 * peak(30)


def test_a_broken_study_in_a_page_costs_no_other_study():
    parts = [json.dumps(small(nct_id)) for nct_id in IDS]
    parts[1] = parts[1].replace('"term"', "term", 1)
    parts[3] = parts[3][:-40]
    records, problems = split(read_bytes(f'{{"studies":[{",".join(parts)}]}}'.encode(), "p"))
    assert sorted(records) == [IDS[0], IDS[2], IDS[4], IDS[5]]
    assert [(problem.file, problem.lost) for problem in problems] == [
        ("p#studies[1]", "record"),
        ("p#studies[3]", "record"),
    ]
    assert "line 1, character" in problems[0].problem


def test_a_page_cut_short_between_two_studies_is_told():
    for end in (b"", b", ", b"\n"):
        records, (problem,) = split(read_bytes(page(IDS[:2])[:-2] + end, "p"))
        assert list(records) == IDS[:2]
        assert "cut short" in problem.problem


@pytest.mark.parametrize("cut", [1, 2, 3, 200, 4500])
def test_a_page_cut_short_gives_the_studies_before_the_cut(cut):
    records, problems = split(read_bytes(page(IDS)[:-cut], "p"))
    length = len(json.dumps(small()))
    assert list(records) == IDS[: 6 if cut <= 2 else 5 - (cut - 3) // (length + 2)]
    (problem,) = problems
    assert ("unexpected" if cut == 1 else "cut short") in problem.problem


def test_text_after_the_studies_or_after_a_study_is_told():
    records, (problem,) = split(read_bytes(page(IDS) + b" and more", "p"))
    assert len(records) == 6
    assert "unexpected" in problem.problem
    records, (problem,) = split(read_bytes(small_bytes() + b"}", "a"))
    assert (list(records), problem.file, problem.lost) == ([NCT_ID], "a#[1]", "record")


def test_lines_under_another_name_are_read_too():
    records, problems = split(read_bytes(b"\n".join(small_bytes(nct_id) for nct_id in IDS), "a.json"))
    assert sorted(records) == IDS
    assert problems == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (small_bytes()[:-100], "cut short"),
        (small_bytes().replace(b'"term"', b'"term', 1), "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b"<html>Too many requests</html>", "not JSON"),
        (small_bytes().decode().encode("utf-16"), "UTF-16"),
        (small_bytes().decode().encode("utf-16-le"), "NUL"),
        (b"\x1f\x8b\x08\x00", "packed file inside"),
        (b"PK\x03\x04", "archive"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"protocolSection": ' + b"[" * 900 + b"]" * 900 + b"}", "not a study"),
        (b"9" * 10_000, "not JSON"),
        (b"null", "not a study"),
        (b'"text"', "not a study"),
        (b"NaN", "not a study"),
        (b"\xff\xfe\xfd", "UTF-16"),
        (b"\x80\x81", "not JSON"),
    ],
)
def test_what_is_no_study_loses_the_record_and_says_why(data, words):
    records, problems = split(read_bytes(data, "a.json"))
    assert records == {}
    assert [problem.lost for problem in problems if words in problem.problem] == ["record"]
    assert {problem.file.removesuffix("#[0]") for problem in problems} == {"a.json"}


def test_where_json_ends_to_be_json_is_told_by_line_and_character():
    text = '{\n "protocolSection": {},\n "x": oops}'
    (problem,) = read_bytes(text.encode(), "a.json")
    assert f"line 3, character {text.index('oops')} of the file" in problem.problem


def mended(data):
    found, *problems = read_bytes(data, "a.json")
    return found, [(problem.path, problem.value, problem.lost, problem.nct_id) for problem in problems]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_told_and_the_record_is_kept(word):
    found, problems = mended(small_bytes().replace(b'"numAffected": 7', f'"numAffected": {word}'.encode()))
    path = "resultsSection.adverseEventsModule.otherEvents[0].stats[0].numAffected"
    assert problems == [(path, word, "field", NCT_ID)]
    assert (
        json.loads(found.raw)["resultsSection"]["adverseEventsModule"]["otherEvents"][0]["stats"][0]["numAffected"]
        is None
    )


def test_a_repeated_key_is_told_with_the_value_that_was_not_read():
    found, problems = mended(small_bytes().replace(b'"title": "A"', b'"title": "first", "title": "A"', 1))
    assert problems == [("resultsSection.participantFlowModule.groups[0].title", "first", "field", NCT_ID)]
    assert found.record.flow.groups[0].title == "A"


def test_half_a_surrogate_pair_is_replaced_and_told():
    found, problems = mended(small_bytes().replace(b'"A v B"', rb'"A \ud83d v \ud83d\ude00"'))
    assert found.record.title == "A � v \U0001f600"
    assert [(path, lost) for path, _, lost, _ in problems] == [
        ("protocolSection.identificationModule.briefTitle", "field")
    ]
    found.raw.decode()
    found, problems = mended(small_bytes().replace(b'"hasResults"', rb'"\ud83d": [1], "hasResults"'))
    assert b'"\xef\xbf\xbd":[1]' in found.raw
    assert len(problems) == 1


def test_bytes_that_are_not_utf8_are_replaced_and_told():
    for data, place in ((small_bytes(), "a.json"), (page([NCT_ID]), "a.json#studies[0]")):
        found, problem = read_bytes(data.replace(b"A v B", b"A \xe9 B"), "a.json")
        assert found.record.title == "A � B"
        assert (problem.file, problem.lost) == (place, "field")
        assert f"byte {data.index(b'A v B') + 2} " in problem.problem


def test_characters_cut_in_two_by_the_pieces_of_a_stream_are_whole():
    title = "é€\U0001f600" * 400_000
    study = small()
    study["protocolSection"]["identificationModule"]["briefTitle"] = title
    for shift in range(4):
        (found,) = read_bytes(b" " * shift + json.dumps(study, ensure_ascii=False).encode(), "a.json")
        assert found.record.title == title


def test_a_document_over_the_limit_is_left_out_and_the_next_one_read():
    large = small(IDS[0])
    large["x"] = "y" * 3_000_000
    limits = Limits(document_bytes=2_000_000)
    data = json.dumps({"studies": [large, small(IDS[1])]}).encode()
    records, (problem,) = split(read_bytes(data, "p", limits=limits))
    assert list(records) == [IDS[1]]
    assert "larger than 2,000,000 bytes" in problem.problem
    assert split(read_bytes(json.dumps(large).encode(), "p"))[1] == []
    assert (
        "larger than 1,000 bytes"
        in split(read_bytes(small_bytes(), "p", limits=Limits(document_bytes=1_000)))[1][0].problem
    )


def test_a_line_that_is_not_sound_costs_no_other_line():
    good = [small_bytes(nct_id) for nct_id in IDS]
    bad = [
        b"{",
        b"",
        b"[1]",
        good[0] + good[1],
        b"[" * 7_000,
        b"\xff",
        b'{"x": "' + b"y" * 9_000 + b'"}',
        b"9" * 5_000,
    ]
    mixed = [part for pair in zip(good, bad[:6], strict=True) for part in pair] + bad[6:]
    records, problems = lines(b"\xef\xbb\xbf" + b"\r\n".join(mixed), Limits(document_bytes=8_000))
    assert records == {nct_id: f"a.ndjson:{2 * i + 1}" for i, nct_id in enumerate(IDS)}
    # The empty line is none; the list is JSON, but its element is no study; the eighth line holds two records.
    assert [problem.file for problem in problems] == [f"a.ndjson:{i}" for i in (2, "6#[0]", 8, 10, 12, 13, 14)]


def test_lines_are_split_as_a_whole_whatever_the_pieces():
    rows = [b"x" * n for n in (0, 5, 1_048_575, 1_048_576, 3, 2_500_000, 1)]
    for end in (b"", b"\n"):
        found = list(split_lines(io.BytesIO(b"\n".join(rows) + end), 2_000_000))
        assert found == [row if len(row) <= 2_000_000 else None for row in rows]


def test_bytes_that_are_not_utf8_in_a_line_are_replaced_and_told():
    records, (problem,) = lines(small_bytes(IDS[0]).replace(b"A v B", b"A \xe9 B"))
    assert list(records) == [IDS[0]]
    assert (problem.file, problem.lost) == ("a.ndjson:1", "field")


def test_a_record_nested_to_any_depth_is_read_or_lost():
    outcomes = set()
    for depth in (500, *range(900, 1000), 1100):
        deep = small_bytes().removesuffix(b"}") + b', "x": ' + b"[" * depth + b"NaN" + b"]" * depth + b"}"
        for found in (list(read_bytes(deep, "a.json")), list(read_lines(io.BytesIO(deep), "a.ndjson", DEFAULT_LIMITS))):
            lost = [each.problem for each in found if isinstance(each, Problem) and each.lost == "record"]
            assert lost == ([] if isinstance(found[0], Loaded) else ["nested too deeply to be a record; left out"])
            outcomes.add(len(lost))
    assert outcomes == {0, 1}


def test_a_value_nested_more_deeply_than_it_can_be_written_is_lost():
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    (problem,) = load_value({**small(), "x": deep}, "a.json")
    assert (problem.lost, problem.problem) == ("record", "nested too deeply to be a record; left out")


def test_a_list_of_trifles_is_read_in_a_moment():
    data = b"[" + (b"1," + b" " * 60) * 20_000 + small_bytes() + b"]"
    records, problems = split(read_bytes(data, "a"))
    assert list(records) == [NCT_ID]
    assert len(problems) == 20_000


def test_a_broken_study_at_the_start_of_a_page_over_the_limit_is_told_by_its_own_fault():
    large = json.dumps({**small(IDS[1]), "x": "y" * 700_000})
    data = f'{{"studies": [{{"protocolSection": oops}}, {", ".join([large] * 4)}]}}'.encode()
    records, (problem,) = split(read_bytes(data, "p", limits=Limits(document_bytes=1_000_000)))
    assert list(records) == [IDS[1]]
    assert "Expecting value" in problem.problem


def test_an_empty_file_of_lines_is_told():
    assert "empty" in lines(b"")[1][0].problem
    records, (problem,) = lines(small_bytes(IDS[0]) + b"\n" + small_bytes(IDS[1])[:500])
    assert list(records) == [IDS[0]]
    assert problem.file == "a.ndjson:2"
