# Every estimator of tau2, and its intervals by Q-profile, by the exact law of Q and by profile
# likelihood, over the data sets and measures, and for effects typed in below.

entries <- list()

# ---- published effects with their variances, where a data set is not 2x2 tables
typed <- list(
  # the hypothetical ten trials of one antihypertensive drug of Riley, Higgins & Deeks 2011, BMJ
  # 342:d549, used by Nagashima et al. 2019, Stat Methods Med Res 28:1689
  sbp = list(
    y = c(0, 0.1, -0.4, -0.8, -0.63, 0.22, -0.34, -0.51, 0.03, -0.81),
    v = c(0.17933291351, 0.048132757519, 0.00065079428385, 0.039594333781, 0.090616616553,
          0.090616616553, 0.0051022277568, 0.010412710582, 0.014994303729, 0.090616616553)),
  # coaching for the SAT in eight schools: Rubin 1981, J Educ Stat 6:377
  rubin1981 = list(y = c(28, 8, -3, 7, -1, 1, 18, 12),
                   v = c(15, 10, 16, 11, 9, 11, 10, 18)^2),
  # set shifting in eating disorders: Roberts et al. 2007, Psychol Med 37:1075
  setshift = list(
    y = c(0.38, 0.07, 0.52, 0.85, 0.45, 0.01, -0.58, 0.44, 0.46, 0.93, 0.28, 0.2, 0.46, 0.59),
    v = c(0.16, 0.0441, 0.0841, 0.0625, 0.0841, 0.1225, 0.1296, 0.0625, 0.0484, 0.2209,
          0.0576, 0.0784, 0.0529, 0.1296)),
  # made up: variances over six orders of magnitude; two studies
  unlike = list(y = c(0.3, -0.2, 1.4, -0.9, 0.6, 2.5), v = c(1e-4, 3e-3, 0.05, 0.4, 8, 90)),
  two = list(y = c(0.1, 1.3), v = c(0.04, 0.11)))

# ---- tau2. metafor's iterations run until they stop moving; the smallest threshold it reaches.
refit <- function(y, v, method) {
  if (method == "DL2") {
    first <- rma(y, v, method = "DL")$tau2
    return(list(fit = rma(y, v, method = "GENQ", weights = 1 / (v + first)),
                call = 'rma(yi, vi, method="GENQ", weights=1/(vi + tau2 of DL))'))
  }
  control <- if (method == "PM") list(list(tol = 1e-20, maxiter = 10000))
             else if (method %in% c("REML", "ML", "EB"))
               lapply(c(1e-20, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12), function(s)
                 list(threshold = s, maxiter = 5000))
             else list(list())
  for (settings in control) {
    f <- tryCatch(suppressWarnings(rma(y, v, method = method, control = settings)),
                  error = function(e) e)
    if (!inherits(f, "error")) break
  }
  if (inherits(f, "error")) stop(f)
  list(fit = f, call = sprintf('rma(yi, vi, method="%s", control=list(%s))', method,
                               paste(names(settings), settings, sep = "=", collapse = ", ")))
}

ml_score <- function(tau2, y, v) {
  w <- 1 / (v + tau2)
  sum((w * (y - sum(w * y) / sum(w)))^2) - sum(w)
}

ml_loglik <- function(tau2, y, v) -0.5 * (sum(log(v + tau2)) + q_of(tau2, y, v))

# ML: every downward sign change of the score on a fine grid, the best of them and of zero.
tau2_ml <- function(y, v) {
  f <- function(t) ml_score(t, y, v)
  grid <- c(0, exp(seq(log(1e-6 * min(v)), log(100 * (max(v) + var(y))), length.out = 300)))
  s <- vapply(grid, f, 0)
  at <- which(s[-1] <= 0 & s[-length(s)] > 0)
  found <- c(0, vapply(at, function(i)
    uniroot(f, grid[c(i, i + 1)], tol = 1e-300, maxiter = 10000)$root, 0))
  found[which.max(vapply(found, ml_loglik, 0, y = y, v = v))]
}

# The estimators once more, from their equations.
own <- function(y, v, method) {
  k <- length(y)
  q <- q_of(0, y, v)
  moment <- function(w) {
    max(0, (sum(w * (y - sum(w * y) / sum(w))^2) - sum(w * v) + sum(w^2 * v) / sum(w)) /
             (sum(w) - sum(w^2) / sum(w)))
  }
  switch(method, REML = tau2_reml(y, v), ML = tau2_ml(y, v), DL = tau2_dl(y, v),
         DL2 = moment(1 / (v + tau2_dl(y, v))), PM = , EB = tau2_pm(y, v),
         HE = max(0, var(y) - mean(v)), HS = max(0, (q - k) / sum(1 / v)),
         SJ = {
           t0 <- var(y) * (k - 1) / k
           t0 * q_of(t0, y, v) / (k - 1)
         })
}

# ---- intervals
# P(Q > q) at tau2, Q a sum of chi-squares on 1 df with the weights lambda (Imhof 1961,
# Biometrika 48:419). CompQuadForm, which metafor takes for this, is not in Debian.
q_tail <- function(q, v, tau2) {
  w <- 1 / v
  root <- sqrt(v + tau2)
  lambda <- eigen(outer(root, root) * (diag(w) - outer(w, w) / sum(w)), symmetric = TRUE,
                  only.values = TRUE)$values[seq_len(length(v) - 1)]
  lambda <- lambda / q
  f <- function(u) vapply(u, function(t)
    sin(0.5 * sum(atan(lambda * t)) - 0.5 * t) / (t * exp(0.25 * sum(log1p(lambda^2 * t^2)))), 0)
  # period by period: the sum alternates, and Euler's transformation speeds it up
  ends <- 2 * pi * (0:80)
  parts <- vapply(seq_along(ends)[-1], function(i)
    integrate(f, ends[i - 1], ends[i], rel.tol = 1e-12, abs.tol = 0, subdivisions = 2000,
              stop.on.error = FALSE)$value, 0)
  sums <- cumsum(parts)[21:80]
  while (length(sums) > 1) sums <- (sums[-1] + sums[-length(sums)]) / 2
  0.5 + sums / pi
}

