"""Which files are pictures, by their names' endings. Imports no pyspark."""

from __future__ import annotations

__all__ = ["EXTENSIONS"]

EXTENSIONS = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff")
