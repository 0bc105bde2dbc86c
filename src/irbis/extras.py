"""The one door to optional dependencies: imports them late and names the extra that has them."""

from __future__ import annotations

import importlib
from types import ModuleType

from irbis.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, extra: str) -> ModuleType:
    """Import an optional module.

    Parameters
    ----------
    module : str
        Dotted name, such as ``"torch"``.
    extra : str
        The extra of irbis that installs it, such as ``"train"``.

    Returns
    -------
    ModuleType

    Raises
    ------
    MissingExtraError
        If the module's own top-level package is not installed. Any other import error inside it
        passes unchanged: a broken installation must not read as a missing one.

    Examples
    --------
    >>> require("json", extra="none").loads("[1]")
    [1]
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise MissingExtraError(
            f"no module {module.split('.')[0]!r}",
            expected=f"the extra [{extra}] to be installed",
            do=f"pip install 'irbis[{extra}]'",
        ) from None
