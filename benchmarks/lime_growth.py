"""How ImageLIME's cost grows: with samples, the picture's size, and partitions of a DataFrame."""

import io
import statistics
import time
from collections.abc import Callable
from typing import Any

from PIL import Image

from irbis.samples import PETS

#: figure, case, value, unit
Line = Callable[[str, str, float, str], None]


def seconds(run: Callable[[], Any], times: int) -> float:
    found = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def enlarged(data: bytes, width: int) -> bytes:
    """The same picture, as a camera with more pixels would have written it."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    height = round(picture.height * width / picture.width)
    out = io.BytesIO()
    picture.resize((width, height), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def growth(stage: Callable[..., Any], line: Line, *, small: bool) -> None:
    """One picture alone by samples and by size; then pictures a second by partitions."""
    from irbis.image.codec import decode

    data = min(PETS.rglob("*.jpg")).read_bytes()
    times = 1 if small else 3
    for samples in (16, 32) if small else (64, 128, 256, 512):
        function = stage(281, numSamples=samples, numSegments=7 if small else 30).make_function()
        took = seconds(lambda f=function: f.explain(decode(data)), times)
        line("seconds_a_picture", f"samples {samples}", took, "s")
    function = stage(281, numSamples=16 if small else 128, numSegments=7 if small else 30)
    function = function.make_function()
    for width in (300, 600) if small else (500, 1000, 2000, 4000):
        large = enlarged(data, width)
        took = seconds(lambda d=large: function.explain(decode(d)), times)
        line("seconds_a_picture", f"width {width} px", took, "s")
    if not small:
        partitions(stage, line)


def partitions(stage: Callable[..., Any], line: Line) -> None:
    """Eight pictures in so many partitions, on two task slots; the first run warms the workers."""
    from irbis import session

    spark = session("local[2]", spark__driver__memory="1g")
    files = sorted(PETS.rglob("*.jpg"))[:8]
    rows = [(bytearray(f.read_bytes()),) for f in files]
    lime = stage(281)
    for parts in (2, 1, 2, 4):
        frame = spark.createDataFrame(rows, "image binary").repartition(parts).cache()
        frame.count()
        took = seconds(lambda f=frame: lime.transform(f).select("explanation.r2").collect(), 1)
        line("pictures_a_second", f"partitions {parts}", len(rows) / took, "1/s")
    spark.stop()
