"""Pictures that ship with irbis, under their own licence (samples/pets/LICENSE.txt)."""

from __future__ import annotations

from pathlib import Path

__all__ = ["PETS"]

#: 70 cats and 150 dogs of the Oxford-IIIT Pet Dataset, with one box each (CC BY-SA 4.0).
PETS = Path(__file__).parent / "pets"
