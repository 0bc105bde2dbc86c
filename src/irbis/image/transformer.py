"""ImageTransformer: a chain of picture operations as one stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import pyarrow as pa

from irbis.converters import flag, text
from irbis.errors import ParamError
from irbis.image.chain import Shape, chain, output_shape, step
from irbis.image.input import LimitsPixels, ReadsPictures
from irbis.image.transforms import TENSOR, TransformFunction
from irbis.params import ParamField, param
from irbis.schema import IMAGE
from irbis.stage import HasErrors, Stage

__all__ = ["ImageTransformer"]


class ImageTransformer(ReadsPictures, LimitsPixels, HasErrors, Stage):
    """Resize, crop, blur and more, in the order in which they are called.

    Each method below adds an operation and returns the stage. Names and meanings are SynapseML's
    (ImageTransformer, 1.1) and OpenCV's where they have them; there is no OpenCV behind it.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "transformed"
        Spark's image struct, of 3 channels BGR or, after ``colorFormat("grey")``, of one. With
        ``toTensor`` an array of float32: ``channels * height * width`` values, channel by channel,
        each row by row; red first unless ``colorFormat("bgr")`` says otherwise. Its shape is
        :meth:`outputShape`.
    stages : list of dict, default []
        The operations, as the methods write them: "action" and its arguments.
    toTensor : bool, default False
        Give arrays of numbers. The chain must fix height and width.
    maxPixels : int, default 100,000,000
        Pixels a file may announce, or a resized picture have; more is an error row of kind
        "too_large".
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. A crop that reaches outside a picture is of kind "crop".

    Raises
    ------
    ParamError
        For an operation that can't be, at once; for ``toTensor`` without a fixed size, or
        ``normalize`` without ``toTensor``, before a job starts.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis.image.codec import encode
    >>> table = pa.table({"image": [encode(np.zeros((40, 60, 3), np.uint8))]})
    >>> small = ImageTransformer().resize(height=10, width=12).blur(3, 3)
    >>> small.transform(table)["transformed"][0].as_py()["width"]
    12
    >>> tensor = ImageTransformer().resize(size=8).normalize([0.5], [0.5])
    >>> tensor.outputShape(), len(tensor.transform(table)["transformed"][0])
    ((3, 8, 8), 192)
    """

    outputCol: ParamField[str] = param("column of results", text, default="transformed")
    stages: ParamField[list[dict[str, Any]]] = param(
        "operations in order: dicts of 'action' and its arguments", chain, default=[]
    )
    toTensor: ParamField[bool] = param("arrays of numbers instead of pictures", flag, default=False)

    def _add(self, action: str, **arguments: Any) -> Self:
        try:
            done = step({"action": action, **arguments})
        except ValueError as error:
            told = ", ".join(f"{k}={v!r}" for k, v in arguments.items() if v is not None)
            raise ParamError(f"{action}({told})", expected=str(error)) from None
        return self.setParams(stages=[*self.value("stages"), done])

    def resize(
        self,
        height: int | None = None,
        width: int | None = None,
        *,
        size: int | None = None,
        keepAspectRatio: bool | None = None,
    ) -> Self:
        """Resize, bilinear with antialiasing.

        Parameters
        ----------
        height, width : int, pixels, 1 to 65535
            The result's, aspect not kept; 100 million pixels at most.
        size : int, pixels, 1 to 65535
            Instead of them: of both sides, or of the shorter one.
        keepAspectRatio : bool, default False
            With `size`: it is the shorter side's, and the longer one follows.
        """
        if size is not None and keepAspectRatio is None:
            keepAspectRatio = False
        to = {"height": height, "width": width, "size": size, "keepAspectRatio": keepAspectRatio}
        return self._add("resize", **to)

    def crop(self, x: int, y: int, height: int, width: int) -> Self:
        """Cut out a rectangle whose upper left corner is x to the right and y down, in pixels."""
        return self._add("crop", x=x, y=y, height=height, width=width)

    def centerCrop(self, height: int, width: int) -> Self:
        """Cut a rectangle out of the middle, in pixels."""
        return self._add("centerCrop", height=height, width=width)

    def colorFormat(self, format: str) -> Self:  # noqa: A002 - SynapseML's name
        """Go to "grey" (one channel, ITU-R 601 luma) or to three channels.

        "rgb" or "bgr" is the order in a tensor. An image struct is BGR either way, as Spark's
        readers take it to be.
        """
        return self._add("colorFormat", format=format)

    def blur(self, height: int, width: int) -> Self:
        """Take the mean over a box of that many pixels, 1 to 1001."""
        return self._add("blur", height=height, width=width)

    def gaussianKernel(self, apertureSize: int, sigma: float) -> Self:
        """Blur by a Gaussian `sigma` pixels wide, cut off to an odd `apertureSize`."""
        return self._add("gaussianKernel", apertureSize=apertureSize, sigma=sigma)

    def threshold(
        self, threshold: float, maxVal: float, thresholdType: str | int = "binary"
    ) -> Self:
        """Compare each value with a threshold.

        Parameters
        ----------
        threshold : float
        maxVal : float, 0 to 255
            What "binary" and "binary_inv" write.
        thresholdType : str, default "binary"
            "binary", "binary_inv", "trunc", "zero" or "zero_inv": OpenCV's, or their numbers 0 - 4.
        """
        given = {"threshold": threshold, "maxVal": maxVal, "thresholdType": thresholdType}
        return self._add("threshold", **given)

    def flip(self, flipCode: int = 1) -> Self:
        """Mirror: 0 upside down, 1 left to right, -1 both."""
        return self._add("flip", flipCode=flipCode)

    def normalize(
        self, mean: Sequence[float], std: Sequence[float], colorScaleFactor: float = 1 / 255
    ) -> Self:
        """Give a tensor of ``(value * colorScaleFactor - mean) / std``; it comes last.

        Parameters
        ----------
        mean, std : list of 1 or as many floats as channels
            In the order of the tensor's channels.
        colorScaleFactor : float, default 1/255
        """
        given = {"mean": mean, "std": std, "colorScaleFactor": colorScaleFactor}
        return self._add("normalize", **given).setParams(toTensor=True)

    def outputShape(self) -> Shape:
        """(channels, height, width) of the results; None where it depends on the picture."""
        return output_shape(self.value("stages"))

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Image structs or tensors, and errors."""
        self.picture_field(schema)
        steps, tensor = self.value("stages"), self.value("toTensor")
        if tensor and None in self.outputShape():
            raise ParamError(
                "toTensor=True and pictures of any size",
                expected="a chain that fixes height and width",
                do="add resize(height, width), crop or centerCrop",
            )
        if not tensor and any(s["action"] == "normalize" for s in steps):
            raise ParamError("normalize with toTensor=False", expected="toTensor=True")
        return [
            pa.field(self.value("outputCol"), TENSOR if tensor else IMAGE),
            *self.error_fields(),
        ]

    def make_function(self) -> TransformFunction:
        """See :class:`irbis.image.transforms.TransformFunction`."""
        return TransformFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            steps=self.value("stages"),
            tensor=self.value("toTensor"),
            max_pixels=self.value("maxPixels"),
        )
