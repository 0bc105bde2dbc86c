"""Boxes that nobody drew, measured against boxes that people drew.

    python benchmarks/detect.py --only boxes           # pseudo boxes of three animals; minutes
    python benchmarks/detect.py --only boxes --full    # LIME on 30 pictures a case, not 8, and at 448 px too
    python benchmarks/detect.py --only boxes --small   # a few pictures of one case: does it run?

Pictures that are not shipped are read from --data (default $IRBIS_DATA, else ../shared/data). Prints
one JSON object a line; peers are measured on the first `peer_n` of the same pictures.
"""

import argparse
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["boxes"], default="boxes")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--full", action="store_true")
    default = os.environ.get("IRBIS_DATA", str(HERE.parents[1] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    options = parser.parse_args()
    if not options.small and not options.data.is_dir():
        raise SystemExit(f"no pictures in {options.data}: say where with --data")
    sys.path[:0] = [str(HERE)]
    from detect_boxes import boxes

    for found in boxes(options.data, small=options.small, full=options.full):
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
