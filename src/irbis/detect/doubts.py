"""Where labels and classifier disagree: pictures to look at, and what is done about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from irbis.detect.catalog import Catalog

__all__ = ["Doubts", "doubts"]


@dataclass(frozen=True)
class Doubts:
    """Paths and probabilities of the target, the most doubtful first.

    Each probability is of a classifier that learned neither from the picture nor from a
    near-duplicate.

    Parameters
    ----------
    targets : list of (str, float)
        Said to show the target, and taken for something else: no box of theirs is trained on.
    others : list of (str, float)
        Said to show something else, and taken for the target. Nothing is done about them.
    """

    targets: list[tuple[str, float]]
    others: list[tuple[str, float]]


def doubts(catalog: Catalog, unseen: Mapping[str, float]) -> Doubts:
    """Compare labels with cross-validated answers."""
    known = [
        (r["path"], r["label"], unseen[r["sha256"]]) for r in catalog.rows if r["sha256"] in unseen
    ]
    return Doubts(
        sorted(((p, s) for p, label, s in known if label == 1.0 and s <= 0.5), key=lambda d: d[1]),
        sorted(((p, s) for p, label, s in known if label == 0.0 and s > 0.5), key=lambda d: -d[1]),
    )
