"""Numbers to text, and text to tables: one place for digits, signs, escaping and alignment.

Negative numbers carry a minus sign (U+2212), not a hyphen.
"""

from trialpool.display.numbers import (
    MINUS,
    MISSING,
    IntervalStyle,
    decimals_of_width,
    format_count,
    format_estimate,
    format_interval,
    format_number,
    format_p_value,
    format_percent,
    format_probability,
    p_value_phrase,
)
from trialpool.display.tables import html_table, text_table
from trialpool.display.text import clean_text, covariate_words, escape_html, plural, sentence_case, typographic

__all__ = [
    "MINUS",
    "MISSING",
    "IntervalStyle",
    "clean_text",
    "covariate_words",
    "decimals_of_width",
    "escape_html",
    "format_count",
    "format_estimate",
    "format_interval",
    "format_number",
    "format_p_value",
    "format_percent",
    "format_probability",
    "html_table",
    "p_value_phrase",
    "plural",
    "sentence_case",
    "text_table",
    "typographic",
]
