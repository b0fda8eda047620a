"""arms.toml: what the user says wins, is kept, and mistakes are shown by line."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry.groups.planned import NCT_ID, TWO_ARMS, group, record

from trialpool.errors import InputError, OutputError, ReviewError
from trialpool.registry.groups import (
    ArmEntry,
    ArmsFile,
    GroupMatch,
    RecordGroups,
    arms_from_text,
    match_groups,
    read_arms_file,
    write_arms_file,
)

RECORD = record(TWO_ARMS, [group("Drug X 10 mg"), group("Placebo"), group("Withdrawn")])
ENTRY = f"""\
[[{NCT_ID}]]
title = "Withdrawn"
arms = []
kind = "unclear"
role = "unclear"
treatments = []
status = "ask"
"""


def edited(path, old, new, count=1):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def entry_text(title):
    return f'title = "{title}"'


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "arms.toml"
    assert write_arms_file(path, [match_groups(RECORD)]) == ()
    return path


def test_what_is_written_is_read(written):
    file = read_arms_file(written)
    assert [(entry.title, entry.status) for entry in file.entries] == [
        ("Drug X 10 mg", "accepted"),
        ("Placebo", "accepted"),
        ("Withdrawn", "ask"),
    ]
    placebo = file.entries[1]
    assert (placebo.nct_id, placebo.arms, placebo.kind, placebo.role) == (NCT_ID, ("Placebo",), "arm", "placebo")


def test_the_file_explains_itself_and_says_what_is_in_doubt(written):
    text = written.read_text(encoding="utf-8")
    assert text.startswith("# Event groups of the trials")
    before = text[: text.index(entry_text("Withdrawn"))].splitlines()
    assert any("the title names participants outside the comparison" in line for line in before[-6:])


def test_the_programs_own_entries_change_nothing(written):
    assert match_groups(RECORD, read_arms_file(written)) == match_groups(RECORD)


def test_the_same_matches_give_the_same_bytes(written, tmp_path):
    again = tmp_path / "again.toml"
    write_arms_file(again, [match_groups(RECORD)], read_arms_file(written))
    assert again.read_bytes() == written.read_bytes()


def test_a_confirmed_entry_is_used(written):
    edited(written, '\nstatus = "ask"', '\nstatus = "confirmed"')
    match = match_groups(RECORD, read_arms_file(written)).of("EG002")
    assert (match.accepted, match.confidence, match.decided_by) == (True, 1.0, "user")
    assert "confirmed by the user in arms.toml, line" in match.reasons[0]


def correct(path):
    """The user says that ``Placebo`` is the treated arm."""
    text = path.read_text(encoding="utf-8")
    start = text.index(entry_text("Placebo"))
    end = text.index("\n\n", start)
    block = text[start:end].replace('role = "placebo"', 'role = "active"').replace('["Placebo"]', '["Drug X 10 mg"]')
    block = block.replace('status = "accepted"', 'status = "corrected"\nnote = "label \\"swapped\\""')
    path.write_text(text[:start] + block + text[end:], encoding="utf-8")


def test_a_corrected_entry_always_wins(written):
    correct(written)
    found = match_groups(RECORD, read_arms_file(written))
    match = found.of("EG001")
    assert (match.arms, match.role, match.accepted, match.decided_by) == (("Drug X 10 mg",), "active", True, "user")
    assert 'note: label "swapped"' in match.reasons
    assert found.of("EG000") == match_groups(RECORD).of("EG000")


def test_a_corrected_entry_survives_a_new_version_with_other_keys(written, tmp_path):
    correct(written)
    shifted = replace(
        RECORD,
        adverse_events=replace(
            RECORD.adverse_events,
            groups=tuple(replace(g, id=f"EG{9 - i:03}") for i, g in enumerate(reversed(RECORD.adverse_events.groups))),
        ),
    )
    file = read_arms_file(written)
    match = next(m for m in match_groups(shifted, file).matches if m.title == "Placebo")
    assert (match.role, match.decided_by) == ("active", "user")
    again = tmp_path / "again.toml"
    assert write_arms_file(again, [match_groups(shifted, file)], file) == ()
    kept = next(entry for entry in read_arms_file(again).entries if entry.title == "Placebo")
    assert (kept.status, kept.role, kept.note) == ("corrected", "active", 'label "swapped"')


def test_an_entry_whose_title_is_gone_is_kept_and_said(written, tmp_path):
    correct(written)
    file = read_arms_file(written)
    renamed = record(TWO_ARMS, [group("Drug X 10 mg"), group("Placebo tablets")])
    found = match_groups(renamed, file)
    assert [match.decided_by for match in found.matches] == ["rule", "rule"]
    assert [entry.title for entry in file.unused(found)] == ["Placebo"]
    again = tmp_path / "again.toml"
    remarks = write_arms_file(again, [found], file)
    assert remarks == (f"{NCT_ID}: no event group is called 'Placebo' (any more); the entry is kept, and is not used",)
    assert [e.title for e in read_arms_file(again).entries] == ["Drug X 10 mg", "Placebo tablets", "Placebo"]
    assert "# not used: the record has no group of this title" in again.read_text(encoding="utf-8")


def test_entries_of_trials_that_are_not_asked_for_now_are_kept_if_they_are_the_users(written, tmp_path):
    correct(written)
    again = tmp_path / "again.toml"
    remarks = write_arms_file(again, [], read_arms_file(written))
    assert len(remarks) == 1
    assert [entry.status for entry in read_arms_file(again).entries] == ["corrected"]


def test_groups_of_one_title_are_told_apart_by_their_order():
    twice = record(TWO_ARMS, [group("Drug X"), group("Drug X"), group("Placebo")])
    entries = (
        ArmEntry(NCT_ID, "Drug X", ("Drug X 10 mg",), "arm", "active", status="accepted"),
        ArmEntry(NCT_ID, "Drug X", ("Placebo",), "extension", "active", status="corrected"),
    )
    matches = match_groups(twice, ArmsFile(entries)).matches
    assert [match.decided_by for match in matches] == ["rule", "user", "rule"]
    assert matches[1].kind == "extension"


def test_an_arm_that_the_record_does_not_have_is_said():
    entry = ArmEntry(NCT_ID, "Placebo", ("No such arm",), "arm", "placebo", status="corrected")
    match = match_groups(RECORD, ArmsFile((entry,))).of("EG001")
    assert match.arms == ("No such arm",)
    assert "the record has no arm 'No such arm'" in match.reasons


def test_values_edited_without_saying_so_are_refused(written):
    edited(written, 'role = "placebo"', 'role = "active"')
    line = written.read_text(encoding="utf-8").splitlines().index('role = "active"', 20) + 1
    with pytest.raises(ReviewError, match="the values were edited, but status is 'accepted'") as caught:
        read_arms_file(written)
    assert abs(int(str(caught.value).split("line ")[1].split(":")[0]) - line) <= 5


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('kind = "unclear"', 'kind = "arms"', 4, "did you mean 'arm'?"),
        ('role = "unclear"', 'role = "control"', 5, "key 'role' is 'control'"),
        ('status = "ask"', 'status = "yes"', 7, "allowed: 'accepted', 'ask', 'confirmed', 'corrected'"),
        ("arms = []", 'arms = "Placebo"', 3, "is not a list of texts"),
        ("treatments = []", "treatments = [1]", 6, "is not a list of texts"),
        ("arms = []", "arm = []", 3, "key 'arm' is not known (did you mean 'arms'?)"),
        ("arms = []\n", "", 1, "key 'arms' is missing"),
        ('status = "ask"', 'status = "ask"\nconfidence = 2', 8, "is not a number from 0 to 1"),
        ('status = "ask"', 'status = "ask"\nnote = 3', 8, "is no text"),
        (f"[[{NCT_ID}]]", "[[NCT1]]", 1, "'NCT1' is no trial"),
        (f"[[{NCT_ID}]]", f"[{NCT_ID}]", 1, f"write [[{NCT_ID}]] above each"),
        ('title = "Withdrawn"', "title = Not", 2, "is not valid TOML"),
    ],
)
def test_mistakes_are_shown_with_their_line(old, new, line, says):
    assert old in ENTRY
    with pytest.raises(InputError) as caught:
        arms_from_text(ENTRY.replace(old, new))
    assert says in str(caught.value)
    assert f"line {line}" in str(caught.value)


def test_every_mistake_is_listed():
    wrong = ENTRY.replace('kind = "unclear"', 'kind = "x"').replace('role = "unclear"', 'role = "y"')
    with pytest.raises(ReviewError) as caught:
        arms_from_text(wrong)
    assert len(caught.value.problems) == 2


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_arms_file(tmp_path / "no.toml")
    (tmp_path / "latin.toml").write_bytes(b'title = "caf\xe9"')
    with pytest.raises(InputError, match="UTF-8"):
        read_arms_file(tmp_path / "latin.toml")
    with pytest.raises(OutputError):
        write_arms_file(tmp_path / "no folder" / "arms.toml", [])


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_title_survives_writing_and_reading(tmp_path_factory, title, label, note):
    path = tmp_path_factory.mktemp("arms") / "arms.toml"
    match = GroupMatch(NCT_ID, "EG000", title, (label,), "arm", "active", (label,), 0.5, False, reasons=(note, title))
    before = ArmsFile((ArmEntry(NCT_ID, title, (label,), "arm", "sham", (note,), None, "corrected", note),))
    write_arms_file(path, [RecordGroups(NCT_ID, (match,))], before)
    entry = read_arms_file(path).entries[0]
    assert (entry.title, entry.arms, entry.treatments, entry.role, entry.note) == (
        title,
        (label,),
        (note,),
        "sham",
        note,
    )


def test_text_from_outside_cannot_end_a_comment_or_hide(tmp_path):
    title = 'x\n[[NCT00000002]]\nstatus = "confirmed" \u202e😀 """ \\'
    path = tmp_path / "arms.toml"
    match = GroupMatch(NCT_ID, "EG000", title, (), "arm", "active", (), 0.1, False, reasons=(title,))
    write_arms_file(path, [RecordGroups(NCT_ID, (match,))])
    assert list(tomllib.loads(path.read_text(encoding="utf-8"))) == [NCT_ID]
    assert read_arms_file(path).entries[0].title == title
    assert "\u202e" not in path.read_text(encoding="utf-8")
