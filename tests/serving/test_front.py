"""What a front answers, over real connections."""

import http.client
import io
import logging
import socket
import threading
import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from fronts import TEXT, ask, front, raw
from PIL import Image

from irbis import EnsembleByKey, ImageSetAugmenter, UnrollImage
from irbis.errors import ParamError, SchemaError
from irbis.http.messages import RESPONSE, write_responses
from irbis.http.response import HTTPResponse
from irbis.schema import VECTOR, put
from irbis.serving.compiling import compile_stages
from irbis.serving.request_parser import BodyParser, ImageParser, JsonParser, Unparsed
from irbis.serving.settings import FrontSettings

BYTES = BodyParser(pa.binary(), "image")
NUMBERS = JsonParser(pa.struct([("a", pa.float64()), ("tags", pa.list_(pa.string()))]))


class Step:
    """A stage of a function and its fields."""

    def __init__(self, function, *fields, rows="one", reads=()):
        self.function, self.fields, self.rows, self.reads = function, fields, rows, list(reads)

    def input_columns(self):
        return self.reads

    def output_fields(self, schema):
        return list(self.fields)

    def output_schema(self, schema):
        for field in self.fields:
            at = schema.get_field_index(field.name)
            schema = schema.append(field) if at < 0 else schema.set(at, field)
        return schema

    def make_function(self):
        return self.function


def added(name, type_, make):
    return Step(lambda b: put(b, name, make(b)), pa.field(name, type_))


def jpeg(colour=(200, 30, 30), size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def test_text_bytes_and_json_come_back():
    with front() as running:
        said = ask(running, body="grüße".encode())
        assert (said.status, said.body.decode()) == (200, "grüße")
        assert said.headers["content-type"] == "text/plain; charset=utf-8"
        latin = ask(running, body=b"\xfc", headers={"Content-Type": "text/plain; charset=latin-1"})
        assert latin.body.decode() == "ü"
        assert ask(running, body=b"\xff").status == 400
        odd = ask(running, body=b"a", headers={"Content-Type": "text/plain; charset=klingon"})
        assert odd.status == 415
    with front(parser=BYTES) as running:
        assert ask(running, body=b"\x00\xff").body == b"\x00\xff"
        assert ask(running, body=b"a", headers={"Content-Encoding": "gzip"}).status == 415


def test_json_faults_name_their_place():
    double = added("twice", pa.float64(), lambda b: pc.multiply(b.column("a"), 2.0))
    with front([double], NUMBERS, "twice") as running:
        assert ask(running, body=b'{"a": 2, "tags": ["x"]}').json() == {"twice": 4.0}
        assert ask(running, body=b"{}").json() == {"twice": None}
        for body, place in [
            (b'{"a": "2"}', "$.a"),
            (b'{"a": 1, "tags": ["x", 3]}', "$.tags[1]"),
            (b"[1]", "$"),
            (b"{", "the body is not JSON"),
            (b'{"a": NaN}', "NaN"),
        ]:
            said = ask(running, body=body)
            assert (said.status, said.headers["content-type"]) == (400, "application/problem+json")
            assert place in said.json()["detail"]


def test_every_kind_of_reply():
    vector = [{"type": 1, "size": None, "indices": None, "values": [0.25, 0.75]}]
    struct = pa.struct([("n", pa.int64()), ("p", VECTOR)])
    answer = HTTPResponse(418, "", (("X-Leaf", "oolong"), ("Content-Type", "text/tea")), b"no")
    cases = [
        (VECTOR, pa.array(vector, VECTOR), "application/json", b'{"value":[0.25,0.75]}'),
        (pa.float64(), pa.array([float("inf")]), "application/json", b'{"value":null}'),
        (pa.binary(), pa.array([b"\x01"]), "application/octet-stream", b"\x01"),
        (
            struct,
            pa.array([{"n": 1, "p": vector[0]}], struct),
            "application/json",
            b'{"n":1,"p":[0.25,0.75]}',
        ),
        (RESPONSE, write_responses([answer]), "text/tea", b"no"),
        (pa.string(), pa.array([None], pa.string()), "text/plain; charset=utf-8", b""),
    ]
    for type_, values, content, body in cases:
        stage = added("value", type_, lambda b, v=values: v.take(pa.array([0] * b.num_rows)))
        with front([stage]) as running:
            said = ask(running, body=b"x")
            assert (said.headers["content-type"], said.body) == (content, body)
            if type_ is RESPONSE:
                assert (said.status, said.headers["x-leaf"]) == (418, "oolong")


def test_images_in_and_out():
    with front(parser=ImageParser("image")) as running:
        said = ask(running, body=jpeg())
        assert said.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(said.body)) as picture, Image.open(io.BytesIO(jpeg())) as sent:
            assert np.array_equal(np.asarray(picture), np.asarray(sent))
        bad = ask(running, body=b"not a picture")
        assert (bad.status, bad.json()["kind"]) == (422, "decode")
    with front(parser=ImageParser("image"), image_format="JPEG") as running:
        assert ask(running, body=jpeg()).headers["content-type"] == "image/jpeg"


