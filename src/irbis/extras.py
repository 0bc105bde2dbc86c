"""The one door to optional dependencies: imports them late and names the extra that has them."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from irbis.errors import MissingExtraError

__all__ = ["require"]

# Read by a library once, when it is loaded. OpenMP's threads otherwise spin while they wait: on a
# machine with anything else to do, a training step then takes ten times as long (docs/benchmarks.md).
_SETTINGS = {"torch": {"OMP_WAIT_POLICY": "PASSIVE"}}


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
    for name, value in _SETTINGS.get(module, {}).items():
        os.environ.setdefault(name, value)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
            raise
        raise MissingExtraError(
            f"no module {module.partition('.')[0]!r}",
            expected=f"the extra [{extra}] to be installed",
            do=f"pip install 'irbis[{extra}]'",
        ) from None
