"""Redirects, proxies, certificates, HTTP/2, handlers: against real servers."""

import asyncio
import socket
import ssl
import threading

import pytest
import trustme
from calling import answer, answers, settings

from irbis.http import environment
from irbis.http.engine import SendError
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.testing import Reply, fake_service

SECRETS = (("Authorization", "Bearer s3cret"), ("X-Api-Key", "k3y"), ("Accept", "text/plain"))


def seen(service, path):
    return [s for s in service.requests if s.path == path][-1]


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [(301, "POST", "GET"), (302, "POST", "GET"), (303, "PUT", "GET"), (307, "POST", "POST"),
     (308, "PUT", "PUT"), (302, "GET", "GET"), (301, "DELETE", "DELETE")],
)  # fmt: skip
def test_redirects(service, status, method, then):
    start = service.script(
        f"/from/{status}{method}", Reply(status, headers={"Location": "/to?x=1"})
    )
    body = None if method == "GET" else b"body"
    found = answer(HTTPRequest(method, start, SECRETS, body))
    assert found.response.json()["method"] == then
    assert found.response.json()["body"] == ("body" if then in ("POST", "PUT", "DELETE") else "")
    assert seen(service, "/to").headers["authorization"] == "Bearer s3cret"  # the same host
    assert found.response.attempts == 1


def test_another_host_gets_no_secrets(service):
    with fake_service() as other:
        start = service.script("/away", Reply(307, headers={"Location": other.url + "/there"}))
        assert answer(HTTPRequest("POST", start, SECRETS, b"{}")).failure is None
        headers = seen(other, "/there").headers
    assert headers["accept"] == "text/plain"
    assert not {"authorization", "x-api-key"} & headers.keys()


def test_redirects_that_lead_nowhere(service):
    for number, target in enumerate(("ftp://x/", "http://", "http://a b/", "javascript:1")):
        start = service.script(f"/nowhere/{number}", Reply(302, headers={"Location": target}))
        assert answer(start).failure.kind == "redirect", target
    start = service.script("/no-location", Reply(302))
    assert (answer(start).failure.kind, answer(start).failure.status) == ("status", 302)


def test_redirects_can_be_the_answer(service):
    start = service.script("/answer", Reply(302, headers={"Location": "/to"}))
    found = answer(start, settings(max_redirects=0))
    assert (found.response.status, found.failure.status) == (302, 302)


def test_addresses_are_sent_as_given_and_hosts_of_any_language(service):
    answer(f"{service.url}/a%7Eb/c%2Fd?sig=a%2Bb+c%20d|e")
    assert service.requests[-1].path == "/a%7Eb/c%2Fd"
    assert service.requests[-1].query == "sig=a%2Bb+c%20d|e"
    assert answer(f"{service.url}/ü?q=é").failure is None
    assert service.requests[-1].path == "/%C3%BC"
    user = service.url.replace("http://", "http://me:p%40ss@")
    answer(user + "/user")
    assert seen(service, "/user").headers["authorization"] == "Basic bWU6cEBzcw=="


def test_what_is_sent(service):
    added = (("X-Both", "settings"), ("X-Added", "1"))
    request = HTTPRequest("POST", service.url + "/sent", (("X-Both", "row"),), b"abc")
    answer(request, settings(headers=added))
    headers = seen(service, "/sent").headers
    assert (headers["x-both"], headers["x-added"], headers["content-length"]) == ("row", "1", "3")
    assert headers["user-agent"].startswith("irbis/")
    assert "content-type" not in headers
    large = b"x" * 3_000_000
    answer(HTTPRequest("POST", service.url + "/large", (), large))
    assert seen(service, "/large").body == large


def test_no_cookies_between_rows(service):
    url = service.script("/cookie", Reply(headers={"Set-Cookie": "a=b"}))
    answers([url] * 3)
    assert all("cookie" not in s.headers for s in service.requests if s.path == "/cookie")


