"""Captions beside pictures, in both ways that ImageFolder writes them."""

import json

import pytest

import pictures
from irbis.errors import DataError
from irbis.services.local.image_index import ImageIndex


@pytest.fixture
def folder(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(pictures.GOOD[0])
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "note.txt").write_text("a lynx")
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_captions(folder, kind):
    if kind == "csv":
        (folder / "metadata.csv").write_text("file_name,title,text\na.jpg,Lynx,in the snow\n")
    else:
        row = {"file_name": "a.jpg", "title": "Lynx", "text": "in the snow"}
        (folder / "metadata.jsonl").write_text(f"{json.dumps(row)}\n\n")
    index = ImageIndex(folder)
    assert len(index.images) == 2
    for words in ("lynx", "SNOW", "lynx snow", "quagga lynx"):
        assert [found.path.name for found in index.search(words)] == ["a.jpg"]
    assert [found.path.name for found in index.search("b")] == ["b.jpg"]
    assert index.search("quagga") == index.search("?!") == []


def test_captions_without_names_are_refused(folder):
    (folder / "metadata.xml").write_text("<not read/>")
    assert len(ImageIndex(folder).images) == 2
    (folder / "metadata.jsonl").write_text('{"title": "Lynx"}\n')
    with pytest.raises(DataError, match="a column file_name"):
        ImageIndex(folder)
