# Meta-regression: rma(mods = ...) by every estimator with Wald, Hartung-Knapp and safe
# Hartung-Knapp, predict(), permutest(exact = TRUE), and clubSandwich's CR2 with
# Satterthwaite degrees of freedom and the approximate Hotelling test.

suppressMessages(library(clubSandwich))

entries <- list()

CLUBSANDWICH <- paste("clubSandwich", packageDescription("clubSandwich")$Version)

# y, v and the covariates of a data set.
regression_data <- function(name) {
  d <- read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)
  if (name == "bcg_covariates") {
    e <- escalc("RR", ai = d$events_treatment, n1i = d$n_treatment, ci = d$events_control,
                n2i = d$n_control)
    d$y <- as.numeric(e$yi)
    d$v <- as.numeric(e$vi)
  }
  d
}

# A fit that ran until it no longer moves; tau2 is checked against its own equation.
regression <- function(d, mods, tau2, interval = "wald", level = 95) {
  test <- TEST[[interval]]
  run <- function(method, control = list(), ...) {
    suppressWarnings(rma(y, v, mods = mods, data = d, method = method, test = test,
                         level = level, control = control, ...))
  }
  if (tau2 == "common") return(run("EE"))
  if (tau2 == "DL2") {
    # the method of moments with the weights of the first step, as GENQ has it
    first <- run("DL")$tau2
    second <- run("GENQ", weights = 1 / (d$v + first))$tau2
    return(run("DL", tau2 = second))
  }
  if (tau2 %in% c("PM", "EB")) {
    f <- run("PM", list(tol = 1e-20, maxiter = 10000))
    stopifnot(close_to(equation(d, f)$q, f$k - f$p, rel = 1e-10) || f$tau2 == 0)
    if (tau2 == "EB") {
      # scoring and root of the same equation
      other <- run("EB", list(threshold = 1e-14, maxiter = 10000))
      stopifnot(close_to(other$tau2, f$tau2, rel = 1e-8))
      f$method <- "EB"
    }
    return(f)
  }
  if (tau2 %in% c("REML", "ML")) {
    for (threshold in 10^-(18:13)) {
      f <- tryCatch(run(tau2, list(threshold = threshold, maxiter = 10000)),
                    error = function(e) NULL)
      if (!is.null(f)) break
    }
    at <- equation(d, f)
    score <- at$spread - if (tau2 == "REML") at$trace else at$total
    stopifnot(f$tau2 < 1e-12 || abs(score) < 1e-9 * at$total)
    return(f)
  }
  run(tau2)
}

# The sums at the tau2 of a fit, by matrices.
equation <- function(d, f, tau2 = f$tau2) {
  w <- diag(1 / (d$v + tau2))
  x <- f$X
  p <- w - w %*% x %*% solve(t(x) %*% w %*% x) %*% t(x) %*% w
  py <- p %*% d$y
  list(q = sum(d$y * py), spread = sum(py^2), trace = sum(diag(p)), total = sum(diag(w)))
}

tau2_at <- function(d, f, target) {
  g <- function(t) equation(d, f, t)$q - target
  if (g(0) <= 0) return(0)
  upper <- mean(d$v)
  while (g(upper) > 0) upper <- upper * 2
  uniroot(g, c(0, upper), tol = 1e-300, maxiter = 10000)$root
}

values_of <- function(d, f, mods, tau2) {
  k <- f$k
  p <- f$p
  stopifnot(p == ncol(model.matrix(mods, d)))  # rma() drops redundant columns with a warning
  v <- list(k = k, estimate = I(c(f$beta)), std_error = I(f$se), statistic = I(f$zval),
            p_value = I(f$pval), conf_low = I(f$ci.lb), conf_high = I(f$ci.ub),
            omnibus = f$QM, omnibus_p_value = f$QMp, q = f$QE, q_df = k - p,
            q_p_value = f$QEp)
  if (tau2 != "common") {
    alpha <- f$level
    ends <- c(tau2_at(d, f, qchisq(alpha / 2, k - p, lower.tail = FALSE)),
              tau2_at(d, f, qchisq(alpha / 2, k - p)))
    typical <- (k - p) / equation(d, f, 0)$trace
    v <- c(v, list(tau2 = f$tau2, tau2_low = ends[1], tau2_high = ends[2],
                   i2 = f$tau2 / (f$tau2 + typical)))
    stopifnot(close_to(100 * v$i2, f$I2, abs = 1e-9))
  }
  v
}

