# Asks a model that `irbis serve` or continuousServer() serves. R 4.1 or newer with the package httr2:
#
#     Rscript client.R http://127.0.0.1:8888/classifier cat.jpg ...
#
# A token is taken from the environment variable IRBIS_TOKEN.

library(httr2)

arguments <- commandArgs(trailingOnly = TRUE)
token <- Sys.getenv("IRBIS_TOKEN")

for (picture in arguments[-1]) {
  asked <- request(arguments[1]) |>
    req_body_file(picture, type = "application/octet-stream") |>
    req_timeout(30) |>
    req_error(is_error = \(reply) FALSE)
  if (nzchar(token)) asked <- req_auth_bearer_token(asked, token)
  reply <- req_perform(asked)
  cat(resp_status(reply), resp_body_string(reply), "\n")
}
