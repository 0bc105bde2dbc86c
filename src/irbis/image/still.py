"""Pillow's process-wide settings and warnings, held still while irbis decodes.

What a row becomes must depend on its bytes alone, not on what somebody set in Pillow.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from PIL import Image, ImageFile

__all__ = ["still"]

# Pillow logs an error of some broken TIFFs; without any handler Python prints it to stderr.
logging.getLogger("PIL").addHandler(logging.NullHandler())

_lock = threading.Lock()
_inside = 0
_outermost = ExitStack()


@contextmanager
def still(pixels: int) -> Iterator[None]:
    """Decode inside this: no warning of Pillow, no setting of Pillow that changes the result.

    Several threads may be inside; the last one out restores what there was.

    Parameters
    ----------
    pixels : int
        How many a picture may have. Pillow's own limit is raised to that where it is lower; where
        it is higher, or off, it stays.
    """
    global _inside  # noqa: PLW0603 - the settings are as global
    with _lock:
        if _inside == 0:
            _outermost.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", module=r"PIL(\.|$)")
            _outermost.callback(setattr, Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
            truncated = ImageFile.LOAD_TRUNCATED_IMAGES
            _outermost.callback(setattr, ImageFile, "LOAD_TRUNCATED_IMAGES", truncated)
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        if Image.MAX_IMAGE_PIXELS is not None:
            Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, pixels)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _outermost.close()
