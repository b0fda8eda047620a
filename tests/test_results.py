"""Notes: data that travels with a result, and warnings that point at the caller."""

from __future__ import annotations

import json
import warnings

import pytest

from trialpool.errors import TrialpoolWarning
from trialpool.results import SCHEMA_VERSION, Note, raise_warnings

INFO = Note("split-control", "Control arms were split.")
WARNING = Note("rare-events", "Events are rare.", "warning", ("A", "B"))


def test_note_is_json_ready():
    assert WARNING.to_dict() == {
        "code": "rare-events",
        "level": "warning",
        "message": "Events are rare.",
        "studies": ["A", "B"],
    }
    assert json.loads(json.dumps(INFO.to_dict()))["level"] == "info"


def test_note_cannot_be_changed():
    with pytest.raises(AttributeError):
        INFO.level = "warning"  # type: ignore[misc]


def test_only_warnings_are_raised_each_once_in_order():
    other = Note("unverified-input", "Nothing confirms it.", "warning")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        raise_warnings([WARNING, INFO, other])
    assert [str(w.message) for w in caught] == ["Events are rare.", "Nothing confirms it."]
    assert {w.category for w in caught} == {TrialpoolWarning}


def test_notes_of_level_info_raise_nothing():
    raise_warnings([INFO])
    raise_warnings([])


def test_warning_points_at_the_line_that_called_the_door():
    def door():
        raise_warnings([WARNING])

    with pytest.warns(TrialpoolWarning, match="Events are rare.") as caught:
        door()
    assert caught[0].filename == __file__


def test_schema_version_is_two_numbers():
    major, minor = SCHEMA_VERSION.split(".")
    assert int(major) >= 1
    assert int(minor) >= 0
