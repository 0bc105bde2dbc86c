"""What the pages about services say, held to what there is."""

import inspect
import re
from pathlib import Path

import irbis
from irbis.services.answers import SERVICE_KINDS
from irbis.services.stage import ServiceStage

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "services.md").read_text()


def azure_stages():
    for name in irbis.__all__:
        stage = getattr(irbis, name)
        if inspect.isclass(stage) and issubclass(stage, ServiceStage):
            yield name, stage.api


def test_the_table_has_every_stage_with_its_version_and_end():
    version, found = "", {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[3].startswith("`"):
            version = cells[1] or version
            found[cells[3].strip("`")] = (version, cells[2])
    for name, api in azure_stages():
        assert found[name][0] == api.version, name
        end = str(api.retires) if api.retires else "no date found"
        assert found[name][1].startswith(end), name


def test_every_kind_of_error_is_explained():
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert {kind: told.get(kind) for kind in SERVICE_KINDS} == SERVICE_KINDS


def test_the_example_is_short():
    blocks = re.findall(
        r"^```python\n(.*?)^```", (DOCS / "add_a_service.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) == 2
    assert sum(len(b.splitlines()) for b in blocks) <= 60
