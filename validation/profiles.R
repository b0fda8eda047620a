# What two programs print when nobody sets anything, where that is not already one of the
# entries of the other files.

entries <- list()
measures <- c("risk ratio", "odds ratio", "risk difference")

# ---- metafor: rma(measure=, ai=, ...) as it comes: 0.5 added to every cell of every trial
# with a zero cell, double-zero trials among them; REML, Wald; the iteration stops at a step
# of 1e-5. The tolerance of each value is twice its distance from the converged fit.
for (name in c("bcg", "nielweise2007", "rosiglitazone_mi", "okumura2014", "yuan2018",
               "crins2014", "li2007", "collins1985")) {
  d <- read_trials(name)
  for (measure in measures) for (method in c("REML", "DL", "PM")) {
    m <- MEASURE[[measure]]
    f <- suppressWarnings(rma(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d,
                              method = method))
    p <- predict(f)
    values <- c(pooled_values(f), list(tau2 = f$tau2, q = f$QE, q_df = f$k - 1,
                                       q_p_value = f$QEp, h2_tau2 = f$H2,
                                       i2_tau2 = f$I2 / 100, prediction_low = p$pi.lb,
                                       prediction_high = p$pi.ub))
    e <- effects(d, measure, "constant", double_zero = "corrected")
    tight <- iv_values(e$y, e$v, "random", method)$values
    gap <- lapply(names(values), function(k) {
      if (is.na(values[[k]])) NA else 2 * abs(values[[k]] - tight[[k]]) + 1e-12
    })
    names(gap) <- names(values)
    stopifnot(method != "DL" || all(unlist(gap) < 1e-9, na.rm = TRUE))
    x <- entry(
      paste("profile/metafor", name, m, method, sep = "/"), name,
      sprintf('rma(measure="%s", ai=ai, n1i=n1i, ci=ci, n2i=n2i%s)', m,
              if (method == "REML") "" else sprintf(', method="%s"', method)),
      c(list(profile = "metafor", measure = measure, method = "inverse-variance",
             model = "random", tau2 = method, interval = "wald"),
        zero_settings("constant", 0.5, "corrected"),
        list(conf_level = 0.95, prediction = "normal")), values)
    if (method != "DL") {
      x$tolerance <- list(
        absolute = gap,
        cause = switch(method, REML = "Fisher scoring stops at a step of 1e-5",
                       PM = "uniroot stops at 1.2e-4"))
    }
    entries[[length(entries) + 1L]] <- x
  }
}

# ---- R's package meta, metabin(): not run (it is not in this Debian release). The rules are
# those of its documentation and source; escalc() can be told to follow them:
# risk ratio: 0.5 to the events and 0.5 (not 1) to the arm size of a trial with a zero cell;
# risk difference: uncorrected difference, corrected variance, double-zero trials kept;
# odds ratio: 0.5 to every cell. Double-zero trials left out of both ratios.
meta_effects <- function(d, m) {
  args <- list(measure = m, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, add = 0.5,
               to = "only0", drop00 = m != "RD")
  if (m == "RR") args$onlyo1 <- TRUE
  if (m == "RD") args$addyi <- FALSE
  e <- suppressWarnings(do.call(escalc, args))
  own <- list(a = d$ai, n = d$n1i, c = d$ci, N = d$n2i)
  z <- has_zero_cell(d) * 0.5
  if (m == "RR") {
    y <- log((own$a + z) / (own$n + z)) - log((own$c + z) / (own$N + z))
    v <- 1 / (own$a + z) - 1 / (own$n + z) + 1 / (own$c + z) - 1 / (own$N + z)
  } else if (m == "RD") {
    y <- own$a / own$n - own$c / own$N
    v <- (own$a + z) * (own$n - own$a + z) / (own$n + 2 * z)^3 +
      (own$c + z) * (own$N - own$c + z) / (own$N + 2 * z)^3
  } else {
    y <- log((own$a + z) * (own$N - own$c + z) / ((own$c + z) * (own$n - own$a + z)))
    v <- 1 / (own$a + z) + 1 / (own$n - own$a + z) + 1 / (own$c + z) + 1 / (own$N - own$c + z)
  }
  used <- !is.na(e$yi)
  stopifnot(close_to(as.numeric(e$yi)[used], y[used]), close_to(as.numeric(e$vi)[used], v[used]))
  list(y = as.numeric(e$yi), v = as.numeric(e$vi), used = used,
       call = sprintf('escalc("%s", ..., add=0.5, to="only0", drop00=%s%s)', m, m != "RD",
                      switch(m, RR = ", onlyo1=TRUE", RD = ", addyi=FALSE", "")))
}

