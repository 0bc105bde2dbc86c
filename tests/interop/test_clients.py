"""Clients in other languages ask a front: each is run where its language is on the machine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "serving"))
from fronts import front

from irbis import UnrollImage
from irbis.samples import PETS
from irbis.serving.request_parser import BodyParser

CLIENTS = Path(__file__).parents[2] / "examples" / "clients"
PROGRAMS = {
    "Client.java": ["java"],
    "client.sh": ["sh"],
    "client.mjs": ["node"],
    "client.R": ["Rscript"],
}
# What has to answer with success before the client can be run: a JRE, for one, compiles no source.
NEEDS = {
    "Client.java": ["javac", "-version"],
    "client.sh": ["curl", "--version"],
    "client.mjs": ["node", "--version"],
    "client.R": ["Rscript", "-e", "library(httr2)"],
}


@pytest.fixture(scope="module")
def service():
    import pyarrow as pa

    stage = UnrollImage(width=1, height=1, outputCol="colour", errorCol="colour_error")
    parser = BodyParser(pa.binary(), "image")
    with front([stage], parser, "colour", token="open sesame") as thread:
        yield f"http://127.0.0.1:{thread.front.port}/api"


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_asks(name, service, tmp_path):
    needed = NEEDS[name]
    if not shutil.which(needed[0]) or subprocess.run(needed, capture_output=True).returncode:
        pytest.skip(f"no {' '.join(needed)} on this machine")
    picture = min((PETS / "cats").iterdir())
    (tmp_path / "none.jpg").write_bytes(b"no picture")
    said = subprocess.run(
        [*PROGRAMS[name], str(CLIENTS / name), service, str(picture), str(tmp_path / "none.jpg")],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "IRBIS_TOKEN": "open sesame"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    lines = [line for line in said.stdout.splitlines() if line.strip()]
    if name == "Client.java":
        assert lines.pop(0) == "200 true"
    first, second = (json.loads(line[line.index("{") :]) for line in lines)
    assert len(first["colour"]) == 3
    assert second["status"] == 422
