# Several effects of a trial pooled together: metafor::rma.mv() with struct = "UN", "CS", "DIAG".
#
# rma.mv()'s optimisers stop early and need not find the highest maximum. So the covariance
# between trials is found by hand: the exact likelihood in a factor L of it (Psi = L L', L
# lower triangular, or sqrt of the two eigenvalues), optim() from many starts, then Newton's
# method with numerical derivatives. rma.mv() is given that covariance and prints the rest; its
# own maximum may not be higher, and is pinned where it is as high.

suppressMessages(library(numDeriv))

# ---- the likelihood by hand

blocks_of <- function(d, V, X) {
  d$trial <- factor(d$trial, unique(d$trial))
  lapply(split(seq_len(nrow(d)), d$trial), function(i)
    list(y = d$y[i], S = V[i, i, drop = FALSE], X = X[i, , drop = FALSE], z = d$component[i]))
}

log_lik <- function(psi, blocks, reml) {
  ld <- rss <- 0
  q <- ncol(blocks[[1]]$X)
  xx <- xwx <- matrix(0, q, q)
  xwy <- numeric(q)
  n <- 0
  for (b in blocks) {
    v <- b$S + psi[b$z, b$z]
    w <- solve(v)
    ld <- ld + c(determinant(v)$modulus)
    xwx <- xwx + t(b$X) %*% w %*% b$X
    xx <- xx + crossprod(b$X)
    xwy <- xwy + c(t(b$X) %*% w %*% b$y)
    rss <- rss + c(t(b$y) %*% w %*% b$y)
    n <- n + length(b$y)
  }
  rss <- rss - c(crossprod(xwy, solve(xwx, xwy)))
  l <- -0.5 * (ld + rss + (n - if (reml) q else 0) * log(2 * pi))
  if (reml) l <- l + 0.5 * c(determinant(xx)$modulus) - 0.5 * c(determinant(xwx)$modulus)
  l
}

psi_of <- function(theta, p, struct, rho) {
  if (struct == "DIAG") return(diag(theta^2, p))
  if (struct == "UN") {
    l <- matrix(0, p, p)
    l[lower.tri(l, TRUE)] <- theta
    return(tcrossprod(l))
  }
  if (!is.na(rho)) return(theta^2 * ((1 - rho) * diag(p) + rho))
  j <- matrix(1 / p, p, p)
  theta[1]^2 * (diag(p) - j) + theta[2]^2 * j
}

