"""The command line. Nothing heavy is imported before a command runs: --help answers at once."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from irbis.cli_detect import Fresh, detect
from irbis.cli_study import study
from irbis.cli_watch import watch
from irbis.errors import IrbisError

__all__ = ["app", "main"]

app = typer.Typer(
    name="irbis",
    help="Turns a word into an object detector, on Apache Spark.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
for _command in (study, watch):
    app.command()(_command)

Out = Annotated[Path, typer.Option("--out", help="Folder for the results.")]
Truth = Annotated[
    Optional[Path], typer.Option("--truth", help="COCO file of human boxes, only compared with.")
]
Seed = Annotated[int, typer.Option(help="Of training, shuffling and sampling.", min=0)]
SelfTraining = Annotated[
    bool, typer.Option("--self-training", help="Train again on its own boxes; kept if better.")
]


@app.command()
def demo(
    out: Out = Path("out/demo"),
    iterations: Annotated[int, typer.Option(help="Training steps of the detector.")] = 120,
    seed: Seed = 0,
    fresh: Fresh = False,
) -> None:
    """Discover on the shipped sample: cats are the target, dogs the others."""
    from irbis.detect.demo import demo as run

    run(out, iterations=iterations, seed=seed, fresh=fresh)


@app.command()
def discover(
    target: Annotated[str, typer.Argument(help='What to find, such as "snow leopard".')],
    out: Out,
    images: Annotated[
        Optional[list[Path]],
        typer.Option(help="Folder, or Parquet table, that (mostly) shows it; repeatable."),
    ] = None,
    others: Annotated[
        Optional[list[Path]], typer.Option(help="Folder that does not; repeatable.")
    ] = None,
    source: Annotated[
        Optional[str],
        typer.Option(
            help="Search pictures, in place of --images: openverse, gbif, inaturalist, wikimedia, "
            "bing, brave or local."
        ),
    ] = None,
    words: Annotated[
        Optional[list[str]], typer.Option(help="What others are searched by; repeatable.")
    ] = None,
    count: Annotated[int, typer.Option(help="Pictures to search of each side.", min=6)] = 100,
    endpoint: Annotated[Optional[str], typer.Option(help="Address of the source.")] = None,
    key: Annotated[
        Optional[str], typer.Option(help="Key of the source.", envvar="IRBIS_SEARCH_KEY")
    ] = None,
    truth: Truth = None,
    boxes: Annotated[
        str, typer.Option(help="Of: colocalize, cam, lime, or a MegaDetector or COCO .json file.")
    ] = "colocalize",
    rule: Annotated[
        Optional[str], typer.Option(help="How heat becomes boxes: NAME or NAME=NUMBER.")
    ] = None,
    calibrate: Annotated[
        Optional[Path],
        typer.Option(help="COCO file with boxes of 5 to 10 of the pictures, to choose the rule."),
    ] = None,
    self_training: SelfTraining = False,
    iterations: Annotated[int, typer.Option(help="Training steps of the detector.")] = 120,
    seed: Seed = 0,
    most: Annotated[
        int, typer.Option(help="Pictures of each side to learn from, at most.", min=12)
    ] = 3000,
    fresh: Fresh = False,
) -> None:
    """Make a detector from pictures that nobody drew a box on.

    A second run, or one after a crash, goes on from what the first left in OUT/steps.
    """
    from irbis.detect.choosing import choose
    from irbis.detect.discover import discover as run
    from irbis.detect.summary import print_summary

    chosen = choose(
        target, out, images, others, source=source, words=words, count=count, url=endpoint, key=key
    )
    report = run(
        target,
        chosen.images,
        chosen.others,
        out,
        provenance=chosen.credits,
        truth=truth,
        boxes=boxes,
        rule=rule,
        calibrate=calibrate,
        self_training=self_training,
        iterations=iterations,
        seed=seed,
        most=most,
        fresh=fresh,
    )
    print_summary(report, out)


app.command()(detect)


@app.command()
def identify(
    known: Annotated[
        Path, typer.Option(help="CSV or Parquet of known individuals: file, individual, box.")
    ],
    queries: Annotated[Path, typer.Option(help="Folder or table of pictures to name.")],
    out: Annotated[Path, typer.Option("--out", help="Page to write, to decide on.")],
    decisions: Annotated[
        Optional[list[Path]],
        typer.Option(help="CSV saved on an earlier page: confirmed queries are known; repeatable."),
    ] = None,
    model: Annotated[
        Optional[Path], typer.Option(help="Folder that keeps what is known; only news are added.")
    ] = None,
    candidates: Annotated[int, typer.Option(help="Candidates shown of each query.", min=1)] = 3,
    false_match_rate: Annotated[
        float, typer.Option(help="Share of unknown animals that may get a name.")
    ] = 0.05,
) -> None:
    """Say which individual each picture shows, and make a page on which a person decides."""
    from irbis.identify.command import identify as run

    run(
        known,
        queries,
        out,
        decisions=decisions or (),
        model=model,
        shown=candidates,
        false_match_rate=false_match_rate,
    )


@app.command()
def explain(
    model: Annotated[Path, typer.Argument(help="A saved classifier, such as OUT/classifier.")],
    picture: Annotated[Path, typer.Argument(help="A picture file, or a text file.")],
    out: Annotated[
        Path, typer.Option("--out", help="PNG or JPEG file to write; for a text an HTML file.")
    ],
    class_: Annotated[
        Optional[int],
        typer.Option("--class", help="Class to explain. Default: 1 of two, else the likeliest."),
    ] = None,
    samples: Annotated[int, typer.Option(help="Perturbations of the picture or text.")] = 128,
    segments: Annotated[int, typer.Option(help="Superpixels, about.")] = 50,
    seed: Annotated[int, typer.Option(help="Of the design of the perturbations.", min=0)] = 0,
    metric: Annotated[str, typer.Option(help="logit or probability.")] = "logit",
) -> None:
    """Show which parts of a picture, or words of a text, made a classifier say what it says."""
    if out.suffix.lower() in {".html", ".htm"}:
        from irbis.explain.show_text import show_text

        show_text(model, picture, out, class_=class_, samples=samples, seed=seed, metric=metric)
        return
    from irbis.explain.show import show

    show(
        model,
        picture,
        out,
        class_=class_,
        samples=samples,
        segments=segments,
        seed=seed,
        metric=metric,
    )


@app.command()
def services(
    images: Annotated[
        Optional[Path], typer.Option(help="Folder for image search; captions in metadata.csv.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any free one.", min=0, max=65535)] = 8765,
    key: Annotated[
        Optional[str],
        typer.Option(help="What requests must carry.", envvar="IRBIS_SERVICES_KEY"),
    ] = None,
) -> None:
    """Serve stand-ins for image search and the cognitive services: no key, no network."""
    from irbis.services.local.running import serve

    serve(images, host=host, port=port, key=key)


@app.command()
def serve(
    model: Annotated[Path, typer.Argument(help="A saved model, such as OUT/detector.")],
    port: Annotated[int, typer.Option(help="0: any that is free.", min=0, max=65535)] = 8888,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    name: Annotated[
        Optional[str], typer.Option(help="Path of the service. Default: the folder's name.")
    ] = None,
    parse: Annotated[
        Optional[str],
        typer.Option(help="binary, string, image, or fields of a JSON object: 'a double, ...'."),
    ] = None,
    input_col: Annotated[Optional[str], typer.Option(help="Column for the body.")] = None,
    reply: Annotated[Optional[str], typer.Option(help="Column to answer with.")] = None,
    image_format: Annotated[str, typer.Option(help="Of pictures in replies: PNG, JPEG.")] = "PNG",
    option: Annotated[
        Optional[list[str]], typer.Option(help="NAME=VALUE, see docs/serving.md; repeatable.")
    ] = None,
    mode: Annotated[
        Optional[str],
        typer.Option(
            help="In Spark: continuousServer, server, distributedServer. Default: without."
        ),
    ] = None,
) -> None:
    """Serve a saved model over HTTP; SIGTERM drains.

    A bearer token is taken from the environment variable IRBIS_TOKEN.
    """
    import os

    from irbis.serving.settings import FrontSettings
    from irbis.serving.standalone import options_of
    from irbis.serving.standalone import serve as run

    told: dict[str, Any] = dict(options_of(option or []))
    if token := os.environ.get("IRBIS_TOKEN"):
        told["token"] = token
    path = name or model.resolve().name
    how: dict[str, Any] = {"parse": parse, "input_col": input_col, "reply": reply}
    how |= {"image_format": image_format, "say": lambda text: print(text, flush=True)}
    if mode is None:
        run(model, FrontSettings().set(host=host, port=port, name=path, **told), **how)
        return
    from irbis.serving.in_spark import serve_in_spark

    serve_in_spark(model, mode, (host, port, path), told, **how)


@app.command()
def doctor(
    only: Annotated[
        Optional[list[str]], typer.Option(help="Run only this check; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds for one check.", min=1)] = 180,
) -> None:
    """Check all that a job needs, in plain words; exit code 1 if something is wrong."""
    from irbis.doctor import examine

    raise typer.Exit(0 if examine(only or (), as_json=as_json, seconds=timeout) else 1)


def main() -> None:
    """Run the command line; an irbis error is one line on stderr and exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    try:
        app()
    except IrbisError as error:
        print(f"irbis: {type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
