# Unconditional models of two-armed trials: logistic and Poisson regression with a term a trial, the
# same with normal effects and with normal intercepts, penalised (Firth) logistic regression and the
# beta-binomial model.
#
# Common effects with a term a trial are glm()'s. Mixed models are brute force: the likelihood summed
# over an equally spaced grid of the normal variables (an error of exp(-2 pi^2 w^2 / h^2) for a step h
# and a likelihood of width w), intercepts profiled by optimize(), the rest by nlminb(), standard
# errors by numDeriv. lme4 and metafor, which stop early and take derivatives numerically, are pinned
# too, with a tolerance of their own.

suppressMessages({ library(lme4); library(brglm2); library(numDeriv); library(VGAM) })

entries <- list()
BRUTE <- paste0("R ", R.version$major, ".", R.version$minor, ", likelihood by grid, nlminb and numDeriv")
LME4 <- paste("lme4", packageDescription("lme4")$Version)
BRGLM2 <- paste("brglm2", packageDescription("brglm2")$Version)

add <- function(...) entries[[length(entries) + 1L]] <<- entry(...)

rates_of <- function(d) data.frame(a = d$ai, m1 = d$n1i, c = d$ci, m2 = d$n2i)

# One row an arm, the active arm first.
read_rates <- function(name) {
  d <- read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)
  first <- d[!d$treatment %in% c("control", "standard"), ]
  second <- d[d$treatment %in% c("control", "standard"), ]
  stopifnot(first$trial == second$trial)
  data.frame(a = as.numeric(first$events), m1 = as.numeric(first$person_years),
             c = as.numeric(second$events), m2 = as.numeric(second$person_years))
}

informative <- function(d, family) {
  if (family == "poisson") return(d[d$a + d$c > 0, ])
  d[d$a + d$c > 0 & d$a + d$c < d$m1 + d$m2, ]
}

log_p <- function(family, y, m, eta)
  if (family == "binomial") dbinom(y, m, plogis(eta), log = TRUE) else dpois(y, m * exp(eta), log = TRUE)

# ---------------------------------------------------------------- one effect, a term a trial

arms_of <- function(d) data.frame(study = factor(rep(seq_len(nrow(d)), 2)), x = rep(c(0.5, -0.5), each = nrow(d)),
                                  y = c(d$a, d$c), m = c(d$m1, d$m2))

glm_fit <- function(d, family) {
  s <- arms_of(d)
  s$o <- if (family == "poisson") log(s$m) else 0
  f <- as.formula(paste(if (family == "poisson") "y" else "cbind(y, m - y)",
                        if (nrow(d) > 1) "~ -1 + study + x + offset(o)" else "~ 1 + x + offset(o)"))
  suppressWarnings(glm(f, family = family, data = s, control = glm.control(epsilon = 1e-15, maxit = 200)))
}

middle_of <- function(d, family)
  if (family == "binomial") qlogis((d$a + d$c) / (d$m1 + d$m2)) else log((d$a + d$c) / (d$m1 + d$m2))

common_fixed <- function(d, family) {
  d <- informative(d, family)
  f <- glm_fit(d, family)
  estimate <- unname(coef(f)["x"])
  se <- sqrt(vcov(f)["x", "x"])
  middle <- middle_of(d, family)
  profile <- function(theta) sum(vapply(seq_len(nrow(d)), function(i) optimize(
    function(alpha) log_p(family, d$a[i], d$m1[i], alpha + theta / 2) + log_p(family, d$c[i], d$m2[i], alpha - theta / 2),
    middle[i] + c(-6, 6), maximum = TRUE, tol = 1e-9)$objective, 0))
  top <- profile(estimate)
  stopifnot(abs(top - c(logLik(f))) < 1e-8)
  fall <- function(theta) 2 * (top - profile(theta)) - qchisq(0.95, 1)
  end <- function(s) uniroot(fall, sort(estimate + s * c(0.5, 4) * se), tol = 1e-12)$root
  list(estimate = estimate, std_error = se, log_likelihood = top, conf_low = end(-1), conf_high = end(1),
       p_value = pchisq(2 * (top - profile(0)), 1, lower.tail = FALSE))
}

