# Usage: Rscript rare_events.R FOLDER WORK...
# Works: conditional (rma.glmm on conditional_tables.csv), exact (mantelhaen.test on exact_tables.csv). Tables have a line each
# for treatment events, treatment n, control events, control n. Writes, for each work, FOLDER/WORK.csv: CPU seconds, then
# log odds ratio and tau2, or the odds ratio with its limits (NaN where R stopped).
suppressPackageStartupMessages(library(metafor))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
tables <- function(name) unname(as.matrix(read.csv(file.path(folder, paste0(name, "_tables.csv")), header = FALSE)))

conditional <- function() {
  x <- tables("conditional")
  tryCatch({
    fit <- suppressWarnings(rma.glmm(measure = "OR", ai = x[1, ], n1i = x[2, ], ci = x[3, ], n2i = x[4, ], model = "CM.EL"))
    c(fit$beta[1], fit$tau2)
  }, error = function(e) c(NaN, NaN))
}

exact <- function() {
  x <- tables("exact")
  x <- x[, x[1, ] + x[3, ] > 0]
  strata <- array(rbind(x[1, ], x[3, ], x[2, ] - x[1, ], x[4, ] - x[3, ]), c(2, 2, ncol(x)))
  test <- mantelhaen.test(strata, exact = TRUE)
  c(test$estimate, test$conf.int)
}

works <- list(conditional = conditional, exact = exact)
for (work in arguments[-1]) {
  start <- proc.time()
  numbers <- works[[work]]()
  used <- proc.time() - start
  writeLines(sprintf("%.17g", c(used[["user.self"]] + used[["sys.self"]], numbers)), file.path(folder, paste0(work, ".csv")))
}
