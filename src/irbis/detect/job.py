"""Runs the steps of a job, or finds their results in a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from irbis.detect.progress import Steps
from irbis.detect.store import Store

__all__ = ["Job"]

T = TypeVar("T")


class Job:
    """A store, the keys of its steps, and the bars that show how far they are.

    Parameters
    ----------
    store : Store
    steps : Steps
    """

    def __init__(self, store: Store, steps: Steps) -> None:
        self.store, self.steps = store, steps
        #: Key of each step; see :func:`irbis.detect.plan.keys`.
        self.keys: dict[str, str] = {}

    def run(
        self,
        name: str,
        make: Callable[[Path, Any], None],
        read: Callable[[Path], T],
        *,
        total: int = 1,
        unit: str = "step",
        goes_on: bool = False,
    ) -> T:
        """Make a step's result unless it is there, and read it.

        What a step gives is always what was read from its folder: a resumed run can't differ from a
        fresh one.

        Parameters
        ----------
        name : str
            A name in `keys`.
        make : callable
            Writes the result into the folder it is given; also given a progress bar.
        read : callable
            Reads it from the folder.
        total, unit
            Of the bar.
        goes_on : bool, default False
            See :meth:`irbis.detect.store.Store.making`.
        """
        key = self.keys[name]
        folder = self.store.find(name, key)
        with self.steps.step(name, total, unit, reused=folder is not None) as bar:
            if folder is None:
                with self.store.making(name, key, goes_on=goes_on) as work:
                    make(work, bar)
                folder = self.store.find(name, key)
                assert folder is not None
            return read(folder)

    def folder(self, name: str) -> Path:
        """Folder of a step that was run."""
        folder = self.store.find(name, self.keys[name])
        assert folder is not None
        return folder
