"""Trees of Spark ML read from the text they print: the one form in which Connect hands them out too."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Trees", "trees_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_NUMBER = r"-?(?:[0-9.]+(?:E-?[0-9]+)?|Infinity)|NaN"
_LEAF = re.compile(rf"Predict: ({_NUMBER})")
_IF = re.compile(rf"If \(feature ([0-9]+) (?:<= ({_NUMBER})|in \{{([^}}]*)\}})\)")
_ELSE = re.compile(r"Else \(feature [0-9]+ (?:> .*|not in .*)\)")


@dataclass(frozen=True)
class Trees:
    """Nodes of several trees in one list.

    Parameters
    ----------
    feature : ndarray of int64, shape (nodes,)
        What a node asks for; -1 in a leaf.
    threshold : ndarray of float64, shape (nodes,)
        Up to it goes left; NaN where categories decide.
    value : ndarray of float64, shape (nodes,)
        What a leaf predicts.
    left, right : ndarray of int64, shape (nodes,)
        Numbers of the nodes below.
    first, count : ndarray of int64, shape (nodes,)
        Where the categories that go left lie in `categories`.
    categories : ndarray of float64
    roots : ndarray of int64, shape (trees,)
    """

    feature: Ints
    threshold: Floats
    value: Floats
    left: Ints
    right: Ints
    first: Ints
    count: Ints
    categories: Floats
    roots: Ints

    def predict(self, x: Floats) -> Floats:
        """Answer of every tree, shape (n, trees); NaN goes right, as in Spark."""
        found = np.empty((len(x), len(self.roots)))
        rows = np.arange(len(x))
        for tree, root in enumerate(self.roots.tolist()):
            node = np.full(len(x), root, dtype=np.int64)
            inner = rows if self.feature[root] >= 0 else rows[:0]
            while len(inner):
                at = node[inner]
                value = x[inner, self.feature[at]]
                goes_left = value <= self.threshold[at]
                for asked in np.unique(at[np.isnan(self.threshold[at])]).tolist():
                    here, start = at == asked, self.first[asked]
                    known = self.categories[start : start + self.count[asked]]
                    goes_left[here] = np.isin(value[here], known)
                node[inner] = np.where(goes_left, self.left[at], self.right[at])
                inner = inner[self.feature[node[inner]] >= 0]
            found[:, tree] = self.value[node]
        return found


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.nodes: list[tuple[int, float, float, int, int, int, int]] = []
        self.categories: list[float] = []

    def node(self) -> int:
        line = self._next()
        mine = len(self.nodes)
        if leaf := _LEAF.fullmatch(line):
            self.nodes.append((-1, 0.0, float(leaf[1]), -1, -1, 0, 0))
            return mine
        asked = _IF.fullmatch(line)
        if not asked:
            raise ValueError(line)
        first = len(self.categories)
        known = [float(c) for c in (asked[3] or "").split(",") if c]
        self.categories += known
        self.nodes.append((-1, 0.0, 0.0, -1, -1, 0, 0))
        left = self.node()
        if not _ELSE.fullmatch(self._next()):
            raise ValueError("Else")
        right = self.node()
        threshold = float("nan") if asked[2] is None else float(asked[2])
        self.nodes[mine] = (int(asked[1]), threshold, 0.0, left, right, first, len(known))
        return mine

    def _next(self) -> str:
        self.at += 1
        return self.lines[self.at - 1]


def trees_of(printed: str) -> Trees:
    """Read a tree, or an ensemble of them, from its ``toDebugString``.

    Raises
    ------
    ValueError
        If it is not in the form that Spark 4 prints.

    Examples
    --------
    >>> found = trees_of('''RandomForest
    ...   Tree 0 (weight 1.0):
    ...     If (feature 0 <= 0.5)
    ...      Predict: 1.0
    ...     Else (feature 0 > 0.5)
    ...      If (feature 1 in {0.0,2.0})
    ...       Predict: 2.0
    ...      Else (feature 1 not in {0.0,2.0})
    ...       Predict: 3.0
    ... ''')
    >>> found.predict(np.array([[0.5, 0.0], [1.0, 2.0], [1.0, 1.0]]))[:, 0].tolist()
    [1.0, 2.0, 3.0]
    """
    lines = [line.strip() for line in printed.strip().splitlines()[1:]]
    reader = _Reader([line for line in lines if line and not line.startswith("Tree ")])
    roots = []
    try:
        while reader.at < len(reader.lines):
            roots.append(reader.node())
    except IndexError:
        raise ValueError("a tree that ends too early") from None
    if not roots:
        raise ValueError("no tree")
    feature, threshold, value, left, right, first, count = zip(*reader.nodes, strict=True)
    whole = [np.array(v, dtype=np.int64) for v in (feature, left, right, first, count)]
    return Trees(
        feature=whole[0],
        threshold=np.array(threshold),
        value=np.array(value),
        left=whole[1],
        right=whole[2],
        first=whole[3],
        count=whole[4],
        categories=np.array(reader.categories, dtype=np.float64),
        roots=np.array(roots, dtype=np.int64),
    )
