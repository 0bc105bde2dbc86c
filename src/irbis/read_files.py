"""ReadFiles: paths to bytes, in the Python worker that needs them."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import text, whole
from irbis.errors import ParamError, SchemaError
from irbis.file_reading import ReadStream
from irbis.params import ParamField, param
from irbis.schema import field_of
from irbis.stage import HasErrors, StreamStage

__all__ = ["ReadFiles"]


class ReadFiles(HasErrors, StreamStage):
    """Read the file that each row names.

    Spark's ``binaryFile`` reads files in the JVM and sends their bytes to Python. This stage reads
    them where the next one needs them: in a fused pipeline only paths and results travel. Every
    worker must reach the files by the same paths: a local session, a shared file system, or a store.

    Parameters
    ----------
    inputCol : str, default "path"
        Column of strings: a path, ``file:`` or a URI that Arrow's file systems open (``s3://``,
        ``s3a://``, ``gs://``, ``abfss://``, ``hdfs://``); credentials are those of the worker's
        environment.
    outputCol : str, default "image"
        binary; null where the file could not be read.
    maxBytes : int, default 268,435,456, from 1
        Of one file; a larger one is an error row of kind "too_large" and is not read to its end.
    concurrency : int, default 16, range 1 to 256
        Files of a store read at a time. Local files are read one by one.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. Kinds: "null", "missing", "read", "too_large".

    Notes
    -----
    Rows are handed on in batches of about 16 MB, so a worker's memory does not depend on how many
    paths Spark gives it at once.

    Examples
    --------
    >>> import tempfile, pyarrow as pa
    >>> file = tempfile.NamedTemporaryFile()
    >>> _ = file.write(b"abc"), file.flush()
    >>> read = ReadFiles(outputCol="bytes").transform(pa.table({"path": [file.name, "/no/where"]}))
    >>> read["bytes"].to_pylist(), read["bytes_error"][1].as_py()["kind"]
    ([b'abc', None], 'missing')
    """

    inputCol: ParamField[str] = param("column of paths or URIs", text, default="path")
    outputCol: ParamField[str] = param("column of the files' bytes", text, default="image")
    maxBytes: ParamField[int] = param("bytes of one file at most", whole(1), default=256 << 20)
    concurrency: ParamField[int] = param(
        "files of a store read at a time", whole(1, 256), default=16
    )

    def input_columns(self) -> list[str]:
        """The column of paths."""
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """The bytes, and errors."""
        found = field_of(schema, self.value("inputCol"), reader="ReadFiles")
        type_ = found.type.value_type if pa.types.is_dictionary(found.type) else found.type
        if not (pa.types.is_string(type_) or pa.types.is_large_string(type_)):
            raise SchemaError(f"{found.name}: {found.type}", expected="paths (string)")
        if found.name == self.value("outputCol"):
            raise ParamError(f"outputCol={found.name!r}", expected="another name than inputCol")
        return [pa.field(self.value("outputCol"), pa.binary()), *self.error_fields()]

    def make_stream_function(self) -> ReadStream:
        """See :class:`irbis.file_reading.ReadStream`."""
        return ReadStream(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            most=self.value("maxBytes"),
            concurrency=self.value("concurrency"),
        )
