"""The door of multivariate pooling: arms against a shared control, or several outcomes of the same trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice, instance, nearest, probability, quoted
from trialpool.display import plural
from trialpool.effects import MEASURES, Effects, Measure, compute_effects
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.distributions import quantile
from trialpool.pool.multivariate_blocks import MultivariateData, array_data, trial_matrices
from trialpool.pool.multivariate_fit import MultivariateFit, fit_multivariate
from trialpool.pool.multivariate_method import Multivariate
from trialpool.pool.multivariate_pooled import ComponentEffect, MultivariatePooled
from trialpool.results import Note, raise_warnings
from trialpool.trials import Comparison

__all__ = ["pool_multivariate"]

Array = NDArray[np.float64]

_WAY_OUT = "give a comparison with multi_arm='shared', or a list of comparisons, one an outcome"


def pool_multivariate(
    data: Comparison | Sequence[Comparison],
    *,
    measure: Measure = "risk ratio",
    method: Multivariate | None = None,
    components: str | Mapping[str, str] | None = None,
    within_trial_correlation: float | None = None,
    conf_level: float = 0.95,
) -> MultivariatePooled:
    """Pool several effects of each trial together.

    Parameters
    ----------
    data : Comparison, or sequence of Comparison
        One comparison with ``multi_arm="shared"``: each active arm (a dose) is a component, and the covariance that the shared
        control makes is known (Gleser & Olkin 2009). Several comparisons: each outcome is a component.
    measure : str
        Risk ratio unless given.
    method : Multivariate, optional
        Random effects by REML unless given: between trials, arms have one variance and correlate 0.5; outcomes are unstructured.
    components : str or mapping, optional
        Arms only: what an arm is counted as. The name of a covariate, or names by arm label; the arm's label unless given.
    within_trial_correlation : float, optional
        Outcomes only, where it has to be given: the correlation of the estimates of two outcomes in a trial, an assumption.
    conf_level : float

    Returns
    -------
    MultivariatePooled

    Raises
    ------
    OptionError
        Choices that do not go together.
    NotEstimableError
        No effects, or effects that do not determine the model; the message says why.

    Examples
    --------
    >>> import trialpool as tp
    >>> rows = [("A", "placebo", 9, 90), ("A", "20 mg", 18, 90), ("A", "40 mg", 30, 88), ("B", "placebo", 20, 195),
    ...         ("B", "40 mg", 53, 197), ("C", "placebo", 8, 135), ("C", "20 mg", 21, 130)]
    >>> table = tp.read_table([dict(trial=t, treatment=a, outcome="relief", events=e, n=n) for t, a, e, n in rows])
    >>> arms = tp.compare(table.trials, outcome="relief", treatment=["20 mg", "40 mg"], control="placebo", multi_arm="shared")
    >>> result = pool_multivariate(arms, measure="odds ratio")
    >>> [(row["term"], round(row["estimate"], 3)) for row in result.tidy()]
    [('20 mg', 0.833), ('40 mg', 1.346)]
    """
    choice("measure", measure, MEASURES)
    conf_level = probability("conf_level", conf_level)
    if method is not None:
        instance("method", method, Multivariate, "give Multivariate(), with the choices wanted")
    if isinstance(data, Comparison):
        if within_trial_correlation is not None:
            raise OptionError(
                "within_trial_correlation has no meaning for arms with a shared control, whose covariance follows from the "
                "control arm; leave it out"
            )
        method = method or Multivariate(between="compound-symmetric", correlation=0.5)
        comparisons: tuple[Comparison, ...] = (_checked_arms(data),)
    else:
        if components is not None:
            raise OptionError("components has no meaning for several outcomes, which are the components; leave it out")
        method = method or Multivariate()
        comparisons = _checked_outcomes(data)
    effects = [compute_effects(comparison, measure, method.zero_cells) for comparison in comparisons]
    names = [_arm_components(effects[0], components)] if isinstance(data, Comparison) else _outcome_components(effects)
    rows = [row for one, name in zip(effects, names, strict=True) for row in _rows(one, name, conf_level)]
    matrices = (
        trial_matrices(effects[0])[1] if isinstance(data, Comparison) else _correlated(rows, within_trial_correlation)
    )
    fit = fit_multivariate(_data(rows, matrices, measure), method, conf_level)
    result = MultivariatePooled(
        measure=measure,
        method=method,
        conf_level=conf_level,
        comparisons=tuple(one.comparison for one in effects),
        within_trial_correlation=within_trial_correlation,
        effects=tuple(rows),
        fit=fit,
        notes=_notes(rows, fit, method, within_trial_correlation),
    )
    raise_warnings(result.notes)
    return result


def _checked_arms(comparison: Comparison) -> Comparison:
    if comparison.multi_arm != "shared":
        raise OptionError(
            f"the comparison has multi_arm={comparison.multi_arm!r}; compare with multi_arm='shared', so that each active arm "
            "stands against the whole control"
        )
    return comparison


def _checked_outcomes(data: Sequence[Comparison]) -> tuple[Comparison, ...]:
    given = tuple(instance("data", data, (list, tuple), _WAY_OUT))
    for comparison in given:
        instance("a member of data", comparison, Comparison, _WAY_OUT)
        if comparison.trial_count < len(comparison):
            raise OptionError(
                f"the comparison of {comparison.outcome!r} has several contrasts of a trial; compare with multi_arm='combine'"
            )
    outcomes = [comparison.outcome for comparison in given]
    if len(set(outcomes)) < len(outcomes) or len(outcomes) < 2:
        raise OptionError(
            f"the comparisons are of the outcomes {quoted(outcomes) or 'none'}; give two or more, of different outcomes (for "
            "arms of one outcome, one comparison with multi_arm='shared')"
        )
    return given


def _arm_components(effects: Effects, components: str | Mapping[str, str] | None) -> list[str]:
    """The component of each contrast."""
    contrasts = effects.comparison.contrasts
    if components is None:
        names = [contrast.treatment_arm for contrast in contrasts]
    elif isinstance(components, str):
        known = dict.fromkeys(name for contrast in contrasts for name in contrast.covariates)
        if components not in known:
            raise OptionError(
                f"unknown covariate {components!r}{nearest(components, known)}; the arms have {quoted(known) or 'none'}"
            )
        lacking = [contrast.label for contrast in contrasts if components not in contrast.covariates]
        if lacking:
            raise OptionError(f"{quoted(lacking)} has no value of the covariate {components!r}; give one to every arm")
        names = [_shown(contrast.covariates[components]) for contrast in contrasts]
    else:
        instance("components", components, Mapping, "give names by arm label, or the name of a covariate")
        arms = dict.fromkeys(contrast.treatment_arm for contrast in contrasts)
        unnamed, unknown = (
            [arm for arm in arms if arm not in components],
            [arm for arm in components if arm not in arms],
        )
        if unnamed or unknown:
            raise OptionError(
                f"components names {quoted(components)}; the arms are {quoted(arms)}: give one name to each, and to no other"
            )
        names = [components[contrast.treatment_arm] for contrast in contrasts]
    if len(set(names)) < 2:
        raise OptionError(
            f"all arms are {quoted(dict.fromkeys(names))}: one component needs no more than pool(comparison)"
        )
    return names


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _outcome_components(effects: Sequence[Effects]) -> list[list[str]]:
    return [[one.comparison.outcome] * len(one.comparison) for one in effects]


def _rows(effects: Effects, names: Sequence[str], conf_level: float) -> list[ComponentEffect]:
    """Each contrast as a row, with its own effect or the reason why there is none."""
    critical = quantile(conf_level, None)
    position = {int(i): j for j, i in enumerate(effects.used)}
    rows = []
    for i, (contrast, name) in enumerate(zip(effects.comparison.contrasts, names, strict=True)):
        j = position.get(i)
        if j is None:
            rows.append(
                ComponentEffect(contrast.trial, name, contrast.label, None, None, None, None, effects.reasons[i])
            )
            continue
        y, se = float(effects.estimate[j]), float(np.sqrt(effects.variance[j]))
        low, high = y - critical * se, y + critical * se
        rows.append(ComponentEffect(contrast.trial, name, contrast.label, y, se, low, high, ""))
    return rows


def _correlated(rows: Sequence[ComponentEffect], correlation: float | None) -> Array:
    """Covariance of all rows that have an effect: those of one trial have the correlation assumed."""
    if correlation is None:
        raise OptionError(
            "within_trial_correlation is not given: trials seldom report how the estimates of two outcomes correlate; assume "
            "a number, such as within_trial_correlation=0.5, and show how much depends on it by another one"
        )
    components = len({row.component for row in rows})
    if isinstance(correlation, bool) or not -1 / (components - 1) < correlation < 1:
        raise OptionError(
            f"within_trial_correlation={correlation!r} is not possible between {components} outcomes; give a number between "
            f"{-1 / (components - 1):.3g} and 1"
        )
    used = [row for row in rows if row.estimate is not None]
    sd = np.array([row.std_error for row in used], dtype=np.float64)
    trials = np.array([row.trial for row in used])
    same = trials[:, None] == trials[None, :]
    matrix = np.where(same, correlation, 0.0) * np.outer(sd, sd)
    np.fill_diagonal(matrix, sd * sd)
    return matrix


def _data(rows: Sequence[ComponentEffect], covariance: Array | list[Array], measure: Measure) -> MultivariateData:
    used = [row for row in rows if row.estimate is not None]
    lost = [name for name in dict.fromkeys(row.component for row in rows) if all(row.component != name for row in used)]
    if lost:
        reasons = "; ".join(f"{row.label}: {row.reason}" for row in rows if row.component == lost[0])
        raise NotEstimableError(f"no trial has an estimable {measure} of {quoted(lost)} ({reasons})")
    return array_data(
        np.array([row.estimate for row in used], dtype=np.float64),
        covariance,
        trial=[row.trial for row in used],
        component=[row.component for row in used],
        design=None,
        terms=None,
    )


def _notes(
    rows: Sequence[ComponentEffect], fit: MultivariateFit, method: Multivariate, correlation: float | None
) -> tuple[Note, ...]:
    sizes = f"{plural(fit.rows, 'estimate')} of {plural(fit.trials, 'trial')}"
    if correlation is None:
        notes = [
            Note("shared-control-covariance", f"{sizes} are pooled with the covariance of their shared control arms.")
        ]
    else:
        text = (
            f"{sizes} are pooled; within a trial, estimates of two outcomes are assumed to correlate {correlation:g}."
        )
        notes = [Note("within-trial-correlation", text)]
    left_out = tuple(row.label for row in rows if row.estimate is None)
    if left_out:
        text = f"{plural(len(left_out), 'estimate')} left out, not estimable without a zero-cell correction."
        notes.append(Note("effects-left-out", text, studies=left_out))
    if fit.boundary:
        text = f"At the edge of what is possible, the best fit has it that {'; '.join(fit.boundary)}."
        notes.append(Note("between-trial-boundary", text))
    free = fit.parameters - len(fit.terms)
    if method.model == "random" and free > 1 and fit.trials < 2 * free:
        text = (
            f"{plural(fit.trials, 'trial')} hardly show {plural(free, 'parameter')} of the covariance between trials; "
            "between='compound-symmetric' has fewer."
        )
        notes.append(Note("few-trials-for-covariance", text))
    return tuple(notes)
