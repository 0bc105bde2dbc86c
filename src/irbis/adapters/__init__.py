"""Adapters: Spark ML's fitted models as functions on Arrow batches, so that they fuse.

An adapter does the model's own arithmetic with numpy (property-tested against Spark to 1e-6); it
reads the model's public attributes and imports no pyspark. Users add theirs with :func:`register`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from irbis.adapters.logistic_regression import LogisticRegressionAdapter

__all__ = ["find", "names", "register"]

# By class name rather than class: looking one up must not import Spark ML's modules.
_factories: dict[str, Callable[[Any], Any]] = {
    "pyspark.ml.classification.LogisticRegressionModel": LogisticRegressionAdapter.of,
}


def find(model: object) -> Any | None:
    """Return a Fusable that does what `model` does, or None if there is no adapter."""
    factory = _factories.get(f"{type(model).__module__}.{type(model).__qualname__}")
    return None if factory is None else factory(model)


def names() -> list[str]:
    """Class names of the models that have an adapter."""
    return sorted(name.rsplit(".", 1)[1] for name in _factories)


def register(name: str, factory: Callable[[Any], Any]) -> None:
    """Add an adapter.

    Parameters
    ----------
    name : str
        Full class name of the fitted model, such as ``"pyspark.ml.feature.PCAModel"``.
    factory : callable
        Takes the model, returns a :class:`irbis.planning.Fusable`.
    """
    _factories[name] = factory
