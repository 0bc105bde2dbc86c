"""The manifests in deploy/ are what Kubernetes takes, and what they say of irbis is true."""

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from irbis.cli import app
from irbis.serving.settings import FrontSettings, option_names

DEPLOY = Path(__file__).parents[2] / "deploy"
MANIFESTS = [p for p in sorted((DEPLOY / "kubernetes").glob("*.yaml")) if p.stem != "kustomization"]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda p: p.stem)
def test_a_manifest_is_valid(path):
    validator = pytest.importorskip("kubernetes_validate")
    for document in yaml.safe_load_all(path.read_text()):
        validator.validate(document, validator.latest_version(), strict=True)


def test_a_wrong_manifest_would_be_seen():
    validator = pytest.importorskip("kubernetes_validate")
    document = yaml.safe_load((DEPLOY / "kubernetes" / "service.yaml").read_text())
    document["spec"]["ports"][0]["port"] = "eighty"
    with pytest.raises(Exception, match="eighty"):
        validator.validate(document, validator.latest_version(), strict=True)


def test_the_manifests_know_irbis():
    text = (DEPLOY / "kubernetes" / "deployment.yaml").read_text()
    (pod,) = [yaml.safe_load(text)["spec"]["template"]["spec"]]
    arguments = pod["containers"][0]["args"]
    given = dict(a.split("=") for a in arguments if a != "--option")
    assert set(given) <= set(option_names())
    settings = FrontSettings().set(**given)
    assert settings.drain_timeout + 5 < pod["terminationGracePeriodSeconds"]
    assert set(re.findall(r"path: (/health/\w+)", text)) == {"/health/live", "/health/ready"}
    listed = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    assert sorted(listed) == [p.name for p in MANIFESTS]
    entry = re.search(r"^ENTRYPOINT \[(.*)\]$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)[
        1
    ]
    options = set(re.findall(r'"(--[\w-]+)"', entry))
    help_ = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).output
    assert all(option in re.sub(r"\x1b\[[\d;]*m", "", help_) for option in options)
