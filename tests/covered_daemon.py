"""PySpark's daemon, for `make coverage`: workers that are told to end write down first what ran."""

import os
import signal

from pyspark import daemon

_worker = daemon.worker


def worker(sock, authenticated):
    import pyspark.worker

    run = pyspark.worker.main

    def main(infile, outfile):
        # By default the signal ends them at once; coverage has given `_exit` a last word.
        signal.signal(signal.SIGHUP, lambda *_: os._exit(0))
        run(infile, outfile)

    pyspark.worker.main = main
    return _worker(sock, authenticated)


if __name__ == "__main__":
    daemon.worker = worker
    daemon.manager()
