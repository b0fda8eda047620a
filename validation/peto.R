# Peto's odds ratio: (sum of O-E) / (sum of V), nothing added to any cell.

sets <- c("rosiglitazone_mi", "rosiglitazone_cv_death", "bcg", "collins1985", "fleiss1993",
          "crins2014_first2", "crins2014_first3", "crins2014", "nielweise2007", "yuan2018",
          "okumura2014", "li2007", "zeros_mixed", "unbalanced", "nearly_all_events")
entries <- list()

for (name in sets) for (conf_level in c(0.95, 0.9, 0.99)) {
  d <- read_trials(name)
  e <- effects(d, "Peto odds ratio")
  f <- suppressWarnings(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, add = 0,
                                 to = "none", drop00 = c(TRUE, TRUE),
                                 level = 100 * conf_level))
  # rma.peto's own defaults must say the same: it adds nothing either.
  plain <- suppressWarnings(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d))
  stopifnot(close_to(c(plain$beta, plain$se, plain$QE), c(f$beta, f$se, f$QE)))
  y <- e$y[e$used]
  v <- e$v[e$used]
  q <- sum((y - c(f$beta))^2 / v)
  stopifnot(close_to(f$QE, q), f$k.yi == sum(e$used))
  df <- f$k.yi - 1
  values <- list(k = sum(e$used), estimate = unname(c(f$beta)), std_error = f$se,
                 statistic = unname(f$zval), df = NA, p_value = unname(f$pval),
                 conf_low = unname(f$ci.lb), conf_high = unname(f$ci.ub), q = f$QE, q_df = df,
                 q_p_value = f$QEp, h2_q = f$QE / df, i2_q = max(0, (f$QE - df) / f$QE))
  if (conf_level == 0.95) {
    w <- rep(NA_real_, nrow(d))
    w[e$used] <- unname(weights(f)[!is.na(weights(f))]) / 100
    values$weights <- I(w)
  }
  entries[[length(entries) + 1L]] <- entry(
    paste(c("peto", name, if (conf_level != 0.95) conf_level), collapse = "/"), name,
    sprintf('rma.peto(ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none", drop00=TRUE, level=%g)',
            100 * conf_level),
    list(measure = "Peto odds ratio", method = "peto", model = "common", interval = "wald",
         zero_cells = "none", conf_level = conf_level), values)
}

write_entries("peto", entries)
