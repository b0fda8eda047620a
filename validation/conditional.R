# Conditional inference given the margins of every table: the exact common ratio, and random effects (hypergeometric-normal,
# binomial-normal). stats::mantelhaen.test(exact = TRUE), fisher.test, binom.test and metafor::rma.glmm where they can be
# used; the same quantities by brute force in plain R, to many more digits and for the data at which rma.glmm gives nothing.

suppressMessages(library(numDeriv))

entries <- list()
add <- function(...) entries[[length(entries) + 1L]] <<- c(...)

# ---------------------------------------------------------------- weights of the conditional distributions

# One list a table: the support t of the treatment events, their log weights, the observed events.
people <- function(d) {
  lapply(which(d$ai + d$ci > 0 & d$ai + d$ci < d$n1i + d$n2i), function(i) {
    m <- d$ai[i] + d$ci[i]
    t <- max(0, m - d$n2i[i]):min(d$n1i[i], m)
    list(t = t, w = lchoose(d$n1i[i], t) + lchoose(d$n2i[i], m - t), a = d$ai[i])
  })
}
times <- function(d) {
  lapply(which(d$ai + d$ci > 0), function(i) {
    t <- 0:(d$ai[i] + d$ci[i])
    list(t = t, w = lchoose(d$ai[i] + d$ci[i], t) + t * log(d$n1i[i] / d$n2i[i]), a = d$ai[i])
  })
}
# log probability of the observed events at every psi; the binomial coefficients and powers of the exposures belong to it
log_p <- function(x, psi) {
  e <- outer(x$t - x$a, psi) + (x$w - x$w[x$t == x$a])
  top <- apply(e, 2, max)
  -(top + log(colSums(exp(sweep(e, 2, top)))))
}

read_rates <- function(name) {
  d <- read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)
  one <- d[d$treatment != "standard", ]
  two <- d[d$treatment == "standard", ]
  stopifnot(all(one$trial == two$trial))
  data.frame(ai = one$events, n1i = one$person_years, ci = two$events, n2i = two$person_years)
}

# ---------------------------------------------------------------- exact common ratio

# Distribution of the sum of treatment events by plain convolution, in double precision.
sum_weights <- function(x) {
  w <- 1
  for (one in x) {
    v <- exp(one$w - max(one$w))
    out <- numeric(length(w) + length(v) - 1)
    for (j in seq_along(v)) out[j - 1 + seq_along(w)] <- out[j - 1 + seq_along(w)] + v[j] * w
    w <- out / max(out)
  }
  list(s = sum(vapply(x, function(one) min(one$t), 0)) + seq_along(w) - 1, w = w,
       a = sum(vapply(x, function(one) one$a, 0)))
}
probabilities <- function(z, psi) {
  e <- log(z$w) + psi * (z$s - z$a)
  p <- exp(e - max(e))
  p / sum(p)
}
by_hand_exact <- function(x, conf_level, half) {
  z <- sum_weights(x)
  root <- function(f) uniroot(f, c(-20, 20), tol = 1e-14, maxiter = 10000)$root
  tail <- (1 - conf_level) / 2
  upper <- function(psi) { p <- probabilities(z, psi); sum(p[z$s > z$a]) + half * sum(p[z$s == z$a]) }
  lower <- function(psi) { p <- probabilities(z, psi); sum(p[z$s < z$a]) + half * sum(p[z$s == z$a]) }
  estimate <- root(function(psi) sum(probabilities(z, psi) * z$s) - z$a)
  p <- probabilities(z, estimate)
  list(estimate = estimate, std_error = 1 / sqrt(sum(p * (z$s - z$a)^2)), conf_low = root(function(psi) upper(psi) - tail),
       conf_high = root(function(psi) tail - lower(psi)), p_value = min(1, 2 * min(upper(0), lower(0))))
}

odds_sets <- c("rosiglitazone_mi", "rosiglitazone_cv_death", "nielweise2007", "okumura2014", "yuan2018", "tausk2021",
               "crins2014")
