# Effect measures beyond the four of 2x2 tables: effects of every trial, their pooling, Mantel-Haenszel
# rates, single arms, effects given with an interval or a p-value, conversions, arms that share a control.

MEASURE_CODE <- c("arcsine difference" = "AS", "rate ratio" = "IRR", "rate difference" = "IRD",
                  "mean difference" = "MD", "standardised mean difference" = "SMD",
                  "ratio of means" = "ROM")
entries <- list()
add <- function(...) entries[[length(entries) + 1L]] <<- entry(...)

read_arm_rows <- function(name) read.csv(file.path(DATA, paste0(name, ".csv")), stringsAsFactors = FALSE)

# One row a trial, the first arm of the pair (treatment) and the second (control) side by side.
pairs <- function(name) {
  d <- read_arm_rows(name)
  first <- d[seq(1, nrow(d), 2), ]
  second <- d[seq(2, nrow(d), 2), ]
  stopifnot(first$trial == second$trial)
  list(trial = first$trial, t = first, c = second)
}

cloglog <- function(d) {
  part <- function(x, n) {
    p <- x / n
    list(y = log(-log(1 - p)), v = p / (n * (1 - p) * log(1 - p)^2))
  }
  a <- part(d$ai, d$n1i)
  b <- part(d$ci, d$n2i)
  list(yi = a$y - b$y, vi = a$v + b$v)
}

pool_both <- function(prefix, name, measure, call, y, v, extra = list()) {
  for (model in c("common", "random")) for (interval in if (model == "common") "wald" else names(TEST)) {
    r <- tryCatch(iv_values(y, v, model, if (model == "random") "REML" else NA, interval, weights = interval == "wald"),
                  error = function(e) {
                    cat("not pinned:", name, measure, interval, conditionMessage(e), "\n")
                    NULL
                  })
    if (is.null(r)) next
    settings <- c(list(measure = measure, method = "inverse-variance", model = model),
                  if (model == "random") list(tau2 = "REML"), list(interval = interval), extra,
                  list(conf_level = 0.95), if (model == "random") list(prediction = r$prediction))
    add(paste(c("pooled", prefix, name, measure, model, interval), collapse = "/"), name,
        paste0(call, "; ", r$call), settings, r$values)
  }
}

# ---------------------------------------------------------------- from counts

for (name in c("bcg", "fleiss1993", "rosiglitazone_mi", "zeros_mixed", "nearly_all_events")) {
  d <- read_trials(name)
  e <- escalc("AS", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, add = 0, to = "none")
  call <- 'escalc("AS", ai, n1i=n1i, ci=ci, n2i=n2i, add=0, to="none")'
  add(paste0("effects/", name, "/AS"), name, call, list(measure = "arcsine difference"),
      list(y = I(as.numeric(e$yi)), v = I(as.numeric(e$vi))))
  pool_both("counts", name, "arcsine difference", call, as.numeric(e$yi), as.numeric(e$vi))
}
for (name in c("bcg", "fleiss1993", "collins1985", "crins2014_first3")) {
  d <- read_trials(name)
  e <- cloglog(d)
  call <- "log(-log(1 - a/n1)) - log(-log(1 - c/n2)), delta method"
  add(paste0("effects/", name, "/CLOGLOG"), name, call, list(measure = "complementary log-log hazard ratio"),
      list(y = I(e$yi), v = I(e$vi)), program = BY_HAND)
  # a binomial model with this link and a parameter for each arm has the same estimate and standard error
  for (i in seq_len(nrow(d))) {
    g <- glm(cbind(c(d$ai[i], d$ci[i]), c(d$n1i[i] - d$ai[i], d$n2i[i] - d$ci[i])) ~ c(1, 0),
             family = binomial("cloglog"), epsilon = 1e-14, maxit = 100)
    stopifnot(close_to(coef(g)[2], e$yi[i], 1e-7), close_to(sqrt(diag(vcov(g)))[2], sqrt(e$vi[i]), 1e-6))
  }
  pool_both("counts", name, "complementary log-log hazard ratio", call, e$yi, e$vi)
}

