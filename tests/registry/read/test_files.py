"""Folders, archives and packed files."""

from __future__ import annotations

import gzip
import json
import os
import struct
import zipfile

import pytest
from registry.read.small import NCT_ID, small, small_bytes

from trialpool.errors import InputError
from trialpool.registry.read import Limits, Loaded, Problem, read_paths

IDS = [f"NCT0000010{i}" for i in range(6)]


def split(found):
    found = list(found)
    records = [(each.record.nct_id, each.record.origin.place) for each in found if isinstance(each, Loaded)]
    return records, [each for each in found if isinstance(each, Problem)]


def load(path, **options):
    records, problems = split(read_paths(path, **options))
    return [nct_id for nct_id, _ in records], problems


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_folder_is_read_in_the_order_of_names_with_every_kind_of_file(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "b.json").write_bytes(small_bytes(IDS[1]))
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(small_bytes(IDS[0])))
    (tmp_path / "e.ndjson").write_bytes(small_bytes(IDS[2]) + b"\n")
    (tmp_path / "f.JSONL.gz").write_bytes(gzip.compress(small_bytes(IDS[3])))
    (tmp_path / "g.json").write_text(json.dumps({"studies": [small(IDS[4])]}))
    zipped(tmp_path / "h.zip", {"x/y.json": small_bytes(IDS[5]), "z.json.gz": gzip.compress(small_bytes(IDS[0]))})
    (tmp_path / "notes.txt").write_text("notes")
    records, problems = split(read_paths(tmp_path))
    assert [nct_id for nct_id, _ in records] == [*IDS, IDS[0]]
    places = [place.removeprefix(f"{tmp_path.as_posix()}/") for _, place in records]
    assert places == [
        "a.json.gz", "deep/er/b.json", "e.ndjson:1", "f.JSONL.gz:1", "g.json#studies[0]", "h.zip!x/y.json", "h.zip!z.json.gz",
    ]  # fmt: skip
    assert [(problem.file, problem.lost) for problem in problems] == [((tmp_path / "notes.txt").as_posix(), "nothing")]


def test_content_counts_not_the_name(tmp_path):
    (tmp_path / "a.json").write_bytes(gzip.compress(small_bytes(IDS[0])))
    (tmp_path / "b.json.gz").write_bytes(small_bytes(IDS[1]))
    zipped(tmp_path / "c.json", {"x.json": small_bytes(IDS[2])})
    (tmp_path / "d.download").write_bytes(small_bytes(IDS[3]))
    assert load(sorted(tmp_path.iterdir())) == (IDS[:4], [])


def test_one_path_may_stand_alone_and_be_text(tmp_path):
    (tmp_path / "a.json").write_bytes(small_bytes())
    assert load(str(tmp_path / "a.json")) == load([tmp_path]) == ([NCT_ID], [])


def test_empty_places_are_told(tmp_path):
    (tmp_path / "none").mkdir()
    zipped(tmp_path / "none.zip", {})
    assert "no files" in load(tmp_path / "none")[1][0].problem
    assert "no files" in load(tmp_path / "none.zip")[1][0].problem


@pytest.mark.parametrize("name", ["missing.json", "nul\0.json", "a" * 5_000])
def test_a_path_that_cannot_be_opened_is_the_users_error_at_once(tmp_path, name):
    with pytest.raises(InputError, match="name a file or folder of records that exists"):
        read_paths([tmp_path, tmp_path / name])


def test_a_link_to_nowhere_and_a_pipe_are_told(tmp_path):
    (tmp_path / "a.json").symlink_to(tmp_path / "missing")
    os.mkfifo(tmp_path / "b.json")
    (tmp_path / "c.json").write_bytes(small_bytes())
    found, problems = load(tmp_path)
    assert found == [NCT_ID]
    assert [problem.problem for problem in problems] == ["not a file that can be read; left out"] * 2


def test_a_file_that_vanishes_while_loading_is_told(tmp_path):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(small_bytes())
    reading = read_paths([tmp_path / "a.json", tmp_path / "b.json"])
    assert isinstance(next(reading), Loaded)
    (tmp_path / "b.json").unlink()
    assert "cannot be opened" in next(reading).problem


@pytest.mark.parametrize("cut", [5, 100, -9, -1])
def test_a_packed_file_cut_short_loses_its_record_and_no_other(tmp_path, cut):
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(small_bytes())[:cut])
    (tmp_path / "b.json").write_bytes(small_bytes())
    found, (problem,) = load(tmp_path)
    assert found == [NCT_ID]
    assert (problem.lost, problem.file) == ("record", (tmp_path / "a.json.gz").as_posix())
    assert "end too early" in problem.problem


def test_a_packed_file_whose_checksum_is_wrong_is_not_trusted(tmp_path):
    study = small()
    study["x"] = os.urandom(1_200_000).hex()
    packed = bytearray(gzip.compress(json.dumps(study).encode()))
    packed[-6] ^= 1
    (tmp_path / "a.json.gz").write_bytes(packed)
    found, (problem,) = load(tmp_path)
    assert found == []
    assert "damaged" in problem.problem


