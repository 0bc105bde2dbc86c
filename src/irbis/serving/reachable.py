"""Where workers reach this process."""

from __future__ import annotations

import os
import socket
from typing import Any
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

__all__ = ["reachable_host"]


def reachable_host(spark: SparkSession) -> str:
    """Address of this process as a session's workers see it.

    $IRBIS_DRIVER_HOST if that is set. On classic Spark: loopback for a local master, else
    spark.driver.host, which executors use already. On Connect: loopback if the server is on this
    machine, else the address from which this machine reaches the server.
    """
    if stated := os.environ.get("IRBIS_DRIVER_HOST"):
        return stated
    if ".connect." in type(spark).__module__:
        client: Any = spark
        return _towards(str(client.client.host))
    master = str(spark.conf.get("spark.master", "") or "")
    if master == "local" or master.startswith("local["):
        return "127.0.0.1"
    return str(spark.conf.get("spark.driver.host", "") or "127.0.0.1")


def _towards(host: str) -> str:
    name = urlsplit(f"//{host}").hostname or host
    try:
        family, kind, _, _, address = socket.getaddrinfo(name, 9, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:  # nothing is sent
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"
