"""Trials and comparisons made by hand, so that what is expected can be counted on the fingers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trialpool.trials import Arm, Comparison, Contrast, Counts, Covariate, Means, Outcome, Source, Trial, Verification

Table = tuple[float, float, float, float]
"""Treatment events, treatment n, control events, control n."""


def make_outcome(
    events: int | None,
    n: int = 100,
    *,
    name: str = "rash",
    row: int | None = None,
    verification: Verification = "read",
    covariates: Mapping[str, Covariate] | None = None,
) -> Outcome:
    """Counts, or means where ``events`` is None."""
    source = Source("made.csv", row, verification=verification)
    counts = None if events is None else Counts(events, n)
    means = Means(1.0, 0.5, n) if events is None else None
    return Outcome(name, source, counts, means, covariates or {})


def make_arm(
    treatment: str,
    events: int | None,
    n: int = 100,
    *,
    label: str = "",
    row: int | None = None,
    **covariates: Covariate,
) -> Arm:
    return Arm(label or treatment, treatment, (make_outcome(events, n, row=row, covariates=covariates),))


def make_trial(label: str, *arms: Arm) -> Trial:
    return Trial(label, arms)


def make_comparison(
    *tables: Table,
    covariates: Mapping[str, Sequence[Covariate | None]] | None = None,
    verification: Verification = "read",
) -> Comparison:
    """Two-armed trials ``A``, ``B``, ``C``... with these counts; a covariate of None is absent."""
    contrasts = []
    for i, table in enumerate(tables):
        held = {name: values[i] for name, values in (covariates or {}).items()}
        present = {name: value for name, value in held.items() if value is not None}
        sources = (Source("made.csv", i + 2, verification=verification),)
        label = chr(ord("A") + i)
        contrasts.append(Contrast(label, label, "drug", "placebo", *table, sources, present))
    return Comparison("rash", ("drug",), ("placebo",), "combine", tuple(contrasts))
