# Conditional inference on the odds ratio: stats::mantelhaen.test(exact = TRUE) and
# metafor::rma.glmm(model = "CM.EL") where it converges.

entries <- list()

# ---- exact common odds ratio. mantelhaen.test finds its roots by uniroot() with the default
# tolerance, 1.2e-4 in the odds ratio or its reciprocal; the entries carry that.
for (name in c("rosiglitazone_mi", "rosiglitazone_cv_death", "nielweise2007", "okumura2014",
               "yuan2018", "li2007")) for (conf_level in c(0.95, 0.9)) {
  d <- read_trials(name)
  d <- d[d$ai + d$ci > 0 & d$ai + d$ci < d$n1i + d$n2i, ]
  x <- array(rbind(d$ai, d$ci, d$n1i - d$ai, d$n2i - d$ci), c(2, 2, nrow(d)))
  f <- mantelhaen.test(x, exact = TRUE, conf.level = conf_level)
  entries[[length(entries) + 1L]] <- c(entry(
    paste(c("exact", name, if (conf_level != 0.95) conf_level), collapse = "/"), name,
    sprintf("mantelhaen.test(x, exact=TRUE, conf.level=%g)", conf_level),
    list(measure = "odds ratio", method = "exact", conf_level = conf_level),
    list(odds_ratio = unname(f$estimate), conf_low = f$conf.int[1], conf_high = f$conf.int[2])),
    list(tolerance = list(relative = 2e-4, cause = "uniroot stops at 1.2e-4")))
}

# ---- hypergeometric-normal. metafor integrates at a relative tolerance of eps^0.25 and takes
# the Hessian numerically: tau2 and the estimate are good to 2e-5, the standard error to 2 %.
for (name in c("nielweise2007", "okumura2014")) {
  d <- read_trials(name)
  f <- suppressWarnings(rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d,
                                 model = "CM.EL", method = "ML"))
  entries[[length(entries) + 1L]] <- c(entry(
    paste("hypergeometric-normal", name, sep = "/"), name,
    'rma.glmm(measure="OR", ..., model="CM.EL", method="ML")',
    list(measure = "odds ratio", method = "hypergeometric-normal", interval = "wald",
         conf_level = 0.95),
    list(estimate = unname(c(f$beta)), std_error = f$se, tau2 = f$tau2,
         log_likelihood = unname(f$fit.stats["ll", "ML"]))),
    list(tolerance = list(relative = 5e-5, std_error = 0.02,
                          cause = "integration at eps^0.25, numerical Hessian")))
}

write_entries("conditional", entries)