# mantelhaen.test finds its roots by uniroot() with the default tolerance, 1.2e-4 in the odds ratio or its reciprocal
for (name in c(odds_sets, "li2007")) for (conf_level in c(0.95, 0.9)) {
  d <- read_trials(name)
  d <- d[d$ai + d$ci > 0 & d$ai + d$ci < d$n1i + d$n2i, ]
  x <- array(rbind(d$ai, d$ci, d$n1i - d$ai, d$n2i - d$ci), c(2, 2, nrow(d)))
  f <- mantelhaen.test(x, exact = TRUE, conf.level = conf_level)
  add(entry(
    paste(c("exact", name, if (conf_level != 0.95) conf_level), collapse = "/"), name,
    sprintf("mantelhaen.test(x, exact=TRUE, conf.level=%g)", conf_level),
    list(measure = "odds ratio", method = "exact", conf_level = conf_level),
    list(odds_ratio = unname(f$estimate), conf_low = f$conf.int[1], conf_high = f$conf.int[2],
         minimum_likelihood_p_value = f$p.value), program = paste0("R ", R.version$major, ".", R.version$minor)),
    list(tolerance = list(relative = 2e-4, cause = "uniroot stops at 1.2e-4")))
}
# one trial at a time: fisher.test is exact in the same sense
for (name in c("nielweise2007", "okumura2014")) {
  d <- read_trials(name)
  for (i in which(d$ai > 0 & d$ci > 0)[1:6]) {
    f <- fisher.test(matrix(c(d$ai[i], d$ci[i], d$n1i[i] - d$ai[i], d$n2i[i] - d$ci[i]), 2))
    add(entry(
      sprintf("exact/%s/trial-%d", name, i), name, sprintf("fisher.test() of trial %d", i),
      list(measure = "odds ratio", method = "exact", conf_level = 0.95, trial = i),
      list(odds_ratio = unname(f$estimate), conf_low = f$conf.int[1], conf_high = f$conf.int[2],
           minimum_likelihood_p_value = f$p.value), program = paste0("R ", R.version$major, ".", R.version$minor)),
      list(tolerance = list(relative = 2e-3, cause = "uniroot stops at 1.2e-4, absolute")))
  }
}
exact_entry <- function(id, name, measure, x, conf_level, mid_p) {
  add(entry(
    paste(c("exact-by-hand", id, if (mid_p) "mid-p", if (conf_level != 0.95) conf_level), collapse = "/"), name,
    "convolution; uniroot(tol=1e-14)", list(measure = measure, method = "exact", mid_p = mid_p, conf_level = conf_level),
    by_hand_exact(x, conf_level, if (mid_p) 0.5 else 1), program = BY_HAND),
    list(tolerance = list(relative = 1e-9, cause = "uniroot stops at 1e-14 of 20")))
}
for (name in odds_sets) for (mid_p in c(FALSE, TRUE)) for (conf_level in c(0.95, 0.9)) {
  exact_entry(name, name, "odds ratio", people(read_trials(name)), conf_level, mid_p)
}
for (mid_p in c(FALSE, TRUE)) exact_entry("nielweise2008", "nielweise2008", "rate ratio", times(read_rates("nielweise2008")),
                                          0.95, mid_p)
# one pair of rates: the limits of Clopper and Pearson for the share of the events, turned into a rate ratio
d <- read_rates("nielweise2008")
for (i in seq_len(nrow(d))) {
  f <- binom.test(d$ai[i], d$ai[i] + d$ci[i], d$n1i[i] / (d$n1i[i] + d$n2i[i]))
  ratio <- qlogis(c(f$estimate, f$conf.int)) - log(d$n1i[i] / d$n2i[i])
  add(entry(sprintf("exact/nielweise2008/trial-%d", i), "nielweise2008", sprintf("binom.test() of trial %d", i),
            list(measure = "rate ratio", method = "exact", mid_p = FALSE, conf_level = 0.95, trial = i),
            list(estimate = ratio[[1]], conf_low = ratio[[2]], conf_high = ratio[[3]]), program = paste0("R ", R.version$major, ".", R.version$minor)))
}