# Where P(Q > observed) rises to p; 0 where it is above it from the start.
genq_level <- function(p, y, v) {
  q <- q_of(0, y, v)
  f <- function(t) q_tail(q, v, t) - p
  if (pchisq(q, length(y) - 1, lower.tail = FALSE) >= p) return(0)
  upper <- mean(v)
  while (f(upper) < 0) upper <- upper * 2
  uniroot(f, c(0, upper), tol = 1e-300, maxiter = 1000)$root
}

profile_limits <- function(f, y, v, method) {
  ci <- suppressWarnings(confint(f, type = "PL", control = list(tol = 1e-20, maxiter = 10000,
                                                               tau2.max = 1e5)))
  stopifnot(ci$ub.sign != ">")
  unname(ci$random["tau^2", 2:3])
}

# The same from the likelihood itself.
profile_own <- function(y, v, method, level) {
  loglik <- if (method == "ML") ml_loglik else reml_loglik
  best <- own(y, v, method)
  g <- function(t) loglik(t, y, v) - loglik(best, y, v) + qchisq(level, 1) / 2
  low <- if (g(0) >= 0) 0 else uniroot(g, c(0, best), tol = 1e-300, maxiter = 10000)$root
  upper <- best + mean(v)
  while (g(upper) > 0) upper <- upper * 2
  c(low, uniroot(g, c(best, upper), tol = 1e-300, maxiter = 10000)$root)
}

methods <- c("REML", "ML", "DL", "DL2", "PM", "EB", "HE", "HS", "SJ")

add <- function(id, dataset, y, v, measure = NULL, rule = NULL, call = NULL, levels = 0.95) {
  tau2 <- std_error <- estimate <- numeric()
  calls <- character()
  for (method in methods) {
    r <- refit(y, v, method)
    if (!close_to(r$fit$tau2, own(y, v, method), rel = 1e-9, abs = 1e-16)) {
      stop(sprintf("%s %s: metafor's tau2 %.17g, the equation's %.17g", id, method, r$fit$tau2,
                   own(y, v, method)))
    }
    tau2[method] <- own(y, v, method)
    w <- 1 / (v + tau2[method])
    estimate[method] <- sum(w * y) / sum(w)
    std_error[method] <- 1 / sqrt(sum(w))
    # GENQ weighs the mean, too, with the weights given: no check of it
    if (method != "DL2" && !close_to(c(estimate[method], std_error[method]), c(r$fit$beta, r$fit$se), rel = 1e-8)) {
      stop(id, " ", method, ": the mean differs")
    }
    calls <- c(calls, r$call)
  }
  values <- list(tau2 = as.list(tau2), estimate = as.list(estimate),
                 std_error = as.list(std_error))
  for (level in levels) {
    reml <- refit(y, v, "REML")$fit
    ml <- refit(y, v, "ML")$fit
    reml$level <- ml$level <- 1 - level
    qp <- q_profile(reml, y, v)
    tail <- (1 - level) / 2
    limits <- list("Q-profile" = I(c(qp$tau2_low, qp$tau2_high)),
                   "generalised-Q" = I(c(genq_level(tail, y, v), genq_level(1 - tail, y, v))))
    for (method in c("REML", "ML")) {
      own_limits <- profile_own(y, v, method, level)
      limits_of_metafor <- profile_limits(if (method == "REML") reml else ml, y, v, method)
      if (!close_to(limits_of_metafor, own_limits, rel = 1e-7, abs = 1e-12)) {
        stop(sprintf("%s: profile likelihood (%s): metafor %s, own %s", id, method,
                     paste(limits_of_metafor, collapse = " "), paste(own_limits, collapse = " ")))
      }
      limits[[paste0("profile-likelihood/", method)]] <- I(own_limits)
    }
    values[[paste0("limits/", level)]] <- limits
  }
  entries[[length(entries) + 1L]] <<- entry(
    id, dataset,
    paste0(if (is.null(call)) "" else paste0(call, "; "), paste(unique(calls), collapse = "; "),
           '; confint(fit); confint(fit, type="PL"); the law of Q by Imhof (1961)'),
    c(list(method = "inverse-variance", model = "random"),
      if (is.null(measure)) list(y = I(y), v = I(v)) else c(list(measure = measure), zero_settings(rule))),
    values)
}

for (name in names(typed)) {
  add(paste0("heterogeneity/", name), name, typed[[name]]$y, typed[[name]]$v,
      levels = c(0.95, 0.9, 0.99))
}

for (name in c("bcg", "collins1985", "fleiss1993", "crins2014_first3", "crins2014",
               "okumura2014", "nielweise2007", "yuan2018")) {
  d <- read_trials(name)
  for (measure in c("risk ratio", "odds ratio", "risk difference")) {
    rule <- if (any(has_zero_cell(d))) "constant" else "none"
    e <- effects(d, measure, rule)
    y <- e$y[e$used]
    v <- e$v[e$used]
    add(paste("heterogeneity", name, MEASURE[[measure]], sep = "/"), name, y, v, measure, rule, e$call,
        levels = if (measure == "odds ratio") c(0.95, 0.8) else 0.95)
  }
}

write_entries("heterogeneity", entries)
