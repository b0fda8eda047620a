"""What a forest plot is drawn from: study rows, with or without a pooled result, in groups or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialpool.display import covariate_words
from trialpool.effects import Scale, numbers_of, scale_of
from trialpool.errors import OptionError
from trialpool.pool import Pooled, Request, StudyResult, SubgroupResult
from trialpool.trials import Comparison, Contrast, Numbers

__all__ = ["ForestData", "ForestGroup", "Interaction", "contributing", "counted_totals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestGroup:
    """Studies under one heading; ``message`` says why they have no pooled result of their own."""

    label: str
    studies: tuple[StudyResult, ...]
    pooled: Pooled | None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """The test for differences between groups; ``message`` says why there is none."""

    q: float | None = None
    q_df: int | None = None
    q_p_value: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestData:
    """What a forest plot shows.

    Attributes
    ----------
    comparison : Comparison
    request : Request
    studies : tuple of StudyResult
        Every study, contributing or not.
    pooled : Pooled or None
    message : str
        Why there is no pooled result.
    groups : tuple of ForestGroup
        Each study is in one; empty for a plot without groups.
    interaction : Interaction or None
    """

    comparison: Comparison
    request: Request
    studies: tuple[StudyResult, ...]
    pooled: Pooled | None
    message: str = ""
    groups: tuple[ForestGroup, ...] = ()
    interaction: Interaction | None = None

    @classmethod
    def from_pooled(cls, pooled: Pooled, subgroups: SubgroupResult | None = None) -> ForestData:
        """The data of a pooled result, in the groups of a subgroup result if one is given."""
        data = cls(comparison=pooled.comparison, request=pooled.request, studies=pooled.studies, pooled=pooled)
        return data if subgroups is None else data.with_subgroups(subgroups)

    def with_subgroups(self, subgroups: SubgroupResult) -> ForestData:
        """The same data in groups.

        Raises
        ------
        OptionError
            Where the subgroups were made from other studies or by another request.
        """
        if subgroups.request != self.request:
            raise OptionError(
                f"the subgroups were pooled by another request ({subgroups.request}) than the whole ({self.request})"
            )
        mine = sorted(study.contrast.label for study in self.studies)
        if mine != sorted(study.contrast.label for group in subgroups.groups for study in group.studies):
            raise OptionError("the subgroups do not hold the same studies as the whole; make both from one comparison")
        groups = tuple(
            ForestGroup(
                label=f"{covariate_words(subgroups.by)}: {g.level}",
                studies=g.studies,
                pooled=g.pooled,
                message=g.message,
            )
            for g in subgroups.groups
        )
        message = "" if subgroups.q is not None else "not estimable: it needs two subgroups with an effect"
        interaction = Interaction(q=subgroups.q, q_df=subgroups.q_df, q_p_value=subgroups.q_p_value, message=message)
        return ForestData(
            comparison=self.comparison,
            request=self.request,
            studies=self.studies,
            pooled=self.pooled,
            message=self.message,
            groups=groups,
            interaction=interaction,
        )

    @property
    def scale(self) -> Scale:
        """The scale of the measure."""
        return scale_of(self.request.measure)

    @property
    def form(self) -> Numbers:
        """The form of the arms' numbers that the measure uses."""
        return numbers_of(self.request.measure)


def contributing(studies: Sequence[StudyResult], *, shared: bool) -> tuple[list[Contrast], list[Contrast]]:
    """The contrasts that contribute, and those of them whose control arms count.

    Where contrasts are ``shared``, those of one trial have one control arm, which counts once.
    """
    contrasts = [study.contrast for study in studies if study.contributes]
    controls = {(c.trial, c.control_arm) if shared else (c.label, str(i)): c for i, c in enumerate(contrasts)}
    return contrasts, list(controls.values())


def counted_totals(studies: Sequence[StudyResult], *, shared: bool) -> tuple[float, float, float, float]:
    """Events and n of both arms over the studies that contribute and have counts; a shared control arm counts once."""
    contrasts, controls = contributing(studies, shared=shared)
    treated = [c.counts for c in contrasts if c.counts is not None]
    control = [c.counts for c in controls if c.counts is not None]
    return (
        sum(a for a, _, _, _ in treated),
        sum(n for _, n, _, _ in treated),
        sum(c for _, _, c, _ in control),
        sum(n for _, _, _, n in control),
    )
