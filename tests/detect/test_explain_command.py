"""`irbis explain` on the classifier that a discovery left."""

import pytest
from PIL import Image
from typer.testing import CliRunner

from irbis import ImageFeaturizer
from irbis.cli import app
from irbis.errors import DataError, ParamError
from irbis.explain.show import show
from irbis.samples import PETS

CAT = min((PETS / "cats").iterdir())


def run(*arguments):
    said = CliRunner().invoke(app, ["explain", *map(str, arguments)])
    return said.output.strip(), said.exception


def test_a_picture_is_explained(done, tmp_path):
    target = tmp_path / "deep" / "x.png"
    said, error = run(done[0] / "classifier", CAT, "--out", target, "--samples", 16)
    assert error is None
    (line,) = said.splitlines()
    assert line.startswith("cat: probability 0.")
    assert "r2 " in line and line.endswith(str(target))
    forwards = int(line.split(" forwards")[0].split()[-1])
    assert forwards >= 16
    with Image.open(target) as opened:
        assert opened.format == "PNG"
        assert opened.width > 700


def test_the_other_class_and_the_same_again(done, tmp_path):
    first, second = (
        show(
            done[0] / "classifier", CAT, tmp_path / name, class_=0, samples=64, segments=10, seed=3
        )
        for name in ("a.jpg", "b.jpg")
    )
    target = show(done[0] / "classifier", CAT, tmp_path / "c.jpg", samples=64, segments=10, seed=3)
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
    assert (first.scores == second.scores).all()
    assert first.scores[0] + target.scores[0] == pytest.approx(1)
    # In log odds, what speaks for one of two classes speaks against the other.
    assert first.weights[0] == pytest.approx(-target.weights[0], abs=1e-6)


def test_the_likeliest_of_many_classes(network, spark, tmp_path, capsys):
    model = ImageFeaturizer(cutOutputLayers=0, inputCol="photo").setModel(network)
    model.save(str(tmp_path / "model"))
    found = show(tmp_path / "model", CAT, tmp_path / "x.png", samples=8, segments=4)
    assert found.scores[0] > 0.1
    assert capsys.readouterr().out.startswith(f"class {found.classes[0]}: probability")


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (
            ["no/model", CAT, "--out", "x.png"],
            DataError,
            "no/model; expected a folder with a saved",
        ),
        (["MODEL", "no.jpg", "--out", "x.png"], DataError, "no.jpg; expected a picture file"),
        (
            ["MODEL", __file__, "--out", "x.png"],
            DataError,
            "test_explain_command.py: not a picture",
        ),
        (
            ["MODEL", CAT, "--out", "x.png", "--class", "2"],
            ParamError,
            "--class 2; expected 0 to 1",
        ),
        (["MODEL", CAT, "--out", "x.gif"], ParamError, "x.gif; expected a file name in .png"),
        (["MODEL", CAT, "--out", "x.png", "--metric", "odds"], ParamError, "one of 'logit'"),
        (["MODEL", CAT, "--out", "x.png", "--samples", "1"], ParamError, "numSamples=1"),
        (["DETECTOR", CAT, "--out", "x.png"], ParamError, "a column of probabilities"),
        (["HALF", CAT, "--out", "x.png"], DataError, "expected a whole saved model"),
    ],
    ids=lambda value: str(value[-1]) if isinstance(value, list) else "",
)
def test_mistakes_are_said(arguments, kind, says, done, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "half" / "metadata").mkdir(parents=True)
    places = {
        "MODEL": done[0] / "classifier",
        "DETECTOR": done[0] / "detector",
        "HALF": tmp_path / "half",
    }
    _, error = run(*(places.get(a, a) for a in arguments))
    assert isinstance(error, kind)
    assert says in str(error)
    assert len(str(error).splitlines()) == 1
    assert not list(tmp_path.glob("x.*"))
