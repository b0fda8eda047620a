# Trials with several active arms: arms combined, control split, control shared.

sets <- c("dupilumab_infections", "dupilumab_herpesvirus", "dupilumab_skin_infection",
          "gleser_olkin2009", "dogliotti2014", "pagliaro1992")
measures <- c("risk ratio", "odds ratio", "risk difference")
estimators <- c("REML", "DL", "PM")
intervals <- names(TEST)
entries <- list()

# One row a comparison: trial, arm (its number among the active arms of the trial), 2x2 table.
comparisons <- function(name, how) {
  a <- read_arms(name)
  rows <- lapply(unique(a$trial), function(trial) {
    t <- a[a$trial == trial & a$treatment == "active", ]
    c <- a[a$trial == trial & a$treatment == "control", ]
    stopifnot(nrow(c) == 1, nrow(t) >= 1)
    parts <- if (how == "split") nrow(t) else 1
    if (how == "combine") {
      data.frame(trial = trial, arm = 1, ai = sum(t$events), n1i = sum(t$n),
                 ci = c$events, n2i = c$n)
    } else {
      data.frame(trial = trial, arm = seq_len(nrow(t)), ai = t$events, n1i = t$n,
                 ci = c$events / parts, n2i = c$n / parts)
    }
  })
  do.call(rbind, rows)
}

settings_of <- function(measure, method, model, how, tau2 = NULL, interval = "wald") {
  c(list(measure = measure, method = method, model = model),
    if (!is.null(tau2)) list(tau2 = tau2),
    list(interval = interval, zero_cells = "none", multi_arm = how, conf_level = 0.95))
}

keep <- function(..., rows = NULL) {
  entries[[length(entries) + 1L]] <<- c(entry(...), rows)
}

id_of <- function(...) paste(c("multi_arm", ...), collapse = "/")

# ---- combine and split: comparisons of independent trials, pooled as any other

for (name in sets) for (how in c("combine", "split")) {
  d <- comparisons(name, how)
  for (measure in measures) {
    m <- MEASURE[[measure]]
    e <- effects(d, measure)
    id <- function(...) id_of(name, how, m, ...)
    add <- function(model, tau2 = NA, interval = "wald") {
      r <- iv_values(e$y, e$v, model, tau2, interval, weights = interval == "wald")
      if (interval == "wald") r$values <- c(list(y = I(e$y), v = I(e$v)), r$values)
      s <- settings_of(measure, "inverse-variance", model, how,
                       if (model == "random") tau2, interval)
      if (model == "random") s$prediction <- r$prediction
      keep(id("iv", model, if (model == "random") tau2, interval), name,
           paste0(e$call, "; ", r$call), s, r$values)
    }
    add("common")
    for (tau2 in estimators) for (interval in intervals) add("random", tau2, interval)

    f <- suppressWarnings(rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i,
                                 data = d, add = 0, to = "none", drop00 = FALSE))
    values <- list(k = nrow(d), estimate = unname(c(f$beta)), std_error = f$se,
                   statistic = unname(f$zval), df = NA, p_value = unname(f$pval),
                   conf_low = unname(f$ci.lb), conf_high = unname(f$ci.ub))
    if (all(e$used)) values <- c(values, list(q = f$QE, q_df = f$k.yi - 1,
                                              q_p_value = f$QEp))
    s <- settings_of(measure, "mantel-haenszel", "common", how)
    if (m == "RD") s$variance <- "sato"
    keep(id("mh"), name,
         sprintf('rma.mh(measure="%s", ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none")', m), s,
         values)
  }
  f <- suppressWarnings(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, add = 0,
                                 to = "none"))
  keep(id_of(name, how, "PETO"), name,
       'rma.peto(ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none")',
       settings_of("Peto odds ratio", "peto", "common", how),
       list(k = nrow(d), estimate = unname(c(f$beta)), std_error = f$se,
            statistic = unname(f$zval), df = NA, p_value = unname(f$pval),
            conf_low = unname(f$ci.lb), conf_high = unname(f$ci.ub), q = f$QE,
            q_df = f$k.yi - 1, q_p_value = f$QEp))
}

# ---- shared: every arm against the one control, with the covariance that makes

