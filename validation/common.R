# What every script here shares: reading the data, writing the JSON, study effects under
# the zero-cell rules, and one inverse-variance fit that is checked before it is written.

suppressMessages(library(metafor))

DATA <- file.path(HERE, "data")
OUT <- normalizePath(file.path(HERE, "..", "tests", "reference"))

METAFOR <- paste("metafor", packageDescription("metafor")$Version)
BY_HAND <- paste0("R ", R.version$major, ".", R.version$minor, ", formula by hand")

MEASURE <- c("risk ratio" = "RR", "odds ratio" = "OR", "risk difference" = "RD",
             "Peto odds ratio" = "PETO")
TEST <- c("wald" = "z", "hartung-knapp" = "knha", "hartung-knapp-safe" = "adhoc")

# ---------------------------------------------------------------- reading

read_trials <- function(name) {
  d <- read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)
  names(d)[match(c("events_treatment", "n_treatment", "events_control", "n_control"),
                 names(d))] <- c("ai", "n1i", "ci", "n2i")
  for (n in c("ai", "n1i", "ci", "n2i")) d[[n]] <- as.numeric(d[[n]])  # integers overflow
  d
}

read_arms <- function(name) {
  d <- read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)
  for (n in c("events", "n")) d[[n]] <- as.numeric(d[[n]])
  d
}

# ---------------------------------------------------------------- writing

number <- function(x) {
  if (is.na(x)) return("null")
  if (!is.finite(x)) stop("an infinite value can not be written")
  for (digits in 15:17) {
    s <- sprintf("%.*g", digits, x)
    if (as.numeric(s) == x) return(s)
  }
  stop("no decimal form found for ", x)
}

text <- function(x) {
  if (is.na(x)) return("null")
  paste0('"', gsub('"', '\\"', gsub("\\", "\\\\", x, fixed = TRUE), fixed = TRUE), '"')
}

# A named list is an object, an unnamed list or a vector that is not of length one (or is
# wrapped in I()) an array, NA and NULL are null. Numbers keep every bit: as.numeric() of
# what is written is what R held.
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x) && !is.null(names(x))) {
    return(paste0("{", paste0(vapply(names(x), text, ""), ": ", vapply(x, json, ""),
                              collapse = ", "), "}"))
  }
  if (is.list(x)) return(paste0("[", paste(vapply(x, json, ""), collapse = ", "), "]"))
  one <- if (is.character(x)) text
         else if (is.logical(x)) function(v) if (is.na(v)) "null" else if (v) "true" else "false"
         else number
  s <- vapply(unname(unclass(x)), one, "")
  if (length(s) == 1L && !inherits(x, "AsIs")) s
  else paste0("[", paste(s, collapse = ", "), "]")
}

count_numbers <- function(x) {
  if (is.list(x)) return(sum(vapply(x, count_numbers, 0)))
  if (is.numeric(x)) sum(!is.na(x)) else 0
}

entry <- function(id, dataset, call, settings, values, program = METAFOR, note = NULL) {
  e <- list(id = id, dataset = dataset, program = program, call = call,
            settings = settings, values = values)
  if (!is.null(note)) e$note <- note
  e
}

write_entries <- function(name, entries) {
  ids <- vapply(entries, function(e) e$id, "")
  if (anyDuplicated(ids)) stop("an id is used twice: ", ids[duplicated(ids)][1])
  file <- file.path(OUT, paste0(name, ".json"))
  head <- list(made_by = paste0("validation/", name, ".R"),
               r = paste0(R.version$major, ".", R.version$minor), metafor = METAFOR)
  lines <- vapply(entries, json, "")
  writeLines(enc2utf8(c("{", paste0('"about": ', json(head), ","), '"entries": [',
                        paste0(lines, c(rep(",", length(lines) - 1L), "")), "]", "}")),
             file, useBytes = TRUE)
  cat(sprintf("%-22s %4d entries %6d numbers\n", basename(file), length(entries),
              sum(vapply(entries, function(e) count_numbers(e$values), 0))))
}

close_to <- function(x, y, rel = 1e-9, abs = 1e-13) {
  all(abs(x - y) <= pmax(rel * pmax(abs(x), abs(y)), abs))
}

# ---------------------------------------------------------------- study effects

