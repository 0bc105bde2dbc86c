"""What cameras write into pictures, read without a decoder; and files of every other kind."""

import io
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

import pictures
from irbis import ReadExif
from irbis.errors import ParamError, RowError, SchemaError


def photo(form="JPEG", **tags):
    """A picture with EXIF data: tags of its three directories."""
    exif = Image.Exif()
    for number, value in tags.get("tags", {}).items():
        exif[number] = value
    for directory in (0x8769, 0x8825):
        exif.get_ifd(directory).update(tags.get("camera" if directory == 0x8769 else "place", {}))
    out = io.BytesIO()
    Image.fromarray(pictures.array(24, 32)).save(out, form, exif=exif)
    return out.getvalue()


WHOLE = {
    "tags": {0x010F: "RECONYX", 0x0110: "HP2X\0", 0x0132: "2020:01:01 00:00:00", 0x0112: 6},
    "camera": {0x9003: "2026:03:01 22:04:05", 0x9291: "25", 0xA431: "H500 123"},
    "place": {
        1: "S", 2: (IFDRational(1), IFDRational(30), IFDRational(36)),
        3: "E", 4: (IFDRational(77), IFDRational(0), IFDRational(0)),
        5: b"\1", 6: IFDRational(12, 1),
    },
}  # fmt: skip


def read(data, **params):
    return ReadExif(**params).transform(pa.table({"image": pa.array([data], pa.binary())}))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_all_that_a_camera_writes(form) -> None:
    row = read(photo(form, **WHOLE)).to_pylist()[0]
    assert row["exif"] == {
        "taken": datetime(2026, 3, 1, 22, 4, 5, 250000, UTC),
        "make": "RECONYX",
        "model": "HP2X",
        "serial": "H500 123",
        "latitude": -1.51,
        "longitude": 77.0,
        "altitude": -12.0,
        "width": 24,  # it lies on its side
        "height": 32,
    }
    assert row["taken"] == row["exif"]["taken"] and row["camera"] == "H500 123"
    assert row["exif_error"] is None


@pytest.mark.parametrize(
    ("camera", "zone", "hour"),
    [
        ({0x9003: "2026:07:01 12:00:00"}, "UTC", 12),
        ({0x9003: "2026:07:01 12:00:00"}, "Europe/Berlin", 10),
        ({0x9003: "2026:07:01 12:00:00", 0x9011: "+06:00"}, "Europe/Berlin", 6),
        ({0x9003: "2026:07:01 12:00:00", 0x9011: "-03:30"}, "UTC", 15),
        ({0x9003: "2026:07:01 12:00:00", 0x9011: "   "}, "UTC", 12),
        ({}, "UTC", 3),  # when the file was changed, for want of better
        ({0x9003: "0000:00:00 00:00:00"}, "UTC", None),
        ({0x9003: "yesterday"}, "UTC", None),
    ],
)
def test_times_and_their_zones(camera, zone, hour) -> None:
    data = photo(tags={0x0132: "2026:07:01 03:00:00"}, camera=camera)
    taken = read(data, timeZone=zone)["taken"][0].as_py()
    assert (taken and taken.hour) == hour


@pytest.mark.parametrize(
    "place",
    [
        {},
        {2: (IFDRational(1), IFDRational(2))},
        {2: (IFDRational(1, 0), IFDRational(0), IFDRational(0))},
        {2: (IFDRational(91), IFDRational(0), IFDRational(0)), 6: IFDRational(1, 0)},
    ],
)
def test_places_that_are_none(place) -> None:
    found = read(photo(place=place))["exif"][0].as_py()
    assert found["latitude"] is None and found["altitude"] is None


def test_a_camera_without_a_serial_number_goes_by_its_make() -> None:
    data = photo(tags={0x010F: "Bushnell", 0x0110: "119876"})
    assert read(data)["camera"].to_pylist() == ["Bushnell 119876"]
    assert read(pictures.GOOD[0])["camera"].to_pylist() == [None]


def test_columns_can_be_left_out() -> None:
    made = read(pictures.GOOD[0], takenCol=None, cameraCol=None, errors="raise", outputCol="x")
    assert made.column_names == ["image", "x"]


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=9))
def test_damaged_bytes_are_a_row_and_never_a_job(at, noise) -> None:
    data = bytearray(photo(**WHOLE))
    data[at : at + len(noise)] = noise
    row = read(bytes(data)).to_pylist()[0]
    assert (row["exif"] is None) == (row["exif_error"] is not None)


def test_what_is_no_picture() -> None:
    table = pa.table({"image": pa.array([b"", b"%PDF-1.7", None], pa.binary())})
    kinds = [e["kind"] for e in ReadExif().transform(table)["exif_error"].to_pylist()]
    assert kinds == ["empty", "format", "null"]
    with pytest.raises(RowError, match="row 0"):
        ReadExif(errors="raise").transform(table)


def test_what_can_not_be_is_said_early() -> None:
    with pytest.raises(ParamError, match="a time zone"):
        ReadExif(timeZone="Mars/Olympus")
    with pytest.raises(SchemaError, match="encoded"):
        ReadExif().transform(pa.table({"image": ["x"]}))
    with pytest.raises(ParamError, match="differ"):
        ReadExif(takenCol="x", cameraCol="x").transform(pictures.EVERYTHING)