# ---------------------------------------------------------------- random effects by brute force

# The trapezoidal rule on 181 points between -9 and 9 standard deviations: for integrands as smooth as these its error is
# far below rounding. Checked with integrate() at every maximum.
Z <- seq(-9, 9, length.out = 181)
LOG_PHI <- dnorm(Z, log = TRUE) + log(Z[2] - Z[1])
log_lik <- function(x, theta, tau2) {
  if (tau2 == 0) return(sum(vapply(x, log_p, 0, psi = theta)))
  psi <- theta + sqrt(tau2) * Z
  sum(vapply(x, function(one) {
    e <- log_p(one, psi) + LOG_PHI
    max(e) + log(sum(exp(e - max(e))))
  }, 0))
}
by_integrate <- function(x, theta, tau2) {
  sum(vapply(x, function(one) log(integrate(function(z) exp(log_p(one, theta + sqrt(tau2) * z)) * dnorm(z), -9, 9,
                                            rel.tol = 1e-12, subdivisions = 2000L)$value), 0))
}
# Newton's method on numerical derivatives, after nlminb has come near
polish <- function(f, at) {
  for (i in 1:4) at <- at - solve(hessian(f, at), grad(f, at))
  at
}
best_theta <- function(x, tau2, range) optimise(function(th) log_lik(x, th, tau2), range, maximum = TRUE, tol = 1e-10)
best_tau2 <- function(x, theta) {
  grid <- seq(log(1e-4), log(49), length.out = 10)
  value <- vapply(grid, function(u) log_lik(x, theta, exp(u)), 0)
  i <- which.max(value)
  o <- optimise(function(u) log_lik(x, theta, exp(u)), grid[c(max(1, i - 1), min(10, i + 1))], maximum = TRUE, tol = 1e-9)
  max(o$objective, log_lik(x, theta, 0))
}
maximum <- function(x) {
  zero <- best_theta(x, 0, c(-8, 8))
  zero$maximum <- polish(function(th) log_lik(x, th, 0), zero$maximum)
  zero$objective <- log_lik(x, zero$maximum, 0)
  found <- list(theta = c(zero$maximum), tau2 = 0, ll = zero$objective, common = zero$objective)
  for (start in c(0.02, 0.2, 1, 5)) {
    o <- nlminb(c(zero$maximum, log(start)), function(p) -log_lik(x, p[1], exp(p[2])), lower = c(-8, -12), upper = c(8, 4),
                control = list(rel.tol = 1e-14, x.tol = 1e-12))
    if (-o$objective > found$ll + 1e-9) {
      p <- polish(function(p) log_lik(x, p[1], exp(p[2])), o$par)
      found[c("theta", "tau2", "ll")] <- list(p[1], exp(p[2]), log_lik(x, p[1], exp(p[2])))
    }
  }
  found
}
by_hand_mixture <- function(x, profile) {
  m <- maximum(x)
  if (m$tau2 > 0) {
    stopifnot(abs(by_integrate(x, m$theta, m$tau2) - m$ll) < 1e-8)
    h <- hessian(function(p) log_lik(x, p[1], p[2]), c(m$theta, m$tau2))
    se <- sqrt(solve(-h)[1, 1])
  } else {
    se <- 1 / sqrt(-hessian(function(th) log_lik(x, th, 0), m$theta)[1, 1])
  }
  lr <- max(0, 2 * (m$ll - m$common))
  values <- list(estimate = m$theta, std_error = se, tau2 = m$tau2, log_likelihood = m$ll,
                 tau2_statistic = if (m$tau2 > 0) lr else 0,
                 tau2_p_value = if (m$tau2 > 0) 0.5 * pchisq(lr, 1, lower.tail = FALSE) else 1)
  if (!profile) return(values)
  cut <- qchisq(0.95, 1) / 2
  fall <- function(theta) m$ll - best_tau2(x, theta) - cut
  side <- function(s) {
    far <- se
    while (fall(m$theta + s * far) < 0) far <- 2 * far
    m$theta + s * uniroot(function(at) fall(m$theta + s * at), c(far / 4, far), extendInt = "upX", tol = 1e-11)$root
  }
  level <- function(u) m$ll - best_theta(x, exp(u), m$theta + c(-6, 6))$objective - cut
  low <- if (m$ll - m$common <= cut) 0 else exp(uniroot(level, c(log(1e-6), log(m$tau2)), tol = 1e-11)$root)
  high <- exp(uniroot(level, c(log(max(m$tau2, 1e-3)), log(49)), tol = 1e-11)$root)
  c(values, list(conf_low = side(-1), conf_high = side(1),
                 p_value = pchisq(2 * (m$ll - best_tau2(x, 0)), 1, lower.tail = FALSE), tau2_low = low, tau2_high = high))
}
mixture_entry <- function(name, measure, method, x, profile = TRUE) {
  add(entry(
    paste(method, "by-hand", name, sep = "/"), name, "trapezoidal rule, nlminb(), Newton; profile by optimise(), uniroot()",
    list(measure = measure, method = method, interval = "profile-likelihood", conf_level = 0.95),
    by_hand_mixture(x, profile), program = BY_HAND),
    list(tolerance = list(relative = 2e-7, cause = "numerical derivatives, uniroot")))
}
for (name in odds_sets) mixture_entry(name, "odds ratio", "hypergeometric-normal", people(read_trials(name)))
mixture_entry("bcg", "odds ratio", "hypergeometric-normal", people(read_trials("bcg")), profile = FALSE)
for (name in c(odds_sets, "bcg")) mixture_entry(name, "risk ratio", "binomial-normal", times(read_trials(name)),
                                                name %in% c("nielweise2007", "yuan2018", "tausk2021"))