has_zero_cell <- function(d) d$ai == 0 | d$ci == 0 | d$ai == d$n1i | d$ci == d$n2i
is_double_zero <- function(d) (d$ai == 0 & d$ci == 0) | (d$ai == d$n1i & d$ci == d$n2i)

# What the treatment-arm and the empirical rule of Sweeting et al. (2004) add to both cells
# of the treatment (kt) and of the control arm (kc) of a trial with a zero cell; kt + kc = 1.
# omega is the uncorrected Mantel-Haenszel odds ratio of the trials with no zero cell.
sweeting <- function(d, rule) {
  r <- d$n2i / d$n1i
  omega <- NA
  if (rule == "treatment-arm") {
    kt <- 1 / (r + 1)
    kc <- r / (r + 1)
  } else {
    full <- d[!has_zero_cell(d), ]
    omega <- exp(unname(c(rma.mh(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i,
                                 data = full, add = 0, to = "none")$beta)))
    kt <- omega / (r + omega)
    kc <- r / (r + omega)
  }
  list(kt = kt, kc = kc, omega = omega)
}

# y and v of every trial of d; NA where the trial is not estimable.
# rule: none | constant | treatment-arm | empirical; double_zero: excluded | corrected.
effects <- function(d, measure, rule = "none", increment = 0.5, double_zero = "excluded") {
  m <- MEASURE[[measure]]
  fixed <- which(has_zero_cell(d) & !(double_zero == "excluded" & is_double_zero(d)))
  omega <- NA
  if (rule == "none") {
    call <- sprintf('escalc("%s", ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none")', m)
    e <- suppressWarnings(escalc(m, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i,
                                 add = 0, to = "none"))
    fixed <- integer()
  } else if (rule == "constant") {
    drop <- double_zero == "excluded"
    call <- sprintf('escalc("%s", ai, n1i=n1i, ci=ci, n2i=n2i, add=%s, to="only0", drop00=%s)',
                    m, format(increment), drop)
    e <- escalc(m, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, add = increment,
                to = "only0", drop00 = drop)
  } else {
    stopifnot(double_zero == "excluded")
    k <- sweeting(d, rule)
    omega <- k$omega
    kt <- kc <- numeric(nrow(d))
    kt[fixed] <- k$kt[fixed]
    kc[fixed] <- k$kc[fixed]
    call <- sprintf(paste0('escalc("%s", ai=ai+kt, bi=n1i-ai+kt, ci=ci+kc, di=n2i-ci+kc, ',
                           'add=0, to="none"), kt and kc by the %s rule'), m, rule)
    e <- suppressWarnings(escalc(m, ai = d$ai + kt, bi = d$n1i - d$ai + kt, ci = d$ci + kc,
                                 di = d$n2i - d$ci + kc, add = 0, to = "none"))
    e$yi[is_double_zero(d)] <- NA
  }
  y <- as.numeric(e$yi)
  v <- as.numeric(e$vi)
  lost <- !is.finite(y) | !is.finite(v) | v <= 0
  y[lost] <- NA
  v[lost] <- NA
  list(y = y, v = v, used = !lost, corrected = seq_len(nrow(d)) %in% fixed, call = call,
       omega = omega)
}

zero_settings <- function(rule, increment = 0.5, double_zero = "excluded") {
  s <- list(zero_cells = rule)
  if (rule == "constant") s$increment <- increment
  if (rule != "none") s$double_zero <- double_zero
  s
}

zero_id <- function(rule, increment = 0.5, double_zero = "excluded") {
  paste0(rule, if (rule == "constant" && increment != 0.5) paste0("-", increment),
         if (double_zero == "corrected") "-double-zero-corrected")
}

# ---------------------------------------------------------------- tau2 by our own root

# Equations for tau2 in one unknown. V is diag(v) + tau2 I for independent effects (v a vector)
# and v + tau2 G for correlated ones (v and G matrices). They check metafor, and do the
# fitting where metafor has no estimator (DL and PM with correlated arms).

p_matrix <- function(v, tau2, g) {
  w <- solve(v + tau2 * g)
  w - tcrossprod(rowSums(w)) / sum(w)
}

