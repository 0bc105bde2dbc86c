"""GetBingURLs: a row for each picture that a search found."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import flag, text
from irbis.errors import ParamError, SchemaError
from irbis.params import ParamField, param
from irbis.schema import field_of
from irbis.services.search.exploding import ExplodeFunction, element_type
from irbis.stage import Stage

__all__ = ["GetBingURLs"]


class GetBingURLs(Stage):
    """Make a row of each picture that :class:`BingImageSearch` or :class:`ImageSearch` found.

    The other columns are repeated. The column of results holds the one result of the row
    afterwards, so that licence, author and page stay with the address.

    Parameters
    ----------
    inputCol : str, default "images"
        Struct with a list `value` (Bing), or list of structs (ImageSearch).
    outputCol : str, default "urls"
        Address of the picture: `contentUrl`, or `url`.
    outer : bool, default False
        False: a row for which nothing was found, or whose search failed, is left out; read its
        error column before. True: it is kept, with null.

    Examples
    --------
    >>> found = pa.table({"q": ["a", "b"], "images": [[{"url": "http://x/1"}, {"url": "http://x/2"}], []]})
    >>> GetBingURLs().transform(found).select(["q", "urls"]).to_pydict()
    {'q': ['a', 'a'], 'urls': ['http://x/1', 'http://x/2']}
    """

    rows = "many"

    inputCol: ParamField[str] = param("column of results", text, default="images")
    outputCol: ParamField[str] = param("column of addresses", text, default="urls")
    outer: ParamField[bool] = param("keep rows without a result", flag, default=False)

    def input_columns(self) -> list[str]:
        """The column of results."""
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """The one result of a row, and its address."""
        source, target = self.value("inputCol"), self.value("outputCol")
        found = field_of(schema, source, reader="GetBingURLs")
        if source == target:
            raise ParamError(f"outputCol={target!r}", expected="another name than inputCol")
        item = element_type(found.type)
        if item is None:
            raise SchemaError(
                f"{source}: {found.type}",
                expected="what BingImageSearch or ImageSearch puts out",
            )
        return [pa.field(source, item), pa.field(target, pa.string())]

    def make_function(self) -> ExplodeFunction:
        """See :class:`irbis.services.search.exploding.ExplodeFunction`."""
        return ExplodeFunction(self.value("inputCol"), self.value("outputCol"), self.value("outer"))