mixture_entry("nielweise2008", "rate ratio", "binomial-normal", times(read_rates("nielweise2008")))

# ---------------------------------------------------------------- metafor, where it converges

# metafor integrates at a relative tolerance of eps^0.25 and takes the Hessian numerically: tau2 and the estimate are good to
# 2e-5, the standard error to 2 %. glmer, behind CM.AL and the rate ratio, integrates with 7 nodes.
glmm_entry <- function(name, method, measure, f, tolerance) {
  add(entry(
    paste(method, "metafor", name, sep = "/"), name, deparse(f$call, width.cutoff = 500L)[1],
    list(measure = measure, method = method, interval = "wald", conf_level = 0.95),
    list(estimate = unname(c(f$beta)), std_error = f$se, tau2 = f$tau2, conf_low = f$ci.lb, conf_high = f$ci.ub,
         p_value = unname(f$pval))),
    list(tolerance = tolerance))
}
fine <- list(relative = 5e-5, std_error = 0.02, cause = "integration at eps^0.25, numerical Hessian")
coarse <- list(relative = 5e-4, std_error = 1e-3, cause = "glmer: seven nodes, derivatives by differences")
for (name in c("nielweise2007", "okumura2014", "bcg")) {
  d <- read_trials(name)
  f <- suppressWarnings(rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, model = "CM.EL",
                                 method = "ML"))
  glmm_entry(name, "hypergeometric-normal", "odds ratio", f, fine)
}
for (name in c("rosiglitazone_mi", "rosiglitazone_cv_death", "nielweise2007", "okumura2014", "yuan2018", "bcg")) {
  d <- read_trials(name)
  f <- suppressWarnings(rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, model = "CM.AL",
                                 method = "ML"))
  glmm_entry(name, "binomial-normal", "risk ratio", f, coarse)
}
d <- read_rates("nielweise2008")
f <- suppressWarnings(rma.glmm(measure = "IRR", x1i = ai, t1i = n1i, x2i = ci, t2i = n2i, data = d, model = "CM.EL",
                               method = "ML"))
glmm_entry("nielweise2008", "binomial-normal", "rate ratio", f, coarse)

write_entries("conditional", entries)