add <- function(id, dataset, call, settings, values, program = METAFOR) {
  entries[[length(entries) + 1L]] <<- entry(id, dataset, call, settings, values, program)
}

FORMULAS <- list(
  bcg_covariates = list(
    c("~ latitude", "~ latitude"),
    c("~ latitude + year", "~ latitude + year"),
    c("~ C(allocation)", "~ factor(allocation)"),
    c("~ latitude * allocation", "~ latitude * factor(allocation)"),
    c("~ I((latitude - 33) / 10) + I(((latitude - 33) / 10)**2)",
      "~ I((latitude - 33) / 10) + I(((latitude - 33) / 10)^2)"),
    c('~ C(allocation, reference="random") + log(latitude)',
      '~ relevel(factor(allocation), ref = "random") + log(latitude)'),
    c("~ 0 + allocation", "~ 0 + factor(allocation)")),
  raudenbush1985 = list(
    c("~ weeks", "~ weeks"),
    c("~ sqrt(weeks) * setting + tester", "~ sqrt(weeks) * factor(setting) + factor(tester)")),
  bangertdrowns2004 = list(
    c("~ length + feedback + imagination", "~ length + feedback + imagination"),
    c("~ C(grade) + length", "~ factor(grade) + length")))

for (name in names(FORMULAS)) {
  d <- regression_data(name)
  for (pair in FORMULAS[[name]]) {
    mods <- as.formula(pair[2])
    for (tau2 in c("REML", "ML", "DL", "DL2", "HE", "HS", "SJ", "PM", "EB", "common")) {
      intervals <- if (tau2 == "common") "wald" else if (tau2 == "REML") names(TEST)
                   else "hartung-knapp"
      for (interval in intervals) {
        level <- if (tau2 == "PM") 90 else 95
        f <- regression(d, mods, tau2, interval, level)
        v <- values_of(d, f, mods, tau2)
        intercept <- !grepl("~ 0", pair[1], fixed = TRUE)
        if (tau2 != "common" && intercept) {
          without <- regression(d, ~ 1, tau2)$tau2
          v$r2 <- if (without > 0) max(0, 1 - f$tau2 / without) else NA
          if (tau2 != "DL2" && length(f$R2) && !is.na(f$R2) && without > 0) {
            stopifnot(abs(100 * v$r2 - f$R2) < 0.006)
          }
        }
        add(paste(name, pair[1], tau2, interval, sep = "/"), name,
            sprintf('rma(y, v, mods=%s, method="%s", test="%s", level=%g), iterated to its end', pair[2], tau2,
                    TEST[[interval]], level),
            c(list(formula = pair[1], model = if (tau2 == "common") "common" else "random"),
              if (tau2 != "common") list(tau2 = tau2),
              list(interval = interval, conf_level = level / 100)), v)
      }
    }
  }
}

# ---- predictions: confidence interval, and prediction interval with K - p degrees of freedom
d <- regression_data("bcg_covariates")
for (tau2 in c("REML", "DL")) for (at in c(13, 33, 55)) {
  f <- regression(d, ~ latitude, tau2, "hartung-knapp")
  p <- predict(f, newmods = at)
  add(paste("predict/bcg_covariates", tau2, at, sep = "/"), "bcg_covariates",
      sprintf('predict(rma(..., mods=~latitude, method="%s", test="knha"), newmods=%g)', tau2, at),
      list(formula = "~ latitude", tau2 = tau2, interval = "hartung-knapp", prediction = "k-1",
           at = list(latitude = at)),
      list(estimate = p$pred, std_error = p$se, conf_low = p$ci.lb, conf_high = p$ci.ub,
           prediction_low = p$pi.lb, prediction_high = p$pi.ub))
}
f <- regression(d, ~ latitude * factor(allocation), "REML", "hartung-knapp")
p <- predict(f, newmods = c(40, 1, 0, 40, 0))
add("predict/bcg_covariates/interaction", "bcg_covariates",
    'predict(rma(..., mods=~latitude*factor(allocation), test="knha"), newmods=c(40,1,0,40,0))',
    list(formula = "~ latitude * allocation", tau2 = "REML", interval = "hartung-knapp",
         prediction = "k-1", at = list(latitude = 40, allocation = "random")),
    list(estimate = p$pred, std_error = p$se, conf_low = p$ci.lb, conf_high = p$ci.ub,
         prediction_low = p$pi.lb, prediction_high = p$pi.ub))

