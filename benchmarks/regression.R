# Usage: Rscript regression.R FOLDER permutation
# Times permutest() of metafor on FOLDER/data.csv (effect, variance, covariate) with as many permutations as FOLDER/draws.csv
# says. Writes FOLDER/permutation.csv: CPU seconds, then the p-value of the covariate.
suppressPackageStartupMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]
data <- read.csv(file.path(folder, "data.csv"), header = FALSE, col.names = c("y", "v", "x"))
draws <- scan(file.path(folder, "draws.csv"), quiet = TRUE)
fit <- rma(y, v, mods = ~x, data = data, test = "knha")
set.seed(1)
start <- proc.time()
p <- permutest(fit, exact = FALSE, iter = draws, progbar = FALSE)$pval[2]
used <- proc.time() - start
writeLines(sprintf("%.17g", c(used[["user.self"]] + used[["sys.self"]], p)), file.path(folder, "permutation.csv"))
