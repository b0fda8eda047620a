# Bayesian random effects by brute force in plain R: the posterior of tau on a grid of 400,001 points of log tau, everything
# else as a mixture over it; for counts, all of (psi, theta, tau) on grids. No program but R itself is used. The same posterior
# of tau was checked once against bayesmeta 3.4: medians of tau agree to 1e-7 (tests/reference/bayesmeta.json).

entries <- list()
add <- function(...) entries[[length(entries) + 1L]] <<- c(...)

# ---------------------------------------------------------------- priors of tau: log density

half_t <- function(s, df) function(t) log(2) + dt(t / s, df, log = TRUE) - log(s)
log_t_tau2 <- function(m, s, df) function(t) log(2) - log(t) + dt((2 * log(t) - m) / s, df, log = TRUE) - log(s)
PRIORS <- list(
  "half-normal(0.5)" = list(f = function(t) log(2) + dnorm(t, 0, 0.5, log = TRUE)),
  "half-normal(1)" = list(f = function(t) log(2) + dnorm(t, 0, 1, log = TRUE)),
  "half-normal(5)" = list(f = function(t) log(2) + dnorm(t, 0, 5, log = TRUE)),
  "half-t(0.5, 4)" = list(f = half_t(0.5, 4)),
  "half-cauchy(0.5)" = list(f = half_t(0.5, 1)),
  "half-cauchy(25)" = list(f = half_t(25, 1)),
  "uniform(2)" = list(f = function(t) dunif(t, 0, 2, log = TRUE), end = 2),
  "uniform(inf)" = list(f = function(t) 0 * t),
  # Turner et al. 2015, Table IV: adverse events, pharmacological v placebo or control
  "turner(adverse events, drug v placebo)" =
    list(f = function(t) log(2) - log(t) + dnorm(2 * log(t), -1.87, 1.52, log = TRUE)),
  "rhodes(any)" = list(f = log_t_tau2(-3.44, 2.59, 5)))

# ---------------------------------------------------------------- normal-normal

root <- function(f, range) uniroot(f, range, tol = 1e-13, maxiter = 10000)$root

