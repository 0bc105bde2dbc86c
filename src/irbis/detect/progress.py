"""Steps of a long job: a bar for each, and how long each took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

__all__ = ["Steps"]


class Steps:
    """Names steps, shows a progress bar for each on stderr, keeps the seconds.

    Parameters
    ----------
    show : bool, default True
        False: no output at all.

    Examples
    --------
    >>> steps = Steps(show=False)
    >>> with steps.step("read", total=1) as bar:
    ...     _ = bar.update()
    >>> list(steps.seconds)
    ['read']

    Attributes
    ----------
    seconds : dict of str to float
        Of each step.
    reused : list of str
        Steps whose results were there already.
    """

    def __init__(self, show: bool = True) -> None:
        self.show = show
        self.seconds: dict[str, float] = {}
        self.reused: list[str] = []

    @contextmanager
    def step(
        self, name: str, total: int = 1, unit: str = "step", *, reused: bool = False
    ) -> Iterator[tqdm[None]]:
        """Run a step under a bar of `total` units; a reused one is full at once."""
        started = time.perf_counter()
        bar = tqdm(
            total=total,
            desc=f"{name:<24}",
            unit=unit,
            file=sys.stderr,
            disable=not self.show,
            bar_format="{desc} {bar:30} {n_fmt:>5}/{total_fmt:<5} {elapsed}{postfix}",
        )
        if reused:
            self.reused.append(name)
            bar.set_postfix_str("reused", refresh=False)
            bar.update(total)
        try:
            yield bar
            if total == 1 and bar.n == 0:
                bar.update()
        finally:
            bar.close()
            taken = time.perf_counter() - started
            self.seconds[name] = self.seconds.get(name, 0.0) + taken