# ---------------------------------------------------------------- rates

for (name in c("nielweise2008", "hart1999")) {
  p <- pairs(name)
  for (measure in c("rate ratio", "rate difference")) {
    m <- MEASURE_CODE[[measure]]
    e <- escalc(m, x1i = p$t$events, t1i = p$t$person_years, x2i = p$c$events, t2i = p$c$person_years)
    call <- sprintf('escalc("%s", x1i, t1i=t1i, x2i=x2i, t2i=t2i)', m)
    y <- as.numeric(e$yi)
    v <- as.numeric(e$vi)
    add(paste("effects", name, m, sep = "/"), name, call, list(measure = measure),
        list(y = I(y), v = I(v)))
    pool_both("rates", name, measure, call, y, v)
    f <- rma.mh(measure = m, x1i = p$t$events, t1i = p$t$person_years, x2i = p$c$events,
                t2i = p$c$person_years, add = 0, to = "none")
    q <- sum((y - c(f$beta))^2 / v)
    stopifnot(close_to(q, f$QE))
    add(paste("mantel-haenszel", name, m, sep = "/"), name,
        sprintf('rma.mh("%s", x1i, t1i=t1i, x2i=x2i, t2i=t2i, add=0, to="none")', m),
        list(measure = measure, method = "mantel-haenszel", model = "common", zero_cells = "none", conf_level = 0.95),
        c(pooled_values(f)[c("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")],
          list(q = f$QE, q_df = f$k - 1, q_p_value = f$QEp, weights = I(unname(weights(f)) / 100))))
  }
}
# a rate table with empty cells, made from the first: no event in some arms, none in both of one trial
p <- pairs("nielweise2008")
x1 <- c(0, 8, 3, 6, 0, 1, 17, 3, 2)
x2 <- c(11, 0, 14, 10, 0, 8, 15, 7, 3)
for (measure in c("rate ratio", "rate difference")) {
  m <- MEASURE_CODE[[measure]]
  for (drop in c(TRUE, FALSE)) {
    e <- escalc(m, x1i = x1, t1i = p$t$person_years, x2i = x2, t2i = p$c$person_years, add = 0.5,
                to = "only0", drop00 = drop)
    add(paste("zeros", m, if (drop) "excluded" else "corrected", sep = "/"), "nielweise2008",
        sprintf('escalc("%s", x1i, t1i=t1i, x2i=x2i, t2i=t2i, add=0.5, to="only0", drop00=%s)', m, drop),
        list(measure = measure, zero_cells = "constant", increment = 0.5,
             double_zero = if (drop) "excluded" else "corrected", events_treatment = I(x1), events_control = I(x2)),
        list(y = I(as.numeric(e$yi)), v = I(as.numeric(e$vi))))
  }
  f <- rma.mh(measure = m, x1i = x1, t1i = p$t$person_years, x2i = x2, t2i = p$c$person_years, add = 0,
              to = "none", drop00 = FALSE)
  add(paste("zeros", m, "mantel-haenszel", sep = "/"), "nielweise2008",
      sprintf('rma.mh("%s", x1i, t1i=t1i, x2i=x2i, t2i=t2i, add=0, to="none", drop00=FALSE)', m),
      list(measure = measure, method = "mantel-haenszel", model = "common", zero_cells = "none",
           events_treatment = I(x1), events_control = I(x2)),
      pooled_values(f)[c("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")])
}

# ---------------------------------------------------------------- means

for (name in c("normand1999", "fleiss1993_days")) {
  p <- pairs(name)
  for (measure in c("mean difference", "standardised mean difference", "ratio of means")) {
    m <- MEASURE_CODE[[measure]]
    e <- escalc(m, m1i = p$t$mean, sd1i = p$t$sd, n1i = p$t$n, m2i = p$c$mean, sd2i = p$c$sd,
                n2i = p$c$n, vtype = if (m == "ROM" || m == "SMD") "LS" else "LS")
    call <- sprintf('escalc("%s", m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)', m)
    y <- as.numeric(e$yi)
    v <- as.numeric(e$vi)
    add(paste("effects", name, m, sep = "/"), name, call, list(measure = measure), list(y = I(y), v = I(v)))
    pool_both("means", name, measure, call, y, v)
  }
}