posterior <- function(y, v, prior, m0, s0) {
  end <- if (is.null(prior$end)) 1e30 else prior$end
  log_tau <- seq(log(1e-30), log(end), length.out = 400001)
  tau <- exp(log_tau)
  p0 <- if (is.na(s0)) 0 else 1 / s0^2
  precision <- p0
  linear <- p0 * m0
  logs <- 0
  for (i in seq_along(y)) {
    w <- 1 / (v[i] + tau^2)
    precision <- precision + w
    linear <- linear + w * y[i]
    logs <- logs - log(w)
  }
  m <- linear / precision
  squares <- p0 * (m - m0)^2
  for (i in seq_along(y)) squares <- squares + (y[i] - m)^2 / (v[i] + tau^2)
  l <- prior$f(tau) + log_tau - 0.5 * (logs + log(precision) + squares)
  d <- exp(l - max(l))
  d[c(1, length(d))] <- d[c(1, length(d))] / 2   # trapezoidal rule
  w <- d / sum(d)
  keep <- w > 1e-18
  list(tau = tau, w = w, m = m[keep], s = 1 / sqrt(precision[keep]), t = tau[keep], p = w[keep], log_tau = log_tau)
}
mixture_values <- function(m, s, p, prefix, level, moments) {
  range <- c(min(m - 40 * s), max(m + 40 * s))
  centre <- m[which.max(p)]
  q <- function(a) {
    far <- s[which.max(p)]
    f <- function(x) if (a < 0.5) sum(p * pnorm((x - m) / s)) - a else (1 - a) - sum(p * pnorm((m - x) / s))
    while (f(centre - far) > 0) far <- 2 * far
    while (f(centre + far) < 0) far <- 2 * far
    root(f, c(centre - far, centre + far))
  }
  a <- (1 - level) / 2
  values <- list(median = q(0.5), low = q(a), high = q(1 - a), below_zero = sum(p * pnorm(-m / s)))
  if (moments > 0) values$mean <- sum(p * m)
  if (moments > 1) values$std_dev <- sqrt(sum(p * (s^2 + (m - sum(p * m))^2)))
  names(values) <- paste0(prefix, "_", names(values))
  values
}
tau_values <- function(z, level, moments) {
  cumulative <- cumsum(z$w) - z$w / 2
  q <- function(a) {
    i <- findInterval(a, cumulative)
    at <- max(1, i - 3):min(length(cumulative), i + 4)
    exp(spline(cumulative[at], z$log_tau[at], xout = a)$y)
  }
  a <- (1 - level) / 2
  values <- list(tau_median = q(0.5), tau_low = q(a), tau_high = q(1 - a))
  if (moments > 0) values$tau_mean <- sum(z$w * z$tau)
  if (moments > 1) values$tau_std_dev <- sqrt(sum(z$w * (z$tau - sum(z$w * z$tau))^2))
  values
}
normal_entry <- function(name, measure, y, v, prior, s0, level) {
  heavy <- c("half-cauchy(0.5)" = 2, "half-cauchy(25)" = 2, "half-t(0.5, 4)" = 5, "rhodes(any)" = 1, "uniform(inf)" = 0)
  power <- length(y) - is.na(s0) + if (prior %in% names(heavy)) heavy[[prior]] else Inf
  moments <- sum(power > c(2, 3))
  # of a heavy tail the grid misses a part that the moments still feel
  if (is.finite(power) && power < 8) moments <- 0
  z <- posterior(y, v, PRIORS[[prior]], 0, s0)
  own <- z$t^2 / (z$t^2 + v[1])
  values <- c(
    mixture_values(z$m, z$s, z$p, "effect", level, if (is.na(s0)) moments else 2),
    tau_values(z, level, moments),
    mixture_values(z$m, sqrt(z$s^2 + z$t^2), z$p, "prediction", level, moments),
    mixture_values(own * y[1] + (1 - own) * z$m, sqrt(own * v[1] + ((1 - own) * z$s)^2), z$p, "first_study", level, 2))
  effect_prior <- if (is.na(s0)) "flat" else sprintf("normal(0, %g)", s0)
  add(entry(
    paste("normal", name, prior, effect_prior, level, sep = "/"), name, "trapezoidal rule in log tau; uniroot(tol=1e-13)",
    list(measure = measure, method = "normal-normal", tau_prior = prior, effect_prior = effect_prior, conf_level = level,
         y = I(y), v = I(v)), values, program = BY_HAND),
    list(tolerance = list(relative = 1e-6, cause = "grid, uniroot")))
}

log_effects <- function(name, measure) {
  e <- effects(read_trials(name), measure, "constant")
  list(y = e$y[e$used], v = e$v[e$used])
}
ratio_sets <- list(bcg = "risk ratio", crins2014 = "odds ratio", crins2014_first2 = "odds ratio",
                   crins2014_first3 = "odds ratio", nielweise2007 = "odds ratio")
for (name in names(ratio_sets)) {
  e <- log_effects(name, ratio_sets[[name]])
  for (prior in setdiff(names(PRIORS), c("half-normal(5)", "half-cauchy(25)", "uniform(inf)"))) {
    normal_entry(name, ratio_sets[[name]], e$y, e$v, prior, 4, 0.95)
  }
  normal_entry(name, ratio_sets[[name]], e$y, e$v, "half-normal(0.5)", NA, 0.9)
}
schools <- read.csv(file.path(DATA, "rubin1981.csv"))
for (prior in c("half-normal(5)", "half-cauchy(25)", "uniform(inf)")) {
  normal_entry("rubin1981", "mean difference", schools$effect, schools$std_error^2, prior, NA, 0.95)
}

# ---------------------------------------------------------------- counts