two_by_two <- c("nielweise2007", "rosiglitazone_mi", "rosiglitazone_cv_death", "okumura2014", "yuan2018", "bcg",
                "li2007", "fleiss1993", "crins2014", "zeros_mixed", "unbalanced")
for (family in c("binomial", "poisson")) for (name in c(two_by_two, if (family == "poisson") c("nielweise2008", "hart1999"))) {
  d <- if (name %in% two_by_two) rates_of(read_trials(name)) else read_rates(name)
  v <- common_fixed(d, family)
  # glm()'s standard error is of its last but one iteration: good to 1e-8
  add(paste("common-fixed", family, name, sep = "/"), name,
      sprintf('glm(..., family="%s", epsilon=1e-15), trial terms; limits by uniroot() on the profile', family),
      list(model = "common", intercepts = "fixed", family = family), v, program = paste("R", getRversion()))
}

# ---------------------------------------------------------------- normal effects, a term a trial

log_sum <- function(x) { top <- max(x); top + log(sum(exp(x - top))) }

# Log likelihood at theta and tau, the best intercept found trial by trial.
fixed_log_likelihood <- function(d, family, theta, tau, h = 0.04) {
  z <- seq(-9, 9, by = h)
  psi <- theta + tau * z
  w <- dnorm(z, log = TRUE) + log(h)
  middle <- middle_of(d, family)
  sum(vapply(seq_len(nrow(d)), function(i) {
    at <- function(alpha) log_sum(w + log_p(family, d$a[i], d$m1[i], alpha + psi / 2) +
                                    log_p(family, d$c[i], d$m2[i], alpha - psi / 2))
    optimize(at, middle[i] + c(-4, 4), maximum = TRUE, tol = 1e-9)$objective
  }, 0))
}

# nlminb to its end, then Newton on numerical derivatives.
to_the_top <- function(f, start) {
  r <- nlminb(start, function(p) -f(p), control = list(rel.tol = 1e-14, x.tol = 1e-12, iter.max = 500, eval.max = 2000))
  p <- r$par
  for (i in 1:2) {
    H <- hessian(f, p)
    p <- p - solve(H, grad(f, p))
  }
  list(par = p, value = f(p), se = sqrt(diag(solve(-hessian(f, p)))))
}

random_fixed <- function(d, family) {
  d <- informative(d, family)
  start <- unname(coef(glm_fit(d, family))["x"])
  r <- to_the_top(function(p) fixed_log_likelihood(d, family, p[1], exp(p[2])), c(start, log(0.6)))
  list(estimate = r$par[1], std_error = r$se[1], tau2 = exp(2 * r$par[2]), log_likelihood = r$value)
}

profile_limits <- function(d, family, v) {
  d <- informative(d, family)
  fall <- function(theta) {
    best <- optimize(function(l) fixed_log_likelihood(d, family, theta, exp(l)), c(-4, 2), maximum = TRUE, tol = 1e-7)
    2 * (v$log_likelihood - best$objective) - qchisq(0.95, 1)
  }
  end <- function(s) uniroot(fall, sort(v$estimate + s * c(1, 2) * 1.96 * v$std_error), extendInt = "no", tol = 1e-8)$root
  list(conf_low = end(-1), conf_high = end(1))
}

for (family in c("binomial", "poisson")) {
  sets <- c("nielweise2007", "okumura2014", "bcg", "li2007", if (family == "binomial") "yuan2018",
            if (family == "poisson") c("nielweise2008"))
  for (name in sets) {
    d <- if (name %in% two_by_two) rates_of(read_trials(name)) else read_rates(name)
    v <- random_fixed(d, family)
    if (name %in% c("nielweise2007", "nielweise2008")) v <- c(v, profile_limits(d, family, v))
    add(paste("random-fixed", family, name, sep = "/"), name, "grid of 451 effects; nlminb(rel.tol=1e-14)",
        list(model = "random", intercepts = "fixed", family = family), v, program = BRUTE)
  }
}

