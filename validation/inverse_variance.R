# Inverse-variance pooling: models x tau2 estimators x intervals x measures x data sets,
# then zero-cell rules, confidence levels and prediction intervals.

plain <- c("bcg", "crins2014_first2", "crins2014_first3", "fleiss1993", "collins1985")
zeros <- c("rosiglitazone_mi", "rosiglitazone_cv_death", "nielweise2007", "yuan2018",
           "okumura2014", "crins2014", "li2007", "zeros_mixed", "unbalanced",
           "nearly_all_events")
measures <- c("risk ratio", "odds ratio", "risk difference")
estimators <- c("REML", "DL", "PM")
intervals <- names(TEST)
entries <- list()

add <- function(name, measure, rule, model, tau2 = NA, interval = "wald", conf_level = 0.95,
                prediction = NULL, double_zero = "excluded", weights = FALSE,
                only = NULL) {
  d <- read_trials(name)
  e <- effects(d, measure, rule, double_zero = double_zero)
  if (sum(e$used) < 2) return(invisible())
  r <- iv_values(e$y, e$v, model, tau2, interval, conf_level, prediction, weights)
  settings <- c(list(measure = measure, method = "inverse-variance", model = model),
                if (model == "random") list(tau2 = tau2),
                list(interval = interval), zero_settings(rule, 0.5, double_zero),
                list(conf_level = conf_level),
                if (model == "random") list(prediction = r$prediction))
  id <- paste(c("iv", name, MEASURE[[measure]], zero_id(rule, 0.5, double_zero), model,
                if (model == "random") tau2, interval,
                if (conf_level != 0.95) conf_level,
                if (!is.null(prediction)) paste0("prediction-", prediction)), collapse = "/")
  values <- if (is.null(only)) r$values else r$values[only]
  entries[[length(entries) + 1L]] <<- entry(id, name, paste0(e$call, "; ", r$call),
                                            settings, values)
}

prediction_keys <- c("k", "estimate", "std_error", "tau2", "prediction_low",
                     "prediction_high")

for (name in c(plain, zeros)) for (measure in measures) {
  rule <- if (name %in% zeros) "constant" else "none"
  add(name, measure, rule, "common", weights = TRUE)
  for (tau2 in estimators) for (interval in intervals) {
    add(name, measure, rule, "random", tau2, interval, weights = interval == "wald")
  }
}

# Prediction intervals other than the program's own choice (normal with Wald, t with k-1
# degrees of freedom with Hartung-Knapp). The standard error is that of the interval named.
for (name in c("bcg", "crins2014_first2", "crins2014_first3", "crins2014", "collins1985",
               "nielweise2007", "okumura2014")) {
  rule <- if (name %in% zeros) "constant" else "none"
  for (measure in measures) for (tau2 in c("REML", "DL")) for (interval in intervals) {
    for (prediction in setdiff(c("k-1", "k-2", "normal"),
                               if (interval == "wald") "normal" else "k-1")) {
      if (prediction == "normal") next
      add(name, measure, rule, "random", tau2, interval, prediction = prediction,
          only = prediction_keys)
    }
  }
}

# Zero-cell rules.
for (name in zeros) {
  for (measure in measures) for (case in list(c("none", "excluded"),
                                              c("constant", "corrected"),
                                              c("treatment-arm", "excluded"),
                                              c("empirical", "excluded"))) {
    if (name == "nearly_all_events" && case[1] == "empirical") next  # no trial without a zero
    add(name, measure, case[1], "common", double_zero = case[2])
    for (how in list(c("REML", "wald"), c("REML", "hartung-knapp-safe"), c("DL", "wald"),
                     c("PM", "hartung-knapp"))) {
      add(name, measure, case[1], "random", how[1], how[2], double_zero = case[2])
    }
  }
}

# The Peto one-step odds ratio pooled by inverse variance, common and random.
for (name in c("bcg", "rosiglitazone_mi", "rosiglitazone_cv_death", "nielweise2007",
               "okumura2014", "yuan2018")) {
  add(name, "Peto odds ratio", "none", "common")
  for (tau2 in estimators) for (interval in intervals) {
    add(name, "Peto odds ratio", "none", "random", tau2, interval)
  }
}

# Confidence levels (the level of the tau2 and of the prediction interval goes with it).
for (name in c("bcg", "collins1985", "okumura2014", "crins2014_first3")) {
  rule <- if (name %in% zeros) "constant" else "none"
  for (measure in measures) for (conf_level in c(0.8, 0.9, 0.99)) {
    add(name, measure, rule, "common", conf_level = conf_level)
    for (interval in intervals) {
      add(name, measure, rule, "random", "REML", interval, conf_level)
    }
    add(name, measure, rule, "random", "PM", "hartung-knapp-safe", conf_level)
  }
}

write_entries("inverse_variance", entries)
