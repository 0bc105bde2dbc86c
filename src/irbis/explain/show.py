"""One picture explained by a saved model, as an image file: what ``irbis explain`` does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image
from pyspark.ml.util import DefaultParamsReader

from irbis.errors import DataError, ParamError
from irbis.explain.explanation import Explanation
from irbis.explain.figure import figure
from irbis.explain.lime import ImageLIME
from irbis.image.codec import PictureError, decode
from irbis.loading import load
from irbis.planning import Run, plan
from irbis.schema import is_vector
from irbis.sidecar import NAME as SIDECAR
from irbis.spark import session
from irbis.vectors import is_vector_like, to_matrix

__all__ = ["class_names", "load_model", "scores_of", "show"]

_FORMATS = (".png", ".jpg", ".jpeg")


def load_model(folder: Path) -> Any:
    """Load a saved pipeline or stage: without Spark if it has a sidecar, else through Spark.

    Raises
    ------
    DataError
        If there is none.
    """
    if not (folder / "metadata").is_dir():
        raise DataError(
            f"{folder}", expected="a folder with a saved model, such as OUT/classifier of discover"
        )
    if (folder / SIDECAR).is_dir():
        return load(folder)
    try:
        return DefaultParamsReader.loadParamsInstance(str(folder.resolve()), session())
    except Exception as error:  # a JVM's message is a page long
        said = str(error).strip().splitlines()[0]
        raise DataError(f"{folder}: {said}", expected="a whole saved model") from error


def show(
    model: str | Path,
    picture: str | Path,
    out: str | Path,
    *,
    class_: int | None = None,
    samples: int = 128,
    segments: int = 50,
    seed: int = 0,
    metric: str = "logit",
) -> Explanation:
    """Explain a picture and write it beside its explanation.

    Parameters
    ----------
    model : str or Path
        A saved model that :class:`irbis.ImageLIME` can explain, such as ``OUT/classifier``. The
        last column of probabilities that it writes is explained.
    picture : str or Path
    out : str or Path
        PNG or JPEG file to write.
    class_ : int, optional
        Default: class 1 of two, which is the target of a discovery; else the most probable one.
    samples, segments, seed, metric
        numSamples, numSegments, seed and metric of :class:`irbis.ImageLIME`.

    Raises
    ------
    DataError
        If there is no such model or picture.
    ParamError
        If the model can't be explained or has no such class, or `out` is no PNG or JPEG.
    """
    folder, out = Path(model), Path(out)
    if out.suffix.lower() not in _FORMATS:
        raise ParamError(f"--out {out}", expected=f"a file name in {', '.join(_FORMATS)}")
    content, pixels = _read(Path(picture))
    # What is wrong with these is said before a model is loaded.
    lime = ImageLIME(numSamples=samples, numSegments=segments, seed=seed, metric=metric)
    loaded = load_model(folder)
    column, scores = scores_of(loaded, content)
    if class_ is None:
        class_ = 1 if len(scores) == 2 else int(np.argmax(scores))
    if not 0 <= class_ < len(scores):
        raise ParamError(f"--class {class_}", expected=f"0 to {len(scores) - 1}")
    lime.setParams(model=loaded, targetCol=column, targetClasses=[class_])
    row = lime.transform(pa.table({"image": [content]})).to_pylist()[0]
    if row["explanation"] is None:
        raise DataError(f"{picture}: {row['explanation_error']['message']}")
    explanation = Explanation.from_row(row["explanation"])
    name = class_names(folder, len(scores))[class_]
    drawn = figure(pixels, explanation, name=name, caption=_caption(explanation, metric))
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(drawn).save(out, quality=92)
    print(
        f"{name}: probability {explanation.scores[0]:.3f}, {_caption(explanation, metric)}: {out}"
    )
    return explanation


def _read(path: Path) -> tuple[bytes, Any]:
    if not path.is_file():
        raise DataError(f"{path}", expected="a picture file")
    content = path.read_bytes()
    try:
        return content, decode(content)
    except PictureError as error:
        raise DataError(f"{path}: {error}", expected="a picture file") from None


def scores_of(model: Any, content: bytes | str) -> tuple[str, Any]:
    """Find the column of probabilities, and what it says of the picture or text."""
    steps = plan([model], jvm=False)
    if len(steps) != 1 or not isinstance(steps[0], Run):
        ImageLIME(model=model).output_schema(pa.schema([pa.field("image", pa.binary())]))
        raise ParamError(
            "this model",
            expected="one that runs in this process: stages of irbis, Spark ML models with an adapter",
            do="use ImageLIME on a DataFrame",
        )
    run = steps[0]
    table = pa.table({run.stages[0].input_columns()[0]: [content]})
    answer = run.function()(table.to_batches()[0])
    written = run.writes(table.schema)
    for name in reversed(written):
        values = answer.column(name)
        if is_vector_like(values.type) or is_vector(values.type):
            matrix, valid = to_matrix(values)
            if valid[0] and matrix[0].min(initial=0) >= 0 and abs(matrix[0].sum() - 1) < 1e-3:
                return name, matrix[0]
    raise ParamError(
        f"a model that writes {', '.join(written)}",
        expected="a classifier: a column of probabilities, from 0 to 1 and 1 in sum",
    )


def class_names(folder: Path, count: int) -> list[str]:
    """Names of the classes: those that discover left beside the model, or their numbers."""
    try:
        found = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if isinstance(found, list) and len(found) == count:
        return [str(name) for name in found]
    return [f"class {number}" for number in range(count)]


def _caption(explanation: Explanation, metric: str) -> str:
    r2, parts = float(explanation.r2[0]), explanation.weights.shape[1]
    return f"LIME on {metric}: r2 {r2:.2f}, {explanation.forwards} forwards, {parts} superpixels"
