"""How each exported stage is made and fed in the contract tests: a new stage must be added here."""

import graphs
import numpy as np
import pyarrow as pa
from batching_cases import batching_cases
from explain_cases import explain_cases
from http_cases import http_cases
from hypothesis import strategies as st
from identify_cases import identify_cases
from localizer_cases import localizer_cases
from search_cases import search_cases
from service_cases import service_cases

import irbis
import pictures
from irbis.vectors import to_vectors


def _vectors(rows):
    valid = np.array([r is not None for r in rows], dtype=bool)
    matrix = np.array([r for r in rows if r is not None], dtype=float).reshape(-1, 2)
    return to_vectors(matrix, valid)


def _groups(rows):
    return pa.table(
        {
            "key": pa.array([r[0] for r in rows], pa.string()),
            "second": pa.array([r[1] for r in rows], pa.int64()),
            "prob": _vectors([r[2] for r in rows]),
            "list": pa.array([r[2] for r in rows], pa.list_(pa.float64())),
            "x": pa.array([r[3] for r in rows], pa.float64()),
            "n": pa.array([r[1] for r in rows], pa.int32()),
        }
    )


_number = st.floats(-1e3, 1e3)
_row = st.tuples(
    st.sampled_from(["a", "b", None]),
    st.one_of(st.none(), st.integers(0, 2)),
    st.one_of(st.none(), st.lists(_number, min_size=2, max_size=2)),
    st.one_of(st.none(), _number),
)
GROUPS = st.lists(_row, max_size=6).map(_groups)
_ROWS = [
    ("a", 1, [0.25, 0.75], 1.0),
    ("b", None, None, None),
    ("a", 1, [0.5, 0.5], None),
    (None, 2, [1.0, 0.0], 3.5),
    ("b", None, None, 2.0),
]


def _sights(rows):
    times = pa.array([r[2] for r in rows], pa.int64()).cast(pa.timestamp("s", tz="UTC"))
    return pa.table(
        {
            "camera": pa.array([r[0] for r in rows], pa.string()),
            "slot": pa.array([r[1] for r in rows], pa.int32()),
            "taken": times.cast(pa.timestamp("us", tz="UTC")),
        }
    )


_sight = st.tuples(
    st.sampled_from(["a", "b", None]),
    st.sampled_from([1, None]),
    st.one_of(st.none(), st.integers(-20, 20)),
)
SIGHTS = st.lists(_sight, max_size=8).map(_sights)
_SIGHTS = [("a", 1, -3), ("a", 1, 7), ("a", 1, 2), ("a", None, 7), (None, 1, 0), ("b", 1, None)]


def _featurizer(network, **params):
    return irbis.ImageFeaturizer(**params).setModel(network)


def _lime(network):
    model = _featurizer(network, cutOutputLayers=0, outputCol="probability")
    return irbis.ImageLIME(
        model=model, targetClasses=[3, 281], numSamples=8, numSegments=5, outputCol="explanation"
    )


def _explained(network, table):
    return _lime(network).transform(table)


def _onnx(folder):
    path = folder / "tokens.onnx"
    path.write_bytes(graphs.tokens())
    return irbis.OnnxModel(
        model=path,
        feedDict={"input_ids": "ids", "attention_mask": "ids"},
        fetchDict={"hidden": "last_hidden_state", "vector": "pooled"},
        softMaxDict={"vector": "share"},
        argMaxDict={"vector": "best"},
    )


def _files(folder):
    """Paths as people and Spark write them, of which some are none: a strategy, and all of them."""
    (folder / "a ü%20.txt").write_bytes(b"abc")
    (folder / "empty").write_bytes(b"")
    (folder / "large").write_bytes(b"x" * 51)
    paths = [f"{folder}/a ü%20.txt", f"file:{folder}/empty", f"file://{folder}/large"]
    paths += [str(folder), "/no/where", "", None, "nosuch://store/key"]
    some = st.lists(st.sampled_from(paths), max_size=6)
    return some.map(lambda p: pa.table({"path": pa.array(p, pa.string())})), pa.table(
        {"path": paths}
    )


_ids = st.one_of(st.none(), st.lists(st.one_of(st.none(), st.integers(-9, 60)), max_size=4))
TOKENS = st.lists(_ids, max_size=6).map(
    lambda r: pa.table({"ids": pa.array(r, pa.list_(pa.int64()))})
)
_TOKENS = pa.table(
    {"ids": pa.array([[1, 2], None, [3], [99], [], [4, None]], pa.list_(pa.int64()))}
)


def cases(network, detector, service, folder):
    """Name -> (stage, strategy of inputs, one rich input, examples to try)."""
    rich = pictures.EVERYTHING
    few = pictures.binary_table([pictures.GOOD[0], None, pictures.BAD[1], pictures.GOOD[2]])
    limed = _explained(network, few)
    return (
        http_cases(service)
        | service_cases(service)
        | batching_cases()
        | explain_cases()
        | search_cases(service)
        | identify_cases()
        | {
            **localizer_cases(network),
            "BoxesFromWeights": (irbis.BoxesFromWeights(label="x"), st.just(limed), limed, 1),
            "Detector": (detector, pictures.pictures, few, 4),
            "DropColumns": (irbis.DropColumns(cols=["key", "prob"]), GROUPS, _groups(_ROWS), 20),
            "EnsembleByKey": (
                irbis.EnsembleByKey(keys=["key", "second"], cols=["prob", "list", "x", "n"]),
                GROUPS,
                _groups(_ROWS),
                40,
            ),
            "GroupSequences": (
                irbis.GroupSequences(keys=["camera", "slot"], gap=5),
                SIGHTS,
                _sights(_SIGHTS),
                20,
            ),
            "ImageFeaturizer": (_featurizer(network), pictures.either, few, 8),
            "ImageLIME": (_lime(network), pictures.pictures, few, 2),
            "ImageSetAugmenter": (
                irbis.ImageSetAugmenter(
                    flipVertical=True, grey=True, rotation=20, crop=0.5, brightness=0.5, copies=2
                ),
                pictures.either,
                rich,
                40,
            ),
            "ImageTransformer": (
                irbis.ImageTransformer()
                .resize(size=12, keepAspectRatio=True)
                .gaussianKernel(3, 0.8)
                .centerCrop(9, 10)
                .flip(-1)
                .normalize([0.5] * 3, [0.2] * 3),
                pictures.either,
                rich,
                40,
            ),
            "OnnxModel": (_onnx(folder), TOKENS, _TOKENS, 40),
            "PerceptualHash": (irbis.PerceptualHash(), pictures.either, rich, 40),
            "ReadExif": (irbis.ReadExif(), pictures.pictures, rich, 20),
            "ReadFiles": (irbis.ReadFiles(maxBytes=50), *_files(folder), 20),
            "SelectColumns": (irbis.SelectColumns(cols=["n", "prob"]), GROUPS, _groups(_ROWS), 20),
            "SuperpixelTransformer": (
                irbis.SuperpixelTransformer(numSegments=6, shortSide=16),
                pictures.either,
                rich,
                20,
            ),
            "UnrollImage": (irbis.UnrollImage(width=7, height=5), pictures.either, rich, 40),
        }
    )
