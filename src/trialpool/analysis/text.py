"""An analysis in short, as text for the terminal and as HTML for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialpool.display import clean_text, format_estimate, html_table, text_table

if TYPE_CHECKING:
    from trialpool.analysis.records import Analysis, AnalysisResult

__all__ = ["analysis_html", "analysis_text", "result_text"]

_HEADERS = ("Analysis", "Title", "Result")


def analysis_text(analysis: Analysis) -> str:
    """The title of the review, and a line per analysis with its result, or the reason why there is none."""
    table = text_table(_HEADERS, [_row(result) for result in analysis.results], "lll")
    return f"{clean_text(analysis.review.title)}\n\n{table}"


def analysis_html(analysis: Analysis) -> str:
    """The same as :func:`analysis_text`, as an HTML fragment with every text escaped."""
    return html_table(_HEADERS, [_row(result) for result in analysis.results], "lll", caption=analysis.review.title)


def result_text(result: AnalysisResult) -> str:
    """One analysis on one line."""
    return ": ".join(map(clean_text, _row(result)))


def _row(result: AnalysisResult) -> tuple[str, str, str]:
    pooled = result.pooled
    if pooled is None:
        answer = f"no answer: {result.impossible}"
    else:
        answer = f"{pooled.scale.abbreviation} {format_estimate(*pooled.displayed)}"
    return result.spec.id, result.spec.title, answer
