# Subgroup analyses: every subgroup on its own (its own tau2), and the test between them.
# Q_between = sum of w (estimate - weighted mean)^2 over the subgroups, w = 1/SE^2 with the
# standard error that the subgroup's own interval uses; chi-squared with groups - 1 df.

entries <- list()

between <- function(estimate, se) {
  w <- 1 / se^2
  q <- sum(w * (estimate - sum(w * estimate) / sum(w))^2)
  df <- length(estimate) - 1
  list(q_between = q, q_between_df = df,
       q_between_p_value = pchisq(q, df, lower.tail = FALSE))
}

column <- function(groups, key) I(unname(vapply(groups, function(g) as.numeric(g[[key]]), 0)))

add <- function(id, name, by, call, settings, groups, program = METAFOR, extra = NULL) {
  b <- between(column(groups, "estimate"), column(groups, "std_error"))
  # The same from metafor: the subgroup estimates pooled by inverse variance.
  q <- rma(column(groups, "estimate"), sei = column(groups, "std_error"), method = "EE")$QE
  stopifnot(close_to(b$q_between, q, abs = 1e-10))
  keys <- names(groups[[1]])
  keys <- keys[!keys %in% c("weights", "tau2_interval_empty")]
  values <- c(list(subgroups = I(names(groups))),
              sapply(keys, function(k) column(groups, k), simplify = FALSE), b, extra)
  settings$subgroup_by <- by
  entries[[length(entries) + 1L]] <<- entry(id, name, call, settings, values, program)
}

by_group <- function(d, by, f) {
  g <- sort(unique(d[[by]]))
  setNames(lapply(g, function(x) f(d[d[[by]] == x, ])), g)
}

# BCG by allocation: inverse variance.
d <- read_trials("bcg")
for (measure in c("risk ratio", "odds ratio", "risk difference")) {
  m <- MEASURE[[measure]]
  run <- function(model, tau2 = NA, interval = "wald", conf_level = 0.95) {
    groups <- by_group(d, "allocation", function(part) {
      e <- effects(part, measure)
      iv_values(e$y, e$v, model, tau2, interval, conf_level)$values
    })
    e <- effects(d, measure)
    whole <- iv_values(e$y, e$v, model, tau2, interval, conf_level)
    extra <- NULL
    if (model == "common") {
      extra <- list(q_total = whole$values$q, q_within = sum(column(groups, "q")))
      stopifnot(close_to(extra$q_total - extra$q_within,
                         between(column(groups, "estimate"),
                                 column(groups, "std_error"))$q_between, abs = 1e-9))
    }
    settings <- c(list(measure = measure, method = "inverse-variance", model = model),
                  if (model == "random") list(tau2 = tau2),
                  list(interval = interval, zero_cells = "none", conf_level = conf_level),
                  if (model == "random") list(prediction = whole$prediction))
    add(paste(c("subgroups/bcg", m, "iv", model, if (model == "random") tau2, interval,
                if (conf_level != 0.95) conf_level), collapse = "/"),
        "bcg", "allocation", paste0(e$call, "; in each subgroup ", whole$call), settings,
        groups, extra = extra)
  }
  run("common")
  for (tau2 in c("REML", "DL", "PM")) for (interval in names(TEST)) {
    run("random", tau2, interval)
  }
  run("random", "REML", "hartung-knapp-safe", 0.9)

  groups <- by_group(d, "allocation", function(part) {
    f <- rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = part, add = 0,
                to = "none")
    list(k = f$k, estimate = c(f$beta), std_error = f$se, statistic = f$zval,
         p_value = f$pval, conf_low = f$ci.lb, conf_high = f$ci.ub, q = f$QE,
         q_df = f$k.yi - 1, q_p_value = f$QEp)
  })
  add(paste("subgroups/bcg", m, "mh", sep = "/"), "bcg", "allocation",
      sprintf('in each subgroup rma.mh(measure="%s", ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none")', m),
      c(list(measure = measure, method = "mantel-haenszel", model = "common",
             interval = "wald", zero_cells = "none"),
        if (m == "RD") list(variance = "sato"), list(conf_level = 0.95)), groups)
}

# Peto: rosiglitazone by comparator, BCG by allocation.
for (case in list(c("rosiglitazone_mi", "comparator"), c("rosiglitazone_cv_death", "comparator"),
                  c("bcg", "allocation"))) {
  d <- read_trials(case[1])
  peto <- function(part) {
    f <- suppressWarnings(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = part,
                                   add = 0, to = "none", drop00 = c(TRUE, TRUE)))
    df <- f$k.yi - 1
    list(k = f$k.yi, estimate = c(f$beta), std_error = f$se, statistic = f$zval,
         p_value = f$pval, conf_low = f$ci.lb, conf_high = f$ci.ub, q = f$QE, q_df = df,
         q_p_value = f$QEp, i2_q = max(0, (f$QE - df) / f$QE))
  }
  groups <- by_group(d, case[2], peto)
  extra <- list(q_total = peto(d)$q, q_within = sum(column(groups, "q")))
  stopifnot(close_to(extra$q_total - extra$q_within,
                     between(column(groups, "estimate"),
                             column(groups, "std_error"))$q_between, abs = 1e-9))
  add(paste("subgroups", case[1], "PETO", sep = "/"), case[1], case[2],
      'in each subgroup rma.peto(ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none", drop00=TRUE)',
      list(measure = "Peto odds ratio", method = "peto", model = "common", interval = "wald",
           zero_cells = "none", conf_level = 0.95), groups, extra = extra)
}

# Rosiglitazone by comparator, inverse variance after the constant correction.
for (name in c("rosiglitazone_mi", "rosiglitazone_cv_death")) {
  d <- read_trials(name)
  for (how in list(c("common", NA, "wald"), c("random", "REML", "hartung-knapp-safe"),
                   c("random", "DL", "wald"))) {
    groups <- by_group(d, "comparator", function(part) {
      e <- effects(part, "odds ratio", "constant")
      iv_values(e$y, e$v, how[1], how[2], how[3])$values
    })
    e <- effects(d, "odds ratio", "constant")
    whole <- iv_values(e$y, e$v, how[1], how[2], how[3])
    add(paste(c("subgroups", name, "OR", "iv", how[1], if (how[1] == "random") how[2], how[3]),
              collapse = "/"), name, "comparator",
        paste0(e$call, "; in each subgroup ", whole$call),
        c(list(measure = "odds ratio", method = "inverse-variance", model = how[1]),
          if (how[1] == "random") list(tau2 = how[2]), list(interval = how[3]),
          zero_settings("constant"), list(conf_level = 0.95),
          if (how[1] == "random") list(prediction = whole$prediction)), groups)
  }
}

write_entries("subgroups", entries)