# Several active arms: combined into one group, and each against the shared control.
d <- read_arm_rows("senn2013")
control <- d[d$treatment == "control", ]
active <- d[d$treatment == "active", ]
combined <- do.call(rbind, lapply(split(active, factor(active$trial, unique(active$trial))), function(g) {
  total <- sum(g$n)
  m <- sum(g$n * g$mean) / total
  sd <- sqrt((sum((g$n - 1) * g$sd^2) + sum(g$n * (g$mean - m)^2)) / (total - 1))
  data.frame(trial = g$trial[1], mean = m, sd = sd, n = total)
}))
at <- match(combined$trial, control$trial)
for (measure in c("mean difference", "standardised mean difference")) {
  m <- MEASURE_CODE[[measure]]
  e <- escalc(m, m1i = combined$mean, sd1i = combined$sd, n1i = combined$n, m2i = control$mean[at],
              sd2i = control$sd[at], n2i = control$n[at])
  add(paste("combined/senn2013", m, sep = "/"), "senn2013",
      sprintf('active arms as one group (Cochrane Handbook 6.5.2.10), then escalc("%s")', m),
      list(measure = measure, multi_arm = "combine"), list(y = I(as.numeric(e$yi)), v = I(as.numeric(e$vi))))
}
cluster <- match(active$trial, unique(active$trial))
at <- match(active$trial, control$trial)
m1 <- active$mean; s1 <- active$sd; n1 <- active$n
m2 <- control$mean[at]; s2 <- control$sd[at]; n2 <- control$n[at]
hedges <- function(df) exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
for (measure in c("mean difference", "standardised mean difference", "ratio of means")) {
  same <- outer(cluster, cluster, "==")
  if (measure == "standardised mean difference") {
    arms <- ave(n1, cluster, FUN = length) + 1
    everyone <- ave(n1, cluster, FUN = sum) + n2
    ss <- ave((n1 - 1) * s1^2, cluster, FUN = sum) + (n2 - 1) * s2^2
    y <- hedges(everyone - arms) * (m1 - m2) / sqrt(ss / (everyone - arms))
    v <- same * (outer(1 / n2, rep(1, length(n2))) + outer(y, y) / (2 * everyone))
    diag(v) <- 1 / n1 + 1 / n2 + y^2 / (2 * everyone)
  } else {
    e <- escalc(MEASURE_CODE[[measure]], m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2)
    y <- as.numeric(e$yi)
    shared <- if (measure == "mean difference") s2^2 / n2 else s2^2 / (n2 * m2^2)
    v <- same * shared
    diag(v) <- as.numeric(e$vi)
  }
  if (any(!is.finite(y))) next
  f <- rma.mv(y, v, method = "EE")
  add(paste("shared/senn2013", MEASURE_CODE[[measure]], sep = "/"), "senn2013",
      "effects with the covariance of the shared control, rma.mv(y, V)",
      list(measure = measure, method = "inverse-variance", model = "common", interval = "wald", multi_arm = "shared",
           zero_cells = "none", conf_level = 0.95),
      list(y = I(y), v = I(diag(v)), covariance_of_first_pair = max(v[same & upper.tri(v)]),
           estimate = c(f$beta), std_error = f$se, conf_low = f$ci.lb, conf_high = f$ci.ub, q = f$QE))
}

# ---------------------------------------------------------------- single arms

