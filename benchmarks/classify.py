"""The deck's classification experiment: what deep features, augmentation and ensembling add.

    python benchmarks/classify.py            # 1,440 web pictures, one of the big cats against the others
    python benchmarks/classify.py --small    # a few shipped cats and dogs: does it run?
    python benchmarks/classify.py --full     # each of the five big cats against the others

Pictures that are not shipped are read from --data (default $IRBIS_DATA, else ../shared/data). Prints
one JSON object a line, with n and a 95 % interval. Figures: accuracy and auc of each way, gain_*
from one way to the next. Bursts are generated.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIRST = "snow_leopard_panthera_uncia"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--full", action="store_true")
    default = os.environ.get("IRBIS_DATA", str(HERE.parents[1] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--every", type=int, default=1, help="take every Nth picture of a folder")
    parser.add_argument("--out", type=Path, help="folder that keeps the pages")
    options = parser.parse_args()
    web = options.data / "bigcats_web"
    if not options.small and not web.is_dir():
        raise SystemExit(f"no pictures in {web}: say where with --data or IRBIS_DATA")
    from irbis.study.study import study

    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder, "out")
        cases = (
            few(Path(folder))
            if options.small
            else big_cats(
                web if options.every == 1 else thinned(web, options.every, Path(folder, "web")),
                full=options.full,
            )
        )
        for name, images, others in cases:
            summary = study(name, [images], others, out / name, show=False)
            for line in lines(name.replace(" ", "_"), summary):
                print(json.dumps(line), flush=True)


def few(folder: Path) -> Iterator[tuple[str, Path, list[Path]]]:
    from irbis.samples import PETS

    for side, count in (("cats", 12), ("dogs", 18)):
        (folder / side).mkdir()
        for path in sorted((PETS / side).iterdir())[:count]:
            shutil.copy(path, folder / side / path.name)
    yield "cat", folder / "cats", [folder / "dogs"]


def thinned(web: Path, every: int, folder: Path) -> Path:
    for side in sorted(p for p in web.iterdir() if p.is_dir()):
        (folder / side.name).mkdir(parents=True)
        for path in sorted(side.iterdir())[::every]:
            (folder / side.name / path.name).symlink_to(path.resolve())
    return folder


def big_cats(web: Path, *, full: bool) -> Iterator[tuple[str, Path, list[Path]]]:
    every = sorted(p for p in web.iterdir() if p.is_dir())
    for mine in every if full else [web / FIRST]:
        name = mine.name.partition("_panthera")[0].replace("_", " ")
        yield name, mine, [p for p in every if p != mine]


def lines(case: str, summary: dict) -> Iterator[dict]:
    bursts = summary["generated_bursts"]
    for part, unit in ((summary, "pictures"), (bursts, "generated bursts")):
        for way in part["ways"]:
            for figure in ("accuracy", "auc"):
                peers = {w["name"]: w[figure]["value"] for w in part["ways"] if w != way}
                if figure == "accuracy":
                    peers["always saying no"] = summary["always_no"]
                found = way[figure]
                yield line(figure, f"{case}: {way['name']}", found, way["n"], unit, peers)
        for step in part["steps"]:
            for figure in ("accuracy", "auc"):
                pair = f"{case}: {step['first']} to {step['second']}"
                found = line(f"gain_{figure}", pair, step[figure], step["n"], unit, {})
                yield found | {"says": step[figure]["says"], "mcnemar": step["mcnemar"]}


def line(figure: str, case: str, found: dict, n: int, unit: str, peers: dict) -> dict:
    rounded = {name: None if v is None else round(v, 4) for name, v in peers.items()}
    value = found["value"]
    return {
        "bench": "classify", "figure": figure, "case": case,
        "value": None if value is None else round(value, 4), "unit": f"share of {unit}", "n": n,
        "interval": [None if v is None else round(v, 4) for v in found["interval"]],
        "peers": rounded,
    }  # fmt: skip


if __name__ == "__main__":
    main()
