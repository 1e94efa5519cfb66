# The peers in R: seconds of glmnet and rms on one table, one thread, printed as name=seconds.
# Run by benchmarks/penalised.py and benchmarks/bootstraps.py: Rscript r_peers.R FILE ROWS COLUMNS QUESTION ...
suppressPackageStartupMessages({ library(glmnet); library(rms) })
asked <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(asked[2]); columns <- as.integer(asked[3])
values <- readBin(asked[1], "double", rows * (columns + 1))
y <- values[seq_len(rows)]
X <- matrix(values[-seq_len(rows)], rows, columns)
seconds <- function(work) unname(system.time(work)["elapsed"])

for (question in asked[-(1:3)]) {
  part <- strsplit(question, ":")[[1]]
  alpha <- if (part[1] == "lasso") 1 else 0
  took <- switch(part[2],
    cv = seconds(cv.glmnet(X, y, family = "binomial", alpha = alpha)),
    # one path of all patients; a 10-fold cv.glmnet is worth ten of them
    path = 10 * seconds(glmnet(X, y, family = "binomial", alpha = alpha)),
    boot = {
      replicates <- as.integer(part[3]); set.seed(1)
      seconds(for (i in seq_len(replicates)) {
        drawn <- sample(rows, replace = TRUE)
        fit <- cv.glmnet(X[drawn, ], y[drawn], family = "binomial", alpha = alpha)
        predict(fit, X, s = "lambda.min")
      }) / replicates * 200
    },
    validate = {
      data <- data.frame(y, X); dd <<- datadist(data); options(datadist = "dd"); set.seed(1)
      fit <- lrm(as.formula(paste("y ~", paste(colnames(data)[-1], collapse = "+"))), data, x = TRUE, y = TRUE)
      replicates <- as.integer(part[3])
      seconds(validate(fit, B = replicates)) / replicates * 200
    })
  cat(question, "=", took, "\n", sep = "")
}
