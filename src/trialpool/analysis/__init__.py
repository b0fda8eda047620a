"""One question from review file to results: Review (what was asked), run, Analysis (what came out)."""

from trialpool.analysis.records import (
    Analysis,
    AnalysisResult,
    AnalysisSpec,
    InputFile,
    OutcomeSpec,
    PublishedComparison,
    PublishedResult,
    Question,
    Review,
)
from trialpool.analysis.review_file import read_review
from trialpool.analysis.run import check_review, run

__all__ = [
    "Analysis",
    "AnalysisResult",
    "AnalysisSpec",
    "InputFile",
    "OutcomeSpec",
    "PublishedComparison",
    "PublishedResult",
    "Question",
    "Review",
    "check_review",
    "read_review",
    "run",
]