def test_the_environment_names_a_proxy(service, monkeypatch, request):
    for name in ("http_proxy", "no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", service.url.replace("http://", "http://user:pw@"))
    monkeypatch.setenv("no_proxy", "direct.invalid")
    for cache in (environment.proxy_for, environment._proxies):
        cache.cache_clear()
        request.addfinalizer(cache.cache_clear)
    assert answer("http://somewhere.invalid/through").failure is None
    assert service.requests[-1].path == "http://somewhere.invalid/through"
    assert service.requests[-1].headers["proxy-authorization"] == "Basic dXNlcjpwdw=="
    assert answer("http://direct.invalid/", settings(max_attempts=1)).failure.kind == "connect"
    assert answer(service.url + "/loopback").failure is None
    assert service.requests[-1].path == "/loopback"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    issued = ca.issue_cert("127.0.0.1", "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued.configure_cert(context)
    return str(path), context, issued


@pytest.fixture
def new_engines(monkeypatch):
    """Engines read the environment once in a process: these tests change it."""
    import irbis.http.engine as module

    monkeypatch.setattr(module, "_engines", {})


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_custom_authority(authority, monkeypatch, new_engines, variable):
    with fake_service(tls=authority[1]) as service:
        monkeypatch.setenv(variable, authority[0])
        assert answer(service.url + "/tls").failure is None


@pytest.mark.parametrize("http2", [False, True])
def test_a_certificate_nobody_knows(authority, new_engines, http2):
    with fake_service(tls=authority[1]) as service:
        found = answer(service.url, settings(http2=http2))
    assert (found.failure.kind, found.failure.attempts) == ("tls", 1)


def test_from_https_to_http_is_refused(authority, monkeypatch, new_engines, service):
    monkeypatch.setenv("SSL_CERT_FILE", authority[0])
    with fake_service(tls=authority[1]) as secure:
        start = secure.script("/down", Reply(302, headers={"Location": service.url}))
        assert answer(start).failure.kind == "redirect"


async def _app(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message.get("more_body", False)
    said = f"{scope['http_version']} {len(body)}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said})


@pytest.fixture
def http2_server(authority, tmp_path):
    """A real HTTP/2 server, https on a free port."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        config.bind = [f"127.0.0.1:{probe.getsockname()[1]}"]
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    authority[2].private_key_pem.write_to_path(key)
    cert.write_bytes(b"".join(p.bytes() for p in authority[2].cert_chain_pems))
    config.keyfile, config.certfile, config.accesslog = str(key), str(cert), None
    config.errorlog = None
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete,
        args=(serve(_app, config, shutdown_trigger=stop.wait),),
        daemon=True,
    )
    thread.start()
    yield "https://" + config.bind[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(1)  # a client that keeps its connection holds up the end of TLS for 30 s


def test_http2_where_the_server_offers_it(http2_server, authority, monkeypatch, new_engines):
    monkeypatch.setenv("SSL_CERT_FILE", authority[0])
    chosen = settings(http2=True, concurrency=16)
    requests = [HTTPRequest("PUT", http2_server, (), b"x" * i) for i in range(40)]
    found = answers(requests, chosen)
    assert [a.response.text for a in found] == [f"2 {i}" for i in range(40)]
    assert {a.response.version for a in found} == {(2, 0)}
    # Without asking for it: HTTP/1.1.
    assert answer(HTTPRequest("GET", http2_server)).response.version == (1, 1)


def test_http2_falls_back_and_knows_the_same_faults(service, new_engines):
    chosen = settings(http2=True, timeout=0.6, read_timeout=0.3, deadline=1.0, max_attempts=2)
    found = answers(
        [
            service.refused_url,
            *(f"{service.url}/h?how={h}&size=30" for h in ("plain", "cut", "hang", "bad_gzip")),
        ],
        chosen,
    )
    kinds = [a.failure and a.failure.kind for a in found]
    assert kinds == ["connect", None, "disconnected", "timeout", "protocol"]
    large = answer(service.url + "/l?size=999", settings(http2=True, max_response_bytes=998))
    assert large.failure.kind == "too_large"


def test_a_handler_of_the_users(service):
    async def twice(send, request):
        first = await send()
        if first.status == 202:
            return await send(HTTPRequest("GET", first.header("Location")))
        return first

    service.script("/job", Reply(202, headers={"Location": service.url + "/done"}))
    found = answer(service.url + "/job", settings(handler=twice))
    assert (found.response.json()["path"], found.response.attempts) == ("/done", 2)


def test_handlers_that_fail(service):
    async def raises(send, request):
        raise KeyError("s3cret")

    async def cancels(send, request):
        raise asyncio.CancelledError

    def exits(send, request):
        raise SystemExit(3)

    async def hangs(send, request):
        await asyncio.Event().wait()

    async def refused(send, request):
        return await send(HTTPRequest("GET", service.refused_url))

    cases = [
        (raises, "handler"),
        (cancels, "handler"),
        (exits, "handler"),
        (lambda send, request: "no response", "handler"),
        (lambda send, request: HTTPResponse(500), "status"),
        (hangs, "deadline"),
        (refused, "connect"),
    ]
    for handler, kind in cases:
        failure = answer(service.url, settings(handler=handler, deadline=0.5)).failure
        assert failure.kind == kind
        assert "s3cret" not in repr(failure)


def test_an_attempt_explains_itself():
    error = SendError("connect", "no connection", unsent=True)
    assert (error.kind, error.message, error.unsent) == ("connect", "no connection", True)
