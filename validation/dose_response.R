# Dose-response curves over trials.
#
# Two-stage: contrasts with the lowest dose of the trial, covariance from the counts by formula,
# metafor::rma.mv() with struct = "GEN" (random slopes), given the covariance of the slopes that
# maximises the likelihood by hand. One-stage: binomial likelihood with trial intercepts, the
# integral over the slopes by the trapezoidal rule on a fine grid, intercepts profiled out,
# optim() from several starts and Newton's method with numerical derivatives; glm() where slopes
# do not vary, lme4::glmer() as a second program where the curve is linear in its parameters.

suppressMessages(library(numDeriv))
suppressMessages(library(lme4))

entries <- list()
keep <- function(...) entries[[length(entries) + 1L]] <<- entry(...)

# Arms of one dose in one trial are one arm.
read_doses <- function(name) {
  d <- read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)
  d$trial <- factor(d$trial, unique(d$trial))
  d <- aggregate(cbind(events, n) ~ dose + trial, d, sum)
  d <- d[order(d$trial, d$dose), ]
  d
}

curve_of <- function(shape, dose) {
  if (shape == "linear") return(cbind(dose))
  if (shape == "log") return(cbind(log((dose + 10) / 10)))
  if (shape == "quadratic") return(cbind(dose, dose^2))
  # restricted cubic spline with knots at 5, 20, 40 (Harrell)
  k <- c(5, 20, 40)
  cube <- function(x) pmax(x, 0)^3
  cbind(dose, (cube(dose - k[1]) - cube(dose - k[2]) * (k[3] - k[1]) / (k[3] - k[2]) +
               cube(dose - k[3]) * (k[2] - k[1]) / (k[3] - k[2])) / (k[3] - k[1])^2)
}

# ---------------------------------------------------------------- two-stage

contrasts_of <- function(d, measure, shape) {
  own <- function(e, n) switch(measure, "risk ratio" = 1 / e - 1 / n, "odds ratio" = 1 / e + 1 / (n - e),
                               "risk difference" = e / n * (1 - e / n) / n)
  of <- function(e, n) switch(measure, "risk ratio" = log(e / n), "odds ratio" = log(e / (n - e)),
                              "risk difference" = e / n)
  blocks <- list()
  for (t in split(d, d$trial)) {
    low <- t[1, ]
    high <- t[-1, ]
    y <- of(high$events, high$n) - of(low$events, low$n)
    m <- diag(own(high$events, high$n), nrow(high)) + own(low$events, low$n)
    ok <- is.finite(y) & diag(m) > 0
    if (!any(ok)) next
    x <- curve_of(shape, high$dose) - curve_of(shape, rep(low$dose, nrow(high)))
    blocks[[length(blocks) + 1L]] <- list(trial = as.character(low$trial), y = y[ok],
                                          S = m[ok, ok, drop = FALSE], X = x[ok, , drop = FALSE])
  }
  blocks
}

slope_log_lik <- function(psi, blocks, reml) {
  q <- ncol(blocks[[1]]$X)
  ld <- rss <- n <- 0
  xx <- xwx <- matrix(0, q, q)
  xwy <- numeric(q)
  for (b in blocks) {
    v <- b$S + b$X %*% psi %*% t(b$X)
    w <- solve(v)
    ld <- ld + c(determinant(v)$modulus)
    xwx <- xwx + t(b$X) %*% w %*% b$X
    xx <- xx + crossprod(b$X)
    xwy <- xwy + c(t(b$X) %*% w %*% b$y)
    rss <- rss + c(t(b$y) %*% w %*% b$y)
    n <- n + length(b$y)
  }
  l <- -0.5 * (ld + rss - c(crossprod(xwy, solve(xwx, xwy))) + (n - if (reml) q else 0) * log(2 * pi))
  if (reml) l <- l + 0.5 * c(determinant(xx)$modulus) - 0.5 * c(determinant(xwx)$modulus)
  l
}

newton <- function(f, x, steps = 12) {
  for (i in seq_len(steps)) {
    h <- eigen(-hessian(f, x), symmetric = TRUE)
    g <- grad(f, x)
    ok <- abs(h$values) > 1e-7 * max(abs(h$values))
    step <- c(h$vectors[, ok, drop = FALSE] %*%
              ((t(h$vectors[, ok, drop = FALSE]) %*% g) / abs(h$values[ok])))
    if (f(x + step) < f(x) - 1e-9) break
    x <- x + step
    if (max(abs(step)) < 1e-13) break
  }
  x
}

