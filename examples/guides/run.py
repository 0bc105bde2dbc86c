"""Run the guides as programs, each in a process of its own, and keep the pictures they show.

    python examples/guides/run.py              # all of them
    python examples/guides/run.py 01 09        # some

Pictures go to out/guides, one line a guide says how long it took. A guide on its own, `python GUIDE.py`,
opens its pictures in windows where there is a screen.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
GUIDES = sorted(HERE.glob("[0-9][0-9]_*.py"))


def run(guide: Path, out: Path) -> int:
    """Run a guide in this process, in the Spark session there is; returns how many pictures it showed."""
    code = compile(guide.read_text(), str(guide), "exec", dont_inherit=True)
    # A module of this name: what the guide defines must be found by whoever pickles it.
    with _shown(guide, out) as shown:
        exec(code, sys.modules["__main__"].__dict__ if _alone() else {"__name__": guide.stem})  # noqa: S102
    return len(shown)


def _alone() -> bool:
    return getattr(sys.modules["__main__"], "__file__", None) == __file__


@contextmanager
def _shown(guide: Path, out: Path) -> Iterator[list[Path]]:
    import matplotlib.pyplot as plt

    shown: list[Path] = []
    show = plt.show

    def keep() -> None:
        out.mkdir(parents=True, exist_ok=True)
        for number in plt.get_fignums():
            shown.append(out / f"{guide.stem}-{len(shown) + 1}.png")
            plt.figure(number).savefig(shown[-1], dpi=80, bbox_inches="tight")
        plt.close("all")

    plt.show = keep
    try:
        yield shown
    finally:
        plt.show = show
        plt.close("all")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", help="such as 01 09; default: all")
    parser.add_argument("--out", type=Path, default=Path("out/guides"))
    parser.add_argument("--here", action="store_true", help="in this process: for one guide")
    asked = parser.parse_args()
    chosen = [g for g in GUIDES if not asked.numbers or g.stem[:2] in asked.numbers]
    if asked.here:
        for guide in chosen:
            run(guide, asked.out)
        return
    failed = []
    for guide in chosen:
        began = time.monotonic()
        command = [sys.executable, __file__, guide.stem[:2], "--here", "--out", str(asked.out)]
        said = subprocess.run(  # noqa: S603
            command,
            env={**os.environ, "MPLBACKEND": "Agg"},
            capture_output=True,
            text=True,
            check=False,
        )
        failed += [guide.stem] if said.returncode else []
        print(f"{guide.stem:<26} {time.monotonic() - began:6.1f} s", flush=True)
        (asked.out / f"{guide.stem}.txt").write_text(said.stdout)
        if said.returncode:
            print(said.stdout[-2000:], said.stderr[-4000:], sep="\n")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