newton <- function(f, x) {
  for (i in 1:12) {
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

# theta of a covariance matrix: where rma.mv() ended is one of the starts
theta_of <- function(psi, struct, rho) {
  p <- nrow(psi)
  if (struct == "DIAG") return(sqrt(diag(psi)))
  if (struct == "UN") {
    l <- t(chol(psi + diag(1e-12 * max(diag(psi)) + 1e-300, p)))
    return(l[lower.tri(l, TRUE)])
  }
  if (!is.na(rho)) return(sqrt(psi[1, 1]))
  sqrt(pmax(0, c(psi[1, 1] - psi[1, 2], psi[1, 1] + (p - 1) * psi[1, 2])))
}

between <- function(blocks, p, struct, rho, reml, own) {
  m <- if (struct == "UN") p * (p + 1) / 2 else if (struct == "DIAG") p else if (is.na(rho)) 2 else 1
  f <- function(theta) log_lik(psi_of(theta, p, struct, rho), blocks, reml)
  spread <- sd(unlist(lapply(blocks, `[[`, "y")))
  best <- list(value = f(rep(0, m)), theta = rep(0, m))
  set.seed(1)
  for (s in 0:8) {
    if (s == 0 && is.null(own)) next
    start <- if (s == 0) theta_of(own, struct, rho) else rnorm(m) * spread * c(0.05, 0.3, 1)[1 + s %% 3]
    o <- optim(start / spread, function(x) -f(x * spread), method = "BFGS",
               control = list(reltol = 1e-15, maxit = 5000))
    if (-o$value > best$value + 1e-8) best <- list(value = -o$value, theta = o$par * spread)
  }
  if (any(best$theta != 0)) {
    scaled <- function(x) f(x * spread)
    best$theta <- newton(scaled, best$theta / spread) * spread
  }
  psi <- psi_of(best$theta, p, struct, rho)
  # a variance that is nothing but rounding is 0
  small <- diag(psi) < 1e-10 * max(diag(psi), spread^2)
  psi[small, ] <- psi[, small] <- 0
  list(psi = psi, log_likelihood = f(best$theta), parameters = m)
}

# ---- one analysis

fit_mv <- function(d, V, X, struct, rho, tau2) {
  d$component <- as.integer(factor(d$component, unique(d$component)))
  p <- max(d$component)
  d$inner <- factor(d$component)
  d$trial <- factor(d$trial, unique(d$trial))
  blocks <- blocks_of(d, V, X)
  if (tau2 == "none") {
    f <- function(test) rma.mv(d$y, V, mods = X, intercept = FALSE, method = "FE", test = test)
    return(list(fit = f, psi = matrix(0, p, p), log_likelihood = log_lik(matrix(0, p, p), blocks, FALSE),
                rma_mv = NA))
  }
  arguments <- list(yi = quote(y), V = V, mods = X, intercept = FALSE, random = ~ inner | trial,
                    struct = struct, data = d, method = tau2)
  if (!is.na(rho)) arguments$rho <- rho
  own <- tryCatch(suppressWarnings(do.call(rma.mv, arguments)), error = function(e) NULL)
  # with three components and more, rma.mv() lets the correlation of struct="CS" fall to -1, which no
  # covariance matrix has
  if (!is.null(own) && min(eigen(own$G, TRUE, TRUE)$values) < -1e-8 * max(own$G)) own <- NULL
  b <- between(blocks, p, struct, rho, tau2 == "REML", if (!is.null(own)) own$G)
  sd <- sqrt(diag(b$psi))
  r <- b$psi / outer(ifelse(sd > 0, sd, 1), ifelse(sd > 0, sd, 1))
  arguments$tau2 <- if (struct == "CS") sd[1]^2 else sd^2
  if (struct == "CS") arguments$rho <- pmin(1, pmax(-1, r[1, 2]))
  if (struct == "UN") arguments$rho <- pmin(1, pmax(-1, r[upper.tri(r)]))
  f <- function(test) suppressWarnings(do.call(rma.mv, c(arguments, test = test)))
  stopifnot(abs(c(logLik(f("z"))) - b$log_likelihood) < 1e-6)
  rma_mv <- NA
  if (!is.null(own)) {
    if (c(logLik(own)) > b$log_likelihood + 1e-6) stop("rma.mv() finds a higher maximum")
    if (c(logLik(own)) > b$log_likelihood - 1e-7) rma_mv <- c(own$beta)
  }
  list(fit = f, psi = b$psi, log_likelihood = b$log_likelihood, rma_mv = rma_mv)
}

values_of <- function(r, common, test) {
  f <- r$fit(test)
  q <- length(f$beta)
  v <- list(estimate = I(unname(c(f$beta))), std_error = I(unname(f$se)),
            statistic = I(unname(f$zval)), p_value = I(unname(f$pval)),
            conf_low = I(unname(f$ci.lb)), conf_high = I(unname(f$ci.ub)),
            covariance = I(unname(c(f$vb))), between = I(c(r$psi)),
            log_likelihood = r$log_likelihood, q = f$QE, q_df = f$k - q, q_p_value = f$QEp,
            i2 = I(unname(pmax(0, 1 - diag(common$vb) / diag(f$vb)))),
            i2_joint = max(0, 1 - (det(common$vb) / det(f$vb))^(1 / q)))
  if (q > 1) {
    a <- anova(f, X = cbind(-1, diag(q - 1)))
    # rma.mv's anova tests rows one by one and all together: QM is the joint test
    v$equality_statistic <- c(a$QM)
    v$equality_p_value <- c(a$QMp)
  }
  if (!any(is.na(r$rma_mv))) v$rma_mv_estimate <- I(unname(r$rma_mv))
  v
}

entries <- list()
STRUCTURE <- c(UN = "unstructured", CS = "compound-symmetric", DIAG = "diagonal")

add <- function(id, dataset, d, V, X, choices, settings = list()) {
  common <- rma.mv(d$y, V, mods = X, intercept = FALSE, method = "FE")
  for (choice in choices) {
    struct <- choice[[1]]
    rho <- choice[[2]]
    tau2 <- choice[[3]]
    r <- fit_mv(d, V, X, struct, rho, tau2)
    for (test in c("z", "t")) {
      if (test == "t" && nrow(d) == ncol(X)) next
      s <- c(list(model = if (tau2 == "none") "common" else "random"), settings,
             list(interval = if (test == "z") "wald" else "t"))
      if (tau2 != "none") {
        s <- c(s, list(between = STRUCTURE[[struct]], tau2 = tau2))
        if (!is.na(rho)) s$correlation <- rho
      }
      name <- paste(c("multivariate", id, if (tau2 == "none") "common" else
                      c(STRUCTURE[[struct]], if (!is.na(rho)) rho, tau2), if (test == "t") "t"),
                    collapse = "/")
      call <- sprintf(paste('Psi at the maximum of the likelihood by hand; rma.mv(y, V, mods=X,',
                            'random=~component|trial, struct="%s", method="%s", test="%s"), given Psi'),
                      struct, if (tau2 == "none") "FE" else tau2, test)
      entries[[length(entries) + 1L]] <<- entry(name, dataset, call, s, values_of(r, common, test))
    }
  }
}

CHOICES <- list(list("UN", NA, "none"), list("UN", NA, "REML"), list("UN", NA, "ML"),
                list("CS", NA, "REML"), list("CS", NA, "ML"), list("CS", 0.5, "REML"),
                list("CS", 0.5, "ML"), list("DIAG", NA, "REML"), list("DIAG", NA, "ML"))

indicators <- function(d) {
  names <- unique(d$component)
  x <- outer(d$component, names, "==") * 1
  colnames(x) <- names
  x
}

read_rows <- function(name) read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)

# two outcomes of five trials, covariances published
d <- read_rows("berkey1998")
V <- as.matrix(bldiag(lapply(split(d, d$trial), function(x) as.matrix(x[, c("c1", "c2")]))))
add("berkey1998", "berkey1998", d, V, indicators(d), CHOICES)
# the same with the year of publication, an own slope for each outcome
X <- cbind(indicators(d), indicators(d) * (d$year - 1983))
add("berkey1998/year", "berkey1998", d, V, X, CHOICES[1:5], list(regressors = "year-1983"))

# systolic and diastolic blood pressure of ten trials, correlations published
d <- read_rows("hypertension")
V <- as.matrix(bldiag(lapply(split(d, factor(d$trial, unique(d$trial))), function(x)
  outer(x$se, x$se) * ifelse(diag(2) == 1, 1, x$correlation[1]))))
add("hypertension", "hypertension", d, V, indicators(d), CHOICES)
add("hypertension/isolated", "hypertension", d, V, cbind(indicators(d), indicators(d) * d$isolated),
    CHOICES[c(1, 2, 4, 6, 8)], list(regressors = "isolated"))

# two survival outcomes, three of six studies without one; correlation within studies assumed
d <- read_rows("p53")
for (within in c(0, 0.7)) {
  same <- outer(d$trial, d$trial, "==")
  V <- outer(sqrt(d$v), sqrt(d$v)) * ifelse(same, within, 0)
  diag(V) <- d$v
  add(paste0("p53/", within), "p53", d, V, indicators(d), CHOICES, list(within = within))
}

# arms against a shared control
for (name in c("gleser_olkin2009", "dogliotti2014", "pagliaro1992"))
  for (measure in c("risk ratio", "odds ratio", "risk difference")) {
  a <- read_arms(name)
  a$trial <- factor(a$trial, unique(a$trial))
  rows <- list()
  mats <- list()
  for (t in split(a, a$trial)) {
    control <- t[t$treatment == "control", ]
    active <- t[t$treatment == "active", ]
    if (nrow(control) == 0 || nrow(active) == 0) next
    e0 <- sum(control$events)
    n0 <- sum(control$n)
    own <- function(e, n) switch(measure, "risk ratio" = 1 / e - 1 / n, "odds ratio" = 1 / e + 1 / (n - e),
                                 "risk difference" = e / n * (1 - e / n) / n)
    of <- function(e, n) switch(measure, "risk ratio" = log(e / n), "odds ratio" = log(e / (n - e)),
                                "risk difference" = e / n)
    y <- of(active$events, active$n) - of(e0, n0)
    m <- diag(own(active$events, active$n), nrow(active)) + own(e0, n0)
    ok <- is.finite(y) & is.finite(diag(m)) & diag(m) > 0
    if (!any(ok)) next
    rows[[length(rows) + 1L]] <- data.frame(trial = as.character(t$trial[1]), component = active$arm[ok], y = y[ok])
    mats[[length(mats) + 1L]] <- m[ok, ok, drop = FALSE]
  }
  d <- do.call(rbind, rows)
  V <- as.matrix(bldiag(mats))
  together <- crossprod(table(d$trial, d$component) > 0)
  lone <- any(diag(together) < 2) || any(together == 0)
  add(paste(name, gsub(" ", "-", measure), sep = "/"), name, d, V, indicators(d),
      if (lone) CHOICES[c(1, 4, 6, 7)] else CHOICES, list(measure = measure))
}

write_entries("multivariate", entries)
