"""The functions that ``irbis.register(spark)`` offers by itself: name -> stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from irbis.image.perceptual_hash import PerceptualHash
from irbis.image.read_exif import ReadExif
from irbis.image.superpixel_transformer import SuperpixelTransformer
from irbis.image.unroller import UnrollImage
from irbis.model.featurizer import ImageFeaturizer
from irbis.model.hub import ModelDownloader
from irbis.read_files import ReadFiles

__all__ = ["CATALOGUE"]


def _features() -> Any:
    return ImageFeaturizer().setModel(ModelDownloader().downloadByName("EfficientNetLite0"))


CATALOGUE: dict[str, tuple[str, Callable[[], Any]]] = {
    "irbis_read": ("path string", lambda: ReadFiles(outputCol="content")),
    "irbis_features": ("image binary", _features),
    "irbis_pixels": ("image binary", lambda: UnrollImage(outputCol="pixels")),
    "irbis_hash": ("image binary", lambda: PerceptualHash(outputCol="hash")),
    "irbis_exif": ("image binary", lambda: ReadExif(outputCol="exif")),
    "irbis_superpixels": ("image binary", lambda: SuperpixelTransformer(outputCol="superpixels")),
}
