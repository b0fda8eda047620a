# Mantel-Haenszel odds ratio, risk ratio and risk difference.

sets <- c("bcg", "collins1985", "fleiss1993", "crins2014_first3", "rosiglitazone_mi",
          "rosiglitazone_cv_death", "nielweise2007", "yuan2018", "okumura2014", "crins2014",
          "li2007", "zeros_mixed", "unbalanced", "nearly_all_events")
measures <- c("risk ratio", "odds ratio", "risk difference")
entries <- list()

# Trials that say something about the pooled effect.
informative <- function(d, measure) {
  switch(measure, "odds ratio" = d$ai * (d$n2i - d$ci) + (d$n1i - d$ai) * d$ci > 0,
         "risk ratio" = d$ai + d$ci > 0, rep(TRUE, nrow(d)))
}

# Q around the pooled estimate, over the trials with a study effect.
q_values <- function(y, v, estimate) {
  used <- !is.na(y)
  k <- sum(used)
  if (k < 2) return(list(q = NA, q_df = k - 1, q_p_value = NA, i2_q = NA))
  q <- sum((y[used] - estimate)^2 / v[used])
  df <- k - 1
  list(q = q, q_df = df, q_p_value = pchisq(q, df, lower.tail = FALSE),
       i2_q = if (q > 0) max(0, (q - df) / q) else 0)
}

# The variance of Greenland and Robins (1985) for the risk difference, as RevMan 5 has it.
greenland_robins <- function(d) {
  n <- d$n1i + d$n2i
  sqrt(sum((d$ai * (d$n1i - d$ai) * d$n2i^3 + d$ci * (d$n2i - d$ci) * d$n1i^3) /
             (d$n1i * d$n2i * n^2))) / sum(d$n1i * d$n2i / n)
}

wald <- function(estimate, se, conf_level) {
  z <- estimate / se
  half <- qnorm((1 - conf_level) / 2, lower.tail = FALSE) * se
  list(estimate = estimate, std_error = se, statistic = z, df = NA,
       p_value = 2 * pnorm(abs(z), lower.tail = FALSE), conf_low = estimate - half,
       conf_high = estimate + half)
}

add <- function(name, measure, correction = "none", double_zero = "excluded",
                variance = "metafor", conf_level = 0.95, weights = FALSE) {
  d <- read_trials(name)
  m <- MEASURE[[measure]]
  used <- d
  fit_call <- 'add=0, to="none", drop00=FALSE'
  f <- suppressWarnings(rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d,
                               add = 0, to = "none", drop00 = FALSE, level = 100 * conf_level))
  e <- effects(d, measure)
  if (correction == "constant") {
    drop <- double_zero == "excluded"
    fit_call <- sprintf('add=c(0.5, 0.5), to=c("only0", "only0"), drop00=c(%s, %s)', drop, drop)
    f <- suppressWarnings(rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i,
                                 data = d, add = c(0.5, 0.5), to = c("only0", "only0"),
                                 drop00 = c(drop, drop), level = 100 * conf_level))
    e <- effects(d, measure, "constant", double_zero = double_zero)
    fixed <- which(e$corrected)
    used[fixed, c("ai", "ci")] <- used[fixed, c("ai", "ci")] + 0.5
    used[fixed, c("n1i", "n2i")] <- used[fixed, c("n1i", "n2i")] + 1
    if (drop) used <- used[!is_double_zero(d), ]
  }
  program <- METAFOR
  call <- sprintf('rma.mh(measure="%s", ai, n1i=n1i, ci=ci, n2i=n2i, %s, level=%g)', m,
                  fit_call, 100 * conf_level)
  values <- list(estimate = unname(c(f$beta)), std_error = f$se, statistic = unname(f$zval),
                 df = NA, p_value = unname(f$pval), conf_low = unname(f$ci.lb),
                 conf_high = unname(f$ci.ub))
  own <- wald(values$estimate, values$std_error, conf_level)
  stopifnot(close_to(unlist(own[c("statistic", "conf_low", "conf_high")]),
                     unlist(values[c("statistic", "conf_low", "conf_high")]), abs = 1e-12))
  note <- paste("Q by hand: inverse-variance weights around the pooled estimate, over the",
                if (correction == "none") "trials estimable without correction"
                else "corrected study effects")
  if (measure == "risk difference") {
    if (variance == "greenland-robins") {
      values <- wald(values$estimate, greenland_robins(used), conf_level)
      program <- BY_HAND
      note <- paste0(note, "; the estimate is rma.mh's, the variance that of Greenland and ",
                     "Robins by hand")
    } else variance <- "sato"
  } else {
    variance <- if (m == "OR") "robins-breslow-greenland" else "greenland-robins"
  }
  q <- q_values(e$y, e$v, values$estimate)
  # Where every study effect that rma.mh used is estimable, its own Q must be ours.
  if (!is.na(q$q) && (measure != "risk difference" || all(e$used))) {
    if (!close_to(f$QE, q$q)) stop("rma.mh prints another Q for ", name)
  }
  values <- c(list(k = nrow(used), k_informative = sum(informative(used, measure))), values, q)
  if (weights) {
    w <- rep(NA_real_, nrow(d))
    w[if (correction == "constant" && double_zero == "excluded") !is_double_zero(d)
      else rep(TRUE, nrow(d))] <- unname(weights(f)[!is.na(weights(f))]) / 100
    values$weights <- I(w)
  }
  settings <- c(list(measure = measure, method = "mantel-haenszel", model = "common",
                     interval = "wald"), zero_settings(correction, 0.5, double_zero),
                list(variance = variance, conf_level = conf_level))
  id <- paste(c("mh", name, m, zero_id(correction, 0.5, double_zero),
                if (measure == "risk difference") variance,
                if (conf_level != 0.95) conf_level), collapse = "/")
  entries[[length(entries) + 1L]] <<- entry(id, name, call, settings, values, program, note)
}

