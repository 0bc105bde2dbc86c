"""What the stand-ins find: pictures by captions, text at any size, offsets as asked for."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from irbis.errors import DataError
from irbis.services.local.image_index import ImageIndex
from irbis.services.local.recognition import read_lines, strips
from irbis.services.local.sentiment import sentences
from irbis.services.local.text_index import Offsets


def search(ask, query):
    return ask(f"/v7.0/images/search?{query}")[1]


def test_pages_of_a_search_are_the_whole(ask):
    whole = search(ask, "q=pug&count=150")
    assert whole["totalEstimatedMatches"] == len(whole["value"]) == 6
    first, second = search(ask, "q=pug&count=4"), search(ask, "q=pug&count=4&offset=4")
    assert (first["nextOffset"], second["nextOffset"]) == (4, 6)
    assert [v["imageId"] for v in [*first["value"], *second["value"]]] == [
        v["imageId"] for v in whole["value"]
    ]
    assert search(ask, "q=pug&offset=99")["value"] == []


def test_words_are_stemmed_and_joined(ask):
    assert search(ask, "q=pugs")["totalEstimatedMatches"] == 6
    assert search(ask, "q=siamese%20cats")["totalEstimatedMatches"] == 6
    assert search(ask, "q=a%22%20OR%20*%20NEAR(")["totalEstimatedMatches"] >= 0  # no syntax of FTS5
    assert search(ask, "q=quagga")["totalEstimatedMatches"] == 0
    assert search(ask, "q=quagga%20pug")["totalEstimatedMatches"] == 6  # some of the words


def test_filters(ask):
    assert search(ask, "q=pug&imageType=Clipart")["value"] == []
    assert search(ask, "q=pug&imageType=photo")["totalEstimatedMatches"] == 6
    assert search(ask, "q=pug&license=Public")["value"] == []  # the folder names no licences


def test_a_thumbnail_has_the_size_it_says(ask, url):
    (found,) = search(ask, "q=pug&count=1")["value"]
    _, picture, _ = ask(found["thumbnailUrl"].removeprefix(url))
    size = Image.open(io.BytesIO(picture)).size
    assert size == (found["thumbnail"]["width"], found["thumbnail"]["height"])


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(DataError, match="no picture"):
        ImageIndex(tmp_path)
    with pytest.raises(DataError, match="a folder"):
        ImageIndex(tmp_path / "none")


def stamp(width, height, size):
    rng = np.random.default_rng(0)
    noise = np.kron(rng.integers(60, 120, (height // 40, width // 40, 3)), np.ones((40, 40, 1)))
    image = Image.fromarray(noise.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    pen.text((width - 14 * size, height - 2 * size), "12/04/2015 04:51:54", "white", font)
    return np.asarray(image)


def test_small_print_on_a_large_picture_is_read_in_strips():
    from irbis.services.local.recognition import _read

    picture = stamp(3000, 400, 10)
    assert not any("2015" in line.text for line in _read(picture))
    (line,) = read_lines(picture)
    assert line.text.replace(" ", "") == "12/04/201504:51:54"
    assert abs(line.box[0] - (3000 - 14 * 10)) < 30
    assert abs(line.box[1] - (400 - 2 * 10)) < 20


@pytest.mark.parametrize("shape", [(1, 1, 3), (50, 5000, 3), (5000, 50, 3), (2160, 3840, 3)])
def test_strips_lie_within_the_picture_and_cover_its_edges(shape):
    picture = np.zeros(shape, np.uint8)
    for left, top, part in strips(picture):
        assert part.size
        picture[top : top + part.shape[0], left : left + part.shape[1]] = 1
    assert picture[0].all()
    assert picture[-1].all()


def test_sentences():
    text = 'He said "No." Then?! \n\nAt 3.5 m it ended'
    assert [text[a:b] for a, b in sentences(text)] == [
        'He said "No."',
        "Then?!",
        "At 3.5 m it ended",
    ]


@pytest.mark.parametrize(
    ("kind", "found"),
    [("UnicodeCodePoint", (8, 4)), ("Utf16CodeUnit", (10, 4)), ("TextElements_v8", (5, 4))],
)
def test_offsets(kind, found):
    text = "e\u0301 \U0001f468\u200d\U0001f467  cat!"  # e with an accent, a family of two
    at = text.index("cat!")
    offsets = Offsets(text, kind).of(at, at + 4)
    assert (offsets["offset"], offsets["length"]) == found
