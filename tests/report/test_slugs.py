"""Names for anchors and files: safe, and each used once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.report.slugs import slug, unique_slugs

SAFE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Leave one out", "leave-one-out"),
        ("../../etc/passwd", "etc-passwd"),
        ('"><script>alert(1)</script>', "script-alert-1-script"),
        ("_", "item"),
        ("", "item"),
        ("Ödem", "dem"),
    ],
)
def test_slug_keeps_letters_and_digits_alone(text, expected):
    assert slug(text) == expected


def test_slug_is_cut_without_a_hyphen_at_its_end():
    assert slug("a" * 99 + " b") == "a" * 99


def test_fallback_stands_for_what_has_no_letter():
    assert slug("感染", "figure") == "figure"


@given(st.lists(st.text(max_size=20), max_size=12))
def test_slugs_are_safe_and_unique(words):
    names = unique_slugs(words)
    assert len(names) == len(words) == len(set(names))
    assert all(SAFE.fullmatch(name) for name in names)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_slugs_do_not_depend_on_what_comes_later(words):
    assert unique_slugs(words)[:3] == unique_slugs(words[:3])