# ---------------------------------------------------------------- normal intercepts, all trials

# Step sizes follow the narrowest likelihood: one of sd 1 / sqrt(events) in the intercept.
random_log_likelihood <- function(d, family, mu, sigma, theta, tau, h) {
  z <- seq(-9, 9, by = min(0.5, h[1] / sigma))
  u <- if (tau > 0) seq(-9, 9, by = min(0.5, h[2] / tau)) else 0
  w <- outer(dnorm(z, log = TRUE), if (tau > 0) dnorm(u, log = TRUE) + log(u[2] - u[1]) else 0, "+") + log(z[2] - z[1])
  one <- outer(mu + sigma * z, (theta + tau * u) / 2, "+")
  two <- outer(mu + sigma * z, (theta + tau * u) / 2, "-")
  sum(vapply(seq_len(nrow(d)), function(i)
    log_sum(w + log_p(family, d$a[i], d$m1[i], one) + log_p(family, d$c[i], d$m2[i], two)), 0))
}

start_of <- function(d, family) {
  risk <- sum(d$a + d$c) / sum(d$m1 + d$m2)
  c(if (family == "binomial") qlogis(risk) else log(risk), 0, unname(coef(glm_fit(informative(d, family), family))["x"]))
}

common_random <- function(d, family, h) {
  r <- to_the_top(function(p) random_log_likelihood(d, family, p[1], exp(p[2]), p[3], 0, h), start_of(d, family))
  list(estimate = r$par[3], std_error = r$se[3], intercept_mean = r$par[1], intercept_variance = exp(2 * r$par[2]),
       log_likelihood = r$value)
}

random_random <- function(d, family, h) {
  r <- to_the_top(function(p) random_log_likelihood(d, family, p[1], exp(p[2]), p[3], exp(p[4]), h),
                  c(start_of(d, family), log(0.5)))
  list(estimate = r$par[3], std_error = r$se[3], tau2 = exp(2 * r$par[4]), intercept_mean = r$par[1],
       intercept_variance = exp(2 * r$par[2]), log_likelihood = r$value)
}

for (family in c("binomial", "poisson")) {
  sets <- list(nielweise2007 = 0.1, rosiglitazone_mi = 0.06, rosiglitazone_cv_death = 0.1, okumura2014 = 0.08,
               yuan2018 = 0.1, bcg = 0.02)
  if (family == "poisson") sets <- c(sets, nielweise2008 = 0.12, hart1999 = 0.08)
  for (name in names(sets)) {
    d <- if (name %in% two_by_two) rates_of(read_trials(name)) else read_rates(name)
    add(paste("common-random", family, name, sep = "/"), name, "grid of intercepts; nlminb(rel.tol=1e-14)",
        list(model = "common", intercepts = "random", family = family), common_random(d, family, c(sets[[name]], 1)),
        program = BRUTE)
  }
  for (name in c("nielweise2007", "yuan2018", if (family == "poisson") "nielweise2008")) {
    d <- if (name %in% two_by_two) rates_of(read_trials(name)) else read_rates(name)
    add(paste("random-random", family, name, sep = "/"), name, "grid of intercepts and effects; nlminb(rel.tol=1e-14)",
        list(model = "random", intercepts = "random", family = family),
        random_random(d, family, c(sets[[name]], 0.25)), program = BRUTE)
  }
}

# ---------------------------------------------------------------- lme4 and metafor as they are

# estimates within a hundredth of their standard error
lenient <- function(relative, cause) list(relative = relative, of_std_error = 0.01, cause = cause)
stops <- "bobyqa stops at 1e-6 or so; Hessian by finite differences; 7 nodes (fixed intercepts) or Laplace's method (random)"

