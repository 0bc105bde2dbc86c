"""The services that benchmarks/serving.py has BentoML serve."""

from __future__ import annotations

import bentoml
import numpy as np

# Without access log, as the others.
OPTIONS = {
    "workers": 1,
    "traffic": {"timeout": 30},
    "logging": {"access": {"enabled": False}},
    "metrics": {"enabled": False},
}


@bentoml.service(**OPTIONS)
class Trivial:
    @bentoml.api
    def infer(self, value: str) -> str:
        return value.upper()


@bentoml.service(**OPTIONS)
class Onnx:
    def __init__(self) -> None:
        from serving_servers import session

        self.model = session()

    @bentoml.api
    def infer(self, x: list[float]) -> list[float]:
        made = self.model.run(None, {"x": np.array([x], np.float32)})
        return made[0][0].tolist()
