"""One suite, two engines: ``pytest --engine classic`` (default) and ``pytest --engine connect``.

``--engine connect`` runs only what asks for a session, ``--engine none`` only what does not.
``--engine sail`` is a third one, for some of the tests (on_sail.py, docs/engines.md).
"""

import os
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]
import archive  # noqa: E402

# Programs and examples: no tests, and no doctests.
collect_ignore = ["archived.py", "mutants", "typing"]

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
os.environ.setdefault("JDK_JAVA_OPTIONS", archive.options())


def pytest_addoption(parser):
    parser.addoption("--engine", choices=("classic", "connect", "sail", "none"), default="classic")


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


def _port_of_own_server():
    """Where the Connect server in this process listens: any free port, so that runs never meet."""
    from pyspark.sql import SparkSession

    service = "org.apache.spark.sql.connect.service.SparkConnectService$"
    return getattr(getattr(SparkSession._instantiatedSession._jvm, service), "MODULE$").localPort()


# A task costs more than the rows that tests give it, and each file that Hadoop makes with a checksum
# two processes that set its mode.
CHEAPER = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.files.minPartitionNum": "2",
    "spark.ui.liveUpdate.period": "-1",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    "spark.hadoop.fs.AbstractFileSystem.file.impl": "org.apache.hadoop.fs.local.RawLocalFs",
}


@pytest.fixture(scope="session")
def spark(engine, tmp_path_factory):
    from pyspark.sql import SparkSession

    import irbis.spark as door
    from irbis import daemon

    # Not below the current folder, where another run may be at work.
    place = {"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
    if "IRBIS_SLOW" not in os.environ:
        # Java that Spark writes and compiles for each query costs more than these queries do. The
        # sessions that tests start in processes of their own run with it, clusters among them.
        place["spark.sql.codegen.wholeStage"] = "false"
        place["spark.sql.codegen.factoryMode"] = "NO_CODEGEN"
        place |= CHEAPER
    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        place["spark.python.daemon.module"] = "covered_daemon"
        os.environ["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")])
        )
    if engine == "sail":
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        host, port = server.listening_address
        session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    elif engine == "connect":
        from pyspark.sql.connect.client.core import DefaultChannelBuilder

        DefaultChannelBuilder.default_port = staticmethod(_port_of_own_server)
        builder = SparkSession.builder.remote("local[2]")
        place["spark.connect.grpc.binding.port"] = "0"
        for key, value in {**door.LOCAL_SETTINGS, **daemon.SETTINGS, **place}.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
    else:
        place["spark.driver.memory"] = "2g"  # other runs need memory too
        session = door.session("local[2, 4]", **place)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def cluster(network, tmp_path_factory):
    """Scripts on two executors in processes of their own, all of them in one session."""
    from cluster import Cluster

    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def connect_cluster(network, tmp_path_factory):
    """The same on Spark Connect."""
    from cluster import Cluster

    running = Cluster(tmp_path_factory.mktemp("connect-cluster"), "connect")
    yield running
    running.close()


@pytest.fixture(scope="session")
def network():
    from irbis import ModelDownloader

    return ModelDownloader().downloadByName("EfficientNetLite0")


def pytest_collection_modifyitems(config, items):
    """What asks for a session is a Spark test, and the only kind a second engine has to repeat."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)
        # A whole discovery takes a minute. Classic Spark goes on from its steps in a program of its
        # own (test_resume), and runs all of it in `irbis demo`.
        if "done" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.one_engine("connect"))
    engine = config.getoption("--engine")
    kept = items
    if engine != "classic":
        kept = [i for i in kept if bool(i.get_closest_marker("spark")) == (engine != "none")]
    if "IRBIS_SLOW" not in os.environ:
        only = {i: i.get_closest_marker("one_engine") for i in kept}
        kept = [i for i, marker in only.items() if marker is None or engine in marker.args]
    if engine == "sail":
        import on_sail

        for item in kept:
            on_sail.mark(item)
    config.hook.pytest_deselected(items=[i for i in items if i not in set(kept)])
    items[:] = kept