def test_a_row_in_error_is_the_clients_and_only_its_own():
    unroll = UnrollImage(inputCol="image", outputCol="pixels", width=2, height=2)
    with front([unroll], BYTES, "pixels", max_batch_delay=0.2) as running:
        found = {}

        def send(name, body):
            found[name] = ask(running, body=body)

        threads = [
            threading.Thread(target=send, args=(name, body))
            for name, body in [("good", jpeg()), ("bad", b"no"), ("other", jpeg((1, 2, 3)))]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (found["good"].status, found["other"].status, found["bad"].status) == (200, 200, 422)
        assert found["bad"].json()["kind"] == "decode"


def test_augmented_rows_are_ensembled_within_their_request():
    stages = [
        ImageSetAugmenter(inputCol="image", outputCol="look", flipHorizontal=True),
        UnrollImage(inputCol="look", outputCol="pixels", width=2, height=2),
        EnsembleByKey(keys=["group", "location"], cols=["pixels"], colNames=["prob"]),
    ]
    pictures = [jpeg((i, 2 * i, 99)) for i in range(8)]
    alone = []
    with front(stages, BYTES, "prob") as running:
        alone = [ask(running, body=p).json()["prob"] for p in pictures]
        assert ask(running, body=b"junk").status == 422
    assert len({tuple(p) for p in alone}) == 8
    with front(stages, BYTES, "prob", max_batch_delay=0.3) as running:
        together = [None] * 8

        def send(i):
            together[i] = ask(running, body=pictures[i]).json()["prob"]

        threads = [threading.Thread(target=send, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert together == alone
        assert running.front.metrics.batch_rows.counts[0] == 0


def kept(b):
    return b.filter(pc.not_equal(b.column("value"), "drop"))


@pytest.mark.parametrize("status", [404, 204])
def test_filtered_rows_are_answered(status):
    stage = Step(kept, rows="many", reads=["value"])
    with front([stage], filtered_status=status) as running:
        assert ask(running, body=b"keep").body == b"keep"
        assert ask(running, body=b"drop").status == status


def angry(b):
    if "bad" in b.column("value").to_pylist():
        raise ValueError("the secret of the stage")
    return b


def test_a_failing_row_gets_an_error_id_and_fails_alone(caplog):
    with front([Step(angry)], max_batch_delay=0.2) as running:
        found = {}

        def send(name):
            found[name] = ask(running, body=name.encode())

        threads = [threading.Thread(target=send, args=(n,)) for n in ("a", "bad", "b")]
        with caplog.at_level(logging.ERROR, "irbis.serving"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (found["a"].status, found["b"].status, found["bad"].status) == (200, 200, 500)
        said = found["bad"].json()
        assert b"secret" not in found["bad"].body
        assert b"Traceback" not in found["bad"].body
        assert said["error_id"] in caplog.text


def test_the_request_is_there_for_who_reads_it():
    def traced(b):
        request = b.column("request")[0].as_py()
        seen = [h["value"] for h in request["headers"] if h["name"] == "traceparent"]
        return put(b, "seen", pa.array([f"{request['requestLine']['uri']} {seen}"] * b.num_rows))

    stage = Step(traced, pa.field("seen", pa.string()), reads=["request"])
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with front([stage], reply="seen") as running:
        good = ask(running, "/api?q=1", b"x", headers={"Traceparent": trace})
        assert good.body.decode() == f"/api?q=1 ['{trace}']"
        bad = ask(running, body=b"x", headers={"Traceparent": "00-0-0-00"})
        assert bad.body == b"/api []"
    with front([stage], Unparsed(), "seen") as running:
        assert ask(running, body=b"x").body == b"/api []"


def test_limits_are_answered_and_close_the_connection():
    with front(max_body_bytes=100, max_header_bytes=1000) as running:
        assert ask(running, body=b"x" * 100).status == 200
        assert ask(running, body=b"x" * 101).status == 413
        chunks = b"POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + (
            b"64\r\n" + b"x" * 100 + b"\r\n" + b"1\r\nx\r\n0\r\n\r\n"
        )
        assert b" 413 " in raw(running, chunks)
        assert ask(running, body=b"x", headers={"A": "b" * 1000}).status == 431
        assert b" 431 " in raw(running, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 2000)
        assert b" 400 " in raw(running, b"nonsense\r\n\r\n")
        assert b" 400 " in raw(running, b"GET /api HTTP/1.1\r\n\r\n")
        assert ask(running, "/api").status == 405
        assert ask(running, "/none").status == 404


def test_trailers_and_chunk_extensions_have_an_end():
    head = b"POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with front(max_header_bytes=1000) as running:
        good = raw(running, head + b"1;a=b\r\nx\r\n0\r\nTrailer: t\r\n\r\n", shut=True)
        assert good.endswith(b"\r\n\r\nx")
        for endless in (b"1;" + b"e" * 300_000, b"1\r\nx\r\n0\r\nT: " + b"t" * 300_000):
            assert b" 400 " in raw(running, head + endless)


def test_pipelined_requests_are_answered_in_order():
    one = b"POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"
    last = b"POST /api HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nz"
    with front() as running:
        said = raw(running, b"".join(one + b"%d" % (i % 10) for i in range(40)) + last)
        bodies = [p.rpartition(b"\r\n\r\n")[2] for p in said.split(b"HTTP/1.1 200 OK")[1:]]
        assert b"".join(bodies) == b"".join(b"%d" % (i % 10) for i in range(40)) + b"z"


@pytest.mark.parametrize("cut", [0, 30, 120, 10_000])
def test_an_offered_upgrade_is_declined_and_the_body_kept(cut):
    """As Java's client offers HTTP/2 with each request; httptools stops reading there."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEA\r\n"
    head = b"POST /api HTTP/1.1\r\nHost: a\r\n" + offer
    sent = head + b"Content-Length: 3\r\n\r\nabc"
    sent += head + b"Transfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"
    sent += b"GET /health/ready HTTP/1.1\r\nHost: a\r\n" + offer + b"\r\n"
    with front() as thread, socket.create_connection(("127.0.0.1", thread.front.port)) as sock:
        sock.sendall(sent[:cut])
        time.sleep(0.05)
        sock.sendall(sent[cut:])
        said = b""
        sock.settimeout(5)
        while said.count(b"HTTP/1.1 200") < 3 and (part := sock.recv(65536)):
            said += part
    assert said.count(b"HTTP/1.1 200") == 3
    assert said.index(b"abc") < said.index(b"def")
    assert b"connection: close" not in said


def test_connect_is_no_upgrade():
    with front() as thread:
        said = raw(thread, b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", shut=True)
    assert said.startswith(b"HTTP/1.1 4")


def test_slow_clients_are_let_go():
    with front(header_timeout=0.4, body_timeout=0.4, keep_alive=0.4) as running:
        assert b" 408 " in raw(running, b"POST /api HTTP/1.1\r\nHost")
        assert b" 408 " in raw(
            running, b"POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1"
        )
        assert raw(running, b"") == b""
        assert raw(running, b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n").count(b"HTTP/1.1") == 1
        assert ask(running, body=b"x").status == 200


def test_too_many_connections_are_told_so():
    with front(max_connections=2) as running:
        clients = [http.client.HTTPConnection("127.0.0.1", running.front.port) for _ in range(2)]
        for client in clients:
            client.request("GET", "/health/live")
            client.getresponse().read()
        said = raw(running, b"")
        assert b" 503 " in said
        assert b"retry-after: 1" in said
        for client in clients:
            client.close()


def blocked(until):
    def serve(values, requests):
        from irbis.serving.message import Reply

        if any(v == "wait" for v in values):
            until.wait(20)
        return [Reply(200, v.encode()) for v in values]

    return serve


def test_a_full_queue_and_a_passed_deadline_are_503():
    until = threading.Event()
    options = {"max_queue": 2, "request_deadline": 0.7, "max_batch_size": 1}
    with front(serve=blocked(until), warm_up=False, **options) as running:
        found = []
        threads = [
            threading.Thread(target=lambda: found.append(ask(running, body=b"wait")))
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        # Health answers while the function is busy.
        assert ask(running, "/health/live").status == 200
        for thread in threads:
            thread.join()
        assert [f.status for f in found] == [503] * 5
        assert all(f.headers["retry-after"] == "1" for f in found)
        said = {f.json()["detail"] for f in found}
        assert said == {"the queue is full", "the deadline passed"}
        deadline = time.monotonic() + 10
        while ask(running, "/health/live").status == 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert ask(running, "/health/live").status == 503
        until.set()
        while ask(running, "/health/ready").status != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert ask(running, body=b"again").body == b"again"


def test_stop_drains():
    until = threading.Event()
    with front(serve=blocked(until), warm_up=False) as running:
        port, found = running.front.port, []
        thread = threading.Thread(target=lambda: found.append(ask(running, body=b"wait")))
        thread.start()
        while not running.front.batcher.in_flight:
            time.sleep(0.01)
        idle = http.client.HTTPConnection("127.0.0.1", port)
        idle.request("GET", "/health/ready")
        assert idle.getresponse().read()
        running.request_stop()
        while not running.front.app.draining:
            time.sleep(0.01)
        idle.request("GET", "/health/ready")
        reply = idle.getresponse()
        assert (reply.status, bool(reply.read())) == (503, True)
        refused = ask(running, body=b"late")
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        until.set()
        thread.join()
        assert found[0].body == b"wait"
        assert running.ended.wait(10)
        with pytest.raises(ConnectionRefusedError):
            ask(running, body=b"x")
        idle.close()


def test_a_client_that_goes_is_not_computed_for():
    seen, until = [], threading.Event()

    def serve(values, requests):
        from irbis.serving.message import Reply

        seen.extend(values)
        if "wait" in values:
            until.wait(20)
        return [Reply() for _ in values]

    with front(serve=serve, warm_up=False) as running:
        first = threading.Thread(target=lambda: ask(running, body=b"wait"))
        first.start()
        while not running.front.batcher.running_since:
            time.sleep(0.01)
        client = http.client.HTTPConnection("127.0.0.1", running.front.port)
        client.request("POST", "/api", b"gone")
        while not running.front.batcher.waiting:
            time.sleep(0.01)
        client.close()
        while running.front.batcher.in_flight > 1:
            time.sleep(0.01)
        until.set()
        first.join()
        assert ask(running, body=b"next").status == 200
        assert seen == ["wait", "next"]


def test_waiting_requests_make_a_batch():
    until, sizes = threading.Event(), []

    def serve(values, requests):
        from irbis.serving.message import Reply

        sizes.append(len(values))
        until.wait(20)
        return [Reply() for _ in values]

    with front(serve=serve, warm_up=False, max_batch_size=4) as running:
        threads = [threading.Thread(target=lambda: ask(running, body=b"x")) for _ in range(7)]
        threads[0].start()
        while not running.front.batcher.running_since:
            time.sleep(0.01)
        for thread in threads[1:]:
            thread.start()
        while len(running.front.batcher.waiting) < 6:
            time.sleep(0.01)
        until.set()
        for thread in threads:
            thread.join()
        assert sizes == [1, 4, 2]


def test_a_token_is_asked_for_everywhere_but_at_health():
    with front(token="s3cret") as running:
        for path in ("/api", "/metrics", "/openapi.json", "/docs", "/v2", "/none"):
            assert ask(running, path).status == 401
        assert ask(running, body=b"x").headers["www-authenticate"] == "Bearer"
        assert ask(running, body=b"x", headers={"Authorization": "Bearer s3cre"}).status == 401
        assert ask(running, body=b"x", headers={"Authorization": "Bearer s3cret"}).status == 200
        assert ask(running, "/health/live").status == 200
        assert "s3cret" not in repr(running.front.settings)


def test_tls_and_client_certificates(tmp_path):
    import ssl

    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1", "localhost")
    for name, part in (("key", made.private_key_pem), ("cert", made.cert_chain_pems[0])):
        part.write_to_path(tmp_path / name)
    authority.cert_pem.write_to_path(tmp_path / "ca")
    files = {"tls_cert": str(tmp_path / "cert"), "tls_key": str(tmp_path / "key")}
    context = ssl.create_default_context(cafile=str(tmp_path / "ca"))

    def status():
        client = http.client.HTTPSConnection(
            "127.0.0.1", running.front.port, timeout=10, context=context
        )
        client.request("POST", "/api", b"x")
        return client.getresponse().status

    with front(**files) as running:
        assert running.front.address.startswith("https://")
        assert status() == 200
    with front(**files, tls_ca=str(tmp_path / "ca")) as running:
        with pytest.raises(OSError):
            status()
        context.load_cert_chain(str(tmp_path / "cert"), str(tmp_path / "key"))
        assert status() == 200


def test_cors_is_off_until_it_is_asked_for():
    origin = {"Origin": "https://a.example"}
    with front() as running:
        assert "access-control-allow-origin" not in ask(running, body=b"x", headers=origin).headers
        assert ask(running, method="OPTIONS", headers=origin).status == 405
    with front(cors_origins="https://a.example") as running:
        said = ask(running, body=b"x", headers=origin)
        assert said.headers["access-control-allow-origin"] == "https://a.example"
        assert ask(running, method="OPTIONS", headers=origin).status == 204
        other = ask(running, body=b"x", headers={"Origin": "https://b.example"})
        assert "access-control-allow-origin" not in other.headers


def test_what_operators_read():
    with front() as running:
        for _ in range(3):
            ask(running, body=b"x")
        ask(running, "/a/path/nobody/knows")
        text = ask(running, "/metrics").body.decode()
        assert 'irbis_requests_total{route="api",status="200"} 3' in text
        assert 'irbis_requests_total{route="other",status="404"} 1' in text
        assert 'irbis_request_seconds_bucket{le="+Inf"} 3' in text
        for name in ("irbis_in_flight 0", "irbis_queue 0", "irbis_ready 1", "irbis_batch_rows_sum"):
            assert name in text
        assert ask(running, "/health/ready").json() == {"ready": True, "name": "api"}
        assert ask(running, "/services").json()["fronts"] == [running.front.address]
        page = ask(running, "/docs")
        assert b"POST /api" in page.body
        assert b"//" not in page.body.replace(b"<!doctype html>", b"")


def test_the_access_log_is_off_until_it_is_asked_for(caplog):
    for wanted in (False, True):
        with front(access_log=wanted) as running, caplog.at_level(logging.INFO, "irbis.serving"):
            caplog.clear()
            ask(running, "/none?key=secret")
            assert ("GET /none 404" in caplog.text) is wanted
            assert "secret" not in caplog.text


def test_the_open_inference_protocol():
    schema = pa.struct([("a", pa.float64()), ("v", pa.list_(pa.float64()))])
    summed = added(
        "sum",
        pa.float64(),
        lambda b: pa.array(
            [
                a + sum(v)
                for a, v in zip(b.column("a").to_pylist(), b.column("v").to_pylist(), strict=True)
            ]
        ),
    )
    import json

    with front([summed], JsonParser(schema), "sum") as running:
        assert ask(running, "/v2/health/ready").status == 200
        assert ask(running, "/v2/models/api").json()["outputs"][0]["datatype"] == "FP64"
        assert ask(running, "/v2/models/api/ready").status == 200
        body = {
            "id": "7",
            "inputs": [
                {"name": "a", "shape": [2], "datatype": "FP64", "data": [1, 2]},
                {"name": "v", "shape": [2, 2], "datatype": "FP64", "data": [1, 2, 3, 4]},
            ],
        }
        said = ask(running, "/v2/models/api/infer", json.dumps(body)).json()
        assert said["id"] == "7"
        assert said["outputs"] == [
            {"name": "sum", "datatype": "FP64", "shape": [2], "data": [4.0, 9.0]}
        ]
        body["inputs"][1]["shape"] = [3, 2]
        bad = ask(running, "/v2/models/api/infer", json.dumps(body))
        assert (bad.status, "inputs[1].data" in bad.json()["detail"]) == (400, True)
    with front(parser=BYTES) as running:
        tensor = {"name": "image", "shape": [1], "datatype": "BYTES", "data": ["AAE="]}
        said = ask(running, "/v2/models/api/infer", json.dumps({"inputs": [tensor]})).json()
        assert said["outputs"][0]["data"] == ["AAE="]


def test_what_is_wrong_is_said_before_anything_listens():
    class Plain:
        def transform(self, frame):
            return frame

    with pytest.raises(ParamError, match=r"Plain in continuousServer\(\).*distributedServer\(\)"):
        compile_stages([Plain()], TEXT, "value")
    with pytest.raises(SchemaError, match="makeReply"):
        compile_stages([], TEXT, "none")
    for wrong in ({"port": 70000}, {"name": "a b"}, {"nothing": 1}, {"tls_cert": "x"}):
        with pytest.raises(ParamError):
            FrontSettings().set(**wrong)
    with front() as running:
        taken = front(port=running.front.port)
        with pytest.raises(ParamError, match="free"):
            taken.__enter__()
