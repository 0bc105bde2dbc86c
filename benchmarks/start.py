"""How long ``import irbis`` and ``irbis --help`` take, process included.

    python benchmarks/start.py            # 20 processes of each
    python benchmarks/start.py --small    # 5

Each case is a new process, in turn with its peers (Python alone; `import pyspark.sql`, which irbis needs as
soon as there is work; `import pandas`); the first of each is not counted: files are read into the
machine's cache. What may be loaded is held down by tests/law/test_light.py.

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

CASES = {
    "import irbis": ["-c", "import irbis"],
    "irbis --help": ["-m", "irbis.cli", "--help"],
}
PEERS = {
    "python": ["-c", "pass"],
    "import pandas": ["-c", "import pandas"],
    "import pyspark.sql": ["-c", "import pyspark.sql"],
}


def seconds(arguments: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    rounds = 5 if parser.parse_args().small else 20
    every = {**CASES, **PEERS}
    found: dict[str, list[float]] = {name: [] for name in every}
    for at in range(rounds + 1):
        for name, arguments in every.items():
            took = seconds(arguments)
            if at:
                found[name].append(took)
    medians = {name: round(statistics.median(times), 3) for name, times in found.items()}
    peers = {name: medians[name] for name in PEERS}
    for name in CASES:
        line = {"bench": "start", "figure": "start_seconds", "case": name, "value": medians[name]}
        print(json.dumps({**line, "unit": "s", "peers": peers}), flush=True)


if __name__ == "__main__":
    main()