def test_gzip_bombs_are_stopped(tmp_path):
    bomb = gzip.compress(b'{"a":"' + b"0" * 30_000_000)
    (tmp_path / "a.json").write_bytes(bomb)
    (tmp_path / "b.ndjson").write_bytes(gzip.compress(b"0" * 30_000_000))
    zipped(tmp_path / "c.zip", {"a.json": b" " * 30_000_000, "b.json.gz": bomb, "c.json": small_bytes()})
    found, problems = load(tmp_path)
    assert found == [NCT_ID]
    assert [problem.file.rpartition("/")[2] for problem in problems] == [
        "a.json",
        "b.ndjson",
        "c.zip!a.json",
        "c.zip!b.json.gz",
    ]
    assert all("made to fill memory" in problem.problem for problem in problems)


def test_an_archive_of_many_small_bombs_is_stopped_as_a_whole(tmp_path):
    path = zipped(tmp_path / "a.zip", {f"{i}.json": b" " * 900_000 for i in range(12)})
    assert all("empty" in problem.problem for problem in load(path)[1])
    found, problems = load(path, limits=Limits(ratio=2, free_bytes=1_000_000))
    assert found == []
    assert any("the archive unpacks to more than" in problem.problem for problem in problems)


@pytest.mark.parametrize(
    "name", ["../a.json", "x/../../a.json", "/etc/a.json", "\\a.json", "C:\\a.json", "c:a.json", "..\\a.json"]
)
def test_a_member_whose_path_leads_out_is_not_read(tmp_path, name):
    path = zipped(tmp_path / "a.zip", {name: small_bytes(IDS[0]), "b.json": small_bytes(IDS[1])})
    before = sorted(tmp_path.parent.rglob("*"))
    found, (problem,) = load(path)
    assert found == [IDS[1]]
    assert problem.file.endswith(f"!{name}")
    assert "nothing is ever unpacked to disk" in problem.problem
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_dots_inside_a_name_are_harmless(tmp_path):
    assert load(zipped(tmp_path / "a.zip", {"x..y/..a.json": small_bytes()})) == ([NCT_ID], [])


def test_links_encrypted_nested_and_unknown_members_are_told(tmp_path):
    link = zipfile.ZipInfo("a.json")
    link.external_attr = 0o120777 << 16
    inner = zipped(tmp_path / "inner.zip", {"x.json": small_bytes()}).read_bytes()
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("b.json", small_bytes())
        archive.writestr("c.zip", inner)
        archive.writestr("d.json", inner)
        archive.writestr("e.txt", "text")
    data = bytearray(path.read_bytes())
    # Set the flag "encrypted" of b.json, in its own header and in the directory of the archive.
    with zipfile.ZipFile(path) as archive:
        struct.pack_into("<H", data, archive.getinfo("b.json").header_offset + 6, 1)
        second = data.index(b"PK\x01\x02", archive.start_dir + 1)
    struct.pack_into("<H", data, second + 8, 1)
    path.write_bytes(data)
    found, problems = load(path)
    told = [(problem.file.rpartition("!")[2], problem.lost) for problem in problems]
    assert found == []
    assert told == [
        ("a.json", "record"),
        ("b.json", "record"),
        ("c.zip", "record"),
        ("d.json", "record"),
        ("e.txt", "nothing"),
    ]
    for problem, word in zip(problems, ["link", "encrypted", "archive", "archive", "name"], strict=True):
        assert word in problem.problem


def test_a_damaged_member_costs_no_other_and_a_damaged_archive_is_told(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.json": small_bytes(IDS[0]), "b.json": small_bytes(IDS[1])})
    data = bytearray(path.read_bytes())
    data[200] ^= 255
    path.write_bytes(data)
    found, (problem,) = load(path)
    assert found == [IDS[1]]
    assert problem.file.endswith("a.zip!a.json")
    (tmp_path / "b.zip").write_bytes(data[:-30])
    assert "not a zip archive that can be read" in load(tmp_path / "b.zip")[1][0].problem


def test_a_method_of_packing_that_is_not_known_is_told(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.json": small_bytes()})
    data = bytearray(path.read_bytes())
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(signature) + method, 97)
    path.write_bytes(data)
    assert "not supported" in load(path)[1][0].problem


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_both_read_and_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.json", small_bytes(IDS[0]))
        archive.writestr("a.json", small_bytes(IDS[1]))
    found, (problem,) = load(tmp_path / "a.zip")
    assert found == IDS[:2]
    assert problem.lost == "nothing"


def test_members_that_share_their_packed_bytes_are_stopped(tmp_path):
    """The directory of the archive names one large member twice: each name alone is within the limits."""
    path = zipped(tmp_path / "a.zip", {"a.json": b"[" + b" " * 9_000_000 + b"]", "b.json": b""})
    data = path.read_bytes()
    directory = data.index(b"PK\x01\x02")
    entry = data[directory : data.index(b"PK\x01\x02", directory + 1)]
    end = data.index(b"PK\x05\x06")
    again = entry * 30
    counts = struct.pack("<HHII", 30, 30, len(again), directory)
    path.write_bytes(data[:directory] + again + data[end : end + 8] + counts + b"\0\0")
    _, problems = load(path)
    assert any("the archive unpacks to more than" in problem.problem for problem in problems)
