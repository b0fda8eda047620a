"""Subgroups by a covariate, each pooled by itself, with the test of interaction between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trialpool.checks import instance, nearest, quoted
from trialpool.display import plural
from trialpool.effects import Measure, comparison_for
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.distributions import chi2_tail
from trialpool.pool.automatic import Automatic
from trialpool.pool.door import checked_comparison, make_request, pool_request, unpooled_studies
from trialpool.pool.methods import InverseVariance
from trialpool.pool.pooled import Pooled, StudyResult
from trialpool.pool.request import Method, Request
from trialpool.pool.selector import select
from trialpool.pool.subgroup_text import subgroups_html, subgroups_text
from trialpool.results import SCHEMA_VERSION, Note, raise_warnings
from trialpool.trials import Comparison, Covariate

__all__ = ["NOT_REPORTED", "Subgroup", "SubgroupResult", "pool_subgroups", "subgroup_request"]

_FEW = 3

NOT_REPORTED = "not reported"
"""Level of the studies without a value of the covariate; shown, but not part of the test of interaction."""


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The studies of one level.

    ``estimate`` and ``std_error`` are those of ``pooled``, or of the one study that has an effect where there is one; None
    where neither is estimable. ``message`` says which, where they are not those of ``pooled``.
    """

    level: str
    studies: tuple[StudyResult, ...]
    pooled: Pooled | None
    estimate: float | None
    std_error: float | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The subgroup as JSON-ready data."""
        return {
            "level": self.level,
            "estimate": self.estimate,
            "std_error": self.std_error,
            "message": self.message,
            "studies": [study.contrast.label for study in self.studies],
            "pooled": self.pooled.to_dict() if self.pooled else None,
        }


@dataclass(frozen=True, slots=True, repr=False)
class SubgroupResult:
    """Subgroups and the test that their effects are equal; ``q`` and its fellows are None below two estimable groups."""

    request: Request
    by: str
    groups: tuple[Subgroup, ...]
    q: float | None
    q_df: int | None
    q_p_value: float | None
    notes: tuple[Note, ...]

    def tidy(self) -> list[dict[str, Any]]:
        """A row per subgroup that has an estimate of its own pooled result."""
        return [{**g.pooled.tidy()[0], "term": f"{self.by} = {g.level}"} for g in self.groups if g.pooled]

    def glance(self) -> dict[str, Any]:
        """The test of interaction."""
        return {"by": self.by, "groups": len(self.groups), "q": self.q, "q_df": self.q_df, "q_p_value": self.q_p_value}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready data."""
        return {
            "schema_version": SCHEMA_VERSION,
            "type": "subgroups",
            "request": self.request.to_dict(),
            "by": self.by,
            "groups": [group.to_dict() for group in self.groups],
            "interaction": {"q": self.q, "q_df": self.q_df, "q_p_value": self.q_p_value},
            "notes": [note.to_dict() for note in self.notes],
        }

    def __repr__(self) -> str:
        return subgroups_text(self)

    def _repr_html_(self) -> str:
        return subgroups_html(self)


def pool_subgroups(
    comparison: Comparison,
    by: str,
    *,
    measure: Measure | None = None,
    method: Method | Automatic | str | None = None,
    profile: str | None = None,
    conf_level: float = 0.95,
) -> SubgroupResult:
    """Pool each level of a covariate by itself and test whether the levels differ.

    Random effects estimate tau2 in each subgroup separately. The test is ``Q = sum((estimate - mean)^2 / SE^2)`` over the
    subgroups, chi-square with one degree of freedom fewer than subgroups (Borenstein & Higgins 2013, Prevention Science 14:134,
    who used Wald's standard errors); a subgroup of one study enters with that study's effect.

    The standard errors of the test are never below Wald's: where the subgroups' interval is plain ``hartung-knapp``, whose
    standard errors can by chance be near zero, the test takes those of ``hartung-knapp-safe``.

    Parameters
    ----------
    comparison : Comparison
    by : str
        Name of a covariate.
    measure, method, profile, conf_level
        As for :func:`trialpool.pool`.

    Returns
    -------
    SubgroupResult

    Raises
    ------
    OptionError
        No such covariate; arms of one trial differ on it; or a shared control would stand in two subgroups.

    Examples
    --------
    >>> import trialpool as tp
    >>> comparison = tp.compare(tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> result = pool_subgroups(comparison, "allocation", method=tp.InverseVariance(model="common"))
    >>> [(group.level, round(group.estimate, 3)) for group in result.groups]
    [('random', -0.295), ('alternate', -0.719), ('systematic', -0.413)]
    """
    request = make_request(measure=measure, method=method, profile=profile, conf_level=conf_level)
    result = subgroup_request(checked_comparison(comparison), by, request)
    raise_warnings([*result.notes, *(note for group in result.groups if group.pooled for note in group.pooled.notes)])
    return result


def subgroup_request(comparison: Comparison, by: str, request: Request | Automatic) -> SubgroupResult:
    """Like :func:`pool_subgroups`, for a request made before; its warnings stay in ``notes``."""
    if isinstance(request, Automatic):
        request = select(comparison, request).request  # one method for all levels, else they could not be compared
    comparison = comparison_for(comparison, request.measure)
    by = _known(comparison, by)
    members = _members(comparison, by)
    groups = tuple(_subgroup(comparison.keep(indices), level, request) for level, indices in members.items())
    tested = [(g.estimate, _tested_std_error(g, request)) for g in groups if g.level != NOT_REPORTED]
    q, df, p_value = _interaction([(e, s) for e, s in tested if e is not None and s is not None])
    return SubgroupResult(request, by, groups, q, df, p_value, _notes(groups, by, q, request))