for (measure in c("OR", "IRR")) for (name in c("nielweise2007", "okumura2014", "yuan2018", "bcg", "li2007")) {
  if (name == "yuan2018" && measure == "IRR") next  # tau2 = 0
  d <- read_trials(name)
  g <- function(model) suppressWarnings(suppressMessages(
    if (measure == "OR") rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, model = model)
    else rma.glmm(measure = "IRR", x1i = ai, t1i = n1i, x2i = ci, t2i = n2i, data = d, model = model)))
  f <- g("UM.FS")
  entries[[length(entries) + 1L]] <- c(entry(
    paste("metafor", measure, name, sep = "/"), name, sprintf('rma.glmm(measure="%s", ..., model="UM.FS")', measure),
    list(model = "random", intercepts = "fixed", family = if (measure == "OR") "binomial" else "poisson"),
    list(estimate = unname(c(f$beta)), std_error = f$se, tau2 = f$tau2)), list(tolerance = lenient(1e-2, stops)))
}

for (name in c("nielweise2007", "rosiglitazone_mi", "rosiglitazone_cv_death", "okumura2014", "yuan2018", "bcg")) {
  s <- arms_of(rates_of(read_trials(name)))
  for (family in c("binomial", "poisson")) {
    f <- suppressWarnings(suppressMessages(if (family == "binomial")
      glmer(cbind(y, m - y) ~ x + (1 | study), family = binomial, data = s, nAGQ = 25)
      else glmer(y ~ x + offset(log(m)) + (1 | study), family = poisson, data = s, nAGQ = 25)))
    entries[[length(entries) + 1L]] <- c(entry(
      paste("lme4", family, name, sep = "/"), name, "glmer(... ~ x + (1 | study), nAGQ=25)",
      list(model = "common", intercepts = "random", family = family),
      list(estimate = unname(fixef(f)["x"]), std_error = sqrt(vcov(f)["x", "x"]),
           intercept_mean = unname(fixef(f)[1]), intercept_variance = VarCorr(f)[[1]][1]), program = LME4),
      list(tolerance = lenient(1e-3, stops)))
  }
}

# ---------------------------------------------------------------- penalised (Firth)

# Penalised log likelihood, and its maximum over the intercepts at a given effect, by Fisher scoring
# with the adjusted score X'(y - m p + h (1/2 - p)) of Firth, h the diagonal of the hat matrix.
penalised <- function(s, X, b) {
  p <- plogis(drop(X %*% b))
  W <- s$m * p * (1 - p)
  sum(dbinom(s$y, s$m, p, log = TRUE)) + 0.5 * c(determinant(crossprod(X, W * X))$modulus)
}

firth_profile <- function(s, X, b, theta) {
  last <- ncol(X)
  b[last] <- theta
  value <- penalised(s, X, b)
  for (i in 1:2000) {
    p <- plogis(drop(X %*% b))
    W <- s$m * p * (1 - p)
    I <- crossprod(X, W * X)
    h <- W * rowSums((X %*% solve(I)) * X)
    step <- solve(I[-last, -last], crossprod(X, s$y - s$m * p + h * (0.5 - p))[-last])
    repeat {
      new <- b
      new[-last] <- b[-last] + step
      better <- penalised(s, X, new)
      if (better >= value - 1e-12 || max(abs(step)) < 1e-10) break
      step <- step / 2
    }
    b <- new
    value <- better
    if (max(abs(step)) < 1e-12) break
  }
  list(value = value, b = b)
}

