"""Sums over the places of feature maps, and what follows from them: DDT as one aggregation.

Deep Descriptor Transforming (X.-S. Wei et al., Pattern Recognition 88, 2019) takes the first
principal component of the feature vectors at all places of all pictures of one thing. That needs the
vectors' number, sum and Gramian only: a few hundred kB, whatever the number of pictures. Added up
beside them are the products with the classifier's heat, from which the correlation follows that
gives the component its sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.detect.feature_maps import MapSource
from irbis.detect.heat import Look
from irbis.image.codec import Picture, PictureError, pictures
from irbis.schema import column

__all__ = ["SUMS", "Sums", "SumsFunction", "merged", "spread"]

Values = npt.NDArray[np.float64]

SUMS = pa.schema(
    [
        ("size", pa.int32()),
        ("tensor", pa.string()),
        ("pictures", pa.int64()),  # that counted
        ("left_out", pa.int64()),  # that the classifier does not believe in
        ("failed", pa.int64()),  # that could not be decoded
        ("sums", pa.binary()),  # float64: places, of heat, of heat squared, then by channel
    ]
)


@dataclass
class Sums:
    """Sums over the places of one layer at one size; `numbers` is n, heat, heat squared."""

    numbers: Values
    features: Values  # (channels,)
    with_heat: Values  # (channels,): feature times heat
    gramian: Values  # (channels, channels)

    @classmethod
    def of(cls, features: npt.NDArray[np.float32], heat: npt.NDArray[np.float32]) -> Sums:
        """Sums of one picture: features (channels, rows, columns), heat (rows, columns)."""
        x = features.reshape(len(features), -1)
        h = heat.ravel().astype(np.float64)
        y = x.astype(np.float64)
        return cls(np.array([h.size, h.sum(), h @ h]), y.sum(axis=1), y @ h, y @ y.T)

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.numbers + other.numbers,
            self.features + other.features,
            self.with_heat + other.with_heat,
            self.gramian + other.gramian,
        )

    def pack(self) -> bytes:
        """As bytes."""
        parts = (self.numbers, self.features, self.with_heat, self.gramian.ravel())
        return np.concatenate(parts).tobytes()

    @classmethod
    def unpack(cls, content: bytes) -> Sums:
        """Read :meth:`pack`."""
        values = np.frombuffer(content, np.float64)
        # 3 + 2 c + c * c numbers.
        channels = round((len(values) - 2) ** 0.5) - 1
        return cls(
            values[:3],
            values[3 : 3 + channels],
            values[3 + channels : 3 + 2 * channels],
            values[3 + 2 * channels :].reshape(channels, channels),
        )


@dataclass(frozen=True)
class SumsFunction:
    """From an iterator of batches of pictures to one batch of SUMS: for ``mapInArrow``.

    Parameters
    ----------
    judge : tuple of Look
        The classifier's weights, one a size.
    least : float or None
        Pictures whose mean logit over the sizes is not above it do not count.
    """

    source: str
    network: MapSource
    layers: tuple[str, ...]
    judge: tuple[Look, ...]
    least: float | None

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Add up a partition."""
        total: dict[tuple[int, str], Sums] = {}
        counted = left_out = failed = 0
        for batch in batches:
            for picture in pictures(column(batch, self.source)):
                if isinstance(picture, PictureError):
                    failed += 1
                elif (found := self.look(picture)) is None:
                    left_out += 1
                else:
                    counted += 1
                    total = {k: total[k] + v if k in total else v for k, v in found.items()}
        if counted + left_out + failed:
            yield _rows(total, counted, left_out, failed)

    def look(self, picture: Picture) -> dict[tuple[int, str], Sums] | None:
        """Sums of one picture, or None if the classifier does not believe in it."""
        maps = {}
        for judge in self.judge:
            *layers, seen = self.network.maps(picture, judge.size, [*self.layers, judge.tensor])
            maps[judge.size] = dict(zip(self.layers, layers, strict=True)), judge.at(seen)
        logit = sum(float(heat.mean()) for _, heat in maps.values()) / len(maps)
        if self.least is not None and not logit > self.least:
            return None
        return {
            (size, name): Sums.of(values, spread(heat, *values.shape[1:]))
            for size, (layers, heat) in maps.items()
            for name, values in layers.items()
        }


def spread(heat: npt.NDArray[np.float32], rows: int, columns: int) -> npt.NDArray[np.float32]:
    """Heat on another grid, the nearest place's value."""
    at = (np.arange(rows) * heat.shape[0]) // rows
    along = (np.arange(columns) * heat.shape[1]) // columns
    return heat[np.ix_(at, along)]


def _rows(
    total: dict[tuple[int, str], Sums], counted: int, left_out: int, failed: int
) -> pa.RecordBatch:
    # Where no picture counted, a row without a layer carries the counts.
    keyed = [(k, v.pack()) for k, v in sorted(total.items())] or [((0, ""), b"")]
    rows = [
        {
            "size": size,
            "tensor": tensor,
            "pictures": counted,
            "left_out": left_out,
            "failed": failed,
            "sums": packed,
        }
        for (size, tensor), packed in keyed
    ]
    return pa.RecordBatch.from_pylist(rows, schema=SUMS)


def merged(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Add rows of SUMS up, a row for each layer and size: for ``mapInArrow``, memory of one of each."""
    total: dict[tuple[int, str], Sums | None] = {}
    counts: dict[tuple[int, str], npt.NDArray[np.int64]] = {}
    for batch in batches:
        for row in batch.to_pylist():
            key = (row["size"], row["tensor"])
            one = np.array([row["pictures"], row["left_out"], row["failed"]])
            counts[key] = counts[key] + one if key in counts else one
            sums = Sums.unpack(row["sums"]) if row["sums"] else None
            held = total.get(key)
            total[key] = held + sums if held is not None and sums is not None else sums
    rows = [
        {
            "size": key[0],
            "tensor": key[1],
            **dict(zip(("pictures", "left_out", "failed"), counts[key].tolist(), strict=True)),
            "sums": b"" if sums is None else sums.pack(),
        }
        for key, sums in sorted(total.items())
    ]
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=SUMS)
