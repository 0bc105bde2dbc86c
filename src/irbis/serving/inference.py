"""Open Inference Protocol v2 (the one of KServe, Triton and Seldon), REST with JSON tensors."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from irbis.http.reading import ParseError, load
from irbis.schema import is_vector
from irbis.serving.batcher import Cancel, Respond
from irbis.serving.message import JSON, Reply, Request, json_reply, problem
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import BadRequestError, RequestParser

__all__ = ["Inference", "v2_paths"]

_DATATYPES = {
    "bool": "BOOL", "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
    "float": "FP32", "double": "FP64",
}  # fmt: skip
#: Rows of one request.
_ROWS = 1024


class Inference:
    """Translates between tensors and the requests that a front knows anyway.

    An input of the name of each column, its first dimension the rows. Bytes travel as base64, and
    so do values of types that have no tensor: as JSON, in an element of BYTES.
    """

    def __init__(
        self,
        name: str,
        parser: RequestParser,
        reply: ReplyMaker,
        submit: Callable[[Any, Request, Respond], Cancel | None],
    ) -> None:
        self.name, self.parser, self.reply, self.submit = name, parser, reply, submit
        self.read = parser.make_reader()

    def metadata(self) -> Reply:
        """Describe the model."""
        outputs = [
            {"name": self.reply.column, "datatype": _datatype(self.reply.type), "shape": [-1]}
        ]
        inputs = [
            {"name": f.name, "datatype": _datatype(f.type), "shape": _shape(f.type)}
            for f in self.parser.fields
        ]
        return json_reply(
            {"name": self.name, "platform": "irbis", "inputs": inputs, "outputs": outputs}
        )

    def infer(self, request: Request, respond: Respond) -> Cancel | None:
        """Answer all rows of a request, or the first fault among them."""
        try:
            document = load(request.body)
            bodies = self._bodies(document)
            values = [self.read(self._request(request, body)) for body in bodies]
        except BadRequestError as fault:
            respond(fault.reply())
            return None
        except ParseError as error:
            respond(problem(400, str(error).replace("the answer", "the body")))
            return None
        found: list[Reply | None] = [None] * len(values)
        cancels: list[Cancel | None] = []
        left = len(values)

        def one(at: int) -> Respond:
            def answered(reply: Reply) -> None:
                nonlocal left
                found[at] = reply
                left -= 1
                if not left:
                    respond(self._reply(document, [r for r in found if r is not None]))

            return answered

        for at, value in enumerate(values):
            cancels.append(self.submit(value, request, one(at)))

        def cancel() -> None:
            for each in cancels:
                if each is not None:
                    each()

        return cancel

    def _request(self, request: Request, body: bytes) -> Request:
        return Request(request.method, request.target, [], body, request.version)

    def _bodies(self, document: Any) -> list[bytes]:
        inputs = document.get("inputs") if isinstance(document, dict) else None
        if not isinstance(inputs, list) or not all(isinstance(i, dict) for i in inputs):
            raise BadRequestError(400, "$.inputs: expected an array of objects")
        fields = {f.name: f for f in self.parser.fields}
        columns: dict[str, list[Any]] = {}
        for at, tensor in enumerate(inputs):
            where, name = f"$.inputs[{at}]", tensor.get("name")
            if not isinstance(name, str) or name not in fields:
                raise BadRequestError(
                    400, f"{where}.name: expected one of {', '.join(fields) or 'none'}"
                )
            columns[name] = _rows(tensor, where)
        counts = {len(rows) for rows in columns.values()}
        if len(counts) != 1 or not 0 < (count := counts.pop()) <= _ROWS:
            raise BadRequestError(
                400, f"$.inputs: expected the same number of rows in each, 1 to {_ROWS}"
            )
        if hasattr(self.parser, "column"):
            field = fields[self.parser.column]
            return [_body(v, field, row) for row, v in enumerate(columns[field.name])]
        return [
            json.dumps({n: rows[row] for n, rows in columns.items()}).encode()
            for row in range(count)
        ]

    def _reply(self, document: dict[str, Any], replies: Sequence[Reply]) -> Reply:
        bad = next((r for r in replies if not 200 <= r.status < 300), None)
        if bad is not None:
            return bad
        values = [_value(r, self.reply.column) for r in replies]
        kind = _datatype(self.reply.type)
        if kind == "BYTES":
            values = [v if isinstance(v, str) else json.dumps(v) for v in values]
        shape = [len(values)]
        if isinstance(values[0], list) and all(
            isinstance(v, list) and len(v) == len(values[0]) for v in values
        ):
            shape, values = [len(values), len(values[0])], [x for v in values for x in v]
        output = {"name": self.reply.column, "datatype": kind, "shape": shape, "data": values}
        made = {"model_name": self.name, "outputs": [output]}
        if isinstance(document.get("id"), str):
            made["id"] = document["id"]
        return json_reply(made)


def _rows(tensor: dict[str, Any], where: str) -> list[Any]:
    data, shape = tensor.get("data"), tensor.get("shape")
    if not isinstance(data, list):
        raise BadRequestError(400, f"{where}.data: expected an array")
    if not isinstance(shape, list) or not all(
        isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape
    ):
        raise BadRequestError(400, f"{where}.shape: expected an array of whole numbers")
    if not shape or len(shape) > 2:
        raise BadRequestError(
            400, f"{where}.shape: expected one or two dimensions, the first of rows"
        )
    nested = len(shape) == 2 and len(data) == shape[0]
    if nested and all(isinstance(row, list) and len(row) == shape[1] for row in data):
        return data
    if len(data) != math.prod(shape):
        raise BadRequestError(400, f"{where}.data: {len(data)} elements do not fill the shape")
    if len(shape) == 1 or (shape[1] == 1 and shape[0] == len(data)):
        return data
    return [data[at * shape[1] : (at + 1) * shape[1]] for at in range(shape[0])]


def _body(value: Any, field: pa.Field, row: int) -> bytes:
    if not isinstance(value, str):
        raise BadRequestError(400, f"$.inputs: row {row} of {field.name}: expected a string")
    try:
        if pa.types.is_string(field.type):
            return value.encode()
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise BadRequestError(
            400, f"$.inputs: row {row} of {field.name}: expected base64"
        ) from None


def _value(reply: Reply, column: str) -> Any:
    if reply.type == JSON:
        made = json.loads(reply.body)
        return made[column] if isinstance(made, dict) and list(made) == [column] else made
    if reply.type.startswith("text/"):
        return reply.body.decode()
    return base64.b64encode(reply.body).decode()


def _datatype(type_: pa.DataType) -> str:
    if pa.types.is_list(type_):
        type_ = type_.value_type
    if is_vector(type_):
        return "FP64"
    return _DATATYPES.get(str(type_), "BYTES")


def _shape(type_: pa.DataType) -> list[int]:
    return [-1, -1] if pa.types.is_list(type_) else [-1]


def v2_paths(name: str, faults: dict[str, Any]) -> dict[str, Any]:
    """Paths of the protocol for the OpenAPI document."""
    model = f"/v2/models/{name}"
    any_object = {JSON: {"schema": {"type": "object"}}}
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype", "data"],
        "properties": {
            "name": {"type": "string"},
            "shape": {"type": "array", "items": {"type": "integer"}},
            "datatype": {"type": "string"},
            "data": {"type": "array"},
        },
    }
    body = {
        "type": "object",
        "required": ["inputs"],
        "properties": {"inputs": {"type": "array", "items": tensor}},
    }
    ok = {"200": {"description": "Yes.", "content": any_object}}
    health = {"200": {"description": "Yes."}, "503": {"description": "No."}}
    return {
        "/v2": {"get": {"summary": "The server.", "responses": dict(ok)}},
        "/v2/health/live": {"get": {"summary": "Is it alive?", "responses": health}},
        "/v2/health/ready": {"get": {"summary": "Is it ready?", "responses": health}},
        model: {"get": {"summary": "The model's inputs and outputs.", "responses": dict(ok)}},
        f"{model}/ready": {"get": {"summary": "Is the model ready?", "responses": dict(health)}},
        f"{model}/infer": {
            "post": {
                "summary": "Infer many rows at once.",
                "requestBody": {"required": True, "content": {JSON: {"schema": body}}},
                "responses": {**ok, **faults},
            }
        },
    }