two_stage <- function(name, measure, shape, tau2) {
  blocks <- contrasts_of(read_doses(name), measure, shape)
  y <- unlist(lapply(blocks, `[[`, "y"))
  X <- do.call(rbind, lapply(blocks, `[[`, "X"))
  V <- as.matrix(bldiag(lapply(blocks, `[[`, "S")))
  d <- data.frame(y = y, trial = rep(vapply(blocks, `[[`, "", "trial"), lengths(lapply(blocks, `[[`, "y"))))
  colnames(X) <- paste0("x", seq_len(ncol(X)))
  d <- cbind(d, X)
  q <- ncol(X)
  form <- as.formula(paste("~ 0 +", paste(colnames(X), collapse = " + ")))
  if (tau2 == "none") {
    psi <- matrix(0, q, q)
    f <- rma.mv(y, V, mods = form, data = d, method = "FE")
    l <- slope_log_lik(psi, blocks, FALSE)
  } else {
    # slopes in units of their spread, so that one step suits both
    unit <- 1 / apply(abs(X), 2, max)
    low <- lower.tri(diag(q), TRUE)
    psi_of <- function(x) {
      m <- matrix(0, q, q)
      m[low] <- x
      tcrossprod(m) * outer(unit, unit)
    }
    h <- function(x) slope_log_lik(psi_of(x), blocks, tau2 == "REML")
    m <- sum(low)
    best <- list(value = h(rep(0, m)), x = rep(0, m))
    set.seed(1)
    for (s in 1:10) {
      o <- optim(rnorm(m) * c(0.1, 1)[1 + s %% 2], function(x) -h(x), method = "BFGS",
                 control = list(reltol = 1e-15, maxit = 5000))
      if (-o$value > best$value + 1e-8) best <- list(value = -o$value, x = o$par)
    }
    if (any(best$x != 0)) best$x <- newton(h, best$x)
    psi <- psi_of(best$x)
    l <- h(best$x)
    f <- NULL
    sd <- sqrt(diag(psi))
    arguments <- list(yi = quote(y), V = V, mods = form, data = d, method = tau2,
                      random = as.formula(paste("~ 0 +", paste(colnames(X), collapse = " + "), "| trial")),
                      struct = if (q == 1) "GDIAG" else "GEN", tau2 = sd^2)
    if (q == 2) arguments$rho <- if (all(sd > 0)) max(-1, min(1, psi[1, 2] / prod(sd))) else 0
    f <- suppressWarnings(do.call(rma.mv, arguments))
    stopifnot(abs(c(logLik(f)) - l) < 1e-6)
  }
  at <- c(10, 20, 40)
  x <- curve_of(shape, at)
  s <- list(measure = measure, shape = shape, method = "two-stage",
            model = if (tau2 == "none") "common" else "random")
  if (tau2 != "none") s$tau2 <- tau2
  keep(paste("dose", name, gsub(" ", "-", measure), shape, tau2, sep = "/"), name,
       'contrasts and covariance by formula; rma.mv(y, V, mods=~0+x, random=~0+x|trial, struct="GEN"), given Psi',
       s, list(estimate = I(unname(c(f$beta))), std_error = I(unname(f$se)), covariance = I(unname(c(f$vb))),
               p_value = I(unname(f$pval)), between_sd = I(unname(sqrt(diag(psi)))), log_likelihood = l,
               q = f$QE, q_p_value = f$QEp, doses = I(at), effect = I(c(x %*% f$beta)),
               effect_std_error = I(sqrt(rowSums((x %*% f$vb) * x)))))
}

for (shape in c("linear", "log", "quadratic", "spline")) for (tau2 in c("none", "REML", "ML")) {
  two_stage("eletriptan", "odds ratio", shape, tau2)
  if (shape != "spline") two_stage("eletriptan", "risk ratio", shape, tau2)
  if (shape %in% c("linear", "log")) {
    two_stage("eletriptan", "risk difference", shape, tau2)
    two_stage("dose_made_up", "odds ratio", shape, tau2)
    two_stage("dose_made_up", "risk ratio", shape, tau2)
  }
}

# ---------------------------------------------------------------- one-stage

Z <- seq(-9, 9, length.out = 721)
LOG_W <- dnorm(Z, log = TRUE) + log(Z[2] - Z[1])

trials_of <- function(name) {
  d <- read_doses(name)
  l <- split(d, d$trial)
  Filter(function(t) sum(t$events) > 0 && sum(t$events) < sum(t$n), l)
}

trial_log_lik <- function(a, t, f, E, s) {
  if (s == 0) return(sum(dbinom(t$events, t$n, plogis(a + E * f), log = TRUE)))
  eta <- a + outer(f, E + s * Z)
  l <- LOG_W
  for (j in seq_along(f)) l <- l + dbinom(t$events[j], t$n[j], plogis(eta[j, ]), log = TRUE)
  m <- max(l)
  m + log(sum(exp(l - m)))
}

# centred: a trial's slope turns its curve around the mean of the curve over its participants
profile_log_lik <- function(par, trials, shape, random, centred) {
  s <- if (random) par[length(par)] else 0
  sum(vapply(trials, function(t) {
    f <- if (shape == "emax") t$dose / (t$dose + exp(par[2])) else c(curve_of(shape, t$dose))
    f <- f / if (shape == "emax") 1 else max(curve_of(shape, 80))
    if (centred) f <- f - sum(f * t$n) / sum(t$n)
    # where the optimiser strays, a likelihood rounds to 0: its logarithm is a warning
    suppressWarnings(optimize(function(a) trial_log_lik(a, t, f, par[1], s), c(-9, 4), maximum = TRUE,
                              tol = 1e-10))$objective
  }, 0))
}

