"""Text fits where it is put, and what is cut can still be told apart and read in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.plots.fonts import text_width
from trialpool.plots.styles import style_of
from trialpool.plots.text import Box, Text, longest_word, paragraphs, stacked, wrap


def plain(text: str) -> str:
    return "".join(text.split())


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=120).map(
    lambda text: " ".join(text.split())
)


@given(words, st.floats(40, 400), st.integers(1, 4), st.booleans(), st.sampled_from(["", "\u2009†‡"]))
def test_lines_fit_and_are_not_too_many(text, width, max_lines, bold, tail):
    lines = wrap(text, width, 11, bold=bold, max_lines=max_lines, tail=tail)
    assert 1 <= len(lines) <= max_lines
    assert lines[-1].endswith(tail)
    for line in lines:
        assert text_width(line, 11, bold) <= width + 1e-6


@given(words, st.floats(40, 400), st.sampled_from(["", "\u2009†"]))
def test_nothing_is_lost_where_there_are_lines_enough(text, width, tail):
    assert plain("".join(wrap(text, width, 11, max_lines=200, tail=tail))) == plain(text + tail)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 50, [""]),
        ("Smith 2004", 500, ["Smith 2004"]),
        ("a study with a long name", 60, ["a study with", "a long name"]),
        ("a double-blind trial", 55, ["a double-", "blind trial"]),
        ("k\u00a0=\u00a05 studies", 40, ["k\u00a0=\u00a05", "studies"]),
        ("Pneumonoultramicroscopic", 60, ["Pneumonoult", "ramicr…opic"]),
    ],
)
def test_lines_break_at_spaces_then_hyphens_then_letters(text, width, lines):
    assert wrap(text, width, 10) == lines


def test_a_cut_text_keeps_its_end():
    one, other = (
        wrap(f"A randomised trial of long-term prophylaxis (PROTECT-{i})", 170, 10, max_lines=1) for i in (1, 2)
    )
    assert one != other
    assert one[0].startswith("A random")
    assert one[0].endswith("…(PROTECT-1)")


def test_a_tail_alone_can_make_a_line_too_wide():
    text, tail = "abc def", "††"
    width = text_width(text, 10) + 1
    assert wrap(text, width, 10, tail=tail) == ["abc", "def††"]
    assert wrap("W", 8, 10, tail="†") == ["W", "†"]
    assert wrap("abcdef", text_width("abcdef", 10) + 1, 10, tail=tail) == ["abcde", "f††"]


@pytest.mark.parametrize(("anchor", "left"), [("start", 100.0), ("middle", 90.0), ("end", 80.0)])
def test_a_box_stands_by_its_anchor(anchor, left):
    size = 20 / text_width("abc", 1)
    box = Text(100, 50, "abc", size, "#000", anchor=anchor).box
    assert box.left == pytest.approx(left)
    assert box.right == pytest.approx(left + 20)
    assert box.top < 50 < box.bottom


def test_boxes_overlap_only_where_they_share_an_area():
    box = Box(0, 0, 10, 10)
    assert box.overlaps(Box(5, 5, 15, 15))
    assert not box.overlaps(Box(10, 0, 20, 10))
    assert not box.overlaps(Box(0, 10, 10, 20))
    assert not box.overlaps(Box(20, 20, 30, 30))


def test_stacked_lines_stand_below_each_other_and_carry_the_whole():
    lines = stacked(["a", "b"], Text(3, 10, "a b", 10, "#000", bold=True, anchor="end"))
    assert [(t.x, t.y, t.text, t.bold, t.anchor, t.full) for t in lines] == [
        (3, 10, "a", True, "end", "a b"),
        (3, 22, "b", True, "end", "a b"),
    ]
    assert stacked(["a b†"], Text(3, 10, "a b", 10, "#000"))[0].full == ""


def test_longest_word():
    assert longest_word("a longword b", 10) == text_width("longword", 10)
    assert longest_word("", 10) == 0


def test_paragraphs_take_room_only_for_what_they_say():
    style = style_of("trialpool")
    none, end = paragraphs(["", ""], style, 300, 10)
    assert (none, end) == ((), 10)
    texts, end = paragraphs(["one", "two"], style, 300, 10)
    assert [text.text for text in texts] == ["one", "two"]
    assert texts[0].box.bottom < texts[1].box.top < texts[1].box.bottom < end
