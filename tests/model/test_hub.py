"""The Hugging Face hub as a source, over real HTTP."""

import json
import logging
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import exports
import hub_server
import numpy as np
import pytest

import pictures
from irbis import ImageFeaturizer, ModelDownloader
from irbis.errors import DataError, ModelNotFoundError, ParamError
from irbis.image.codec import decode

REPO = "irbis-tests/small"


@pytest.fixture(scope="session")
def nets():
    return [exports.small_resnet(seed=s) for s in (0, 1)]


@pytest.fixture(scope="session")
def graphs(nets):
    return [exports.export(net) for net in nets]


@pytest.fixture
def hub(graphs, tmp_path, monkeypatch):
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path / "home"))
    for name in ("HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    held = hub_server.Hub()
    held.push(REPO, exports.repository(graphs[0]), "main", "v1")
    stop = hub_server.start(held)
    yield held
    stop()


@pytest.fixture
def downloader(hub, tmp_path):
    return ModelDownloader(tmp_path, source="hub", endpoint=hub.address)


def layers(schema, tensor):
    found = {}
    for cut in range(4):
        stage = ImageFeaturizer(cutOutputLayers=cut).setModel(schema).make_function()
        found[cut] = stage.forward(tensor)
    return found


def tensor_of(schema, **params):
    stage = ImageFeaturizer(**params).setModel(schema).make_function()
    return stage.tensor(decode(pictures.encoded(90, 70)))[None]


def close(found, expected):
    for cut, value in expected.items():
        scale = max(1.0, np.abs(value).max())
        assert found[cut].shape == value.shape
        assert np.abs(found[cut] - value).max() <= 1e-4 * scale, cut


def test_an_ordinary_export_by_name(hub, downloader, nets, graphs):
    schema = downloader.downloadByName(REPO)
    assert (schema.name, schema.inputNode, schema.numLayers) == (REPO, "pixel_values", 4)
    assert schema.layerNames == ("map", "pooled", "logits", "probabilities")
    assert (schema.inputHeight, schema.resizeTo, schema.resample) == (64, (73,), "bicubic")
    assert np.allclose(schema.mean, [123.675, 116.28, 103.53])
    assert np.allclose(schema.std, [58.395, 57.12, 57.375])
    assert schema.labels == tuple(f"class {i}" for i in range(10))
    assert (schema.licence, schema.size) == ("apache-2.0", len(graphs[0]))
    assert schema.revision == hub.refs[REPO]["main"]
    assert REPO in schema.source and "127.0.0.1" in schema.source
    tensor = tensor_of(schema)
    close(layers(schema, tensor), exports.torch_layers(nets[0], tensor))
    assert downloader.localModels() == [REPO]
    assert downloader.remoteModels() == [REPO]


def test_a_second_time_nothing_is_transferred(hub, downloader):
    first = downloader.downloadByName(REPO)
    hub.clear()
    assert downloader.downloadByName(REPO) == first
    assert hub.asked("GET", "/resolve/") == hub.asked("GET", "/cdn/") == []


def test_revisions_are_pinned(hub, tmp_path, nets, graphs):
    old = hub.refs[REPO]["v1"]
    new = hub.push(REPO, exports.repository(graphs[1]))

    def get(**params):
        found = ModelDownloader(tmp_path, "hub", endpoint=hub.address, **params)
        return found.downloadByName(REPO)

    schemas = {None: get(), "v1": get(revision="v1"), old: get(revision=old)}
    assert {k: s.revision for k, s in schemas.items()} == {None: new, "v1": old, old: old}
    tensor = tensor_of(schemas[None])
    for key, net in ((None, nets[1]), ("v1", nets[0]), (old, nets[0])):
        close(layers(schemas[key], tensor), exports.torch_layers(net, tensor))
    with pytest.raises(ModelNotFoundError, match="'v9'.*branch, a tag or a commit"):
        get(revision="v9")


OFFLINE = """
import sys
from irbis import ModelDownloader
from irbis.errors import ModelNotFoundError
folder, repo = sys.argv[1:]
schema = ModelDownloader(folder, source="hub").downloadByName(repo)
try:
    ModelDownloader(folder, source="hub").downloadByName("irbis-tests/other")
except ModelNotFoundError as error:
    print(error)
print(schema.revision, schema.sha256, ModelDownloader(folder, source="hub").localModels())
print(ModelDownloader(folder, source="hub").remoteModels())
"""


def test_offline_in_a_fresh_process(hub, downloader, tmp_path):
    schema = downloader.downloadByName(REPO)
    hub.clear()
    # The endpoint stands, so that a request would be seen.
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_ENDPOINT": hub.address}
    command = [sys.executable, "-c", OFFLINE, str(tmp_path), REPO]
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    refused, found, listed = said.stdout.splitlines()
    assert "irbis-tests/other at main, which is not in the cache" in refused
    assert f"(cached: {REPO})" in refused
    assert found == f"{schema.revision} {schema.sha256} ['{REPO}']"
    assert listed == f"['{REPO}']"
    assert hub.seen == []


def test_offline_asked_for_later(hub, downloader, monkeypatch):
    schema = downloader.downloadByName(REPO)
    hub.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # huggingface_hub has long been imported
    assert replace(downloader.downloadByName(REPO), licence=schema.licence) == schema
    assert hub.seen == []


def test_an_unreachable_hub(hub, downloader, tmp_path):
    schema = downloader.downloadByName(REPO)
    nowhere = ModelDownloader(tmp_path, source="hub", endpoint="http://127.0.0.1:9")
    with pytest.warns(UserWarning, match="no answer from the hub; the cached one is taken"):
        assert nowhere.downloadByName(REPO).sha256 == schema.sha256
    with pytest.raises(ModelNotFoundError, match="irbis-tests/other: the hub can't be reached"):
        nowhere.downloadByName("irbis-tests/other")


def test_a_broken_transfer_goes_on_where_it_stopped(hub, downloader, graphs):
    step = 10 << 20  # huggingface_hub keeps what came in steps of 10 MiB
    assert step < len(graphs[0])
    hub.cuts = [step + 1000, 7]
    schema = downloader.downloadByName(REPO)
    assert schema.size == len(graphs[0])
    ranges = [s.range for s in hub.asked("GET", "/cdn/")]
    assert ranges == [None, f"bytes={step}-", f"bytes={step}-"]


@pytest.mark.parametrize("name", ["model.onnx", "config.json"])
def test_what_is_damaged_is_refused_and_deleted(hub, downloader, tmp_path, name, graphs):
    if name == "model.onnx":
        hub.damage.add(name)
    else:  # a proxy that rewrites small files
        files = hub.repos[REPO][hub.refs[REPO]["main"]]
        said, files[name] = hub_server.sibling(name, files[name]), files[name].replace(b"9", b"8")
        hub_server.Handler.info, honest = wrong_info(said), hub_server.Handler.info
    try:
        with pytest.raises(DataError, match=rf"{name}.*which is damaged \(deleted\)"):
            downloader.downloadByName(REPO)
    finally:
        if name != "model.onnx":
            hub_server.Handler.info = honest
    assert [p for p in tmp_path.rglob("*") if p.is_file() and p.name == name] == []
    hub.damage.clear()
    assert downloader.downloadByName(REPO).size == len(graphs[0])


def wrong_info(said):
    honest = hub_server.Handler.info

    def info(self, repo, commit, files):
        told = honest(self, repo, commit, files)
        told["siblings"] = [
            said if s["rfilename"] == said["rfilename"] else s for s in told["siblings"]
        ]
        return told

    return info


def test_a_cache_that_was_damaged_later(hub, downloader, monkeypatch):
    schema = downloader.downloadByName(REPO)
    with Path(schema.uri).open("r+b") as file:
        file.seek(100)
        file.write(b"x")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DataError, match="in the cache.*damaged"):
        downloader.downloadByName(REPO)