d <- read_arm_rows("pritz1997")
increment <- function(measure) if (measure %in% c("PFT", "PAS")) 0 else 0.5  # these two need none
of_arms <- function(measure) escalc(measure, xi = d$events, ni = d$n, add = increment(measure), to = "only0")
for (measure in c("PR", "PLO", "PFT", "PAS", "PLN")) {
  e <- of_arms(measure)
  add(paste("single/pritz1997", measure, sep = "/"), "pritz1997",
      sprintf('escalc("%s", xi, ni=ni, add=%s, to="only0")', measure, increment(measure)), list(measure = measure),
      list(y = I(as.numeric(e$yi)), v = I(as.numeric(e$vi))))
}
back <- list(PR = identity, PLO = transf.ilogit, PLN = exp)
for (measure in c("PR", "PLO", "PFT")) for (method in c("EE", "REML")) {
  e <- of_arms(measure)
  f <- fit(as.numeric(e$yi), as.numeric(e$vi), method)$fit
  limits <- c(f$beta, f$ci.lb, f$ci.ub)
  shown <- if (measure == "PFT") transf.ipft.hm(limits, targs = list(ni = d$n)) else back[[measure]](limits)
  add(paste("single-pooled/pritz1997", measure, method, sep = "/"), "pritz1997",
      sprintf('escalc("%s"), rma(method="%s"), %s', measure, method,
              if (measure == "PFT") "transf.ipft.hm" else "transformed back"),
      list(measure = measure, model = if (method == "EE") "common" else "random", interval = "wald"),
      c(pooled_values(f)[c("k", "estimate", "std_error", "conf_low", "conf_high")], list(tau2 = f$tau2, q = f$QE),
        list(displayed = I(shown))))
}
stopifnot(close_to(transf.ipft(c(0.2, 0.9, 1.4), 10),
                   vapply(c(0.2, 0.9, 1.4), function(x)
                     0.5 * (1 - sign(cos(2 * x)) * sqrt(1 - (sin(2 * x) + (sin(2 * x) - 1 / sin(2 * x)) / 10)^2)), 0)))
add("back/PFT", "pritz1997", "transf.ipft(x, n), and transf.pft(x, n)", list(measure = "PFT"),
    list(x = I(c(0.05, 0.2, 0.5, 0.785, 1.2, 1.5)), n = I(c(10, 10, 25, 4, 100, 8)),
         p = I(transf.ipft(c(0.05, 0.2, 0.5, 0.785, 1.2, 1.5), c(10, 10, 25, 4, 100, 8)))))
p <- pairs("nielweise2008")
for (method in c("EE", "REML")) {
  e <- escalc("IRLN", xi = p$c$events, ti = p$c$person_years)
  f <- fit(as.numeric(e$yi), as.numeric(e$vi), method)$fit
  add(paste("single-pooled/nielweise2008/IRLN", method, sep = "/"), "nielweise2008",
      sprintf('escalc("IRLN", xi, ti=ti), rma(method="%s"), control arms', method),
      list(measure = "IRLN", model = if (method == "EE") "common" else "random", interval = "wald"),
      c(list(y = I(as.numeric(e$yi)), v = I(as.numeric(e$vi))),
        pooled_values(f)[c("k", "estimate", "std_error", "conf_low", "conf_high")], list(tau2 = f$tau2, q = f$QE)))
}

# the random-intercept logistic model by lme4, 25 nodes, and its tau2 = 0 form by glm
d <- read_arm_rows("pritz1997")
suppressMessages(library(lme4))
d$trial <- factor(d$trial)
g <- glmer(cbind(events, n - events) ~ 1 + (1 | trial), data = d, family = binomial, nAGQ = 25,
           control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5), tolPwrss = 1e-12))
add("single-glmm/pritz1997", "pritz1997", "glmer(cbind(x, n - x) ~ 1 + (1 | trial), binomial, nAGQ=25)", list(measure = "PLO"),
    list(estimate = unname(fixef(g)), tau2 = unname(VarCorr(g)$trial[1])), program = paste("lme4", packageVersion("lme4")),
    note = "glmer's optimiser is good for some five digits")

# ---------------------------------------------------------------- effects as they are given

