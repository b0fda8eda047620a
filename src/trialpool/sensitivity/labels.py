"""Short names of methods, for the rows of a table."""

from __future__ import annotations

from trialpool.pool import (
    Bayes,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    IntervalCensored,
    InverseVariance,
    Logistic,
    Poisson,
    Request,
)

__all__ = ["method_label"]

_INTERVALS = {
    "wald": "Wald",
    "hartung-knapp": "Hartung-Knapp",
    "hartung-knapp-safe": "Hartung-Knapp safe",
    "profile-likelihood": "profile likelihood",
    "mid-p": "mid-P",
}
_NAMES = {
    "mantel-haenszel": "Mantel-Haenszel",
    "peto": "Peto",
    "penalised-logistic": "penalised logistic (Firth)",
    "beta-binomial": "beta-binomial",
}


def method_label(request: Request, *, zero_cells: bool = False) -> str:
    """A short name for a request's method.

    >>> method_label(Request(measure="risk ratio", method=InverseVariance(tau2="DL", interval="wald")))
    'random, DL, Wald'
    """
    method = request.method
    match method:
        case InverseVariance(model="common"):
            label = "common, inverse variance"
        case InverseVariance():
            label = f"random, {method.tau2}, {_interval(method.interval)}"
        case Exact():
            label = f"exact, {_interval(method.interval)}"
        case HypergeometricNormal():
            label = f"hypergeometric-normal, {_interval(method.interval)}"
        case BinomialNormal():
            label = f"binomial-normal, {_interval(method.interval)}"
        case Logistic() | Poisson():
            kind = "logistic" if isinstance(method, Logistic) else "Poisson"
            label = f"{kind}, {method.model}, {method.intercepts} intercepts"
        case IntervalCensored():
            label = f"interval-censored, {method.likelihood}, {method.model}, {_interval(method.interval)}"
        case Bayes():
            label = f"Bayes, {method.likelihood}, {method.tau_prior}"
        case _:
            label = _NAMES[method.name]
    return f"{label}; {request.zero_cells}" if zero_cells and hasattr(method, "zero_cells") else label


def _interval(word: str | None) -> str:
    return _INTERVALS.get(word or "wald", word or "")
