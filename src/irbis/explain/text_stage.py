"""What TextLIME and TextSHAP share: a column of texts or tokens, and its check."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import text
from irbis.errors import ParamError, SchemaError
from irbis.explain.asking import AsksModel
from irbis.explain.engine import LimeEngine, ShapEngine
from irbis.explain.text_explanation import TEXT_EXPLANATION
from irbis.explain.text_function import TextFunction, TextList
from irbis.params import ParamField, param
from irbis.schema import field_of

__all__ = ["ExplainsText"]


class ExplainsText(AsksModel):
    """A column of texts, explained word by word."""

    inputCol: ParamField[str] = param(
        "column of texts, or of lists of tokens", text, default="text"
    )

    def explained_columns(self) -> list[str]:
        """The texts."""
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A struct, and errors."""
        name = self.value("inputCol")
        found = field_of(schema, name, reader=type(self).__name__).type
        if not _is_text(found):
            raise SchemaError(f"{name}: {found}", expected="texts, or lists of strings")
        if self.value("outputCol") == name:
            raise ParamError(f"outputCol={name!r}", expected="another name than inputCol")
        self.check_model(schema)
        return [pa.field(self.value("outputCol"), TEXT_EXPLANATION), *self.error_fields()]

    def engine(self) -> LimeEngine | ShapEngine:
        """Return what weighs the words."""
        raise NotImplementedError

    def make_function(self) -> TextFunction:
        """See :class:`irbis.explain.text_function.TextFunction`."""
        source = self.value("inputCol")
        return TextFunction(
            source=source,
            target=self.value("outputCol"),
            error=self.error_column(),
            reads=tuple(self.model_reads()),
            answers=self.make_answers(TextList(source)),
            engine=self.engine(),
        )


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        type_ = type_.value_type
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))
