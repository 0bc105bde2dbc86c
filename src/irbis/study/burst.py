"""GeneratedBurst: where no set has bursts, frames made of one picture stand in for them."""

from __future__ import annotations

from typing import ClassVar, Literal

import pyarrow as pa

from irbis.converters import number, text, whole
from irbis.image.input import LimitsPixels, ReadsPictures
from irbis.params import ParamField, param
from irbis.schema import ERROR, IMAGE
from irbis.stage import Stage
from irbis.study.bursting import BurstFunction

__all__ = ["GeneratedBurst"]


class GeneratedBurst(ReadsPictures, LimitsPixels, Stage):
    """Make a burst of every picture: each row comes out once a frame, the picture itself never.

    Frames of a real burst share animal, light and background and differ in where and how the animal
    stands. These differ in the part that is seen, in light and in noise only: what they show of
    ensembling says nothing about a real burst.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "seen"
        Frames, Spark's image struct.
    frameCol : str, default "frame"
        Number of the frame, from 0 (int).
    errorCol : str, default "burst_error"
        What is wrong with a row without a picture; it comes out once, null.
    frames : int, default 5, range 1 to 100
    crop : float, default 0.5, range 0 to 0.9
        Up to that share of both sides is cut off, somewhere.
    brightness : float, default 0.5, range 0 to 1
        Values are multiplied by 1 - brightness to 1 + brightness.
    noise : float, default 30, range 0 to 255
        Largest standard deviation of what is added to each value.
    seed : int, default 0, from 0
        What is drawn depends on it and on the picture's own pixels, never on its place.
    maxPixels : int, default 100,000,000
        Pixels a file may announce; more is an error row of kind "too_large".

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis.image.codec import encode
    >>> table = pa.table({"image": [encode(np.zeros((8, 8, 3), np.uint8))]})
    >>> GeneratedBurst(frames=3).transform(table)["frame"].to_pylist()
    [0, 1, 2]
    """

    rows: ClassVar[Literal["one", "many"]] = "many"

    outputCol: ParamField[str] = param("column of the frames", text, default="seen")
    frameCol: ParamField[str] = param("column of the frames' numbers", text, default="frame")
    errorCol: ParamField[str] = param("column of errors", text, default="burst_error")
    frames: ParamField[int] = param("frames of a burst", whole(1, 100), default=5)
    crop: ParamField[float] = param("largest share cut off", number(0, 0.9), default=0.5)
    brightness: ParamField[float] = param("largest relative change", number(0, 1), default=0.5)
    noise: ParamField[float] = param("largest deviation, of 255", number(0, 255), default=30.0)
    seed: ParamField[int] = param("seed of what is random", whole(0, 2**63), default=0)

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Image structs, numbers and errors."""
        self.picture_field(schema)
        return [
            pa.field(self.value("outputCol"), IMAGE),
            pa.field(self.value("frameCol"), pa.int32()),
            pa.field(self.value("errorCol"), ERROR),
        ]

    def make_function(self) -> BurstFunction:
        """See :class:`irbis.study.bursting.BurstFunction`."""
        return BurstFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            frame=self.value("frameCol"),
            error=self.value("errorCol"),
            frames=self.value("frames"),
            crop=self.value("crop"),
            brightness=self.value("brightness"),
            noise=self.value("noise"),
            seed=self.value("seed"),
            max_pixels=self.value("maxPixels"),
        )