log_p <- function(t, w, a, psi) {
  e <- outer(t - a, psi) + (w - w[t == a])
  top <- apply(e, 2, max)
  -(top + log(colSums(exp(sweep(e, 2, top)))))
}
Z <- seq(-9, 9, length.out = 181)
PHI <- dnorm(Z) * (Z[2] - Z[1])
counts_entry <- function(id, name, d, prior, s0, theta, last) {
  u <- seq(0, 1, length.out = 161)[-1]
  tau <- last * u^3
  l <- outer(dnorm(theta, 0, s0, log = TRUE), PRIORS[[prior]]$f(tau) + 2 * log(u), "+")
  for (i in which(d$ai + d$ci > 0 & d$ai + d$ci < d$n1i + d$n2i)) {
    m <- d$ai[i] + d$ci[i]
    t <- max(0, m - d$n2i[i]):min(d$n1i[i], m)
    grid <- seq(min(theta) - 9 * last, max(theta) + 9 * last, length.out = 8001)
    f <- splinefun(grid, log_p(t, lchoose(d$n1i[i], t) + lchoose(d$n2i[i], m - t), d$ai[i], grid))
    for (j in seq_along(tau)) {
      e <- matrix(f(outer(theta, tau[j] * Z, "+")), length(theta))
      top <- apply(e, 1, max)
      l[, j] <- l[, j] + top + log(c(exp(e - top) %*% PHI))
    }
  }
  p <- exp(l - max(l))
  p <- sweep(p, 2, c(rep(c(4, 2), length(tau) / 2 - 1), 4, 1), "*")   # Simpson's rule; at tau = 0 there is nothing
  p <- p / sum(p)
  h <- theta[2] - theta[1]
  margin <- splinefun(theta, rowSums(p) / h)
  below <- function(x) integrate(margin, theta[1], x, rel.tol = 1e-11, subdivisions = 5000L, stop.on.error = FALSE)$value
  q <- function(a) root(function(x) below(x) - a, range(theta))
  # where tau is no more than two steps of theta, sum the distribution function of theta over N(0, tau2) instead
  small <- which(tau < 2 * h)
  n <- length(theta)
  cumulative <- lapply(small, function(j) {
    splinefun(theta, cumsum(p[, j]) - p[, j] / 2 - (c(p[-1, j], 0) - c(0, p[-n, j])) / 24)
  })
  new <- function(x) {
    sum(p[, -small] * pnorm(outer(x - theta, tau[-small], "/"))) +
      sum(vapply(seq_along(small), function(i) {
        at <- x - tau[small[i]] * Z
        value <- cumulative[[i]](pmin(pmax(at, theta[1]), theta[n]))
        sum(PHI * value)
      }, 0))
  }
  new_q <- function(a) root(function(x) new(x) - a, range(theta) + c(-3, 3) * last)
  mean <- sum(rowSums(p) * theta)
  add(entry(
    paste("counts", id, prior, sep = "/"), name, "trapezoidal rule in psi and theta, Simpson's in the cube root of tau; uniroot(tol=1e-13)",
    list(measure = "odds ratio", method = "hypergeometric", tau_prior = prior, effect_prior = sprintf("normal(0, %g)", s0),
         conf_level = 0.95, tables = list(I(d$ai), I(d$n1i), I(d$ci), I(d$n2i))),
    list(effect_median = q(0.5), effect_low = q(0.025), effect_high = q(0.975), effect_below_zero = below(0),
         effect_mean = mean, effect_std_dev = sqrt(sum(rowSums(p) * (theta - mean)^2)), tau_mean = sum(colSums(p) * tau),
         tau_std_dev = sqrt(sum(colSums(p) * tau^2) - sum(colSums(p) * tau)^2), prediction_median = new_q(0.5),
         prediction_low = new_q(0.025), prediction_high = new_q(0.975)), program = BY_HAND),
    list(tolerance = list(absolute = 5e-6, cause = "grids")))
}
made_up <- function(...) {
  m <- rbind(...)
  data.frame(ai = m[, 1], n1i = m[, 2], ci = m[, 3], n2i = m[, 4])
}
for (prior in c("half-normal(0.5)", "half-normal(1)", "uniform(2)")) {
  last <- c("half-normal(0.5)" = 3.6, "half-normal(1)" = 7, "uniform(2)" = 2)[[prior]]
  counts_entry("yuan2018", "yuan2018", read_trials("yuan2018"), prior, 2.82, seq(-5, 6, length.out = 401), last)
  counts_entry("crins2014", "crins2014", read_trials("crins2014"), prior, 2.82, seq(-7, 4, length.out = 401), last)
  wide <- seq(-20, 14, length.out = 601)
  counts_entry("no-events-in-one-arm", "made up", made_up(c(0, 50, 4, 50), c(0, 60, 5, 62), c(0, 40, 1, 41)), prior, 2.82,
               wide, last)
  counts_entry("one-trial", "made up", made_up(c(2, 40, 5, 40)), prior, 2.82, wide, last)
  counts_entry("one-trial-no-events", "made up", made_up(c(0, 40, 3, 40)), prior, 2.82, wide, last)
}

write_entries("bayes", entries)
