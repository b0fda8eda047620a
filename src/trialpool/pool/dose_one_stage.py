"""One-stage dose-response: the binomial likelihood of all arms, with an intercept for each trial.

``logit p = a_i + E_i f(dose)``, the slopes ``E_i`` normal over trials; f is the dose, its logarithm, or ``dose / (dose + ED50)``
(Boucher & Bennetts 2016, CPT: Pharmacometrics & Systems Pharmacology 5:54). Arms without events need no correction, and enter as
they are.

Beside an intercept for each trial, maximum likelihood makes the variance of the slopes too small, often 0, unless what a slope
departs by is measured from the middle of its trial: ``a_i + E f + (E_i - E)(f - mean of f in the trial)``, as with the coding of
two arms by -1/2 and 1/2 (Turner et al. 2000, Statistics in Medicine 19:3417; Jackson, Law, Stijnen, Viechtbauer & White 2018,
Statistics in Medicine 37:1059). That is the default here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.climb import Height, Peak, climb
from trialpool.numerics.dose_likelihood import Curve, DoseCounts, Profile, dose_counts, profile_intercepts
from trialpool.pool.dose_arms import DoseTrial
from trialpool.pool.dose_shapes import Emax, Linear, LogDose

__all__ = ["OneStage", "OneStageFit", "fit_one_stage", "informative"]

Array = NDArray[np.float64]

_SIGMA_STARTS = (0.1, 0.4, 1.2)
_EFFECT, _ED50, _SIGMA = 0, 1, 2
_LOG_ED50 = (-9.0, 5.0)  # of the highest dose: beyond these, the curve is a step or a line
_GRID = 36
_FARTHEST = 40.0  # logits at the highest dose
_LARGEST_STD_ERROR = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OneStage:
    """The binomial likelihood of all arms, by maximum likelihood; odds ratios only.

    Attributes
    ----------
    model : {"random", "common"}
        Whether slopes vary between trials.
    departure : {"centred", "from zero"}, default "centred"
        Random slopes only: whether a trial's slope turns its curve around the middle of the trial (the mean of the curve over
        its participants), or around dose 0.
    """

    name: ClassVar[str] = "one-stage"

    model: Literal["random", "common"] = "random"
    departure: Literal["centred", "from zero"] | None = None

    def __post_init__(self) -> None:
        choice("model", self.model, ("random", "common"))
        if self.model == "random":
            departure = choice("departure", self.departure or "centred", ("centred", "from zero"))
            object.__setattr__(self, "departure", departure)
        elif self.departure is not None:
            raise OptionError("departure has no meaning with model='common'; leave it out, or choose model='random'")

    def __str__(self) -> str:
        turned = "centred in each trial" if self.departure == "centred" else "departing from dose 0"
        slopes = f"random slopes {turned}" if self.model == "random" else "a common slope"
        return (
            f"one-stage binomial likelihood with trial intercepts and {slopes}; by maximum likelihood; Wald intervals"
        )


@dataclass(frozen=True, slots=True)
class OneStageFit:
    """Coefficients (E, and log ED50 of an Emax curve) with covariance; ``between_sd`` is that of the slopes E_i."""

    estimate: Array
    covariance: Array
    between_sd: float
    log_likelihood: float
    parameters: int


def informative(trial: DoseTrial) -> bool:
    """Whether a trial has an event and a participant without one; else its intercept explains all of it."""
    events = sum(arm.events for arm in trial.arms)
    return 0 < events < sum(arm.n for arm in trial.arms)


def fit_one_stage(trials: tuple[DoseTrial, ...], shape: Linear | LogDose | Emax, method: OneStage) -> OneStageFit:
    """Fit to the trials that are informative.

    Raises
    ------
    NotEstimableError
        No informative trial; one trial for random slopes; events at one end of the doses alone; an ED50 that the doses do not
        determine.
    """
    trials = tuple(trial for trial in trials if informative(trial))
    if not trials:
        raise NotEstimableError(
            "no trial has both an event and a participant without one: nothing shows an effect of the dose"
        )
    if method.model == "random" and len(trials) == 1:
        raise NotEstimableError(
            "one informative trial alone can not show how slopes vary between trials; choose OneStage(model='common')"
        )
    model = _Model.of(trials, shape, centred=method.departure == "centred")
    _refuse_separated(model)
    best = model.common_effect()
    if method.model == "random":
        best = model.random_slopes(best)
    return model.in_units_of_doses(best, variances=int(method.model == "random"))


@dataclass(frozen=True, slots=True)
class _Model:
    """Arms with doses as shares of the highest, and the regressor of a shape without parameters as a share of its own."""

    counts: DoseCounts
    doses: Array
    line: Array | None
    trials: int
    unit: float
    centred: bool

    @classmethod
    def of(cls, trials: tuple[DoseTrial, ...], shape: Linear | LogDose | Emax, *, centred: bool) -> _Model:
        most = max(len(trial.arms) for trial in trials)
        events, n, doses = (np.zeros((len(trials), most)) for _ in range(3))
        for i, trial in enumerate(trials):
            for j, arm in enumerate(trial.arms):
                events[i, j], n[i, j], doses[i, j] = arm.events, arm.n, arm.dose
        unit, line = float(doses.max()), None
        if not isinstance(shape, Emax):
            line = shape.columns(doses.ravel())[:, 0].reshape(doses.shape)
            unit = float(line.max())
            line = line / unit
        return cls(dose_counts(events, n), doses / doses.max(), line, len(trials), unit, centred)

    @property
    def free(self) -> list[int]:
        """Positions of the parameters of the mean."""
        return [_EFFECT] if self.line is not None else [_EFFECT, _ED50]

    def curve(self, log_ed50: float) -> Curve:
        """The curve f, in each trial from its mean where slopes are centred, and its derivatives in log ED50."""
        if self.line is not None:
            nothing = np.zeros_like(self.line)
            parts = (self.line, nothing, nothing)
        else:
            f = self.doses / (self.doses + np.exp(log_ed50))
            rest = f * (1.0 - f)
            parts = (f, -rest, rest * (1.0 - 2.0 * f))
        if not self.centred:
            return Curve(*parts)
        # the intercepts take up what is taken off the mean curve
        share = self.counts.n / self.counts.n.sum(axis=1, keepdims=True)
        value, first, second = (part - (share * part).sum(axis=1, keepdims=True) for part in parts)
        return Curve(value, first, second)

    def height(self, fixed: Array, free: list[int]) -> Callable[[Array], Height]:
        """The likelihood in some of E, log ED50 and sigma, the others held."""
        found: list[Profile] = []

        def at(point: Array) -> Height:
            place = fixed.copy()
            place[free] = point
            curve = self.curve(place[_ED50]) if abs(place[_ED50]) < _FARTHEST else None
            if curve is None or max(abs(place[_EFFECT]), abs(place[_SIGMA])) * np.ptp(curve.value) > _FARTHEST:
                return -np.inf, np.zeros(len(free)), np.zeros((len(free), len(free)))
            start = found[-1].intercepts if found else None
            profile = profile_intercepts(self.counts, curve, place[_EFFECT], place[_SIGMA], start)
            found.append(profile)
            return profile.log_likelihood, profile.gradient[free], profile.hessian[np.ix_(free, free)]

        return at

    def climbed(self, place: Array, free: list[int]) -> tuple[Array, Peak]:
        """The place of the nearest maximum over some of the parameters."""
        peak = climb(self.height(place, free), place[free])
        new = place.copy()
        new[free] = peak.point
        new[_SIGMA] = abs(new[_SIGMA])
        return new, peak

    def common_effect(self) -> tuple[Array, Peak]:
        """The highest maximum without variation of slopes."""
        if self.line is not None:
            return self.climbed(np.zeros(3), [_EFFECT])
        places, values = [], []
        place = np.zeros(3)
        for log_ed50 in np.linspace(*_LOG_ED50, _GRID):
            place = np.array([place[_EFFECT], log_ed50, 0.0])
            place, peak = self.climbed(place, [_EFFECT])
            places.append(place)
            values.append(peak.value)
        padded = [-np.inf, *values, -np.inf]
        tops = [i for i in range(_GRID) if padded[i + 1] >= padded[i] and padded[i + 1] >= padded[i + 2]]
        best = max(tops, key=lambda i: values[i])
        if best in (0, _GRID - 1):
            _refuse_edge(low=best == 0)
        inner = [i for i in tops if 0 < i < _GRID - 1]
        return max((self.climbed(places[i], self.free) for i in inner), key=lambda found: found[1].value)

    def random_slopes(self, common: tuple[Array, Peak]) -> tuple[Array, Peak]:
        """The highest maximum with slopes that vary, or that without where none is higher."""
        best = common
        for share in _SIGMA_STARTS:
            place = common[0].copy()
            place[_SIGMA] = share * max(abs(float(place[_EFFECT])), 0.5)
            found = self.climbed(place, [*self.free, _SIGMA])
            if found[1].value > best[1].value and found[0][_SIGMA] > 1e-6:
                best = found
        if self.line is None and not _LOG_ED50[0] < best[0][_ED50] < _LOG_ED50[1]:
            _refuse_edge(low=best[0][_ED50] < 0)
        return best

    def in_units_of_doses(self, best: tuple[Array, Peak], variances: int) -> OneStageFit:
        """The fit with its covariance, from the observed information."""
        place, peak = best
        free = self.free
        reached = np.abs(place[[_EFFECT, _SIGMA]]).max() * np.ptp(self.curve(place[_ED50]).value)
        if reached > 0.99 * _FARTHEST:
            raise NotEstimableError(
                "the slopes of the trials grow without bound: too many arms are without an event or full of them"
            )
        if not peak.settled or np.linalg.eigvalsh(-peak.hessian)[0] <= 0:
            raise NotEstimableError("the likelihood of the dose-response curve is flat: the arms do not determine it")
        covariance = np.linalg.inv(-peak.hessian)[: len(free), : len(free)]
        estimate = place[free]
        if np.sqrt(np.diag(covariance)).max() > _LARGEST_STD_ERROR:
            raise NotEstimableError(
                "the likelihood of the dose-response curve is nearly flat: the arms do not determine it"
            )
        scale = np.ones(len(free))
        sd = float(place[_SIGMA])
        if self.line is None:
            estimate = estimate + np.array([0.0, np.log(self.unit)])
        else:
            scale[:], sd = 1.0 / self.unit, sd / self.unit
        parameters = self.trials + len(free) + variances
        return OneStageFit(estimate * scale, covariance * np.outer(scale, scale), sd, peak.value, parameters)


def _refuse_edge(*, low: bool) -> None:
    if low:
        raise NotEstimableError(
            "the Emax curve is at its plateau from the lowest dose on, so that ED50 has no estimate: all active doses have the "
            "same effect as far as these arms show; pool them against the control, or choose shape='log'"
        )
    raise NotEstimableError(
        "the Emax curve does not bend within these doses, so that Emax and ED50 have no estimate: choose shape='linear' or 'log'"
    )


def _refuse_separated(model: _Model) -> None:
    """The slope is infinite where, in every trial, events are at one end of the doses alone."""
    doses, y, n = model.doses, model.counts.events, model.counts.n
    observed = (doses * y).sum()
    highest = sum(_extreme(*trial) for trial in zip(doses, y, n, strict=True))
    lowest = -sum(_extreme(-d, *rest) for d, *rest in zip(doses, y, n, strict=True))
    if observed >= highest or observed <= lowest:
        end = "highest" if observed >= highest else "lowest"
        raise NotEstimableError(
            f"in every trial all events are in the arms with the {end} doses that could have had them, so that the slope is "
            "infinite; report the counts"
        )


def _extreme(doses: Array, events: Array, n: Array) -> float:
    """The largest sum of doses over events, if a trial's events could fall on any of its participants."""
    left, total = float(events.sum()), 0.0
    for j in np.argsort(-doses):
        taken = min(left, float(n[j]))
        total += taken * float(doses[j])
        left -= taken
    return total
