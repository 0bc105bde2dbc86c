import shutil
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1])]


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """9 cats and 15 dogs, one of each twice, one file broken, a space in the folder's name."""
    from irbis.samples import PETS

    root = tmp_path_factory.mktemp("my pictures")
    for name, count in (("cats", 9), ("dogs", 15)):
        (root / name / "deep er").mkdir(parents=True)
        paths = sorted((PETS / name).iterdir())[:: 70 // count if name == "cats" else 7][:count]
        for i, path in enumerate(paths):
            shutil.copy(path, root / name / ("deep er" if i % 2 else ".") / path.name)
        shutil.copy(paths[0], root / name / "copy.jpg")
    (root / "cats" / "broken.jpg").write_bytes(b"not a picture")
    return root


@pytest.fixture(scope="session")
def done(folders, spark, tmp_path_factory):
    """(folder, report) of a whole discovery."""
    from irbis import discover
    from irbis.samples import PETS

    out = tmp_path_factory.mktemp("out")
    report = discover(
        "cat",
        [folders / "cats"],
        [folders / "dogs"],
        out,
        truth=PETS / "annotations.json",
        iterations=2,
        show=False,
        attribution="CC BY-SA 4.0",
        provenance=[
            {
                "file": "pictures/target/copy.jpg",
                "title": "A <cat>",
                "creator": "Ann Author",
                "license": "CC BY-SA 4.0",
                "license_url": "https://creativecommons.org/licenses/by-sa/4.0/",
                "landing_page": "https://example.org/cat",
                "source": "openverse",
                "query": "cat",
            }
        ],
    )
    return out, report