q_of <- function(tau2, y, v, g = NULL) {
  if (is.matrix(v)) return(c(crossprod(y, p_matrix(v, tau2, g) %*% y)))
  w <- 1 / (v + tau2)
  sum(w * (y - sum(w * y) / sum(w))^2)
}

reml_score <- function(tau2, y, v, g = NULL) {
  if (is.matrix(v)) {
    p <- p_matrix(v, tau2, g)
    py <- p %*% y
    return(c(crossprod(py, g %*% py)) - sum(p * g))
  }
  w <- 1 / (v + tau2)
  sum((w * (y - sum(w * y) / sum(w)))^2) - sum(w) + sum(w^2) / sum(w)
}

reml_loglik <- function(tau2, y, v, g = NULL) {
  if (is.matrix(v)) {
    s <- v + tau2 * g
    return(-0.5 * (c(determinant(s)$modulus) + log(sum(solve(s))) + q_of(tau2, y, v, g)))
  }
  -0.5 * (sum(log(v + tau2)) + log(sum(1 / (v + tau2))) + q_of(tau2, y, v))
}

variances <- function(v) if (is.matrix(v)) diag(v) else v

# REML: every downward sign change of the score on a fine grid, the best of them and of zero.
tau2_reml <- function(y, v, g = NULL) {
  f <- function(t) reml_score(t, y, v, g)
  grid <- c(0, exp(seq(log(1e-6 * min(variances(v))),
                       log(100 * (max(variances(v)) + var(y))), length.out = 300)))
  s <- vapply(grid, f, 0)
  at <- which(s[-1] <= 0 & s[-length(s)] > 0)
  found <- c(0, vapply(at, function(i)
    uniroot(f, grid[c(i, i + 1)], tol = 1e-300, maxiter = 10000)$root, 0))
  found[which.max(vapply(found, reml_loglik, 0, y = y, v = v, g = g))]
}

tau2_dl <- function(y, v, g = NULL) {
  tr <- if (is.matrix(v)) sum(p_matrix(v, 0, g) * g) else sum(1 / v) - sum(1 / v^2) / sum(1 / v)
  max(0, (q_of(0, y, v, g) - (length(y) - 1)) / tr)
}

# The tau2 at which Q(tau2) falls to the target; zero if it is below it from the start.
tau2_level <- function(target, y, v, g = NULL) {
  f <- function(t) q_of(t, y, v, g) - target
  if (f(0) <= 0) return(0)
  upper <- mean(variances(v))
  while (f(upper) > 0) upper <- upper * 2
  uniroot(f, c(0, upper), tol = 1e-300, maxiter = 10000)$root
}

tau2_pm <- function(y, v, g = NULL) tau2_level(length(y) - 1, y, v, g)

# ---------------------------------------------------------------- inverse variance

# A fit whose iteration ran until it no longer moves. metafor's own stop rules are absolute
# (a step of 1e-5 for REML, eps^0.25 = 1.2e-4 for Paule-Mandel); the smallest one that it
# reaches is used and named in the call.
fit <- function(y, v, method, test = "z", level = 95) {
  if (method == "EE") {
    f <- rma(y, v, method = "EE", test = test, level = level)
    return(list(fit = f, call = sprintf('rma(yi, vi, method="EE", test="%s", level=%g)',
                                        test, level)))
  }
  if (method == "PM") {
    control <- list(list(tol = 1e-20, maxiter = 10000))
    shown <- "list(tol=1e-20, maxiter=10000)"
  } else if (method == "REML") {
    steps <- c(1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-12, 1e-10)
    control <- lapply(steps, function(s) list(threshold = s, maxiter = 1000))
    shown <- sprintf("list(threshold=%g, maxiter=1000)", steps)
  } else {
    control <- list(list())
    shown <- "list()"
  }
  for (i in seq_along(control)) {
    f <- tryCatch(suppressWarnings(rma(y, v, method = method, test = test, level = level,
                                       control = control[[i]])), error = function(e) e)
    if (!inherits(f, "error")) break
  }
  if (inherits(f, "error")) stop(f)
  own <- switch(method, REML = tau2_reml, DL = tau2_dl, PM = tau2_pm)(y, v)
  if (!close_to(f$tau2, own, rel = 1e-10, abs = 1e-17)) {
    stop(sprintf("%s: metafor's tau2 %.17g, the equation's root %.17g", method, f$tau2, own))
  }
  list(fit = f, call = sprintf('rma(yi, vi, method="%s", test="%s", level=%g, control=%s)',
                               method, test, level, shown[i]))
}

