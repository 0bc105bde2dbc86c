"""The pictures from which a localizer learns: believed, and most like each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from irbis.detect.catalog import Catalog
from irbis.detect.consensus import alike, consensus

__all__ = ["typical"]

# So many are looked at, whatever the number of pictures: memory and time stay bounded.
_MOST = 2000
_BELIEVED = 0.5


def typical(catalog: Catalog, features: Path, unseen: Mapping[str, float]) -> set[str]:
    """Contents of the target's training pictures to learn from.

    Parameters
    ----------
    catalog : Catalog
    features : Path
        Folder of :func:`irbis.detect.features.write_features`, of the training pictures.
    unseen : mapping of sha256 to float
        Probability of the target by cross-validation: those above 0.5 are believed.

    Returns
    -------
    set of str
        Those believed that are like the rest.
    """
    targets = [s for s in _contents(catalog, 1.0) if unseen.get(s, 0.0) > _BELIEVED][:_MOST]
    others = _contents(catalog, 0.0)[:_MOST]
    if len(targets) < 2 or not others:
        return set(targets)
    kept = alike(consensus(_means(features, targets), _means(features, others)))
    return {sha for sha, like in zip(targets, kept.tolist(), strict=True) if like}


def _contents(catalog: Catalog, label: float) -> list[str]:
    return sorted({row["sha256"] for row in catalog.select(label, False)})


def _means(features: Path, contents: Sequence[str]) -> npt.NDArray[np.float64]:
    """Features of each content: of it and its mirror image the mean."""
    table = pq.read_table(features / "features", filters=pc.field("sha256").isin(list(contents)))
    at = {sha: row for row, sha in enumerate(contents)}
    rows = np.array([at[sha] for sha in table["sha256"].to_pylist()])
    values = np.stack(table["features"].to_numpy(zero_copy_only=False)).astype(np.float64)
    # In an order of their own: sums of floats depend on it.
    order = np.lexsort((values[:, 0], rows))
    total = np.zeros((len(contents), values.shape[1]))
    np.add.at(total, rows[order], values[order])
    return total / np.maximum(np.bincount(rows, minlength=len(contents)), 1)[:, None]
