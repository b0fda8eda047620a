# Usage: Rscript metafor.R FOLDER ESTIMATOR...
# Times a loop of rma() with metafor's own defaults over the rows of FOLDER/y.csv and FOLDER/v.csv. Writes, for each
# estimator, FOLDER/ESTIMATOR.csv: CPU seconds, then tau2 of each row (NaN where rma() stopped).
suppressPackageStartupMessages(library(metafor))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
y <- as.matrix(read.csv(file.path(folder, "y.csv"), header = FALSE))
v <- as.matrix(read.csv(file.path(folder, "v.csv"), header = FALSE))

fit <- function(i, estimator) {
  tryCatch(rma(y[i, ], v[i, ], method = estimator)$tau2, error = function(e) NaN)
}

for (estimator in arguments[-1]) {
  invisible(fit(1, estimator))
  tau2 <- numeric(nrow(y))
  start <- proc.time()
  for (i in seq_len(nrow(y))) tau2[i] <- fit(i, estimator)
  used <- proc.time() - start
  numbers <- c(used[["user.self"]] + used[["sys.self"]], tau2)
  writeLines(sprintf("%.17g", numbers), file.path(folder, paste0(estimator, ".csv")))
}