def test_who_may_read_what(hub, tmp_path, graphs, monkeypatch, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for kind in ("gated", "private"):
        hub.push(f"irbis-tests/{kind}", exports.repository(graphs[0]))
        getattr(hub, kind).add(f"irbis-tests/{kind}")
    wrong = "hf_" + "wr0ng" * 6

    def get(name, **params):
        found = ModelDownloader(tmp_path, "hub", endpoint=hub.address, **params)
        return found.downloadByName(f"irbis-tests/{name}")

    said = []
    for name, params, expected in (
        ("gated", {}, "irbis-tests/gated, which is gated.*HF_TOKEN"),
        ("private", {}, "'irbis-tests/private', which the hub does not show.*HF_TOKEN"),
        ("none", {}, "'irbis-tests/none', which the hub does not show"),
        ("private", {"token": wrong}, r"refused the token \(401\)"),
        ("none", {"token": hub_server.TOKEN}, "'irbis-tests/none', which the hub does not show"),
    ):
        with pytest.raises(ModelNotFoundError, match=expected) as caught:
            get(name, **params)
        said += [str(caught.value), repr(caught.value)]
    assert get("gated", token=hub_server.TOKEN).size == len(graphs[0])
    monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
    schema = get("private")
    assert schema.size == len(graphs[0])
    # Neither said, nor logged, nor saved, nor sent to where the large files lie.
    captured = capfd.readouterr()
    downloader = ModelDownloader(tmp_path, "hub", token=wrong)
    for text in (*said, caplog.text, captured.out, captured.err, repr(schema), repr(downloader)):
        assert hub_server.TOKEN not in text and wrong not in text
    assert hub.asked("GET", "/cdn/")
    assert {s.token for s in hub.asked("GET", "/cdn/")} == {None}


def test_the_endpoint_of_the_environment(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.address}/")
    assert ModelDownloader(tmp_path, source="hub").downloadByName(REPO).name == REPO
    assert hub.asked("GET", "/cdn/")


def test_which_file(hub, downloader, graphs):
    files = exports.repository(graphs[0])
    graph = files.pop("model.onnx")
    hub.push("irbis-tests/onnx-folder", {**files, "onnx/model.onnx": graph, "x.onnx": graphs[1]})
    hub.push("irbis-tests/two", {**files, "a.onnx": graph, "b/c.onnx": graphs[1]})
    hub.push("irbis-tests/torch-only", files)
    found = downloader.downloadByName("irbis-tests/onnx-folder")
    assert found.uri.endswith("onnx/model.onnx") and found.labels is not None
    with pytest.raises(ModelNotFoundError, match=r"2 ONNX files.*irbis-tests/two/b/c\.onnx"):
        downloader.downloadByName("irbis-tests/two")
    with pytest.raises(ModelNotFoundError, match=r"d\.onnx in irbis-tests/two"):
        downloader.downloadByName("irbis-tests/two/d.onnx")
    with pytest.warns(UserWarning, match="ImageNet"), pytest.raises(DataError, match="any size"):
        downloader.downloadByName("irbis-tests/two/b/c.onnx")
    with pytest.raises(ModelNotFoundError, match="without an ONNX file.*optimum-cli"):
        downloader.downloadByName("irbis-tests/torch-only")
    for name in ("ResNet50", "a/b/c", "/a", "a b/c?d"):
        with pytest.raises(ModelNotFoundError, match="org/repo"):
            downloader.downloadByName(name)


def test_weights_beside_the_graph(hub, downloader, nets, graphs, tmp_path):
    import onnx

    model = onnx.load_from_string(graphs[0])
    folder = tmp_path / "made"
    folder.mkdir()
    onnx.save_model(
        model, folder / "model.onnx", save_as_external_data=True, location="model.onnx_data"
    )
    split = {n: (folder / n).read_bytes() for n in ("model.onnx", "model.onnx_data")}
    assert len(split["model.onnx"]) < 100_000
    files = {**exports.repository(graphs[0]), **split}
    hub.push("irbis-tests/split", files)
    schema = downloader.downloadByName("irbis-tests/split")
    tensor = tensor_of(schema)
    close(layers(schema, tensor), exports.torch_layers(nets[0], tensor))
    del files["model.onnx_data"]
    hub.push("irbis-tests/lost", files)
    with pytest.raises(ModelNotFoundError, match="no model.onnx_data in irbis-tests/lost"):
        downloader.downloadByName("irbis-tests/lost")


def test_the_file_of_a_schema_made_elsewhere(hub, downloader, graphs):
    schema = downloader.downloadByName(REPO)
    hub.push(REPO, exports.repository(graphs[1]))
    elsewhere = replace(schema, uri="/another/machine/model.onnx")
    assert downloader.downloadModel(elsewhere) == schema
    assert downloader.downloadModel(schema) == schema
    with pytest.raises(DataError, match="as the schema says"):
        downloader.downloadModel(replace(elsewhere, sha256="0" * 64))


def test_only_the_hub_has_revisions():
    with pytest.raises(ParamError, match="revision, token.*source='hub'") as caught:
        ModelDownloader(revision="v1", token="hf_secret")
    assert "hf_secret" not in str(caught.value)


@pytest.mark.one_engine("classic")
def test_resnet50_as_hugging_face_has_it(hub, downloader, spark):
    """The whole of it: 100 MB, 1000 classes, through Spark."""
    net = exports.randomised(exports.torchvision_models().resnet50(weights=None))
    files = exports.repository(exports.export(net, 224), 1000, size={"shortest_edge": 224})
    hub.push("irbis-tests/resnet-50", files)
    schema = downloader.downloadByName("irbis-tests/resnet-50")
    assert schema.size > 90 << 20 and len(schema.labels) == 1000 and schema.resizeTo == (256,)
    table = pictures.binary_table([pictures.encoded(300, 260), None])
    function = ImageFeaturizer(resize="crop").setModel(schema).make_function()
    tensor = function.tensor(decode(table["image"][0].as_py()))[None]
    expected = exports.torch_layers(net, tensor)
    stages = [ImageFeaturizer(cutOutputLayers=n, resize="crop", model=schema) for n in range(4)]
    close({n: stage.make_function().forward(tensor) for n, stage in enumerate(stages)}, expected)
    rows = stages[2].transform(spark.createDataFrame(table)).orderBy("id").collect()
    assert rows[1].features is None and rows[1].features_error.kind == "null"
    close({2: rows[0].features.toArray()[None]}, {2: expected[2]})
    assert json.loads(json.dumps(stages[0].value("model")))["revision"] == schema.revision


def test_the_page_on_models(hub, tmp_path, monkeypatch):
    """Its lines on the hub, against this one."""
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    lines = re.search(r"```text\n(network = .*?)```", page, re.DOTALL)[1]
    hub.push("org/resnet-50", next(iter(hub.repos[REPO].values())), "main", "v1")
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    names = {"ModelDownloader": lambda **params: ModelDownloader(tmp_path, **params)}
    for line in lines.strip().splitlines():
        exec(line, names)
        assert names["network"].revision == hub.refs["org/resnet-50"]["v1"]
