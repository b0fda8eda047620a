"""Arms to contrasts: which arms stand on which side, and what becomes of trials with more than two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trialpool.checks import choice, quoted
from trialpool.errors import NotEstimableError, OptionError, TableError
from trialpool.harmonise.covariates import agreed_covariates
from trialpool.harmonise.given import given_contrasts
from trialpool.harmonise.names import known_name, known_treatments, listed, trials_of
from trialpool.harmonise.sides import FORMS, Side, combined, reporting, side_of, split
from trialpool.trials import MULTI_ARM, Bounded, Comparison, Contrast, Decision, Exclusion, MultiArm, Numbers, Trial

__all__ = ["compare"]

_NOT_SPLIT = "its events are known within bounds alone, which cannot be split among arms; use multi_arm='combine'"
_FORM_WORDS: dict[Numbers, str] = {
    "counts": "arms without a count of this outcome left out",
    "rates": "arms without events and person-years of this outcome left out",
    "means": "arms without a mean and standard deviation of this outcome left out",
    "bounds": "arms without a count of this outcome, or bounds of it, left out",
}


def compare(
    trials: Iterable[Trial],
    *,
    outcome: str,
    treatment: str | Sequence[str],
    control: str | Sequence[str],
    multi_arm: MultiArm = "combine",
) -> Comparison:
    """Contrasts of two treatments on one outcome.

    Parameters
    ----------
    trials : iterable of Trial
    outcome : str
    treatment, control : str or sequence of str
        Treatments of the two sides, as the table names them (case does not count).
    multi_arm : {"combine", "split", "shared"}
        What to do where a trial has several active arms: combine them (Cochrane Handbook 23.3.4, the default); split the control
        among them; or set each against the whole control and keep the covariance. Several control arms are always combined.

    Returns
    -------
    Comparison
        With the trials left out and the decisions taken.

    Raises
    ------
    OptionError
        Unknown outcome or treatment, or something else than trials.
    TableError
        A trial has treatment arms and no other arm to compare them with.
    NotEstimableError
        No trial compares the two.

    Examples
    --------
    >>> import trialpool as tp
    >>> trials = tp.load_dataset("dupilumab").trials
    >>> comparison = compare(trials, outcome="infections and infestations", treatment="dupilumab", control="placebo")
    >>> [(c.label, c.events_treatment, c.n_treatment) for c in comparison.contrasts]
    [('SOLO 1', 154, 447), ('LIBERTY AD CHRONOS', 229, 425), ('SOLO 2', 133, 473)]
    """
    choice("multi_arm", multi_arm, MULTI_ARM)
    trials = trials_of(trials)
    outcome = known_name("outcome", outcome, (o.name for t in trials for a in t.arms for o in a.outcomes))
    treatments = known_treatments("treatment", treatment, trials)
    controls = known_treatments("control", control, trials)
    both = [name for name in treatments if name in controls]
    if both:
        raise OptionError(f"{quoted(both)} is named as treatment and as control; a comparison needs two")
    _refuse_single_armed(trials, outcome, treatments)
    contrasts: list[Contrast] = []
    conflicts: dict[str, list[str]] = {}
    excluded: list[Exclusion] = []
    decisions: list[Decision] = []
    for trial in trials:
        reason = _reason_to_exclude(trial, outcome, treatments, controls)
        given = [] if reason else given_contrasts(trial, outcome, treatments, controls)
        if given:
            contrasts += given
            continue
        sides = _sides(trial, outcome, treatments), _sides(trial, outcome, controls)
        form = _main_form(sides)
        if form is None:
            excluded.append(Exclusion(trial.label, reason or _without_numbers(sides)))
            continue
        if form == "bounds" and multi_arm == "split" and len(sides[0]) > 1:
            excluded.append(Exclusion(trial.label, _NOT_SPLIT))
            continue
        pairs, taken = _pairs(trial, (treatments, controls), sides, form, multi_arm)
        for active, control_side in pairs:
            contrasts.append(_contrast(trial, active, control_side, named_by_arm=len(pairs) > 1))
            for name in agreed_covariates(active.outcomes)[1]:
                conflicts.setdefault(name, []).append(contrasts[-1].label)
        decisions += taken
    if not contrasts:
        raise NotEstimableError(
            f"no trial compares {' or '.join(treatments)} with {' or '.join(controls)} on {outcome!r}: {listed(excluded)}"
        )
    return Comparison(
        outcome=outcome,
        treatments=treatments,
        controls=controls,
        multi_arm=multi_arm,
        contrasts=tuple(contrasts),
        excluded=tuple(excluded),
        decisions=tuple(decisions),
        covariate_conflicts={name: tuple(labels) for name, labels in conflicts.items()},
    )


def _refuse_single_armed(trials: Sequence[Trial], outcome: str, treatments: Sequence[str]) -> None:
    """A trial whose every arm is a treatment arm is an extraction error, not a trial to leave out."""
    problems = []
    for trial in trials:
        arms = [arm for arm in trial.arms if arm.outcome(outcome) is not None]
        if arms and all(arm.treatment in treatments for arm in trial.arms):
            rows = ", ".join(o.source.place for arm in arms for o in arm.outcomes if o.name == outcome)
            problems.append(
                f"trial {trial.label!r} has no control arm ({rows}); add its control arm, or remove the trial"
            )
    if problems:
        raise TableError("trials without a control arm", problems)


def _reason_to_exclude(trial: Trial, outcome: str, treatments: Sequence[str], controls: Sequence[str]) -> str:
    if not trial.reports(outcome):
        return "does not report this outcome"
    for role, names in (("treatment", treatments), ("control", controls)):
        arms = [arm for arm in trial.arms if arm.treatment in names]
        if not arms:
            return f"has no {role} arm ({' or '.join(names)})"
        if not any(arm.outcome(outcome) for arm in arms):
            return f"its {role} arm does not report this outcome"
    return ""


_Sides = tuple[list[Side], list[Side]]
"""The arms with numbers of the treatment and of the control."""


def _without_numbers(sides: _Sides) -> str:
    for role, found in zip(("treatment", "control"), sides, strict=True):
        if not found:
            return f"its {role} arm reports no numbers of this outcome"
    return "its arms do not report numbers of the same kind (counts, rates or means) of this outcome"


def _sides(trial: Trial, outcome: str, names: Sequence[str]) -> list[Side]:
    arms = [arm for arm in trial.arms if arm.treatment in names]
    return [side for arm in arms if (side := side_of(trial, arm, outcome)) is not None]


def _main_form(sides: _Sides) -> Numbers | None:
    """The first form of numbers that both sides of a trial have; no arm is left out because its count has bounds."""
    bounded = any(side.bounds is not None and side.counts is None for side in (*sides[0], *sides[1]))
    forms = ("bounds", *FORMS) if bounded else FORMS
    return next((form for form in forms if all(reporting(side, form) for side in sides)), None)


def _arms_left_out(trial: Trial, names: Sequence[str], kept: Sequence[Side], form: Numbers) -> list[Decision]:
    """Arms of either side without numbers, in a trial whose other arms have them."""
    arms = [arm.label for arm in trial.arms if arm.treatment in names]
    labels = {side.label for side in kept}
    if len(labels) == len(arms):
        return []
    after = [label for label in arms if label in labels]
    return [Decision("arms", trial.label, _FORM_WORDS[form], "; ".join(arms), "; ".join(after))]


def _pairs(
    trial: Trial, names: tuple[Sequence[str], Sequence[str]], sides: _Sides, form: Numbers, multi_arm: MultiArm
) -> tuple[list[tuple[Side, Side]], list[Decision]]:
    """Active and control side of each contrast of a trial, and what was decided on the way."""
    active, controls = (reporting(side, form) for side in sides)
    decisions = _arms_left_out(trial, (*names[0], *names[1]), (*active, *controls), form)
    control = combined(controls)
    if len(controls) > 1:
        decisions.append(_decision(trial, "control arms", "control arms combined", controls, [control]))
    if len(active) > 1:
        if multi_arm == "combine":
            before, active = active, [combined(active)]
            decisions.append(_decision(trial, "multi-arm", "active arms combined", before, active))
        elif multi_arm == "split":
            share = split(control, len(active))
            decisions.append(
                _decision(trial, "multi-arm", f"control split among {len(active)} active arms", [control], [share])
            )
            control = share
        else:
            decisions.append(
                _decision(
                    trial, "multi-arm", "each active arm against the shared control, with covariance", active, active
                )
            )
    return [(arm, control) for arm in active], decisions


def _contrast(trial: Trial, active: Side, control: Side, *, named_by_arm: bool) -> Contrast:
    both = active.counts is not None and control.counts is not None
    years = active.follow_up_years, control.follow_up_years
    taken = {form: (*active.conversions.get(form, ()), *control.conversions.get(form, ())) for form in FORMS}
    return Contrast(
        trial=trial.label,
        label=f"{trial.label}: {active.label}" if named_by_arm else trial.label,
        treatment_arm=active.label,
        control_arm=control.label,
        events_treatment=active.counts[0] if both and active.counts else None,
        n_treatment=active.n,
        events_control=control.counts[0] if both and control.counts else None,
        n_control=control.n,
        sources=tuple(found.source for found in active.outcomes + control.outcomes),
        covariates=agreed_covariates(active.outcomes)[0],
        rates=None if active.rates is None or control.rates is None else (active.rates, control.rates),
        means=None if active.means is None or control.means is None else (active.means, control.means),
        follow_up_years=None if years[0] is None or years[1] is None else (years[0], years[1]),
        bounds=_bounded(trial, active, control),
        conversions={form: decisions for form, decisions in taken.items() if decisions},
    )


def _bounded(trial: Trial, active: Side, control: Side) -> Bounded | None:
    """Bounds of both sides, where a number has bounds or comes from a list with a threshold."""
    if active.bounds is None or control.bounds is None:
        return None
    pieces = (*active.bounds, *control.bounds)
    if all(piece.exact and piece.listed_from is None for piece in pieces):
        return None
    used = (*active.outcomes, *control.outcomes)
    others = [o.counts for arm in trial.arms for o in arm.outcomes if o.name == used[0].name and o not in used]
    elsewhere = any(c is not None and c.listed_from is not None and c.events >= c.listed_from for c in others)
    return Bounded(active.bounds, control.bounds, elsewhere)


def _decision(trial: Trial, step: str, rule: str, before: Sequence[Side], after: Sequence[Side]) -> Decision:
    return Decision(step, trial.label, rule, "; ".join(map(str, before)), "; ".join(map(str, after)))