one_stage <- function(name, shape, random, centred) {
  trials <- trials_of(name)
  q <- if (shape == "emax") 2 else 1
  f <- function(par) profile_log_lik(par, trials, shape, random, centred)
  starts <- if (shape == "emax") list(c(2, log(15))) else list(1.5)
  if (random) starts <- unlist(lapply(starts, function(s) list(c(s, 0.15), c(s, 0.6))), FALSE)
  best <- list(value = -Inf)
  for (start in starts) {
    o <- optim(start, function(x) -f(x), method = if (length(start) == 1) "BFGS" else "Nelder-Mead",
               control = list(reltol = 1e-13, maxit = 3000))
    if (-o$value > best$value) best <- list(value = -o$value, par = o$par)
  }
  if (random) {
    # the likelihood may have a second maximum at sigma = 0
    zero <- optim(starts[[1]][seq_len(q)], function(x) -f(c(x, 0)), method = if (q == 1) "BFGS" else "Nelder-Mead",
                  control = list(reltol = 1e-13, maxit = 3000))
    if (-zero$value >= best$value - 1e-7) best <- list(value = -zero$value, par = c(zero$par, 0))
  }
  free <- if (random && best$par[q + 1] == 0) seq_len(q) else seq_along(best$par)
  g <- function(x) {
    p <- best$par
    p[free] <- x
    f(p)
  }
  best$par[free] <- newton(g, best$par[free], 4)
  v <- solve(-hessian(g, best$par[free]))[seq_len(q), seq_len(q), drop = FALSE]
  unit <- if (shape == "emax") 1 else max(curve_of(shape, 80))
  estimate <- best$par[seq_len(q)] / unit
  se <- sqrt(diag(v)) / unit
  at <- c(20, 40, 80)
  x <- if (shape == "emax") at / (at + exp(estimate[2])) else c(curve_of(shape, at))
  slope <- if (shape == "emax") cbind(x, -estimate[1] * x * (1 - x)) else cbind(x)
  values <- list(estimate = I(unname(estimate)), std_error = I(unname(se)),
                 between_sd = if (random) abs(best$par[q + 1]) / unit else NA,
                 log_likelihood = g(best$par[free]), trials = length(trials), doses = I(at),
                 effect = I(estimate[1] * x),
                 effect_std_error = I(sqrt(rowSums((slope %*% (v / unit^2)) * slope))))
  call <- "binomial likelihood by hand, 721 nodes, intercepts profiled out; numDeriv::hessian"
  if (shape != "emax") {
    d <- do.call(rbind, trials)
    d$x <- c(curve_of(shape, d$dose)) / unit
    d$trial <- factor(d$trial)
    d$around <- d$x - if (centred) ave(d$x * d$n, d$trial, FUN = sum) / ave(d$n, d$trial, FUN = sum) else 0
    if (!random) {
      m <- glm(cbind(events, n - events) ~ 0 + trial + x, binomial, d, epsilon = 1e-14, maxit = 100)
      values$estimate <- I(unname(coef(m)["x"]) / unit)
      values$std_error <- I(sqrt(vcov(m)["x", "x"]) / unit)
      values$log_likelihood <- c(logLik(m))
      values$effect <- I(unname(coef(m)["x"]) / unit * x)
      values$effect_std_error <- I(sqrt(vcov(m)["x", "x"]) / unit * x)
      call <- "glm(cbind(events, n-events) ~ 0 + trial + x, binomial, epsilon=1e-14)"
    } else {
      # the likelihood can have two maxima, and where glmer() ends depends on its start
      fits <- lapply(c(0.1, 0.5, 1), function(theta) suppressMessages(suppressWarnings(
        glmer(cbind(events, n - events) ~ 0 + trial + x + (0 + around | trial), d, binomial, nAGQ = 25,
              start = list(theta = theta),
              control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-8, maxfun = 1e5))))))
      m <- fits[[which.max(vapply(fits, function(m) c(logLik(m)), 0))]]
      values$glmer_estimate <- unname(fixef(m)["x"]) / unit
      values$glmer_between_sd <- sqrt(unname(VarCorr(m)$trial[1, 1])) / unit
    }
  }
  keep(paste("dose", name, "one-stage", shape, if (!random) "common" else if (centred) "centred" else "from-zero", sep = "/"), name, call,
       c(list(measure = "odds ratio", shape = shape, method = "one-stage",
              model = if (random) "random" else "common"),
         if (random) list(departure = if (centred) "centred" else "from zero")), values,
       if (shape == "emax") BY_HAND else paste("lme4", packageDescription("lme4")$Version))
}

for (name in c("eletriptan", "dose_made_up")) for (shape in c("emax", "linear", "log")) {
  one_stage(name, shape, FALSE, FALSE)
  one_stage(name, shape, TRUE, FALSE)
  one_stage(name, shape, TRUE, TRUE)
}

write_entries("dose_response", entries)
