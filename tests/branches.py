"""Branches of src that ran, from `coverage json`: the total, and the modules below 90 %.

python tests/branches.py out/coverage/all.json
"""

import json
import sys
from pathlib import Path

ENOUGH = 90


def main(path):
    found = json.loads(Path(path).read_text())
    rows = [(f["summary"], name) for name, f in found["files"].items()]
    low = [
        (round(s["percent_branches_covered"], 1), s["missing_branches"], s["num_branches"], name)
        for s, name in rows
        if s["num_branches"] and s["percent_branches_covered"] < ENOUGH
    ]
    for percent, missing, branches, name in sorted(low):
        print(f"{percent:5.1f} %  {missing:3} of {branches:3} missing  {name}")
    total = found["totals"]
    share = total["percent_branches_covered"]
    print(f"{share:.1f} % of {total['num_branches']} branches; {len(low)} modules below {ENOUGH} %")
    print(f"{total['percent_statements_covered']:.1f} % of {total['num_statements']} statements")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
