"""ImageDownloader: addresses to pictures that were looked at."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import optional, text, whole
from irbis.errors import SchemaError
from irbis.http.transformer import CallingStage
from irbis.image.decoding import MAX_PIXELS
from irbis.params import ParamField, param
from irbis.schema import StreamFunction
from irbis.services.search.downloading import INFO, DownloadFunction

__all__ = ["ImageDownloader"]


class ImageDownloader(CallingStage):
    """Fetch pictures, and keep those that are some.

    What comes must say that it is a picture (or say nothing), begin like one of the formats that
    irbis reads, be within the limits by its header before a decoder sees it, and decode to the end.
    All other columns stay: where a picture comes from, whose it is. Near-duplicates are found
    afterwards, by :class:`PerceptualHash` and :class:`DropNearDuplicates`.

    Parameters
    ----------
    inputCol : str, default "urls"
        Addresses, http or https.
    outputCol : str, default "image"
        Encoded pictures as they came; null where there is an error.
    infoCol : str, default ``<outputCol>_info``
        Struct of format ("JPEG"), width and height (pixels, upright), bytes, sha256, contentType and
        url (after redirects). None: no such column.
    minSide : int, pixels, default 32
        Of the shorter side; less is an error of kind "too_small": icons, pixels that count visitors.
    maxPixels : int, default 100,000,000
        Pixels that a file may announce; more is an error of kind "too_large".
    maxResponseBytes : int, default 20971520
        Larger files are errors of kind "too_large", and are not read further.
    concurrency, connectTimeout, readTimeout, timeout, deadline, maxAttempts, backoff, maxWait
        See :class:`irbis.http.params.HasClient`, as for all the rest.
    retryMethods, retryStatuses, hopelessErrors, maxRedirects
        When to repeat and when to stop.
    requestsPerSecond, maxConcurrentTasks
        The limit for the whole query, to each host: set it where all pictures lie on one.
    headers, headersFromEnv, http2, handler, execution
        What is added, by which protocol, how, and where from. User-Agent names irbis by itself.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. Kinds: those of HTTP (docs/http.md), those of pictures
        ("empty", "format", "decode", "truncated", "too_large"; docs/pictures.md), "content_type"
        and "too_small".

    Examples
    --------
    >>> from irbis.image.codec import encode
    >>> from irbis.testing import Reply, fake_service
    >>> import numpy as np
    >>> picture = encode(np.zeros((40, 60, 3), np.uint8))
    >>> with fake_service() as service:
    ...     good = service.script("/a.jpg", Reply(body=picture, headers={"Content-Type": "image/jpeg"}))
    ...     page = service.script("/b.jpg", Reply(body="<html>", headers={"Content-Type": "text/html"}))
    ...     found = ImageDownloader().transform(pa.table({"urls": [good, page]}))
    >>> [i and (i["format"], i["width"], i["height"]) for i in found["image_info"].to_pylist()]
    [('JPEG', 60, 40), None]
    >>> found["image_error"][1].as_py()["kind"]
    'content_type'
    """

    inputCol: ParamField[str] = param("column of addresses", text, default="urls")
    outputCol: ParamField[str] = param("column of encoded pictures", text, default="image")
    infoCol: ParamField[str | None] = param(
        "column of what is known of each picture", optional(text), default="{outputCol}_info"
    )
    minSide: ParamField[int] = param("pixels of the shorter side at least", whole(1), default=32)
    maxPixels: ParamField[int] = param(
        "pixels that a file may announce", whole(1), default=MAX_PIXELS
    )
    maxResponseBytes: ParamField[int] = param(
        "bytes of a file at most", whole(1, 1 << 31), default=20 << 20
    )

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A picture, what is known of it, and errors."""
        found = self.input_field(schema)
        type_ = found.type.value_type if pa.types.is_dictionary(found.type) else found.type
        if not (pa.types.is_string(type_) or pa.types.is_large_string(type_)):
            raise SchemaError(f"{found.name}: {found.type}", expected="addresses, as strings")
        fields = [pa.field(self.value("outputCol"), pa.binary())]
        info = self._info()
        if info is not None:
            fields.append(pa.field(info, INFO))
        return [*fields, *self.error_fields()]

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.services.search.downloading.DownloadFunction`."""
        return DownloadFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            info=self._info(),
            error=self.error_column(),
            least=self.value("minSide"),
            max_pixels=self.value("maxPixels"),
            settings=self.settings(),
        )

    def _info(self) -> str | None:
        name: Any = self.value("infoCol")
        return None if name is None else str(name).replace("{outputCol}", self.value("outputCol"))
