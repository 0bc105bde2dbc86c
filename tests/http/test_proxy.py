"""Through a real CONNECT proxy to a real TLS server, as the environment says."""

import asyncio
import contextlib
import ssl
import threading

import pytest
import trustme
from calling import answer, answers, settings

from irbis.http import engine, environment
from irbis.testing import fake_service

SECRET = "pr0xy-s3cret"


class Proxy:
    """Tunnels every name to one port of this machine."""

    def __init__(self):
        self.heads, self.target, self.refuses = [], 0, False
        self.port, self.loop = 0, asyncio.new_event_loop()

    async def serve(self, ready, stop):
        server = await asyncio.start_server(self.client, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def client(self, reader, writer):
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, EOFError):
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if self.refuses:
                writer.write(b"HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                return
            inner, outer = await asyncio.open_connection("127.0.0.1", self.target)
            with contextlib.closing(outer):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await asyncio.wait(
                    [
                        asyncio.ensure_future(pump(reader, outer)),
                        asyncio.ensure_future(pump(inner, writer)),
                    ],
                    return_when=asyncio.FIRST_COMPLETED,
                )


async def pump(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@pytest.fixture(scope="module")
def tunnel():
    made, ready, stop = Proxy(), threading.Event(), asyncio.Event()
    thread = threading.Thread(
        target=made.loop.run_until_complete, args=(made.serve(ready, stop),), daemon=True
    )
    thread.start()
    ready.wait()
    yield made
    made.loop.call_soon_threadsafe(stop.set)
    thread.join()
    made.loop.close()


@pytest.fixture
def surroundings(monkeypatch):
    """Variables of the environment, read anew."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(engine, "_engines", {})

    def given(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for cache in (environment.proxy_for, environment._proxies):
            cache.cache_clear()

    given()
    yield given
    given()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    ca = trustme.CA()
    folder = tmp_path_factory.mktemp("authority")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("api.invalid").configure_cert(context)
    return str(folder / "ca.pem"), context


@pytest.mark.parametrize("http2", [False, True])
def test_https_through_a_proxy(tunnel, authority, surroundings, http2):
    tunnel.heads.clear()
    with fake_service(tls=authority[1]) as secure:
        tunnel.target = int(secure.url.rpartition(":")[2])
        proxy = f"http://user:{SECRET}@127.0.0.1:{tunnel.port}"
        surroundings(HTTPS_PROXY=proxy, CURL_CA_BUNDLE=authority[0], NO_PROXY="other.invalid")
        chosen = settings(http2=http2, max_attempts=1)
        found = answers([f"https://api.invalid/{i}" for i in range(8)], chosen)
        assert [a.response and a.response.status for a in found] == [200] * 8
        assert tunnel.heads[0].startswith("CONNECT api.invalid:443 ")
        assert "proxy-authorization: basic " in tunnel.heads[0].lower()
        # The password is for the proxy alone.
        assert all("proxy-authorization" not in s.headers for s in secure.requests)
        calls = len(tunnel.heads)
        assert answer("https://other.invalid/", chosen).failure.kind == "connect"
        assert len(tunnel.heads) == calls  # NO_PROXY
        other_name = answer("https://wrong-name.invalid/", chosen).failure
        assert other_name.kind == "tls"


@pytest.mark.parametrize("http2", [False, True])
def test_a_proxy_that_refuses_or_is_not_there(tunnel, surroundings, monkeypatch, http2):
    chosen = settings(http2=http2, max_attempts=2)
    monkeypatch.setattr(tunnel, "refuses", True)
    surroundings(HTTPS_PROXY=f"http://user:{SECRET}@127.0.0.1:{tunnel.port}")
    refused = answer("https://api.invalid/", chosen).failure
    assert (refused.kind, refused.attempts) == ("connect", 2)
    surroundings(HTTPS_PROXY=f"http://user:{SECRET}@127.0.0.1:1")
    absent = answer("https://api.invalid/", chosen).failure
    assert (absent.kind, absent.attempts) == ("connect", 2)
    assert SECRET not in repr(refused) + repr(absent)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", f"http://u:{SECRET}@:x/", "two words"])
def test_a_proxy_that_is_none(surroundings, proxy):
    surroundings(ALL_PROXY=proxy)
    failure = answer("http://api.invalid/", settings(max_attempts=1)).failure
    assert failure.kind == "connect"
    assert "proxy" in failure.message
    assert SECRET not in failure.message


@pytest.mark.parametrize("http2", [False, True])
def test_certificates_that_are_not_there(service, surroundings, tmp_path, http2):
    (tmp_path / "empty.pem").write_text("")
    for path in ("no/such/file.pem", str(tmp_path / "empty.pem")):
        surroundings(REQUESTS_CA_BUNDLE=path)
        failure = answer(service.url, settings(http2=http2)).failure
        assert (failure.kind, failure.attempts) == ("tls", 1)
        assert "REQUESTS_CA_BUNDLE" in failure.message


def test_a_crawl_over_many_hosts_keeps_few_connections(service, surroundings):
    surroundings(HTTP_PROXY=service.url)
    service.clear()
    hosts = [f"http://h{i}.invalid/" for i in range(150)]
    assert all(a.failure is None for a in answers(hosts, settings(concurrency=20)))
    closed = [s.headers.get("connection", "").lower() == "close" for s in service.requests]
    assert sum(closed) == 50
