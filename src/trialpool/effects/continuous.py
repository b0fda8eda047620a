"""Effect and variance of single pairs of means; arrays in, arrays out, nothing decided.

Each function takes mean, standard deviation and n of the treatment arm, then of the control arm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import poch

__all__ = ["hedges_correction", "log_ratio_of_means", "mean_difference", "pooled_sd", "standardised_mean_difference"]

Array = NDArray[np.float64]


def mean_difference(m1: Array, s1: Array, n1: Array, m2: Array, s2: Array, n2: Array) -> tuple[Array, Array]:
    """Mean difference and its variance s1^2/n1 + s2^2/n2, which does not suppose equal standard deviations.

    >>> import numpy as np
    >>> y, v = mean_difference(*np.array([[5.0], [4.7], [13.0], [6.5], [3.8], [13.0]]))
    >>> float(y[0]), round(float(v[0]), 6)
    (-1.5, 2.81)
    """
    return m1 - m2, s1 / n1 * s1 + s2 / n2 * s2


def hedges_correction(df: Array) -> Array:
    """The exact factor that makes a standardised mean difference unbiased (Hedges 1981, Journal of Educational Statistics 6:107).

    ``gamma(df/2) / (sqrt(df/2) gamma((df - 1)/2))``, not its usual approximation ``1 - 3/(4 df - 1)``.

    >>> import numpy as np
    >>> [round(float(x), 6) for x in hedges_correction(np.array([2.0, 24.0]))]
    [0.56419, 0.968365]
    """
    # poch(x, 1/2) is gamma(x + 1/2) / gamma(x) without the cancellation of two large logarithms
    return np.asarray(poch((df - 1) / 2, 0.5) / np.sqrt(df / 2))


def pooled_sd(s1: Array, n1: Array, s2: Array, n2: Array) -> Array:
    """Standard deviation within two arms."""
    return np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))


def standardised_mean_difference(
    m1: Array, s1: Array, n1: Array, m2: Array, s2: Array, n2: Array
) -> tuple[Array, Array]:
    """Hedges' g and its large-sample variance 1/n1 + 1/n2 + g^2/(2 (n1 + n2)) (Hedges & Olkin 1985, page 86).

    >>> import numpy as np
    >>> y, v = standardised_mean_difference(*np.array([[5.0], [4.7], [13.0], [6.5], [3.8], [13.0]]))
    >>> round(float(y[0]), 6), round(float(v[0]), 6)
    (-0.339876, 0.156068)
    """
    g = hedges_correction(n1 + n2 - 2) * (m1 - m2) / pooled_sd(s1, n1, s2, n2)
    return g, 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))


def log_ratio_of_means(m1: Array, s1: Array, n1: Array, m2: Array, s2: Array, n2: Array) -> tuple[Array, Array]:
    """Log ratio of two means of the same sign and its variance s1^2/(n1 m1^2) + s2^2/(n2 m2^2).

    Hedges, Gurevitch & Curtis (1999), Ecology 80:1150; Friedrich, Adhikari & Beyene (2008), BMC Medical Research Methodology 8:32.

    >>> import numpy as np
    >>> y, v = log_ratio_of_means(*np.array([[5.0], [4.7], [13.0], [6.5], [3.8], [13.0]]))
    >>> round(float(y[0]), 6), round(float(v[0]), 6)
    (-0.262364, 0.09426)
    """
    return np.log(m1 / m2), (s1 / m1) ** 2 / n1 + (s2 / m2) ** 2 / n2
