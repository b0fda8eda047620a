"""The works behind the methods, and their numbers in order of citation."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from trialpool.report.document import Inline, Inlines, inlines

__all__ = ["REFERENCES", "Citations"]

REFERENCES: Mapping[str, str] = {
    "borenstein2013": "Borenstein M, Higgins JPT. Meta-analysis and subgroups. Prev Sci 2013;14:134-43. "
    "doi:10.1007/s11121-013-0377-7",
    "cochrane": "Higgins JPT, Thomas J, Chandler J, Cumpston M, Li T, Page MJ, Welch VA, eds. Cochrane handbook for "
    "systematic reviews of interventions. Version 6.5. Cochrane, 2024. https://training.cochrane.org/handbook",
    "dersimonian1986": "DerSimonian R, Laird N. Meta-analysis in clinical trials. Control Clin Trials 1986;7:177-88. "
    "doi:10.1016/0197-2456(86)90046-2",
    "gleser2009": "Gleser LJ, Olkin I. Stochastically dependent effect sizes. In: Cooper H, Hedges LV, Valentine JC, "
    "eds. The handbook of research synthesis and meta-analysis. 2nd ed. Russell Sage Foundation, 2009:357-76.",
    "greenland1985": "Greenland S, Robins JM. Estimation of a common effect parameter from sparse follow-up data. "
    "Biometrics 1985;41:55-68. doi:10.2307/2530643",
    "hartung2001": "Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical trials with binary "
    "outcome. Stat Med 2001;20:3875-89. doi:10.1002/sim.1009",
    "higgins1996": "Higgins JPT, Whitehead A. Borrowing strength from external trials in a meta-analysis. Stat Med "
    "1996;15:2733-49. doi:10.1002/(SICI)1097-0258(19961230)15:24<2733::AID-SIM562>3.0.CO;2-0",
    "higgins2002": "Higgins JPT, Thompson SG. Quantifying heterogeneity in a meta-analysis. Stat Med 2002;21:1539-58. "
    "doi:10.1002/sim.1186",
    "higgins2009": "Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects meta-analysis. J R Stat "
    "Soc Ser A Stat Soc 2009;172:137-59. doi:10.1111/j.1467-985X.2008.00552.x",
    "mantel1959": "Mantel N, Haenszel W. Statistical aspects of the analysis of data from retrospective studies of "
    "disease. J Natl Cancer Inst 1959;22:719-48. doi:10.1093/jnci/22.4.719",
    "paule1982": "Paule RC, Mandel J. Consensus values and weighting factors. J Res Natl Bur Stand 1982;87:377-85. "
    "doi:10.6028/jres.087.022",
    "robins1986": "Robins J, Breslow N, Greenland S. Estimators of the Mantel-Haenszel variance consistent in both sparse "
    "data and large-strata limiting models. Biometrics 1986;42:311-23. doi:10.2307/2531052",
    "rover2015": "Röver C, Knapp G, Friede T. Hartung-Knapp-Sidik-Jonkman approach and its modification for "
    "random-effects meta-analysis with few studies. BMC Med Res Methodol 2015;15:99. doi:10.1186/s12874-015-0091-1",
    "sato1989": "Sato T, Greenland S, Robins JM. On the variance estimator for the Mantel-Haenszel risk difference. "
    "Biometrics 1989;45:1323-4.",
    "sterne2011": "Sterne JAC, Sutton AJ, Ioannidis JPA, et al. Recommendations for examining and interpreting funnel "
    "plot asymmetry in meta-analyses of randomised controlled trials. BMJ 2011;343:d4002. doi:10.1136/bmj.d4002",
    "sweeting2004": "Sweeting MJ, Sutton AJ, Lambert PC. What to add to nothing? Use and avoidance of continuity "
    "corrections in meta-analysis of sparse data. Stat Med 2004;23:1351-75. doi:10.1002/sim.1761",
    "viechtbauer2005": "Viechtbauer W. Bias and efficiency of meta-analytic variance estimators in the random-effects "
    "model. J Educ Behav Stat 2005;30:261-93. doi:10.3102/10769986030003261",
    "viechtbauer2007": "Viechtbauer W. Confidence intervals for the amount of heterogeneity in meta-analysis. Stat Med "
    "2007;26:37-52. doi:10.1002/sim.2514",
    "yusuf1985": "Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Beta blockade during and after myocardial infarction: "
    "an overview of the randomized trials. Prog Cardiovasc Dis 1985;27:335-71. doi:10.1016/S0033-0620(85)80003-7",
    "zorzela2016": "Zorzela L, Loke YK, Ioannidis JP, et al. PRISMA harms checklist: improving harms reporting in "
    "systematic reviews. BMJ 2016;352:i157. doi:10.1136/bmj.i157",
}
"""Every work that a report may cite."""


class Citations:
    """Numbers works as they are cited.

    >>> cite = Citations()
    >>> cite("mantel1959").text, cite("yusuf1985").text, cite("mantel1959").text
    ('1', '2', '1')
    """

    def __init__(self) -> None:
        self._cited: list[str] = []

    def __call__(self, key: str) -> Inline:
        """The raised number of a work."""
        if key not in REFERENCES:
            raise KeyError(key)
        if key not in self._cited:
            self._cited.append(key)
        number = self._cited.index(key) + 1
        return Inline(str(number), "cite", f"#reference-{number}")

    def sentence(self, text: str, *keys: str) -> Inlines:
        """A sentence with the numbers of its works after it."""
        return inlines(text, *(self(key) for key in keys), " ")

    def listed(self) -> tuple[Inlines, ...]:
        """The works cited so far, in that order."""
        return tuple(_with_link(REFERENCES[key]) for key in self._cited)


def _with_link(text: str) -> Inlines:
    """A work with its digital object identifier, or its address, as a link."""
    words, found, doi = text.partition("doi:")
    if found:
        return inlines(words, Inline(f"doi:{doi}", "link", f"https://doi.org/{quote(doi, safe='/:;()._-')}"))
    words, found, address = text.partition("https://")
    return inlines(words, Inline(address, "link", f"https://{address}")) if found else inlines(text)
