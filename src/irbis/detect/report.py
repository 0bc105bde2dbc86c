"""report.html: one file, for someone who does not program."""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import numpy as np

from irbis import __version__
from irbis.detect.answers import Answers
from irbis.detect.drawing import HUMAN, MACHINE, data_uri, draw_boxes, thumbnail
from irbis.detect.evaluate import wilson_interval
from irbis.detect.outcome import Discovery
from irbis.detect.rules import RULES
from irbis.detect.sources import SOURCES
from irbis.explain.explanation import Explanation
from irbis.explain.overlay import explanation_image
from irbis.extras import require
from irbis.image.codec import Picture, decode

__all__ = ["render", "wanted"]

_SAMPLES = 8
_SHOWN_SCORE = 0.5


def render(result: Discovery, content: dict[str, bytes]) -> str:
    """Make the page.

    Parameters
    ----------
    result : Discovery
    content : dict of path to encoded picture
        Those of :func:`wanted`.
    """
    jinja2 = require("jinja2", extra="viz")
    source = files("irbis.detect").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    pictures = {path: decode(data) for path, data in content.items()}
    summary = result.summary()
    deep, pixels, shuffled = (
        result.classifiers.deep,
        result.classifiers.pixels,
        result.classifiers.shuffled,
    )
    return str(
        environment.from_string(source).render(
            version=__version__,
            target=result.target,
            summary=summary,
            matrices=[
                _matrix(
                    "Without deep features", "logistic regression on 120 x 120 grey pixels", pixels
                ),
                _matrix(
                    "With deep features, augmentation and ensembling",
                    f"{result.network.name}, mirror images in training and answering",
                    deep,
                ),
            ],
            control=_matrix("Control: shuffled labels", "must be at chance", shuffled),
            samples={
                "target": [_small(pictures[p]) for p in _paths(result, 1.0)],
                "other": [_small(pictures[p]) for p in _paths(result, 0.0)],
            },
            doubted=_doubted(result.doubts.targets, pictures),
            suspected=_doubted(result.doubts.others, pictures),
            explanations=_explanations(result, pictures),
            found=_found(result, pictures),
            curve=_curve(result),
            scores=result.scores,
            failures=[(PurePath(p).name, k, m) for p, k, m in _failures(result)],
            rule=_rule(result.pseudo.about),
            source_says=SOURCES[result.pseudo.about["source"]],
            network=result.network,
            attribution=result.attribution,
            credits=result.credits,
            threshold=_SHOWN_SCORE,
        )
    )


def _rule(about: dict[str, Any]) -> str:
    if about["source"] == "file":
        return f"{', '.join(about['categories'])}, {about['rule']}"
    rule = RULES[about["rule"]]
    fraction = rule.fraction if about["fraction"] is None else about["fraction"]
    return f"{about['rule']}, {fraction:g}: {rule.says}"


def wanted(result: Discovery) -> list[str]:
    """Paths of the pictures that the page shows."""
    explained = [b.path for b in result.pseudo.boxes.values() if b.explanation is not None]
    return list(
        dict.fromkeys(
            [
                *_paths(result, 1.0),
                *_paths(result, 0.0),
                *explained[:_SAMPLES],
                *_held(result),
                *(path for path, _ in result.doubts.targets[:_SAMPLES]),
                *(path for path, _ in result.doubts.others[:_SAMPLES]),
            ]
        )
    )


def _spread(paths: list[str], count: int = _SAMPLES) -> list[str]:
    step = max(len(paths) / count, 1.0)
    return [paths[int(i * step)] for i in range(min(count, len(paths)))]


def _paths(result: Discovery, label: float) -> list[str]:
    return _spread(result.catalog.paths(label))


def _held(result: Discovery) -> list[str]:
    return _spread(result.catalog.paths(1.0, True)) + _spread(result.catalog.paths(0.0, True), 4)


def _small(picture: Picture) -> str:
    return data_uri(thumbnail(picture))


def _matrix(title: str, says: str, answers: Answers) -> dict[str, Any]:
    right = round(answers.accuracy * len(answers.labels))
    rows = np.array(answers.confusion, dtype=float)
    shares = rows / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    return {
        "title": title,
        "says": says,
        "n": len(answers.labels),
        "counts": answers.confusion,
        "shares": shares.tolist(),
        "accuracy": answers.accuracy,
        "interval": wilson_interval(right, len(answers.labels)),
        "auc": answers.auc,
    }


def _doubted(found: list[tuple[str, float]], pictures: dict[str, Picture]) -> list[dict[str, Any]]:
    return [
        {"picture": _small(pictures[path]), "name": PurePath(path).name, "score": score}
        for path, score in found[:_SAMPLES]
    ]


def _explanations(result: Discovery, pictures: dict[str, Picture]) -> list[dict[str, Any]]:
    shown = [b for b in result.pseudo.boxes.values() if b.explanation is not None][:_SAMPLES]
    out = []
    for pseudo in shown:
        explanation = Explanation.from_row(pseudo.explanation)
        picture = pictures[pseudo.path]
        tinted = explanation_image(picture, explanation)
        out.append(
            {
                "picture": _small(picture),
                "tinted": _small(draw_boxes(tinted, pseudo.boxes)),
                "score": pseudo.score,
                "r2": explanation.r2[0],
                "name": PurePath(pseudo.path).name,
            }
        )
    return out


def _found(result: Discovery, pictures: dict[str, Picture]) -> list[dict[str, Any]]:
    out = []
    for path in _held(result):
        found, drawn = result.found[path], pictures[path]
        if result.truth is not None:
            drawn = draw_boxes(drawn, _human(result, path), HUMAN)
        keep = found.scores >= _SHOWN_SCORE
        captions = [f"{s:.2f}" for s in found.scores[keep]]
        out.append(
            {
                "picture": _small(draw_boxes(drawn, found.boxes[keep], MACHINE, captions)),
                "name": PurePath(path).name,
                "count": int(keep.sum()),
            }
        )
    return out


def _human(result: Discovery, path: str) -> Any:
    found = result.truth.find(path) if result.truth is not None else None
    return [] if found is None else found


def _failures(result: Discovery) -> list[tuple[str, str, str]]:
    return [*result.catalog.failures, *result.pseudo.failures]


def _curve(result: Discovery) -> str | None:
    if result.scores is None:
        return None
    require("matplotlib", extra="viz")
    from matplotlib.figure import Figure  # no pyplot: it would look for a screen

    figure = Figure(figsize=(4.6, 3.4), layout="constrained")
    axes = figure.add_subplot()
    for name, style, scored in (
        ("detector", "-", result.scores.detector),
        ("pseudo boxes", "--", result.scores.pseudo),
    ):
        axes.plot(scored.recall, scored.precision, style, label=f"{name}, AP50 {scored.ap50:.2f}")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title("Boxes that overlap a human box by half (IoU >= 0.5)", fontsize=9)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left", fontsize=8)
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    svg = out.getvalue()
    return svg[svg.index("<svg") :]
