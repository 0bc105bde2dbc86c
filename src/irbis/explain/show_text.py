"""One text explained by a saved model, as a page: what ``irbis explain`` does for ``--out x.html``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from irbis.errors import DataError, ParamError
from irbis.explain.show import class_names, load_model, scores_of
from irbis.explain.text_explanation import TextExplanation
from irbis.explain.text_html import explanation_html
from irbis.explain.text_lime import TextLIME

__all__ = ["show_text"]


def show_text(
    model: str | Path,
    file: str | Path,
    out: str | Path,
    *,
    class_: int | None = None,
    samples: int = 128,
    seed: int = 0,
    metric: str = "logit",
) -> TextExplanation:
    """Explain a text and write it as a page with its words marked.

    Parameters
    ----------
    model : str or Path
        A saved model that :class:`irbis.TextLIME` can explain: the first column it reads takes the
        text, the last column of probabilities that it writes is explained.
    file : str or Path
        A text file in UTF-8.
    out : str or Path
        HTML file to write.
    class_ : int, optional
        Default: class 1 of two; else the most probable one.
    samples, seed, metric
        numSamples, seed and metric of :class:`irbis.TextLIME`.

    Raises
    ------
    DataError
        If there is no such model or text.
    ParamError
        If the model can't be explained or has no such class, or `out` is no HTML file.
    """
    folder, out = Path(model), Path(out)
    if out.suffix.lower() not in {".html", ".htm"}:
        raise ParamError(f"--out {out}", expected="a file name in .html")
    try:
        content = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: {error}", expected="a text file in UTF-8") from None
    lime = TextLIME(numSamples=samples, seed=seed, metric=metric)
    loaded = load_model(folder)
    source = lime.setModel(loaded).model_reads()[0]
    column, scores = scores_of(loaded, content)
    if class_ is None:
        class_ = 1 if len(scores) == 2 else int(np.argmax(scores))
    if not 0 <= class_ < len(scores):
        raise ParamError(f"--class {class_}", expected=f"0 to {len(scores) - 1}")
    lime.setParams(inputCol=source, targetCol=column, targetClasses=[class_])
    row = lime.transform(pa.table({source: [content]})).to_pylist()[0]
    if row["explanation"] is None:
        raise DataError(f"{file}: {row['explanation_error']['message']}")
    found = TextExplanation.from_row(row["explanation"])
    name = class_names(folder, len(scores))[class_]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(explanation_html(content, found, name=name), encoding="utf-8")
    print(
        f"{name}: probability {found.scores[0]:.3f}, LIME on {metric}: r2 {found.r2[0]:.2f}, "
        f"{found.forwards} forwards, {len(found.words)} words: {out}"
    )
    return found
