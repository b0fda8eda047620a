"""Comparisons of rates, means and given effects made by hand."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.trials import Comparison, Contrast, GivenEffect, Means, Rates

Four = tuple[float, float, float, float]
Six = tuple[float, float, float, float, float, float]


def comparison_of(contrasts: Sequence[Contrast], multi_arm: str = "combine") -> Comparison:
    return Comparison("pain", ("drug",), ("placebo",), multi_arm, tuple(contrasts))  # type: ignore[arg-type]


def make_rates(*rows: Four) -> Comparison:
    """Trials ``A``, ``B``... with treatment events and person-years, control events and person-years."""
    return comparison_of(
        [
            _contrast(i, rates=(Rates(x1, t1), Rates(x2, t2)))
            for i, (x1, t1, x2, t2) in enumerate(rows)
        ]
    )  # fmt: skip


def make_means(*rows: Six) -> Comparison:
    """Trials with mean, standard deviation and n of the treatment arm, then of the control arm."""
    contrasts = []
    for i, (m1, s1, n1, m2, s2, n2) in enumerate(rows):
        contrasts.append(_contrast(i, means=(Means(m1, s1, n1), Means(m2, s2, n2)), n_treatment=n1, n_control=n2))
    return comparison_of(contrasts)


def make_given(*effects: GivenEffect) -> Comparison:
    return comparison_of([_contrast(i, given=effect) for i, effect in enumerate(effects)])


def _contrast(i: int, **parts: object) -> Contrast:
    label = chr(ord("A") + i % 26) + ("" if i < 26 else str(i))
    counts = dict.fromkeys(("events_treatment", "n_treatment", "events_control", "n_control"))
    return Contrast(label, label, "drug", "placebo", **(counts | parts))  # type: ignore[arg-type]
