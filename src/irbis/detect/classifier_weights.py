"""The classifier as a direction in the last feature map: what makes class activation maps exact."""

from __future__ import annotations

from typing import Any

import numpy as np

from irbis.adapters.logistic_regression import LogisticRegressionAdapter
from irbis.converters import floats, text, whole
from irbis.detect.heat import Look
from irbis.errors import ParamError
from irbis.files import FileRef
from irbis.model.featurizer import ImageFeaturizer
from irbis.model.model_schema import ModelSchema, model_schema
from irbis.params import UNSET, HasParams, ParamField, param
from irbis.planning import flatten

__all__ = ["ReadsClassifier", "long_sides"]

_TOLERANCE = 1e-3


def _sizes(value: Any) -> list[int]:
    if isinstance(value, (str, int)) or not value:
        raise ValueError("a list of pixels, at least one")
    return sorted({whole(32, 4096)(v) for v in value})


def long_sides(default: list[int]) -> ParamField[list[int]]:
    """Make the Param ``sizes``, with this default."""
    made: ParamField[list[int]] = param(
        "long sides at which pictures are looked at, pixels", _sizes, default=default
    )
    return made


class ReadsClassifier(HasParams):
    """Params of a linear classifier on pooled features, and :meth:`setClassifier`, which fills them.

    A network that averages its last map and classifies linearly says at every place how much that
    place adds: ``w . f(x, y) + b``, whose mean over the places is the logit (B. Zhou et al., CVPR
    2016).
    """

    model: ParamField[Any] = param("network, a ModelSchema", model_schema, default=UNSET)
    mapLayer: ParamField[str] = param("layer whose mean is classified", text, default="map")
    coefficients: ParamField[list[float]] = param(
        "weight of each channel of mapLayer", floats, default=UNSET
    )
    intercept: ParamField[float] = param("the classifier's intercept", float, default=0.0)
    sizes: ParamField[list[int]] = long_sides([448])

    def setClassifier(self, model: Any, targetClass: int = 1) -> Any:
        """Take the weights of a fitted classifier.

        Parameters
        ----------
        model : PipelineModel
            An ImageFeaturizer cut at its pooled features, then a LogisticRegressionModel.
        targetClass : int, default 1
            The class to look for. With more than two classes its weights are taken less the mean of
            the others'.

        Raises
        ------
        ParamError
            If it is another model, or its network does not pool by the mean.
        """
        stages = flatten([model])
        if len(stages) != 2 or not isinstance(stages[0], ImageFeaturizer):
            raise _wrong(stages)
        try:
            head = LogisticRegressionAdapter.of(stages[1])
        except AttributeError:
            raise _wrong(stages) from None
        network = stages[0].getModel()
        if stages[0].layer() != "pooled" or "map" not in network.layerNames:
            raise ParamError(
                f"a classifier on {stages[0].layer()!r} of {network.name}",
                expected="one on 'pooled', of a network with a 'map'",
            )
        rows, offsets = head.coefficients, head.intercepts
        if len(rows) == 1:
            rows, offsets = np.concatenate([-rows, rows]), np.concatenate([-offsets, offsets])
            weights, offset = rows[targetClass], offsets[targetClass]
        else:
            others = [c for c in range(len(rows)) if c != targetClass]
            weights = rows[targetClass] - rows[others].mean(axis=0)
            offset = offsets[targetClass] - offsets[others].mean()
        _check_pooling(network)
        self._assign(
            model=network,
            mapLayer="map",
            coefficients=weights.tolist(),
            intercept=float(offset),
        )
        return self

    def getModel(self) -> ModelSchema:
        """Network that was set."""
        return ModelSchema(**self.value("model"))

    def files(self) -> list[FileRef]:
        """The network's file."""
        return [self.getModel().file] if self.isDefined(self.getParam("model")) else []

    def judges(self) -> tuple[Look, ...]:
        """The classifier's look at each size."""
        tensor = self.getModel().tensor(self.value("mapLayer"))
        weights, offset = tuple(self.value("coefficients")), self.value("intercept")
        return tuple(Look(size, tensor, weights, offset) for size in self.value("sizes"))


def _wrong(stages: list[Any]) -> ParamError:
    return ParamError(
        f"a classifier of {', '.join(type(s).__name__ for s in stages)}",
        expected="an ImageFeaturizer, then a LogisticRegressionModel",
        do="take LimeLocalizer for any other classifier",
    )


def _check_pooling(network: ModelSchema) -> None:
    """Look at one picture: are the pooled features the mean of the map?"""
    from irbis.model.onnx_session import Engine, forward_all

    rng = np.random.default_rng(0)
    shape = (1, 3, network.inputHeight, network.inputWidth)
    values = rng.normal(size=shape).astype(np.float32)
    if network.inputLayout == "NHWC":
        values = np.ascontiguousarray(values.transpose(0, 2, 3, 1))
    tensors = [network.tensor("map"), network.tensor("pooled")]
    seen, pooled = forward_all(network.file, tensors, values, Engine(threads=1))
    if seen.ndim == 4:
        flat = pooled.ravel()
        for axes in ((2, 3), (1, 2)):
            mean = seen.mean(axis=axes).ravel()
            if mean.shape == flat.shape and np.allclose(
                mean, flat, atol=_TOLERANCE * float(np.abs(flat).max())
            ):
                return
    raise ParamError(
        f"{network.name}, whose pooled features are not the mean of its map",
        expected="a convolutional network with global average pooling",
        do="take LimeLocalizer",
    )
