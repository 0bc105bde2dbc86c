"""Pictures for people: the sheet of both kinds of boxes, and the loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irbis.detect.drawing import HUMAN, MACHINE
from irbis.detect.loss_plot import plot_losses
from irbis.detect.sheet import comparison_sheet

BOX = np.array([[20, 20, 70, 60.0]])


def has(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all(axis=2).any())


def test_both_kinds_of_boxes_are_drawn_where_they_are() -> None:
    grey = np.full((100, 200, 3), 60, np.uint8)
    none = np.zeros((0, 4))
    sheet = comparison_sheet([grey] * 3, [BOX, none, BOX], [none, BOX, BOX], columns=3, side=100)
    assert sheet.shape == (106, 318, 3)
    first, second, third = np.split(sheet, 3, axis=1)
    assert has(first, HUMAN) and not has(first, MACHINE)
    assert has(second, MACHINE) and not has(second, HUMAN)
    assert has(third, MACHINE)
    rows, columns = np.nonzero((first == HUMAN).all(axis=2))
    # Scaled by a half, in a tile of 50 rows in the middle of 106.
    assert (columns.min() - 3, rows.min() - 28) == pytest.approx((10, 10), abs=3)
    assert (columns.max() - 3, rows.max() - 28) == pytest.approx((35, 30), abs=3)


def test_a_sheet_has_as_many_rows_as_it_takes() -> None:
    grey = np.zeros((50, 40, 3), np.uint8)
    assert comparison_sheet([grey] * 7, [BOX] * 7, [BOX] * 7, columns=3, side=50).shape == (
        168,
        168,
        3,
    )


@pytest.mark.parametrize("count", [0, 1, 5, 120])
def test_losses_are_plotted(tmp_path: Path, count: int) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "loss.png"
    plot_losses(np.linspace(2, 0.5, count).tolist(), path)
    with Image.open(path) as picture:
        assert picture.width > 400
