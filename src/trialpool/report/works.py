"""The works that a report may cite, in the style of the Vancouver group."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REFERENCES"]

REFERENCES: Mapping[str, str] = {
    "beisemann2020": "Beisemann M, Doebler P, Holling H. Comparison of random-effects meta-analysis models for the relative risk "
    "in the case of rare events: a simulation study. Biom J 2020;62:1597-630. doi:10.1002/bimj.201900379",
    "borenstein2013": "Borenstein M, Higgins JPT. Meta-analysis and subgroups. Prev Sci 2013;14:134-43. "
    "doi:10.1007/s11121-013-0377-7",
    "cochrane": "Higgins JPT, Thomas J, Chandler J, Cumpston M, Li T, Page MJ, Welch VA, eds. Cochrane handbook for "
    "systematic reviews of interventions. Version 6.5. Cochrane, 2024. https://training.cochrane.org/handbook",
    "dersimonian1986": "DerSimonian R, Laird N. Meta-analysis in clinical trials. Control Clin Trials 1986;7:177-88. "
    "doi:10.1016/0197-2456(86)90046-2",
    "dersimonian2007": "DerSimonian R, Kacker R. Random-effects model for meta-analysis of clinical trials: an update. "
    "Contemp Clin Trials 2007;28:105-14. doi:10.1016/j.cct.2006.04.004",
    "felsch2022": "Felsch M, Beckmann L, Bender R, Kuss O, Skipka G, Mathes T. Performance of several types of beta-binomial models "
    "in comparison to standard approaches for meta-analyses with very few studies. BMC Med Res Methodol 2022;22:319. "
    "doi:10.1186/s12874-022-01779-3",
    "firth1993": "Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38. doi:10.1093/biomet/80.1.27",
    "gleser2009": "Gleser LJ, Olkin I. Stochastically dependent effect sizes. In: Cooper H, Hedges LV, Valentine JC, "
    "eds. The handbook of research synthesis and meta-analysis. 2nd ed. Russell Sage Foundation, 2009:357-76.",
    "greenland1985": "Greenland S, Robins JM. Estimation of a common effect parameter from sparse follow-up data. "
    "Biometrics 1985;41:55-68. doi:10.2307/2530643",
    "gunhan2020": "Günhan BK, Röver C, Friede T. Random-effects meta-analysis of few studies involving rare events. Res Synth "
    "Methods 2020;11:74-90. doi:10.1002/jrsm.1370",
    "hardy1996": "Hardy RJ, Thompson SG. A likelihood approach to meta-analysis with random effects. Stat Med 1996;15:619-29. "
    "doi:10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A",
    "hartung2001": "Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical trials with binary "
    "outcome. Stat Med 2001;20:3875-89. doi:10.1002/sim.1009",
    "hedges1985": "Hedges LV, Olkin I. Statistical methods for meta-analysis. Academic Press, 1985.",
    "higgins1996": "Higgins JPT, Whitehead A. Borrowing strength from external trials in a meta-analysis. Stat Med "
    "1996;15:2733-49. doi:10.1002/(SICI)1097-0258(19961230)15:24<2733::AID-SIM562>3.0.CO;2-0",
    "higgins2002": "Higgins JPT, Thompson SG. Quantifying heterogeneity in a meta-analysis. Stat Med 2002;21:1539-58. "
    "doi:10.1002/sim.1186",
    "higgins2009": "Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects meta-analysis. J R Stat "
    "Soc Ser A Stat Soc 2009;172:137-59. doi:10.1111/j.1467-985X.2008.00552.x",
    "hunter2004": "Hunter JE, Schmidt FL. Methods of meta-analysis: correcting error and bias in research findings. 2nd ed. "
    "Sage, 2004.",
    "jackson2013": "Jackson D. Confidence intervals for the between-study variance in random effects meta-analysis using generalised "
    "Cochran heterogeneity statistics. Res Synth Methods 2013;4:220-9. doi:10.1002/jrsm.1081",
    "jackson2018": "Jackson D, Law M, Stijnen T, Viechtbauer W, White IR. A comparison of seven random-effects models for "
    "meta-analyses that estimate the summary odds ratio. Stat Med 2018;37:1059-85. doi:10.1002/sim.7588",
    "jansen2023": "Jansen K, Holling H. Random-effects meta-analysis models for the odds ratio in the case of rare events under "
    "different data-generating models: a simulation study. Biom J 2023;65:2200132. doi:10.1002/bimj.202200132",
    "ju2020": "Ju K, Lin L, Chu H, Cheng LL, Xu C. Laplace approximation, penalized quasi-likelihood, and adaptive Gauss-Hermite "
    "quadrature for generalized linear mixed models: towards meta-analysis of binary outcome with sparse data. BMC Med Res "
    "Methodol 2020;20:152. doi:10.1186/s12874-020-01035-6",
    "kuss2015": "Kuss O. Statistical methods for meta-analyses including information from studies without any events: add nothing to "
    "nothing and succeed nevertheless. Stat Med 2015;34:1097-116. doi:10.1002/sim.6383",
    "mantel1959": "Mantel N, Haenszel W. Statistical aspects of the analysis of data from retrospective studies of "
    "disease. J Natl Cancer Inst 1959;22:719-48. doi:10.1093/jnci/22.4.719",
    "mehta1985": "Mehta CR, Patel NR, Gray R. Computing an exact confidence interval for the common odds ratio in several 2 by 2 "
    "contingency tables. J Am Stat Assoc 1985;80:969-73. doi:10.2307/2288562",
    "morris1983": "Morris CN. Parametric empirical Bayes inference: theory and applications. J Am Stat Assoc 1983;78:47-55. "
    "doi:10.2307/2287098",
    "nagashima2019": "Nagashima K, Noma H, Furukawa TA. Prediction intervals for random-effects meta-analysis: a confidence "
    "distribution approach. Stat Methods Med Res 2019;28:1689-702. doi:10.1177/0962280218773520",
    "paule1982": "Paule RC, Mandel J. Consensus values and weighting factors. J Res Natl Bur Stand 1982;87:377-85. "
    "doi:10.6028/jres.087.022",
    "rhodes2015": "Rhodes KM, Turner RM, Higgins JPT. Predictive distributions were developed for the extent of heterogeneity in "
    "meta-analyses of continuous outcome data. J Clin Epidemiol 2015;68:52-60. doi:10.1016/j.jclinepi.2014.08.012",
    "robins1986": "Robins J, Breslow N, Greenland S. Estimators of the Mantel-Haenszel variance consistent in both sparse "
    "data and large-strata limiting models. Biometrics 1986;42:311-23. doi:10.2307/2531052",
    "rover2015": "Röver C, Knapp G, Friede T. Hartung-Knapp-Sidik-Jonkman approach and its modification for "
    "random-effects meta-analysis with few studies. BMC Med Res Methodol 2015;15:99. doi:10.1186/s12874-015-0091-1",
    "rover2021": "Röver C, Bender R, Dias S, et al. On weakly informative prior distributions for the heterogeneity parameter in "
    "Bayesian random-effects meta-analysis. Res Synth Methods 2021;12:448-74. doi:10.1002/jrsm.1475",
    "rucker2009": "Rücker G, Schwarzer G, Carpenter J, Olkin I. Why add anything to nothing? The arcsine difference as a measure of "
    "treatment effect in meta-analysis with zero cells. Stat Med 2009;28:721-38. doi:10.1002/sim.3511",
    "sato1989": "Sato T, Greenland S, Robins JM. On the variance estimator for the Mantel-Haenszel risk difference. "
    "Biometrics 1989;45:1323-4.",
    "sidik2005": "Sidik K, Jonkman JN. Simple heterogeneity variance estimation for meta-analysis. J R Stat Soc Ser C Appl Stat "
    "2005;54:367-84. doi:10.1111/j.1467-9876.2005.00489.x",
    "simmonds2016": "Simmonds MC, Higgins JPT. A general framework for the use of logistic regression models in meta-analysis. Stat "
    "Methods Med Res 2016;25:2858-77. doi:10.1177/0962280214534409",
    "sterne2011": "Sterne JAC, Sutton AJ, Ioannidis JPA, et al. Recommendations for examining and interpreting funnel "
    "plot asymmetry in meta-analyses of randomised controlled trials. BMJ 2011;343:d4002. doi:10.1136/bmj.d4002",
    "stijnen2010": "Stijnen T, Hamza TH, Özdemir P. Random effects meta-analysis of event outcome in the framework of the generalized "
    "linear mixed model with applications in sparse data. Stat Med 2010;29:3046-67. doi:10.1002/sim.4040",
    "sweeting2004": "Sweeting MJ, Sutton AJ, Lambert PC. What to add to nothing? Use and avoidance of continuity "
    "corrections in meta-analysis of sparse data. Stat Med 2004;23:1351-75. doi:10.1002/sim.1761",
    "turnbull1976": "Turnbull BW. The empirical distribution function with arbitrarily grouped, censored and truncated data. J R Stat "
    "Soc Series B Stat Methodol 1976;38:290-5. doi:10.1111/j.2517-6161.1976.tb01597.x",
    "turner2015": "Turner RM, Jackson D, Wei Y, Thompson SG, Higgins JPT. Predictive distributions for between-study heterogeneity "
    "and simple methods for their application in Bayesian meta-analysis. Stat Med 2015;34:984-98. doi:10.1002/sim.6381",
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
