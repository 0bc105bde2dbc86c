"""Fronts for tests: real sockets, in a thread of this process."""

import json
import socket
from contextlib import contextmanager
from http.client import HTTPConnection

import pyarrow as pa

from irbis.serving.compiling import compile_stages
from irbis.serving.front import Front
from irbis.serving.front_thread import FrontThread
from irbis.serving.request_parser import BodyParser
from irbis.serving.settings import FrontSettings

TEXT = BodyParser(pa.string(), "value")


@contextmanager
def front(stages=(), parser=TEXT, reply=None, *, serve=None, image_format="PNG", **options):
    """A running front; yields the FrontThread."""
    reply = reply or parser.fields[0].name
    settings = FrontSettings().set(name="api", **options)
    made = compile_stages(
        stages, parser, reply, filtered_status=settings.filtered_status, image_format=image_format
    )
    thread = FrontThread(
        lambda: Front(serve or made.served, parser, made.served.reply, settings, pure=made.pure)
    )
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


class Answer:
    def __init__(self, reply):
        self.status, self.headers = reply.status, {k.lower(): v for k, v in reply.getheaders()}
        self.body = reply.read()

    def json(self):
        return json.loads(self.body)


def ask(thread, path="/api", body=None, method=None, headers=None):
    client = HTTPConnection("127.0.0.1", thread.front.port, timeout=30)
    try:
        client.request(
            method or ("GET" if body is None else "POST"), path, body=body, headers=headers or {}
        )
        return Answer(client.getresponse())
    finally:
        client.close()


def raw(thread, data, *, timeout=10, shut=False):
    """Send bytes, return all that comes until the connection ends."""
    with socket.create_connection(("127.0.0.1", thread.front.port), timeout=timeout) as sock:
        sock.sendall(data)
        if shut:
            sock.shutdown(socket.SHUT_WR)
        got = b""
        try:
            while part := sock.recv(65536):
                got += part
        except ConnectionResetError:
            pass
        return got
