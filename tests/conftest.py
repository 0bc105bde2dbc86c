"""One suite, two engines: ``pytest --engine classic`` (default) and ``pytest --engine connect``."""

import os
import shutil
import socket
import sys

import pytest

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


def pytest_addoption(parser):
    parser.addoption("--engine", choices=("classic", "connect"), default="classic")


def pytest_configure(config):
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "irbis",
        deadline=None,  # two shared cores: a time says nothing
        derandomize=True,
        max_examples=25,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    settings.load_profile("irbis")
    # A cache of our own: what the user has downloaded must not make a test pass.
    os.environ.setdefault("IRBIS_HOME", str(config.rootpath / "out" / "test-home"))


@pytest.fixture(scope="session")
def engine(request):
    return request.config.getoption("--engine")


def _own_port():
    """A free port for the Connect server: two test runs on one machine must not meet on 15002."""
    from pyspark.sql.connect.client.core import DefaultChannelBuilder

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    DefaultChannelBuilder.default_port = staticmethod(lambda: port)
    return port


@pytest.fixture(scope="session")
def spark(engine):
    from pyspark.sql import SparkSession

    import irbis.spark as door

    if engine == "connect":
        port = _own_port()
        builder = SparkSession.builder.remote("local[2]")
        builder = builder.config("spark.connect.grpc.binding.port", port)
        for key, value in door.LOCAL_SETTINGS.items():
            if not key.startswith("spark.driver"):
                builder = builder.config(key, value)
        session = builder.getOrCreate()
    else:
        session = door.session("local[2, 4]")
    yield session
    session.stop()
    shutil.rmtree("spark-warehouse", ignore_errors=True)


@pytest.fixture(scope="session")
def network():
    from irbis import ModelDownloader

    return ModelDownloader().downloadByName("EfficientNetLite0")


def pytest_collection_modifyitems(config, items):
    """What asks for a session is a Spark test, and the only kind a second engine has to repeat."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)
    if config.getoption("--engine") == "connect":
        kept = [i for i in items if i.get_closest_marker("spark")]
        config.hook.pytest_deselected(items=[i for i in items if i not in kept])
        items[:] = kept
