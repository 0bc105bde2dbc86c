"""Pictures for tests, made here: good ones of many kinds, and bad ones."""

import io

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from PIL import Image

from irbis.image.codec import to_images


def array(height, width, seed=0):
    """A picture with structure: smooth colour and a bright disc, JPEG-friendly."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width)
    base = np.stack([x, y, 1 - x], axis=-1) * 160 + rng.integers(0, 40, (height, width, 3))
    cy, cx = rng.random(2) * 0.6
    base[(y - cy) ** 2 + (x - cx) ** 2 < 0.03] = 240
    return base.clip(0, 255).astype(np.uint8)


def encoded(height=24, width=32, seed=0, form="JPEG", mode="RGB", **options):
    out = io.BytesIO()
    Image.fromarray(array(height, width, seed)).convert(mode).save(out, form, **options)
    return out.getvalue()


GOOD = [
    encoded(),
    encoded(40, 17, 1, "PNG"),
    encoded(16, 16, 2, "PNG", "L"),
    encoded(9, 33, 3, "PNG", "RGBA"),
    encoded(20, 20, 4, "JPEG", "CMYK"),
    encoded(20, 30, 5, "GIF", "P"),
    encoded(1, 1, 6, "PNG"),
]
BAD = [b"", b"not a picture", GOOD[0][:200], b"\xff\xd8\xff\xe0"]


def binary_table(values):
    """Table of encoded pictures with two columns that no stage names."""
    n = len(values)
    return pa.table(
        {
            "id": pa.array(range(n), pa.int64()),
            "image": pa.array(values, pa.binary()),
            "tag": pa.array([None if i % 3 == 2 else f"t{i}" for i in range(n)], pa.string()),
        }
    )


def struct_table(arrays):
    return pa.table(
        {
            "id": pa.array(range(len(arrays)), pa.int64()),
            "image": to_images(arrays, [None if i % 2 else f"p{i}" for i in range(len(arrays))]),
        }
    )


pictures = st.lists(st.sampled_from([*GOOD, *BAD, None]), max_size=5).map(binary_table)
small_arrays = st.builds(array, st.integers(1, 20), st.integers(1, 20), st.integers(0, 3))
structs = st.lists(st.one_of(st.none(), small_arrays), max_size=4).map(struct_table)
either = st.one_of(pictures, structs)
EVERYTHING = binary_table([*GOOD, None, *BAD])