variants <- function(measure) {
  if (measure == "risk difference") c("metafor", "greenland-robins") else "metafor"
}

for (name in sets) for (measure in measures) for (variance in variants(measure)) {
  add(name, measure, variance = variance, weights = variance == "metafor")
  for (conf_level in c(0.9, 0.99)) add(name, measure, variance = variance,
                                       conf_level = conf_level)
  if (any(has_zero_cell(read_trials(name)))) {
    add(name, measure, "constant", variance = variance, weights = variance == "metafor")
    add(name, measure, "constant", "corrected", variance)
  }
}

# rma.mh as it comes: nothing added to the pooled cells, but its Q is over study effects
# with 0.5 added, double-zero trials dropped. Pinned to show the difference.
for (name in c("rosiglitazone_mi", "nielweise2007", "okumura2014")) {
  for (measure in c("risk ratio", "odds ratio")) {
    d <- read_trials(name)
    f <- suppressWarnings(rma.mh(measure = MEASURE[[measure]], ai = ai, n1i = n1i, ci = ci,
                                 n2i = n2i, data = d))
    entries[[length(entries) + 1L]] <- entry(
      paste("mh", name, MEASURE[[measure]], "metafor-default", sep = "/"), name,
      sprintf('rma.mh(measure="%s", ai, n1i=n1i, ci=ci, n2i=n2i)', MEASURE[[measure]]),
      list(measure = measure, method = "mantel-haenszel", model = "common",
           interval = "wald", zero_cells = "none", q_zero_cells = "constant",
           profile = "metafor", conf_level = 0.95),
      list(estimate = unname(c(f$beta)), std_error = f$se, q = f$QE, q_df = f$k.yi - 1,
           q_p_value = f$QEp, i2_q = f$I2 / 100))
  }
}

# Random effects "M-H, Random": DerSimonian-Laird with Q taken around the Mantel-Haenszel
# estimate (zero cells + 0.5, double-zero trials left out, as RevMan 5 and R's meta do).
for (name in c("bcg", "collins1985", "crins2014_first3", "rosiglitazone_mi",
               "nielweise2007", "okumura2014", "crins2014", "li2007")) {
  for (measure in measures) {
    d <- read_trials(name)
    rule <- if (any(has_zero_cell(d))) "constant" else "none"
    e <- effects(d, measure, rule)
    m <- MEASURE[[measure]]
    f <- suppressWarnings(rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i,
                                 data = d, add = c(0.5, 0.5), to = c("only0", "only0"),
                                 drop00 = c(TRUE, TRUE)))
    q <- q_values(e$y, e$v, unname(c(f$beta)))
    w <- 1 / e$v[e$used]
    tau2 <- max(0, (q$q - q$q_df) / (sum(w) - sum(w^2) / sum(w)))
    r <- rma(e$y[e$used], e$v[e$used], tau2 = tau2, method = "DL", test = "z")
    entries[[length(entries) + 1L]] <- entry(
      paste("mh", name, m, rule, "random", "DL", sep = "/"), name,
      paste0(e$call, '; Q around rma.mh(measure="', m, '", ..., add=c(0.5, 0.5), ',
             'to=c("only0", "only0"), drop00=c(TRUE, TRUE)); tau2 = max(0, (Q-df)/(sum(w)-sum(w^2)/sum(w))); rma(yi, vi, tau2=tau2)'),
      c(list(measure = measure, method = "mantel-haenszel", model = "random", tau2 = "DL",
             interval = "wald"), zero_settings(rule),
        list(q_around = "mantel-haenszel", conf_level = 0.95)),
      c(pooled_values(r), list(tau2 = tau2), q), BY_HAND)
  }
}

write_entries("mantel_haenszel", entries)
