import string

from hypothesis import given
from hypothesis import strategies as st

from trialpool.registry.read.markdown import unescaped


def test_punctuation_is_unescaped_once():
    assert unescaped(r"\[a\] \< 5\% 10\^9 a\_b \*c\* \\[") == r"[a] < 5% 10^9 a_b *c* \["


def test_a_backslash_before_anything_else_stays():
    assert unescaped("C:\\temp \\é \\\n end\\") == "C:\\temp \\é \\\n end\\"


def test_other_markup_stays():
    assert unescaped("* a list\n<b>bold</b> &lt;") == "* a list\n<b>bold</b> &lt;"


@given(st.text(string.ascii_letters + string.punctuation + " é"))
def test_escaping_all_punctuation_is_undone(text):
    escaped = "".join(f"\\{letter}" if letter in string.punctuation else letter for letter in text)
    assert unescaped(escaped) == text
