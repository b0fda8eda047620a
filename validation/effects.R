# Study effects and their variances: measures x zero-cell rules.

no_zeros <- c("bcg", "crins2014_first3", "fleiss1993", "collins1985")
with_zeros <- c("rosiglitazone_mi", "rosiglitazone_cv_death", "nielweise2007", "yuan2018",
                "okumura2014", "crins2014", "li2007", "zeros_mixed", "unbalanced",
                "nearly_all_events")
measures <- c("risk ratio", "odds ratio", "risk difference")
entries <- list()

add <- function(name, measure, rule, increment = 0.5, double_zero = "excluded") {
  d <- read_trials(name)
  e <- effects(d, measure, rule, increment, double_zero)
  settings <- c(list(measure = measure), zero_settings(rule, increment, double_zero))
  values <- list(y = I(e$y), v = I(e$v))
  if (rule == "empirical") values$omega <- e$omega
  id <- paste("effects", name, MEASURE[[measure]], zero_id(rule, increment, double_zero),
              sep = "/")
  entries[[length(entries) + 1L]] <<- c(
    entry(id, name, e$call, settings, values),
    list(trials = I(d$trial), corrected = I(e$corrected)))
}

for (name in c(no_zeros, with_zeros)) for (measure in measures) add(name, measure, "none")

for (name in with_zeros) for (measure in measures) {
  add(name, measure, "constant")
  add(name, measure, "constant", double_zero = "corrected")
  add(name, measure, "treatment-arm")
  if (name != "nearly_all_events") add(name, measure, "empirical")  # no trial without a zero
}
for (name in c("nielweise2007", "yuan2018", "unbalanced")) for (measure in measures) {
  add(name, measure, "constant", 0.1)
  add(name, measure, "constant", 0.25)
}

# Peto: the one-step log odds ratio (O-E)/V with variance 1/V, nothing added.
for (name in c(no_zeros, with_zeros)) {
  d <- read_trials(name)
  e <- effects(d, "Peto odds ratio")
  n <- d$n1i + d$n2i
  m <- d$ai + d$ci
  o_minus_e <- d$ai - m * d$n1i / n
  variance <- m * (n - m) * d$n1i * d$n2i / (n^2 * (n - 1))
  stopifnot(close_to((o_minus_e / variance)[e$used], e$y[e$used], abs = 1e-12),
            close_to(1 / variance[e$used], e$v[e$used]), all(variance[!e$used] == 0))
  entries[[length(entries) + 1L]] <- c(
    entry(paste("effects", name, "PETO", "none", sep = "/"), name,
          paste0(e$call, "; O-E and V by their formulas"),
          list(measure = "Peto odds ratio", zero_cells = "none"),
          list(y = I(e$y), v = I(e$v), observed_minus_expected = I(o_minus_e),
               hypergeometric_variance = I(variance))),
    list(trials = I(d$trial), corrected = I(e$corrected)))
}

write_entries("effects", entries)