d <- read_arm_rows("steurer2006")
y <- log(d$estimate)
z <- qnorm(0.975)
v <- ((log(d$conf_high) - log(d$conf_low)) / (2 * z))^2
add("given/steurer2006/interval", "steurer2006", "log(HR); ((log(high) - log(low)) / (2 qnorm(0.975)))^2",
    list(measure = "hazard ratio"), list(y = I(y), v = I(v)), program = BY_HAND)
pool_both("given", "steurer2006", "hazard ratio", "log(HR), variance from the interval", y, v)
p_values <- 2 * pnorm(-abs(y / sqrt(v)))
add("given/steurer2006/p-value", "steurer2006", "|log(HR)| / qnorm(1 - p/2)", list(measure = "hazard ratio"),
    list(p = I(p_values), std_error = I(abs(y) / qnorm(p_values / 2, lower.tail = FALSE))), program = BY_HAND)
for (level in c(0.9, 0.99)) {
  add(paste0("given/steurer2006/level-", level), "steurer2006", "the limits read as those of another level",
      list(measure = "hazard ratio", conf_level = level),
      list(v = I(((log(d$conf_high) - log(d$conf_low)) / (2 * qnorm((1 + level) / 2)))^2)), program = BY_HAND)
}

# ---------------------------------------------------------------- conversions, by their formulas

n <- c(5, 12, 40, 150, 1000)
q1 <- c(2, 8, 8, 11.5, -3)
median <- c(3, 9, 10, 14, 1)
q3 <- c(5, 14, 13, 19.25, 4)
minimum <- c(1, 5, 2, 4, -21)
maximum <- c(9, 20, 21, 42, 19)
quartile_width <- 2 * qnorm((0.75 * n - 0.125) / (n + 0.25))
range_width <- 2 * qnorm((n - 0.375) / (n + 0.25))
conversion <- function(id, call, values) add(paste0("conversion/", id), "none", call, list(), values, program = BY_HAND)
conversion("quartiles", "Luo 2018 eq. 15, Wan 2014 eq. 16",
           list(n = I(n), q1 = I(q1), median = I(median), q3 = I(q3),
                mean = I((0.7 + 0.39 / n) * (q1 + q3) / 2 + (0.3 - 0.39 / n) * median),
                sd = I((q3 - q1) / quartile_width)))
w <- 4 / (4 + n^0.75)
conversion("range", "Luo 2018 eq. 7, Wan 2014 eq. 9",
           list(n = I(n), minimum = I(minimum), median = I(median), maximum = I(maximum),
                mean = I(w * (minimum + maximum) / 2 + (1 - w) * median), sd = I((maximum - minimum) / range_width)))
w1 <- 2.2 / (2.2 + n^0.75)
w2 <- 0.7 - 0.72 / n^0.55
theta1 <- (2 + 0.14 * n^0.6) * qnorm((n - 0.375) / (n + 0.25))
theta2 <- (2 + 2 / (0.07 * n^0.6)) * qnorm((0.75 * n - 0.125) / (n + 0.25))
conversion("five-numbers", "Luo 2018 eq. 19, Shi 2020 eq. 10 in its form with theta1 and theta2",
           list(n = I(n), minimum = I(minimum), q1 = I(q1), median = I(median), q3 = I(q3), maximum = I(maximum),
                mean = I(w1 * (minimum + maximum) / 2 + w2 * (q1 + q3) / 2 + (1 - w1 - w2) * median),
                sd = I((maximum - minimum) / theta1 + (q3 - q1) / theta2)))
conversion("interval-of-a-mean", "sqrt(n) (high - low) / (2 qt(0.975, n - 1))",
           list(n = I(n), low = I(q1), high = I(q3), sd_95 = I(sqrt(n) * (q3 - q1) / (2 * qt(0.975, n - 1))),
                sd_90 = I(sqrt(n) * (q3 - q1) / (2 * qt(0.95, n - 1)))))
conversion("hedges", "exp(lgamma(m/2) - log(sqrt(m/2)) - lgamma((m-1)/2))",
           list(df = I(c(2, 3, 10, 24, 100, 400)), factor = I(hedges(c(2, 3, 10, 24, 100, 400)))))

write_entries("measures", entries)
