# Odds ratios from counts that are known within bounds, because a registry lists an event from a threshold on only.
#
# Both likelihoods are brute force: sums over an equally spaced grid of the normal variables, binomial probabilities of bounds
# by pbinom() and dbinom(), conditional ones by writing out every table; nlminb() finds the maximum, numDeriv the standard
# error, uniroot() the limits of the profile. A side may have several arms with a common probability.

suppressMessages(library(numDeriv))

entries <- list()
BRUTE <- paste0("R ", R.version$major, ".", R.version$minor, ", likelihood by grid, nlminb and numDeriv")
add <- function(...) entries[[length(entries) + 1L]] <<- entry(...)

DATA_SETS <- list(
  six_not_listed = data.frame(
    trial = c(1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 7, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 12, 12),
    treated = c(1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0),
    low = c(0, 0, 0, 39, 3, 0, 0, 2, 6, 3, 0, 0, 0, 0, 32, 4, 11, 0, 0, 13, 6, 0, 0, 0, 14, 5, 12, 2),
    high = c(8, 4, 4, 39, 3, 5, 5, 2, 6, 3, 9, 2, 5, 6, 32, 4, 11, 5, 2, 13, 6, 8, 8, 6, 14, 5, 12, 2),
    n = c(169, 98, 82, 217, 109, 107, 111, 74, 120, 148, 200, 43, 109, 121, 197, 57, 52, 105, 58, 169, 71, 174, 174, 131,
          169, 149, 216, 107),
    listed_from = c(9, 5, 5, 11, 6, 6, 6, 4, 6, 8, 10, 3, 6, 7, 10, 3, 3, 6, 3, 9, 4, 9, 9, 7, 9, 8, 11, 6)),
  six_more = data.frame(
    trial = c(1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 7, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 12, 12),
    treated = c(1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0),
    low = c(9, 9, 8, 29, 4, 11, 2, 5, 10, 6, 3, 7, 0, 0, 0, 0, 0, 13, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    high = c(9, 9, 8, 29, 4, 11, 2, 5, 10, 6, 3, 7, 9, 5, 7, 9, 9, 13, 13, 3, 6, 2, 7, 3, 6, 2, 4, 7),
    n = c(146, 115, 104, 206, 98, 136, 181, 113, 173, 119, 70, 122, 189, 106, 147, 187, 181, 134, 114, 63, 134, 46, 143,
          65, 140, 51, 90, 148),
    listed_from = c(8, 6, 6, 11, 5, 7, 10, 6, 9, 6, 4, 7, 10, 6, 8, 10, 10, 7, 6, 4, 7, 3, 8, 4, 7, 3, 5, 8)))
# the same with composites: bounds from the largest of several terms to their sum
composites <- DATA_SETS$six_not_listed
composites$high[composites$low > 5] <- round(1.4 * composites$high[composites$low > 5])
DATA_SETS$composites <- composites

# ---------------------------------------------------------------- binomial, normal intercepts

log_within <- function(low, high, n, eta) {
  if (low == high) return(dbinom(low, n, plogis(eta), log = TRUE))
  log(pbinom(high, n, plogis(eta)) - if (low > 0) pbinom(low - 1, n, plogis(eta)) else 0)
}

grid <- function(m) { z <- seq(-7.5, 7.5, length.out = m); list(z = z, log_w = dnorm(z, log = TRUE) + log(z[2] - z[1])) }
sum_log <- function(x) { top <- max(x); top + log(sum(exp(x - top))) }

binomial_log_likelihood <- function(d, mu, log_s2, theta, t2) {
  a <- grid(101)
  e <- if (t2 > 0) grid(51) else list(z = 0, log_w = 0)
  alpha <- rep(mu + exp(log_s2 / 2) * a$z, times = length(e$z))
  psi <- rep(theta + sqrt(t2) * e$z, each = length(a$z))
  log_w <- rep(a$log_w, times = length(e$z)) + rep(e$log_w, each = length(a$z))
  sum(vapply(split(d, d$trial), function(trial) {
    value <- log_w
    for (i in seq_len(nrow(trial)))
      value <- value + log_within(trial$low[i], trial$high[i], trial$n[i], alpha + (trial$treated[i] - 0.5) * psi)
    sum_log(value)
  }, 0))
}

# ---------------------------------------------------------------- conditional, given the listing

# ways in which x events fall on the arms of a side with none reaching its number, for x = 0, 1, ...; and all ways
ways_below <- function(n, listed_from) {
  ways <- 1
  for (j in seq_along(n)) {
    own <- choose(n[j], 0:(listed_from[j] - 1))
    sums <- outer(seq_along(ways) - 1, seq_along(own) - 1, "+")
    ways <- vapply(0:max(sums), function(x) sum(outer(ways, own)[sums == x]), 0)
  }
  function(x) ifelse(x < length(ways), ways[pmin(x, length(ways) - 1) + 1], 0) / choose(sum(n), x)
}

conditional_terms <- function(d) {
  listed <- split(d, d$trial)
  listed <- listed[vapply(listed, function(trial) all(trial$low == trial$high), TRUE)]
  lapply(listed, function(trial) {
    t <- trial$treated == 1
    x <- sum(trial$low[t]); s <- sum(trial$low); n1 <- sum(trial$n[t]); n2 <- sum(trial$n[!t])
    counts <- max(0, s - n2):min(n1, s)
    below <- ways_below(trial$n[t], trial$listed_from[t])(counts) * ways_below(trial$n[!t], trial$listed_from[!t])(s - counts)
    list(log_ways = lchoose(n1, counts) + lchoose(n2, s - counts), counts = counts, chance = 1 - below,
         observed = which(counts == x))
  })
}

conditional_log_likelihood <- function(terms, theta, t2) {
  e <- if (t2 > 0) grid(401) else list(z = 0, log_w = 0)
  psi <- theta + sqrt(t2) * e$z
  sum(vapply(terms, function(one) {
    exponent <- one$log_ways + outer(one$counts, psi)
    probability <- exp(sweep(exponent, 2, apply(exponent, 2, sum_log)))
    log(sum(exp(e$log_w) * probability[one$observed, ])) - log(sum(exp(e$log_w) * colSums(one$chance * probability)))
  }, 0))
}

# ---------------------------------------------------------------- maximum and profile

fitted <- function(log_likelihood, start) {
  best <- nlminb(start, function(p) -log_likelihood(p), control = list(rel.tol = 1e-14, x.tol = 1e-11, iter.max = 500))
  for (i in 1:2) {  # Newton's method to the end
    g <- grad(log_likelihood, best$par); h <- hessian(log_likelihood, best$par)
    best$par <- best$par - solve(h, g)
  }
  list(par = best$par, value = log_likelihood(best$par), se = sqrt(solve(-h)[1, 1]))
}

# the effect stands first; "" or the log of tau2 last
values_of <- function(log_likelihood, start, profile = TRUE) {
  top <- fitted(log_likelihood, start)
  beside <- function(theta) {
    if (length(start) == 1) return(log_likelihood(theta))
    -nlminb(top$par[-1], function(p) -log_likelihood(c(theta, p)), control = list(rel.tol = 1e-13, x.tol = 1e-10))$objective
  }
  fall <- function(theta) 2 * (top$value - beside(theta)) - qchisq(0.95, 1)
  end <- function(s) uniroot(fall, sort(top$par[1] + s * c(1, 4) * top$se), tol = 1e-9)$root
  values <- list(estimate = top$par[1], std_error = top$se, log_likelihood = top$value, par = top$par)
  if (profile) c(values, conf_low = end(-1), conf_high = end(1)) else values
}

for (name in names(DATA_SETS)) for (model in c("random", "common")) {
  d <- DATA_SETS[[name]]
  random <- model == "random"
  f <- function(p) binomial_log_likelihood(d, p[2], p[3], p[1], if (random) exp(p[4]) else 0)
  v <- values_of(f, c(0.5, -3, -0.5, if (random) -1), profile = !random)
  values <- c(v[names(v) != "par"], intercept_mean = v$par[2], intercept_variance = exp(v$par[3]), if (random) list(tau2 = exp(v$par[4])))
  add(paste("binomial", model, name, sep = "/"), name, "pbinom() and dbinom() over a grid of intercepts and effects; nlminb()",
      list(likelihood = "binomial", model = model, arms = lapply(d, I)), values, program = BRUTE)
  if (name == "composites") next
  terms <- conditional_terms(d)
  g <- function(p) conditional_log_likelihood(terms, p[1], if (random) exp(p[2]) else 0)
  v <- values_of(g, c(0.5, if (random) -1))
  values <- c(v[names(v) != "par"], if (random) list(tau2 = exp(v$par[2])))
  add(paste("hypergeometric", model, name, sep = "/"), name, "every table written out, over a grid of effects; nlminb()",
      list(likelihood = "hypergeometric", model = model, arms = lapply(d, I)), values, program = BRUTE)
}

write_entries("interval_censored", entries)
