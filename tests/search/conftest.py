"""One run of the stand-ins, over the shipped pictures with captions and licences."""

import csv
import shutil
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]


@pytest.fixture(scope="session")
def captioned(tmp_path_factory):
    """12 pictures with metadata, one without, one file that is none."""
    from irbis.samples import PETS

    root = tmp_path_factory.mktemp("captioned")
    rows = []
    for name in ("cats", "dogs"):
        (root / name).mkdir()
        for i, path in enumerate(sorted((PETS / name).iterdir())[:6]):
            shutil.copy(path, root / name / path.name)
            rows.append(
                {
                    "file_name": f"{name}/{path.name}",
                    "title": f"{name[:-1]} number {i}",
                    "text": "running in the snow" if i == 3 else "",
                    "creator": "Ann Author" if name == "cats" else "",
                    "license": "CC BY-SA 4.0" if i % 2 else "CC BY-NC 4.0",
                    "landing_page": f"https://example.org/{name}/{i}",
                }
            )
    shutil.copy(PETS / "dogs" / path.name, root / "untitled_beast.jpg")
    (root / "broken.jpg").write_bytes(b"not a picture")
    with (root / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return root


@pytest.fixture(scope="session")
def stand_ins(captioned):
    from irbis.services.local.running import local_services

    with local_services(captioned) as url:
        yield url


@pytest.fixture(scope="module")
def service():
    from irbis.testing import fake_service

    with fake_service() as running:
        yield running


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """The providers' own paces are looked at as settings, and not waited for."""
    from irbis.services.search.providers import PROVIDERS

    for provider in PROVIDERS.values():
        if provider.rate is not None:
            monkeypatch.setattr(type(provider), "rate", provider.rate * 1000)
