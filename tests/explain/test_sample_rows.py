"""Perturbed pictures as rows, and answers back to explanations: without Spark between them."""

import numpy as np
import pyarrow as pa
import pytest

import pictures
from irbis import ImageLIME, SuperpixelTransformer
from irbis.errors import RowError
from irbis.explain.explanation import Explanation
from irbis.explain.sample_rows import ANSWERS, HELD, NUMBER, SAMPLE, FitSamples, MakeSamples
from irbis.image.codec import decode
from irbis.image.codec import pictures as opened
from irbis.schema import is_image

PARAMS = {
    "targetClasses": [0], "metric": "probability", "numSamples": 64, "numSegments": 12,
    "segmentation": "watershed", "fill": "black",
}  # fmt: skip


def brightness(seen):
    return seen[:, : max(1, seen.shape[1] // 2)].mean(axis=(1, 2, 3)) / 255


class Opaque:
    """Has a transform and is nothing that irbis knows."""

    def transform(self, dataset):
        raise NotImplementedError


def made(table, answer=brightness, **params):
    """What explain_frame does, with a loop where Spark is."""
    lime = ImageLIME(model=Opaque(), **{**PARAMS, **params})
    function = lime.make_frame_function(table.schema)
    names = tuple(table.column_names)
    numbered = table.append_column(NUMBER, pa.array(range(7, 7 + len(table)), pa.int64()))
    batches = list(MakeSamples(function, names)(iter(numbered.to_batches(max_chunksize=2))))
    assert all(0 < len(batch) <= 16 for batch in batches)
    samples = pa.Table.from_batches(batches)
    said = [[float(answer(p[None])[0])] for b in batches for p in opened(b.column(3))]
    answers = samples.append_column(ANSWERS, pa.array(said))
    fit, rows = FitSamples(function, names), []
    for number in range(7, 7 + len(table)):
        mask = pa.compute.equal(answers[NUMBER], number)
        own = answers.filter(mask).select([NUMBER, SAMPLE, HELD, ANSWERS])
        order = np.random.default_rng(number).permutation(len(own))
        rows += fit(own.take(order)).to_pylist()
    return rows, batches, (fit, answers)


@pytest.mark.parametrize("kind", ["files", "structs"])
@pytest.mark.parametrize("sampler", ["foldover", "independent"])
def test_as_inside_the_function(kind, sampler):
    given = [pictures.array(60, 80), None, pictures.array(1, 1, 1), pictures.array(300, 260, 2)]
    if kind == "structs":
        table = pictures.struct_table(given)
    else:
        table = pictures.binary_table([pictures.encoded(60, 80), None, b"none", b""])
    rows, batches, _ = made(table, sampler=sampler)
    assert is_image(batches[0].schema.field("image").type) == (kind == "structs")
    inside = ImageLIME(model=brightness, **PARAMS, sampler=sampler).transform(table).to_pylist()
    assert len(rows) == len(inside)
    for row, other in zip(rows, inside, strict=True):
        one, same = row.pop("explanation"), other.pop("explanation")
        assert row == other  # what stood there, and the error
        assert (one is None) == (same is None)
        if same is not None:
            one, same = Explanation.from_row(one), Explanation.from_row(same)
            assert np.array_equal(one.segments, same.segments)
            assert np.allclose(one.weights, same.weights, atol=1e-12)
            assert (one.forwards, one.height) == (same.forwards, same.height)
    assert sum(row["explanation_error"] is None for row in inside) == (
        3 if kind == "structs" else 1
    )


def test_files_that_a_model_is_shown_lose_nothing():
    table = pictures.binary_table([pictures.encoded(60, 80)])
    _, batches, _ = made(table)
    first = batches[0].column("image")[0].as_py()
    assert first.startswith(b"\x89PNG")
    assert np.array_equal(decode(first), decode(table["image"][0].as_py()))


def test_superpixels_from_a_column():
    table = SuperpixelTransformer(numSegments=6).transform(
        pictures.binary_table([pictures.encoded(60, 80), None])
    )
    rows, _, _ = made(table, segmentation="superpixels")
    assert len(rows[0]["explanation"]["weights"][0]) == rows[0]["superpixels"]["count"]
    assert rows[1]["explanation_error"]["kind"] == "null"


def test_answers_that_are_missing():
    _, _, (fit, answers) = made(pictures.binary_table([pictures.encoded(60, 80)]))
    own = answers.select([NUMBER, SAMPLE, HELD, ANSWERS])
    at = own.schema.get_field_index(ANSWERS)
    for broken, said in (
        (own.slice(0, len(own) - 1), "63 answers for 64 samples"),
        (pa.concat_tables([own, own.slice(1, 1)]), "65 answers for 64"),
        (own.set_column(at, ANSWERS, pa.array([[None]] * 64, pa.list_(pa.float64()))), "is null"),
        (own.set_column(at, ANSWERS, pa.array([None] * 64, pa.list_(pa.float64()))), "is null"),
        (own.set_column(at, ANSWERS, pa.array([[np.inf]] * 64)), "no number"),
    ):
        row = fit(broken).to_pylist()[0]
        assert row["explanation"] is None
        assert row["explanation_error"]["kind"] == "score"
        assert said in row["explanation_error"]["message"]
    with pytest.raises(RowError, match="drops rows"):
        fit(own.slice(1))


def test_errors_can_be_raised():
    with pytest.raises(RowError, match="a picture: "):
        made(pictures.binary_table([b"none"]), errors="raise")
