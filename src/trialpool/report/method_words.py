"""How a method reads in a methods section, and the works behind it."""

from __future__ import annotations

from collections.abc import Mapping

from trialpool.effects import scale_of
from trialpool.pool import (
    Bayes,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    IntervalCensored,
    InverseVariance,
    Logistic,
    MantelHaenszel,
    Poisson,
    Request,
)
from trialpool.report.wording import TAU2_WORDS

__all__ = ["method_keys", "way_of_pooling"]

_TAU2_KEYS: Mapping[str, str] = {
    "REML": "viechtbauer2005",
    "ML": "viechtbauer2005",
    "DL": "dersimonian1986",
    "DL2": "dersimonian2007",
    "PM": "paule1982",
    "EB": "morris1983",
    "HE": "hedges1985",
    "HS": "hunter2004",
    "SJ": "sidik2005",
}
_INTERVALS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "wald": ("Wald intervals", ()),
    "hartung-knapp": ("Hartung-Knapp intervals", ("hartung2001",)),
    "hartung-knapp-safe": ("Hartung-Knapp intervals, never narrower than Wald's", ("hartung2001", "rover2015")),
    "profile-likelihood": ("profile-likelihood intervals", ("hardy1996",)),
    "t": ("intervals by the t distribution with k \N{MINUS SIGN} 1 degrees of freedom for k trials", ()),
    "mid-p": ("mid-P intervals", ()),
    "exact": ("exact intervals", ()),
}
_MODELS = {"common": "common effect", "random": "random effects"}


def way_of_pooling(request: Request) -> str:
    """A sentence without its full stop.

    >>> from trialpool.pool import Peto
    >>> way_of_pooling(Request(measure="Peto odds ratio", method=Peto()))
    "Peto odds ratios were pooled by Peto's one-step method, common effect"
    """
    plurals = f"{request.measure[0].upper()}{request.measure[1:]}s were pooled"
    return f"{plurals} {_by(request)}"


_WITHOUT_CHOICES: Mapping[str, str] = {
    "peto": "by Peto's one-step method, common effect",
    "mantel-haenszel": "by the Mantel-Haenszel method, common effect",
    "penalised-logistic": "by Firth's penalised logistic regression with fixed trial intercepts, common effect, with profile "
    "penalised-likelihood intervals",
    "beta-binomial": "by beta-binomial regression of all arms with a common intraclass correlation, with Wald intervals",
}


def _by(request: Request) -> str:
    method = request.method
    match method:
        case InverseVariance():
            return _inverse_variance(request, method)
        case Bayes():
            return _bayes(method)
        case Exact() | HypergeometricNormal() | BinomialNormal():
            return f"{_conditional(method)}, with {_INTERVALS[method.interval][0]}"
        case IntervalCensored():
            return f"{_censored(method)}, with {_INTERVALS[method.interval][0]}"
        case Logistic() | Poisson():
            kind = "logistic" if isinstance(method, Logistic) else "Poisson"
            return (
                f"by {kind} regression with {method.intercepts} trial intercepts, {_MODELS[method.model]}, with "
                f"{_INTERVALS[method.interval][0]}"
            )
    return _WITHOUT_CHOICES[method.name]


def _conditional(method: Exact | HypergeometricNormal | BinomialNormal) -> str:
    if isinstance(method, Exact):
        return "by the exact conditional method, common effect"
    if isinstance(method, HypergeometricNormal):
        return (
            "by the hypergeometric-normal model (given its margins, a trial's table is noncentral hypergeometric; the log odds ratios "
            "of the trials are normal), fitted by maximum likelihood with adaptive quadrature on 15 nodes"
        )
    return (
        "by the binomial-normal model (given all events of a trial, those of its treatment arm are binomial; the log ratios of the "
        "trials are normal), fitted by maximum likelihood with adaptive quadrature on 15 nodes"
    )


def _censored(method: IntervalCensored) -> str:
    if method.likelihood == "hypergeometric":
        return (
            f"by the conditional likelihood of the listed trials given their margins and that they were listed, "
            f"{_MODELS[method.model]} (trials that were not listed are left out without bias)"
        )
    return (
        "by maximum likelihood from binomial counts, each count that is known within bounds alone entering by the probability of its "
        f"interval, {_MODELS[method.model]}, with normal trial intercepts"
    )


def _bayes(method: Bayes) -> str:
    of = (
        "the trials' effects (normal likelihood)" if method.likelihood == "normal" else "the counts given their margins"
    )
    return (
        f"by a Bayesian random-effects model of {of}, with prior {method.tau_prior} for the standard deviation between trials and "
        f"{method.effect_prior} for the mean effect on the working scale, computed by quadrature without sampling; the estimate is "
        f"the posterior median, with {method.interval} credible intervals"
    )


def _inverse_variance(request: Request, method: InverseVariance) -> str:
    scale = " on the logarithmic scale" if scale_of(request.measure).logarithmic else ""
    if method.model == "common":
        return f"{scale} by inverse variance, common effect".strip()
    return (
        f"{scale} by inverse variance with random effects, the variance between trials (τ²) estimated by "
        f"{TAU2_WORDS[method.tau2 or 'REML']}, with {_INTERVALS[method.interval or 'wald'][0]}"
    ).strip()


def method_keys(request: Request) -> tuple[str, ...]:
    """The works behind the method of a request.

    >>> method_keys(Request(measure="risk ratio", method=InverseVariance(tau2="DL", interval="wald")))
    ('dersimonian1986',)
    """
    method = request.method
    match method:
        case InverseVariance():
            if method.model == "common":
                return ()
            return (_TAU2_KEYS[method.tau2 or "REML"], *_INTERVALS[method.interval or "wald"][1])
        case MantelHaenszel():
            return _haenszel_keys(request, method)
        case Bayes():
            empirical = str(method.tau_prior).partition("(")[0]
            named = {"turner": ("turner2015",), "rhodes": ("rhodes2015",)}.get(empirical, ("rover2021",))
            return ("gunhan2020", *named) if method.likelihood == "hypergeometric" else named
    return _KEYS[method.name]


_KEYS: Mapping[str, tuple[str, ...]] = {
    "peto": ("yusuf1985",),
    "exact": ("mehta1985",),
    "hypergeometric-normal": ("stijnen2010",),
    "binomial-normal": ("stijnen2010",),
    "logistic": ("simmonds2016",),
    "penalised-logistic": ("firth1993",),
    "poisson": ("beisemann2020",),
    "beta-binomial": ("kuss2015",),
    "interval-censored": ("turnbull1976", "jackson2018"),
}


def _haenszel_keys(request: Request, method: MantelHaenszel) -> tuple[str, ...]:
    if request.measure == "odds ratio":
        return ("mantel1959", "robins1986")
    by_sato = request.measure == "risk difference" and method.risk_difference_variance != "Greenland-Robins"
    return ("mantel1959", "sato1989" if by_sato else "greenland1985")
