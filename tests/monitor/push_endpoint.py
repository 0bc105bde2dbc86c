"""The stand-in of Power BI's push API, over real HTTP."""

from __future__ import annotations

import json
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from irbis.services.local.power_bi import power_bi
from irbis.services.local.push_table import PushLimits
from irbis.services.local.running import running


class Endpoint:
    def __init__(self, base):
        self.base = base
        self.push_url = f"{base}/powerbi/beta/tenant/datasets/live/rows?key=s3cret"

    @classmethod
    @contextmanager
    def running(cls, **limits):
        with running([power_bi(PushLimits(**limits))]) as base:
            yield cls(base)

    def table(self, dataset, name="detections"):
        return f"{self.base}/powerbi/v1.0/myorg/datasets/{dataset}/tables/{name}/rows"

    def make(self, definition):
        status, made, _ = self.ask("POST", "/powerbi/v1.0/myorg/datasets", definition)
        assert status == 201
        return self.table(made["id"], definition["tables"][0]["name"]), made["id"]

    def received(self, dataset="live"):
        return self.ask("GET", f"/powerbi/received/{dataset}?rows=true")[1]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.base + path, data=data, method=method)
        try:
            with urlopen(request) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except HTTPError as error:
            return error.code, json.loads(error.read()), error.headers
