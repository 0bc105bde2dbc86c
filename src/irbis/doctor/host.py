"""Can Spark's driver listen on this machine? Its name must lead to an address of its own."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator

from irbis.child import run_child
from irbis.doctor.finding import Finding, fault, ok

__all__ = ["host"]

# In a process of its own: a look-up that gets no answer can't be stopped otherwise.
_LOOK_UP = """
import json, socket, sys
print(json.dumps(sorted({a[4][0] for a in socket.getaddrinfo(sys.argv[1], None, socket.AF_INET)})))
"""
_DO = "export SPARK_LOCAL_IP=127.0.0.1"


def host(seconds: float) -> Iterator[Finding]:
    """Name of the machine, or SPARK_LOCAL_IP."""
    given = os.environ.get("SPARK_LOCAL_IP")
    name = given or socket.gethostname()
    whose = f"SPARK_LOCAL_IP={name}" if given else f"this machine's name {name}"
    said = run_child([sys.executable, "-c", _LOOK_UP, name], timeout=min(seconds, 30.0))
    if said.code != 0:
        how = "gives no answer" if said.code is None else "does not resolve"
        yield fault(
            f"{whose} {how}",
            "Spark's driver looks it up when it starts, and fails with UnknownHostException",
            _DO if given else f"{_DO}, or add {name} to /etc/hosts",
        )
        return
    addresses = json.loads(said.out)
    for address in addresses:
        try:
            with socket.socket() as probe:
                probe.bind((address, 0))
        except OSError as error:
            yield fault(
                f"{whose} is the address {address}, where nothing can listen: {error.strerror}",
                "Spark's driver can't bind its port (BindException)",
                _DO,
            )
            return
    yield ok(f"{whose} is {', '.join(addresses)}, where Spark can listen")
