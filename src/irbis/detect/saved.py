"""A model in a folder, loaded when it is first asked for: many runs only pass it on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

__all__ = ["Saved"]

M = TypeVar("M")
_LABELS = "labels.json"


class Saved(Generic[M]):
    """A saved model.

    Parameters
    ----------
    folder : Path
    kind : type
        Its class.
    """

    def __init__(self, folder: Path, kind: type[M]) -> None:
        self.folder, self.kind = folder, kind
        self._model: M | None = None

    @property
    def model(self) -> M:
        """The model."""
        if self._model is None:
            self._model = cast("Any", self.kind).load(str(self.folder))
        return cast("M", self._model)

    def copy_to(self, folder: Path, labels: list[str] | None = None) -> None:
        """Copy the folder, replacing what is there; a reader sees the old one or the new one.

        Parameters
        ----------
        folder : Path
        labels : list of str, optional
            Names of the classes, written beside the model.
        """
        new = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(self.folder, new)
        if labels is not None:
            (new / _LABELS).write_text(json.dumps(labels), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
