"""Everything irbis raises, in one tree.

::

    IrbisError
      ParamError            a Param, an option or an argument is wrong          (also ValueError)
      SchemaError           a column is missing or has a type a stage can't read (also TypeError)
      DataError             a file or a document the user gave can't be read    (also ValueError)
      ModelNotFoundError    a model by that name is in none of the sources      (also LookupError)
      MissingExtraError     an optional dependency is not installed             (also ImportError)
      EngineError           Java, Spark or a worker is not as it must be        (also RuntimeError)
      RowError              errors="raise" met its first bad row                (also RuntimeError)

All but ``RowError`` are raised on the driver, before a job starts. What one row did wrong is data:
it goes into the row's error column (see :mod:`irbis.schema`).
"""

from __future__ import annotations

__all__ = [
    "DataError",
    "EngineError",
    "IrbisError",
    "MissingExtraError",
    "ModelNotFoundError",
    "ParamError",
    "RowError",
    "SchemaError",
]


class IrbisError(Exception):
    """Root of the tree.

    Parameters
    ----------
    got : str
        What was found.
    expected : str, optional
        What would have been right.
    do : str, optional
        The next step.

    Examples
    --------
    >>> print(IrbisError("numSamples=0", expected="a whole number >= 2", do="set numSamples=128"))
    got numSamples=0; expected a whole number >= 2; do: set numSamples=128
    """

    def __init__(self, got: str, *, expected: str | None = None, do: str | None = None) -> None:
        self.got, self.expected, self.do = got, expected, do
        message = got if expected is None else f"got {got}; expected {expected}"
        super().__init__(message + (f"; do: {do}" if do else ""))

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments: the default reduce would lose them between a worker and the driver.
        return _rebuild, (type(self), self.got, self.expected, self.do)


def _rebuild(cls: type[IrbisError], got: str, expected: str | None, do: str | None) -> IrbisError:
    return cls(got, expected=expected, do=do)


class ParamError(IrbisError, ValueError):
    """A Param, an option or an argument is wrong."""


class SchemaError(IrbisError, TypeError):
    """A column is missing or has a type that the stage can't read."""


class DataError(IrbisError, ValueError):
    """A file or a document the user gave can't be read."""


class ModelNotFoundError(IrbisError, LookupError):
    """No source has a model by that name; the message lists what there is."""


class MissingExtraError(IrbisError, ImportError):
    """An optional dependency is not installed; the message names the extra."""


class EngineError(IrbisError, RuntimeError):
    """Java, Spark or a worker is not as it must be."""


class RowError(IrbisError, RuntimeError):
    """A stage with errors="raise" met a bad row."""