def _known(comparison: Comparison, by: str) -> str:
    """The table's own spelling of a covariate (case does not count)."""
    instance("by", by, str, "give the name of a covariate")
    known = sorted({name for c in comparison.contrasts for name in c.covariates} | set(comparison.covariate_conflicts))
    alike = [by] if by in known else [name for name in known if name.casefold() == by.strip().casefold()]
    if len(alike) != 1:
        raise OptionError(f"no covariate {by!r}{nearest(by, known)}; the table has {quoted(known) or 'none'}")
    return alike[0]


def _members(comparison: Comparison, by: str) -> Mapping[str, Sequence[int]]:
    """Positions of the contrasts of each level, levels in order of appearance (numbers in rising order)."""
    conflicts = comparison.covariate_conflicts.get(by)
    if conflicts:
        raise OptionError(
            f"subgroups by {by!r}: the arms combined in {quoted(conflicts)} differ on it; use multi_arm='split', or another covariate"
        )
    values = [contrast.covariates.get(by) for contrast in comparison.contrasts]
    if comparison.has_shared_controls:
        _refuse_shared_across_levels(comparison, by, values)
    present = list(dict.fromkeys(value for value in values if value is not None))
    if not any(isinstance(value, str) for value in present):
        present.sort()
    levels = [*map(_text, present), NOT_REPORTED]
    members: dict[str, list[int]] = {level: [] for level in levels}
    for i, value in enumerate(values):
        members[NOT_REPORTED if value is None else _text(value)].append(i)
    return {level: indices for level, indices in members.items() if indices}


def _refuse_shared_across_levels(comparison: Comparison, by: str, values: Sequence[Covariate | None]) -> None:
    level_of: dict[str, Covariate | None] = {}
    for contrast, value in zip(comparison.contrasts, values, strict=True):
        if level_of.setdefault(contrast.trial, value) != value:
            raise OptionError(
                f"subgroups by {by!r}: {contrast.trial!r} has arms in two subgroups that share one control arm, so the "
                "subgroups are not independent; use multi_arm='split'"
            )


def _text(value: Covariate) -> str:
    """The name of a level; no two numbers have the same."""
    return value if isinstance(value, str) else repr(float(value)).removesuffix(".0")


def _subgroup(comparison: Comparison, level: str, request: Request) -> Subgroup:
    try:
        pooled = pool_request(comparison, request)
    except NotEstimableError as error:
        studies = unpooled_studies(comparison, request)
        own = [study for study in studies if study.estimate is not None]
        if len(own) != 1:
            return Subgroup(level, studies, None, None, None, str(error))
        others = f" ({plural(len(studies) - 1, 'other study')} not estimable)" if len(studies) > 1 else ""
        message = f"one study: its own effect{others}"
        return Subgroup(level, studies, None, own[0].estimate, own[0].std_error, message)
    return Subgroup(level, pooled.studies, pooled, pooled.estimate, pooled.std_error, "")


def _tested_std_error(group: Subgroup, request: Request) -> float | None:
    """The standard error for the test of interaction, never below Wald's."""
    method = request.method
    if group.pooled is None or not isinstance(method, InverseVariance) or method.interval != "hartung-knapp":
        return group.std_error
    safe = replace(request, method=replace(method, interval="hartung-knapp-safe"), profile=None)
    return pool_request(group.pooled.comparison, safe).std_error


def _interaction(estimates: Sequence[tuple[float, float]]) -> tuple[float | None, int | None, float | None]:
    if len(estimates) < 2:
        return None, None, None
    weights = [1 / (se * se) for _, se in estimates]
    mean = sum(w * e for w, (e, _) in zip(weights, estimates, strict=True)) / sum(weights)
    q = sum(w * (e - mean) ** 2 for w, (e, _) in zip(weights, estimates, strict=True))
    df = len(estimates) - 1
    return q, df, chi2_tail(q, df)


def _notes(groups: Sequence[Subgroup], by: str, q: float | None, request: Request) -> tuple[Note, ...]:
    notes = []
    for group in groups:
        if group.level == NOT_REPORTED:
            labels = tuple(s.contrast.label for s in group.studies)
            notes.append(
                Note(
                    "covariate-missing",
                    f"Studies without a value of {by!r} are not part of the test of interaction.",
                    "warning",
                    labels,
                )
            )
        elif group.estimate is None:
            notes.append(Note("subgroup-not-estimable", f"{by} = {group.level}: {group.message}."))
    if q is None:
        notes.append(Note("no-interaction-test", "No test of interaction: it needs two subgroups with an effect."))
    elif request.model == "random":
        notes.extend(_small(groups, by))
    return tuple(notes)


def _small(groups: Sequence[Subgroup], by: str) -> Iterator[Note]:
    tested = [group for group in groups if group.level != NOT_REPORTED and group.estimate is not None]
    small = [group for group in tested if (group.pooled.k_informative if group.pooled else 1) < _FEW]
    if small:
        yield Note(
            "small-subgroups",
            f"{by} = {', '.join(group.level for group in small)}: fewer than {_FEW} studies, so the test of interaction is "
            "unreliable (one-study groups enter with their own standard error, which leaves out the variation between "
            "studies).",
            "warning",
            tuple(study.contrast.label for group in small for study in group.studies),
        )