q_profile <- function(f, y, v) {
  ci <- suppressWarnings(confint(f, control = list(tol = 1e-20, maxiter = 10000,
                                                   tau2.max = 1e5)))
  r <- ci$random
  stopifnot(ci$ub.sign != ">", ci$lb.sign != ">")
  alpha <- f$level
  k <- length(y)
  own <- c(tau2_level(qchisq(alpha / 2, k - 1, lower.tail = FALSE), y, v),
           tau2_level(qchisq(alpha / 2, k - 1), y, v))
  if (!close_to(r["tau^2", 2:3], own, rel = 1e-10, abs = 1e-17)) {
    stop("the Q-profile interval does not solve its equation")
  }
  list(tau2_low = r["tau^2", "ci.lb"], tau2_high = r["tau^2", "ci.ub"],
       tau2_interval_empty = ci$ci.null,
       i2_tau2_low = r["I^2(%)", "ci.lb"] / 100, i2_tau2_high = r["I^2(%)", "ci.ub"] / 100)
}

# Normal or t quantile times sqrt(tau2 + SE^2), SE that of the interval method used; every
# limit must equal what predict() prints.
prediction_limits <- function(f, kind) {
  if (kind == "k-2" && f$k < 3) return(c(NA, NA))
  crit <- switch(kind, normal = qnorm(f$level / 2, lower.tail = FALSE),
                 "k-1" = qt(f$level / 2, f$k - 1, lower.tail = FALSE),
                 "k-2" = qt(f$level / 2, f$k - 2, lower.tail = FALSE))
  limits <- c(f$beta) + c(-1, 1) * crit * sqrt(f$tau2 + f$se^2)
  p <- if (kind == "k-2") predict(f, pi.type = "riley")
       else if (kind == "k-1" && f$test == "z") predict(f, pi.type = "t")
       else predict(f)
  if (!close_to(limits, c(p$pi.lb, p$pi.ub))) stop("predict() differs for ", kind)
  limits
}

pooled_values <- function(f) {
  list(k = f$k, estimate = c(f$beta), std_error = f$se, statistic = f$zval,
       df = if (f$test == "z") NA else f$ddf, p_value = f$pval,
       conf_low = f$ci.lb, conf_high = f$ci.ub)
}

heterogeneity_values <- function(f) {
  df <- f$k - 1
  list(q = f$QE, q_df = df, q_p_value = f$QEp, h2_q = f$QE / df,
       i2_q = if (f$QE > 0) max(0, (f$QE - df) / f$QE) else 0)
}

# Every number of one inverse-variance analysis.
iv_values <- function(y, v, model, tau2 = NA, interval = "wald", conf_level = 0.95,
                      prediction = NULL, weights = FALSE) {
  used <- !is.na(y)
  y <- y[used]
  v <- v[used]
  if (model == "common") {
    r <- fit(y, v, "EE", TEST[[interval]], 100 * conf_level)
    values <- c(pooled_values(r$fit), heterogeneity_values(r$fit))
  } else {
    r <- fit(y, v, tau2, TEST[[interval]], 100 * conf_level)
    f <- r$fit
    if (is.null(prediction)) prediction <- if (interval == "wald") "normal" else "k-1"
    p <- prediction_limits(f, prediction)
    values <- c(pooled_values(f), list(tau2 = f$tau2), q_profile(f, y, v),
                heterogeneity_values(f),
                list(h2_tau2 = f$H2, i2_tau2 = f$I2 / 100,
                     prediction_low = p[1], prediction_high = p[2]))
  }
  if (weights) {
    w <- rep(NA_real_, length(used))
    w[used] <- unname(weights(r$fit)) / 100
    values$weights <- I(w)
  }
  call <- r$call
  if (model == "random") {
    call <- paste0(call, "; confint(fit, control=list(tol=1e-20, maxiter=10000)); predict(fit",
                   if (prediction == "k-2") ', pi.type="riley"'
                   else if (prediction == "k-1" && interval == "wald") ', pi.type="t"', ")")
  }
  list(values = values, call = call, fit = r$fit, prediction = prediction)
}