firth_values <- function(d) {
  s <- arms_of(d)
  X <- model.matrix(if (nrow(d) > 1) ~ -1 + study + x else ~ 1 + x, s)
  f <- suppressWarnings(glm(cbind(s$y, s$m - s$y) ~ -1 + X, family = binomial, method = "brglmFit", type = "AS_mean",
                            epsilon = 1e-12, maxit = 5000))
  b <- unname(coef(f))
  k <- length(b)
  se <- unname(sqrt(diag(vcov(f)))[k])
  top <- penalised(s, X, b)
  near <- b
  fall <- function(theta) {
    r <- firth_profile(s, X, near, theta)
    near <<- r$b
    2 * (top - r$value)
  }
  end <- function(direction) {
    near <<- b
    step <- 0
    repeat {
      step <- step + 0.4
      if (fall(b[k] + direction * step * se) > qchisq(0.95, 1)) break
    }
    uniroot(function(t) fall(t) - qchisq(0.95, 1), sort(b[k] + direction * c(step - 0.4, step) * se), tol = 1e-11)$root
  }
  low <- end(-1)
  high <- end(1)
  near <- b
  list(estimate = b[k], std_error = se, conf_low = low, conf_high = high, log_likelihood = top,
       p_value = pchisq(fall(0), 1, lower.tail = FALSE))
}

no_events_in_control <- data.frame(a = c(3, 5), m1 = c(50, 120), c = c(0, 0), m2 = c(50, 60))
for (name in c(two_by_two, "no_events_in_control")) {
  d <- if (name == "no_events_in_control") no_events_in_control else rates_of(read_trials(name))
  add(paste("firth", name, sep = "/"), name,
      'glm(..., method="brglmFit", type="AS_mean", epsilon=1e-12); limits by uniroot() on the penalised profile',
      list(model = "firth"), firth_values(d), program = BRGLM2)
}

# ---------------------------------------------------------------- beta-binomial

# Products written out, so that no digits are lost where rho is small.
arm_log_likelihood <- function(y, n, mu, phi) {
  steps <- function(from, k) if (k > 0) sum(log(from + phi * (seq_len(k) - 1))) else 0
  lchoose(n, y) + steps(mu, y) + steps(1 - mu, n - y) - steps(1, n)
}

bb_values <- function(d) {
  f <- function(p) {
    mu <- plogis(p[1:2])
    phi <- exp(p[3])
    sum(mapply(arm_log_likelihood, d$a, d$m1, mu[1], phi)) + sum(mapply(arm_log_likelihood, d$c, d$m2, mu[2], phi))
  }
  start <- c(qlogis(sum(d$a) / sum(d$m1)), qlogis(sum(d$c) / sum(d$m2)), log(0.02))
  r <- to_the_top(f, start)
  V <- solve(-hessian(f, r$par))[1:2, 1:2]
  mu <- plogis(r$par[1:2])
  se <- function(g) sqrt(drop(g %*% V %*% g))
  phi <- exp(r$par[3])
  # VGAM, which stops early, must be near
  s <- arms_of(d)
  v <- suppressWarnings(vglm(cbind(y, m - y) ~ x, betabinomial(zero = 2), data = s[s$m > 0, ]))
  stopifnot(abs(coef(v)["x"] - (r$par[1] - r$par[2])) < 1e-3)
  list(rho = phi / (1 + phi), log_likelihood = r$value, risk_treatment = mu[1], risk_control = mu[2],
       "odds ratio" = list(estimate = r$par[1] - r$par[2], std_error = se(c(1, -1))),
       "risk ratio" = list(estimate = log(mu[1] / mu[2]), std_error = se(c(1 - mu[1], mu[2] - 1))),
       "risk difference" = list(estimate = mu[1] - mu[2], std_error = se(c(mu[1] * (1 - mu[1]), -mu[2] * (1 - mu[2])))))
}

for (name in c("nielweise2007", "rosiglitazone_mi", "rosiglitazone_cv_death", "okumura2014", "yuan2018", "li2007")) {
  add(paste("beta-binomial", name, sep = "/"), name, "products of the beta-binomial written out; nlminb(rel.tol=1e-14)",
      list(model = "beta-binomial"), bb_values(rates_of(read_trials(name))), program = BRUTE)
}

write_entries("unconditional", entries)