# ---- permutation: every distinct arrangement
exact <- list(
  list("bcg_covariates", 6, "~ latitude", "~ latitude"),
  list("bcg_covariates", 6, "~ latitude + year", "~ latitude + year"),
  list("bcg_covariates", 9, "~ C(allocation)", "~ factor(allocation)"),
  list("raudenbush1985", 6, "~ weeks", "~ weeks"))
for (case in exact) for (how in list(c("REML", "hartung-knapp"), c("REML", "wald"),
                                     c("DL", "hartung-knapp-safe"), c("common", "wald"))) {
  part <- regression_data(case[[1]])[seq_len(case[[2]]), ]
  # permutest() leaves out what does not converge: a step that every arrangement reaches
  f <- rma(y, v, mods = as.formula(case[[4]]), data = part, test = TEST[[how[2]]],
           method = if (how[1] == "common") "EE" else how[1],
           control = if (how[1] == "REML") list(threshold = 1e-11, maxiter = 1000) else list())
  p <- permutest(f, exact = TRUE, progbar = FALSE)
  stopifnot(!anyNA(p$zval.perm))
  add(paste("permutation", case[[1]], case[[3]], how[1], how[2], sep = "/"), case[[1]],
      sprintf('permutest(rma(..., mods=%s, method="%s", test="%s"), exact=TRUE)', case[[4]],
              how[1], TEST[[how[2]]]),
      c(list(formula = case[[3]], first = case[[2]], model = if (how[1] == "common") "common" else "random"),
        if (how[1] != "common") list(tau2 = how[1]), list(interval = how[2])),
      list(arrangements = length(p$zval.perm[, 1]), p_values = I(c(p$pval)), omnibus_p_value = p$QMp))
}

# ---- clusters
for (case in list(list("konstantopoulos2011", "~ year", "~ year", "district"),
                  list("konstantopoulos2011", "~ I(year - 1990) + I((year - 1990)**2)",
                       "~ I(year - 1990) + I((year - 1990)^2)", "district"),
                  list("bcg_covariates", "~ latitude + year", "~ latitude + year", "trial"),
                  list("raudenbush1985", "~ weeks + setting", "~ weeks + factor(setting)", "trial"),
                  list("bangertdrowns2004", "~ length + feedback + imagination",
                       "~ length + feedback + imagination", "subject"))) {
  d <- regression_data(case[[1]])
  for (tau2 in c("REML", "DL", "common")) {
    f <- regression(d, as.formula(case[[3]]), tau2)
    cr <- vcovCR(f, cluster = d[[case[[4]]]], type = "CR2")
    t <- coef_test(f, vcov = cr, test = "Satterthwaite")
    ci <- conf_int(f, vcov = cr, test = "Satterthwaite")
    tested <- seq_len(f$p)[-1]
    w <- Wald_test(f, constraints = constrain_zero(tested), vcov = cr, test = "HTZ")
    add(paste("clusters", case[[1]], case[[2]], case[[4]], tau2, sep = "/"), case[[1]],
        'coef_test, conf_int, Wald_test(test="HTZ") with vcovCR(rma(...), cluster, type="CR2")',
        c(list(formula = case[[2]], cluster = case[[4]],
               model = if (tau2 == "common") "common" else "random"),
          if (tau2 != "common") list(tau2 = tau2)),
        list(estimate = I(c(f$beta)), std_error = I(t$SE), statistic = I(t$tstat),
             df = I(t$df_Satt), p_value = I(t$p_Satt), conf_low = I(ci$CI_L), conf_high = I(ci$CI_U),
             omnibus = w$Fstat, omnibus_df = w$df_num, omnibus_df_denominator = w$df_denom,
             omnibus_p_value = w$p_val), CLUBSANDWICH)
  }
}

write_entries("meta_regression", entries)
