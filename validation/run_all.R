# Rscript validation/run_all.R            makes every file of tests/reference/ again
# Rscript validation/run_all.R peto ...   makes those named
arguments <- commandArgs(FALSE)
HERE <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)[1])))
names <- commandArgs(TRUE)
if (length(names) == 0) {
  names <- setdiff(sub("[.]R$", "", list.files(HERE, "[.]R$")), c("common", "run_all"))
}
for (name in names) {
  room <- new.env()
  room$HERE <- HERE
  sys.source(file.path(HERE, "common.R"), room)
  sys.source(file.path(HERE, paste0(name, ".R")), room)
}
