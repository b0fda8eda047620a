# Leave one out: every trial left out once; place i of an array is the analysis without the
# i-th trial of the file. The three tau2 values are again checked against their equations.

entries <- list()
keys <- c("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high", "tau2", "q",
          "q_p_value", "i2_q", "i2_tau2")

collect <- function(runs, keys) {
  keys <- keys[keys %in% names(runs[[1]])]
  sapply(keys, function(k) I(vapply(runs, function(r) as.numeric(r[[k]]), 0)),
         simplify = FALSE)
}

inverse_variance <- function(name, measure, rule, model, tau2 = NA, interval = "wald") {
  d <- read_trials(name)
  e <- effects(d, measure, rule)
  m <- MEASURE[[measure]]
  runs <- lapply(seq_len(nrow(d)), function(i)
    iv_values(e$y[-i], e$v[-i], model, tau2, interval)$values)
  values <- collect(runs, keys)
  whole <- iv_values(e$y, e$v, model, tau2, interval)
  # metafor's own leave1out must print the same where it converges (it hands its control on
  # to every refit, and a refit that can not reach the threshold is NA without a word).
  l <- leave1out(whole$fit)
  at <- which(e$used)
  if (length(l$estimate) != nrow(d)) l <- list(estimate = l$estimate[NULL])
  at <- at[!is.na(l$estimate[at])]
  stopifnot(close_to(l$estimate[at], values$estimate[at], rel = 1e-9),
            close_to(l$se[at], values$std_error[at], rel = 1e-9),
            close_to(l$Q[at], values$q[at], rel = 1e-9))
  entries[[length(entries) + 1L]] <<- c(entry(
    paste(c("leave_one_out", name, m, rule, "iv", model, if (model == "random") tau2, interval),
          collapse = "/"), name,
    paste0(e$call, "; without each trial in turn ", whole$call),
    c(list(measure = measure, method = "inverse-variance", model = model),
      if (model == "random") list(tau2 = tau2), list(interval = interval),
      zero_settings(rule), list(conf_level = 0.95)), values), list(trials = I(d$trial)))
}

for (measure in c("risk ratio", "odds ratio", "risk difference")) {
  inverse_variance("bcg", measure, "none", "common")
  for (interval in names(TEST)) inverse_variance("bcg", measure, "none", "random", "REML", interval)
  inverse_variance("bcg", measure, "none", "random", "DL")
  inverse_variance("bcg", measure, "none", "random", "PM", "hartung-knapp-safe")
}
inverse_variance("crins2014", "odds ratio", "constant", "random", "REML", "hartung-knapp-safe")
inverse_variance("collins1985", "odds ratio", "none", "random", "REML", "hartung-knapp-safe")

pooled <- function(f) {
  list(estimate = c(f$beta), std_error = f$se, statistic = f$zval, p_value = f$pval,
       conf_low = f$ci.lb, conf_high = f$ci.ub, q = f$QE, q_p_value = f$QEp)
}

for (name in c("rosiglitazone_mi", "rosiglitazone_cv_death", "bcg")) {
  d <- read_trials(name)
  run <- function(x) suppressWarnings(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = x,
                                               add = 0, to = "none", drop00 = c(TRUE, TRUE)))
  values <- collect(lapply(seq_len(nrow(d)), function(i) pooled(run(d[-i, ]))), keys)
  l <- suppressWarnings(leave1out(run(d)))
  has <- if (length(l$estimate) == nrow(d)) rep(TRUE, nrow(d)) else !is_double_zero(d)
  stopifnot(close_to(l$estimate[!is.na(l$estimate)],
                     values$estimate[has][!is.na(l$estimate)], rel = 1e-8))
  entries[[length(entries) + 1L]] <- c(entry(
    paste("leave_one_out", name, "PETO", sep = "/"), name,
    'without each trial in turn rma.peto(ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none", drop00=TRUE)',
    list(measure = "Peto odds ratio", method = "peto", model = "common", interval = "wald",
         zero_cells = "none", conf_level = 0.95), values), list(trials = I(d$trial)))
}

for (name in c("rosiglitazone_mi", "bcg")) for (measure in c("risk ratio", "odds ratio",
                                                            "risk difference")) {
  d <- read_trials(name)
  m <- MEASURE[[measure]]
  values <- collect(lapply(seq_len(nrow(d)), function(i) pooled(suppressWarnings(
    rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d[-i, ], add = 0,
           to = "none", drop00 = FALSE)))), c("estimate", "std_error", "statistic", "p_value",
                                              "conf_low", "conf_high"))
  entries[[length(entries) + 1L]] <- c(entry(
    paste("leave_one_out", name, m, "mh", sep = "/"), name,
    sprintf('without each trial in turn rma.mh(measure="%s", ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none", drop00=FALSE)', m),
    c(list(measure = measure, method = "mantel-haenszel", model = "common", interval = "wald",
           zero_cells = "none"), if (m == "RD") list(variance = "sato"),
      list(conf_level = 0.95)), values), list(trials = I(d$trial)))
}

write_entries("leave_one_out", entries)
