#!/bin/sh
# Asks a model that `irbis serve` or continuousServer() serves, with curl:
#
#     sh client.sh http://127.0.0.1:8888/classifier cat.jpg ...
#
# A token is taken from the environment variable IRBIS_TOKEN.
set -eu
service=$1
shift
for picture in "$@"; do
    curl --silent --show-error --max-time 30 \
        ${IRBIS_TOKEN:+--header "Authorization: Bearer $IRBIS_TOKEN"} \
        --header "Content-Type: application/octet-stream" --data-binary "@$picture" \
        --write-out '%{stderr}%{http_code}\n' "$service"
    echo
done
