"""Runs every benchmark at its small size, and renders docs/benchmarks_small.md with plots.

    pip install 'irbis[bench]'                     # the peers; without, they are reported as missing
    python benchmarks/all.py                       # all, some minutes
    python benchmarks/all.py --only http,fusion    # these; the others' last results are kept
    python benchmarks/all.py --render              # runs nothing: the page, from the last results

Results lie in --out (default out/benchmarks), one file of JSON lines for each. Small sizes say that everything
runs and about how it compares; the figures to quote are in docs/benchmarks.md.
"""

import argparse
import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def names() -> list[str]:
    """Benchmarks that have a small size: what says so about itself in its first lines."""
    found = []
    for path in sorted(HERE.glob("*.py")):
        head = path.read_text().split('"""')[1]
        called = rf"`?python benchmarks/{path.name}\b" if path.stem != "all" else r"$^"
        if re.search(called, head) and "--small" in head:
            found.append(path.stem)
    return found


def commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


def run(name: str, limit: float) -> dict[str, object]:
    """Run one, and tell what it printed; a failure is told, and stops no other."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    started = time.perf_counter()
    try:
        said = subprocess.run(
            [sys.executable, str(HERE / f"{name}.py"), "--small"],
            capture_output=True, text=True, check=False, timeout=limit, env=kept,
        )  # fmt: skip
        out, failed = said.stdout, said.stderr[-2000:] if said.returncode else ""
    except subprocess.TimeoutExpired:
        out, failed = "", f"longer than {limit:.0f} s"
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return {
        "name": name,
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "commit": commit(),
        "seconds": round(time.perf_counter() - started, 1),
        "failed": failed,
        "lines": lines,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--render", action="store_true", help="run nothing")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "benchmarks")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one benchmark")
    parser.add_argument("--small", action="store_true", help="what it always does")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else names()
    if unknown := sorted(set(chosen) - set(names())):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    options.out.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in [] if options.render else chosen:
        found = run(name, options.limit)
        (options.out / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
        print(f"{name}: {len(found['lines'])} figures, {found['seconds']} s", flush=True)
        if found["failed"]:
            failed.append(name)
            print(found["failed"], file=sys.stderr)
    from rendering import render

    results = [json.loads(p.read_text()) for p in sorted(options.out.glob("*.json"))]
    print(render(results, options.docs))
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
