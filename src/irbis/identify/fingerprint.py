"""What an annotation is called if nobody named it: a hash of its keypoints."""

from __future__ import annotations

import hashlib

from irbis.identify.keypoints import Keypoints

__all__ = ["annotation_of"]


def annotation_of(found: Keypoints) -> str:
    """Name a chip by its content: the same picture and box give the same name."""
    digest = hashlib.sha256(found.geometry.astype("<f4").tobytes())
    digest.update(found.descriptors.tobytes())
    digest.update(repr((found.width, found.height, found.placement)).encode())
    return digest.hexdigest()[:16]
