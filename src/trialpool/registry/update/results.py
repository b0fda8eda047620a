"""The results of two versions of a review, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trialpool.analysis.records import AnalysisResult
from trialpool.display import format_estimate

__all__ = ["ResultChange", "result_changes"]


@dataclass(frozen=True, slots=True)
class ResultChange:
    """One analysis before and after, in words; ``trials`` are those that contribute, None where the review lacks the analysis."""

    analysis: str
    title: str
    before: str
    after: str
    trials_before: int | None
    trials_after: int | None

    @property
    def differs(self) -> bool:
        """Whether anything that is shown differs."""
        return (self.before, self.trials_before) != (self.after, self.trials_after)


def result_changes(before: Iterable[AnalysisResult], after: Iterable[AnalysisResult]) -> tuple[ResultChange, ...]:
    """Each analysis of either version, by its id, in the order of the newer one.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import trialpool as tp
    >>> from trialpool.datasets import example_files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, content in example_files("bcg").items():
    ...         _ = (Path(folder) / name).write_bytes(content)
    ...     analysis = tp.run(Path(folder) / "review.toml")
    >>> [change.differs for change in result_changes(analysis.results, analysis.results)]
    [False, False]
    """
    old, new = ({result.spec.id: result for result in results} for results in (before, after))
    return tuple(_change(name, old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old)))


def _change(name: str, before: AnalysisResult | None, after: AnalysisResult | None) -> ResultChange:
    shown = after or before
    title = shown.spec.title if shown else name
    return ResultChange(name, title, _words(before), _words(after), _trials(before), _trials(after))


def _words(result: AnalysisResult | None) -> str:
    if result is None:
        return "not asked"
    if result.pooled is None:
        return f"not estimable: {result.impossible}"
    pooled = result.pooled
    return f"{pooled.request.measure} {format_estimate(*pooled.displayed)}, {pooled.request.method_name}"


def _trials(result: AnalysisResult | None) -> int | None:
    if result is None or result.pooled is None:
        return None
    return len({study.contrast.trial for study in result.pooled.studies if study.contributes})
