"""Boxes that nobody drew, and detectors that learned from them, against boxes that people drew.

    python benchmarks/detect.py                      # every case below but `boxes`, one seed: half an hour
    python benchmarks/detect.py --only cats,speed    # shipped pictures alone
    python benchmarks/detect.py --full               # three seeds, all folds, LIME on 30 pictures, `boxes`
    python benchmarks/detect.py --small              # shipped pictures, few steps: does it run?

| case | what |
|---|---|
| raccoon, kangaroo, cats | guessed boxes (`corloc`, `corloc70`), the detector trained on them and its twin on a person's boxes (`ap50`, `ap50_share_of_human`, `detector_corloc70`, ...) |
| snow_leopard | the main job at its defaults, measured where `--exam FOLDER --truth FILE` (COCO) name pictures with boxes |
| lime | LIME's boxes at 224 and 448 px on the first pictures of each animal, and what they cost |
| speed | training of 300 pictures; detection by ONNX Runtime in a process without torch |
| boxes | every box source, rules chosen by the other animals, unrelated pictures among the positives |

Pictures that are not shipped are read from --data (default $IRBIS_DATA, else ../shared/data). Prints
one JSON object a line, with n, a 95 % interval of drawing the pictures again, and the centre box among
the peers; progress goes to stderr.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ANIMALS = ("raccoon", "kangaroo", "cats")
CASES = (*ANIMALS, "snow_leopard", "lime", "speed", "boxes")
SHIPPED = {"cats", "speed"}
TRAINING = {"kangaroo": ["--ignore-far"]}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", help=f"some of {', '.join(CASES)}, with commas between")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--full", action="store_true")
    default = os.environ.get("IRBIS_DATA", str(HERE.parents[1] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--lime-pictures", type=int, help="of each animal; default 8, --full 30")
    parser.add_argument("--exam", type=Path, help="folder of snow leopards, and of others")
    parser.add_argument("--truth", type=Path, help="their boxes: COCO")
    options = parser.parse_args()
    wanted = chosen(options)
    if not options.small and not options.data.is_dir() and not wanted <= SHIPPED:
        raise SystemExit(f"no pictures in {options.data}: say where with --data or IRBIS_DATA")
    sys.path[:0] = [str(HERE)]
    for case in CASES:
        if case in wanted:
            for found in measured(case, options):
                print(json.dumps(found), flush=True)


def chosen(options: argparse.Namespace) -> set[str]:
    if options.only:
        wanted = set(options.only.split(","))
        if unknown := wanted - set(CASES):
            raise SystemExit(f"--only {sorted(unknown)}: expected some of {', '.join(CASES)}")
        return wanted
    if options.small:
        return {"cats", "snow_leopard", "lime", "speed"}
    return set(CASES) - (set() if options.full else {"boxes"})


def measured(case: str, options: argparse.Namespace) -> Iterator[dict]:
    small, full = options.small, options.full
    if case == "boxes":
        from detect_boxes import boxes

        yield from boxes(options.data, small=small, full=full)
    elif case == "speed":
        from detect_speed import speed

        yield from speed(small=small)
    elif case == "snow_leopard":
        from detect_exam import exam, not_taken

        ready = options.exam and options.truth
        yield from exam(options.data, options.exam, options.truth) if ready else not_taken()
    else:
        import detect_cases

        from irbis import ModelDownloader

        network = ModelDownloader().downloadByName("EfficientNetLite0")
        if case == "lime":
            from detect_lime import lime

            count = options.lime_pictures or (1 if small else 30 if full else 8)
            for animal in detect_cases.cases(options.data, small):
                yield from lime(animal, network, count)
        else:
            known = {a.name: a for a in detect_cases.cases(options.data, small)}
            if case not in known:
                raise SystemExit(f"--small has {', '.join(known)}: {case} needs --data")
            animal = known[case]
            yield from trained(animal, network, options)


def trained(animal, network, options: argparse.Namespace) -> Iterator[dict]:
    import detect_training
    from detect_weak import weak

    yield from weak(animal, network)
    arguments = [animal.name, "--data", str(options.data), *TRAINING.get(animal.name, [])]
    arguments += ["--full"] * options.full + ["--iterations", "4"] * options.small
    detect_training.main(arguments)


if __name__ == "__main__":
    main()