control_variance <- function(d, measure) {
  switch(measure, "risk ratio" = 1 / d$ci - 1 / d$n2i,
         "odds ratio" = 1 / d$ci + 1 / (d$n2i - d$ci),
         "risk difference" = d$ci / d$n2i * (1 - d$ci / d$n2i) / d$n2i)
}

# Between-trial covariance over tau2: 1 on the diagonal, 1/2 between arms of one trial.
cs_half <- function(trial) {
  g <- outer(trial, trial, "==") * 0.5
  diag(g) <- 1
  g
}

for (name in sets) for (measure in measures) {
  m <- MEASURE[[measure]]
  all_rows <- comparisons(name, "shared")
  e <- effects(all_rows, measure)
  d <- all_rows[e$used, ]
  y <- e$y[e$used]
  v <- e$v[e$used]
  trial <- match(d$trial, unique(d$trial))
  V <- outer(trial, trial, "==") * control_variance(d, measure)
  diag(V) <- v
  stopifnot(isSymmetric(V), all(eigen(V)$values > 0))
  G <- cs_half(trial)
  k <- length(y)
  dat <- data.frame(y = y, trial = factor(trial), arm = factor(d$arm))
  pair <- paste(e$call, "; V block diagonal, off-diagonal the variance of the control arm", sep = "")
  if (name == "gleser_olkin2009" && m != "RR") {
    # Gleser and Olkin (2009) and their Q, signs as control minus arm.
    own <- rma.mv(y, V, mods = ~ arm - 1, data = dat, method = "EE", sparse = FALSE)
    book <- switch(m, RD = c(0.0200, 0.0043, 0.0211), OR = c(0.5099, 0.0044, 0.4301))
    stopifnot(all(round(-coef(own), 4) == book),
              round(own$QE, 4) == switch(m, RD = 7.1907, OR = 2.0563))
  }

  q <- q_of(0, y, V, G)
  p0 <- p_matrix(V, 0, G)
  typical <- (k - 1) / sum(diag(p0))
  heterogeneity <- list(q = q, q_df = k - 1,
                        q_p_value = pchisq(q, k - 1, lower.tail = FALSE),
                        i2_q = if (q > 0) max(0, (q - (k - 1)) / q) else 0)

  gls_weights <- function(sigma) {
    w <- rep(NA_real_, nrow(all_rows))
    s <- rowSums(solve(sigma))
    w[e$used] <- s / sum(s)
    I(w)
  }
  # The covariance of two rows of one trial is the variance of its control arm.
  shared <- rep(NA_real_, nrow(all_rows))
  shared[e$used] <- control_variance(d, measure)
  effects_in <- list(y = I(e$y), v = I(e$v), control_variance = I(shared))

  f <- rma.mv(y, V, method = "EE", data = dat, sparse = FALSE)
  stopifnot(close_to(f$QE, q, abs = 1e-12))
  keep(id_of(name, "shared", m, "iv", "common", "wald"), name,
       paste0(pair, '; rma.mv(yi, V, method="EE")'),
       settings_of(measure, "inverse-variance", "common", "shared"),
       c(effects_in,
         list(k = k, estimate = c(f$beta), std_error = f$se, statistic = unname(f$zval),
              df = NA, p_value = unname(f$pval), conf_low = f$ci.lb, conf_high = f$ci.ub),
         heterogeneity, list(weights = gls_weights(V))),
       rows = list(trials = I(all_rows$trial), arms = I(all_rows$arm)))

  profile <- c(tau2_level(qchisq(0.025, k - 1, lower.tail = FALSE), y, V, G),
               tau2_level(qchisq(0.025, k - 1), y, V, G))
  for (tau2 in estimators) {
    t2 <- switch(tau2, REML = tau2_reml, DL = tau2_dl, PM = tau2_pm)(y, V, G)
    f <- suppressWarnings(rma.mv(y, V, random = ~ arm | trial, struct = "CS", rho = 0.5,
                                 tau2 = t2, data = dat, sparse = FALSE))
    check <- NA
    if (tau2 == "REML") {
      # metafor's own optimiser, as tight as it will converge, must find the same place.
      for (tol in 10^-(14:8)) {
        free <- tryCatch(suppressWarnings(
          rma.mv(y, V, random = ~ arm | trial, struct = "CS", rho = 0.5, data = dat,
                 sparse = FALSE, control = list(optimizer = "nlminb", rel.tol = tol))),
          error = function(e) NULL)
        if (!is.null(free)) break
      }
      if (is.null(free)) stop("rma.mv does not converge for ", name)
      check <- free$tau2
      scale <- max(t2, min(v) * 1e-2)
      if (abs(free$tau2 - t2) > 2e-4 * scale) {
        stop(sprintf("%s %s: rma.mv's tau2 %.12g, the score's root %.12g", name, m,
                     free$tau2, t2))
      }
      # and it must not be better than ours
      stopifnot(reml_loglik(free$tau2, y, V, G) <= reml_loglik(t2, y, V, G) + 1e-9)
    }
    sigma <- V + t2 * G
    inv <- solve(sigma)
    stopifnot(close_to(c(f$beta), sum(inv %*% y) / sum(inv)), close_to(f$se, sum(inv)^-0.5))
    s2 <- q_of(t2, y, V, G) / (k - 1)
    for (interval in intervals) {
      factor <- switch(interval, wald = 1, "hartung-knapp" = s2,
                       "hartung-knapp-safe" = max(1, s2))
      se <- f$se * sqrt(factor)
      z <- c(f$beta) / se
      t_df <- if (interval == "wald") Inf else k - 1
      crit <- qt(0.975, t_df)
      values <- list(k = k, estimate = c(f$beta), std_error = se, statistic = z,
                     df = if (interval == "wald") NA else k - 1,
                     p_value = 2 * pt(abs(z), t_df, lower.tail = FALSE),
                     conf_low = c(f$beta) - crit * se, conf_high = c(f$beta) + crit * se,
                     tau2 = t2, tau2_low = profile[1], tau2_high = profile[2])
      if (interval == "wald") {
        stopifnot(close_to(c(values$conf_low, values$conf_high), c(f$ci.lb, f$ci.ub)))
      }
      values <- c(values, heterogeneity,
                  list(i2_tau2 = t2 / (t2 + typical),
                       prediction_low = c(f$beta) - crit * sqrt(t2 + se^2),
                       prediction_high = c(f$beta) + crit * sqrt(t2 + se^2)))
      if (interval == "wald") {
        values$weights <- gls_weights(sigma)
        if (tau2 == "REML") values$tau2_rma_mv_optimiser <- check
      }
      s <- settings_of(measure, "inverse-variance", "random", "shared", tau2, interval)
      s$between_trial_correlation <- 0.5
      s$prediction <- if (interval == "wald") "normal" else "k-1"
      if (interval != "wald") s$degrees_of_freedom <- "comparisons-1"
      keep(id_of(name, "shared", m, "iv", "random", tau2, interval), name,
           paste0(pair, "; tau2 by ",
                  switch(tau2, REML = "the root of the REML score",
                         DL = "(Q-(k-1))/tr(PG), P at tau2 = 0, not below 0",
                         PM = "the root of y'P(tau2)y = k-1"),
                  '; rma.mv(yi, V, random=~arm|trial, struct="CS", rho=0.5, tau2=tau2)',
                  if (interval != "wald") "; factor y'P(tau2)y/(k-1) on the variance"),
           s, values,
           if (interval == "wald" && tau2 == "REML") METAFOR
           else paste0(METAFOR, "; ", if (tau2 != "REML") "tau2",
                       if (tau2 != "REML" && interval != "wald") " and ",
                       if (interval != "wald") "the interval", " by hand in R"),
           "k counts comparisons (active arms), not trials")
      if (interval == "wald" || max(trial) < 3) next
      # The same with t at trials - 1 instead of comparisons - 1 degrees of freedom.
      t_df <- max(trial) - 1
      crit <- qt(0.975, t_df)
      s$degrees_of_freedom <- "trials-1"
      keep(id_of(name, "shared", m, "iv", "random", tau2, interval, "df-trials-1"), name,
           "as the entry without df-trials-1; t quantiles at trials - 1", s,
           list(k = k, estimate = c(f$beta), std_error = se, statistic = z, df = t_df,
                p_value = 2 * pt(abs(z), t_df, lower.tail = FALSE),
                conf_low = c(f$beta) - crit * se, conf_high = c(f$beta) + crit * se,
                prediction_low = c(f$beta) - crit * sqrt(t2 + se^2),
                prediction_high = c(f$beta) + crit * sqrt(t2 + se^2)), BY_HAND,
           "k counts comparisons (active arms), not trials")
    }
  }
}

write_entries("multi_arm", entries)