not_run <- "meta itself was not run: its rules, from its documentation and source"

for (name in c("rosiglitazone_mi", "nielweise2007", "okumura2014", "yuan2018", "crins2014",
               "li2007", "unbalanced")) {
  d <- read_trials(name)
  for (measure in measures) {
    m <- MEASURE[[measure]]
    e <- meta_effects(d, m)
    rule <- list(zero_cells = "constant", increment = 0.5,
                 increment_to = switch(m, RR = "events and n by 0.5", RD = "variance only",
                                       "every cell"),
                 double_zero = if (m == "RD") "corrected" else "excluded")
    x <- entry(paste("profile/meta", name, m, "effects", sep = "/"), name, e$call,
               c(list(profile = "meta", measure = measure), rule),
               list(y = I(e$y), v = I(e$v)), note = not_run)
    x$trials <- I(d$trial)
    entries[[length(entries) + 1L]] <- x
    for (how in list(c("common", NA, "wald"), c("random", "REML", "wald"),
                     c("random", "DL", "wald"), c("random", "PM", "wald"),
                     c("random", "REML", "hartung-knapp"))) {
      predictions <- if (how[1] == "common") "none" else c("k-1", "k-2")
      for (prediction in predictions) {
        r <- iv_values(e$y, e$v, how[1], how[2], how[3],
                       prediction = if (how[1] == "random") prediction)
        values <- r$values
        if (prediction == "k-2") values <- values[c("k", "estimate", "std_error", "tau2",
                                                    "prediction_low", "prediction_high")]
        entries[[length(entries) + 1L]] <- entry(
          paste(c("profile/meta", name, m, "iv", how[1], if (how[1] == "random") how[2], how[3],
                  if (how[1] == "random") paste0("prediction-", prediction)), collapse = "/"),
          name, paste0(e$call, "; ", r$call),
          c(list(profile = "meta", measure = measure, method = "inverse-variance",
                 model = how[1]), if (how[1] == "random") list(tau2 = how[2]),
            list(interval = how[3]), rule, list(conf_level = 0.95),
            if (how[1] == "random") list(prediction = prediction)), values, note = not_run)
      }
    }
  }
  # Mantel-Haenszel risk difference: uncorrected estimate, Greenland-Robins variance with
  # corrected cells over the uncorrected sum of weights. (Odds and risk ratio are the
  # "constant" entries of mantel_haenszel.json.)
  n <- d$n1i + d$n2i
  w <- d$n1i * d$n2i / n
  estimate <- sum(w * (d$ai / d$n1i - d$ci / d$n2i)) / sum(w)
  z <- has_zero_cell(d) * 0.5
  a <- d$ai + z
  b <- d$n1i - d$ai + z
  c <- d$ci + z
  dd <- d$n2i - d$ci + z
  se <- sqrt(sum((a * b * (c + dd)^3 + c * dd * (a + b)^3) /
                   ((a + b) * (c + dd) * (a + b + c + dd)^2))) / sum(w)
  entries[[length(entries) + 1L]] <- entry(
    paste("profile/meta", name, "RD", "mh", sep = "/"), name,
    "sum(w*RD)/sum(w), w = n1*n2/N; Greenland-Robins variance with 0.5 in trials with a zero cell",
    list(profile = "meta", measure = "risk difference", method = "mantel-haenszel",
         model = "common", interval = "wald", zero_cells = "constant", increment = 0.5,
         increment_to = "variance only", double_zero = "corrected",
         variance = "greenland-robins", conf_level = 0.95),
    list(k = nrow(d), estimate = estimate, std_error = se, statistic = estimate / se, df = NA,
         p_value = 2 * pnorm(abs(estimate / se), lower.tail = FALSE),
         conf_low = estimate - qnorm(0.975) * se, conf_high = estimate + qnorm(0.975) * se),
    BY_HAND, not_run)
}

write_entries("profiles", entries)
