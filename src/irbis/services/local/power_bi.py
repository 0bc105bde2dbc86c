"""Power BI's push API: models, their tables, and rows within the limits."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

from irbis.services.local.push_table import Model, PushLimits
from irbis.services.local.vendor_error import azure_error
from irbis.services.local.wire import Answer, Call, RefusedError, Route, Service

__all__ = ["power_bi"]

_MINE = "/powerbi/v1.0/myorg/datasets"
_GROUP = "/powerbi/v1.0/myorg/groups/{group}/datasets"
_PUSH = "/powerbi/beta/{tenant}/datasets/{dataset}/rows"
_STREAMED = "RealTimeData"  # the one table of a model with a push URL


def power_bi(limits: PushLimits | None = None) -> Service:
    """Make the service; a model that nobody made is made by the first rows that come for it.

    ``GET /powerbi/received/DATASET`` tells what came: for tests, and for people who look.
    """
    models = _Models(limits or PushLimits())
    rows = [f"{place}/{{dataset}}/tables/{{table}}/rows" for place in (_MINE, _GROUP)]
    return Service(
        name="power bi",
        contract="Power BI REST v1.0: push semantic models",
        routes=(
            *(Route("POST", place, models.make) for place in (_MINE, _GROUP)),
            *(Route("POST", path, models.push) for path in rows),
            *(Route("DELETE", path, models.clear) for path in rows),
            Route("POST", _PUSH, models.push, keyed=False),
            Route("GET", "/powerbi/received/{dataset}", models.received, keyed=False),
        ),
        refuse=azure_error,
    )


class _Models:
    def __init__(self, limits: PushLimits) -> None:
        self.limits = limits
        self.models: dict[str, Model] = {}
        self.lock = threading.Lock()

    def make(self, call: Call) -> Answer:
        """PostDataset."""
        asked = call.json()
        try:
            columns = {
                table["name"]: {c["name"]: c["dataType"] for c in table["columns"]}
                for table in asked["tables"]
            }
            name = str(asked["name"])
        except (KeyError, TypeError):
            raise RefusedError(400, "InvalidRequest", "A name and tables with columns.") from None
        if any(len(c) > self.limits.columns for c in columns.values()):
            raise RefusedError(400, "TooManyColumns", f"More than {self.limits.columns} columns.")
        number = str(uuid4())
        with self.lock:
            self.models[number] = Model(self.limits, columns)
        return Answer({"id": number, "name": name, "defaultMode": "Push"}, 201)

    def push(self, call: Call) -> Answer:
        """PostRows."""
        table, model = call.path.get("table", _STREAMED), self._model(call)
        try:
            if model.columns and table not in model.columns:
                raise RefusedError(404, "NotFound", f"There is no table '{table}'.")
            with model.in_flight():
                asked = call.json()
                rows = asked.get("rows") if isinstance(asked, dict) else asked
                if not isinstance(rows, list):
                    raise RefusedError(400, "InvalidRequest", "Rows, as a list.")
                model.add(table, rows, call.headers.get("x-irbis-batch", ""))
        except RefusedError as error:
            model.note(error.status)
            raise
        return Answer(None)

    def clear(self, call: Call) -> Answer:
        """DeleteRows."""
        self._model(call).rows.pop(call.path["table"], None)
        return Answer(None)

    def received(self, call: Call) -> Answer:
        """Tell what came; ``?rows=true`` with the rows."""
        model = self._model(call)
        found: dict[str, Any] = {
            "accepted": model.accepted,
            "requests": len(model.batches),
            "batches": model.batches,
            "refused": model.refused,
        }
        if call.flag("rows"):
            found["rows"] = {table: list(rows) for table, rows in model.rows.items()}
        return Answer(found)

    def _model(self, call: Call) -> Model:
        with self.lock:
            return self.models.setdefault(call.path["dataset"], Model(self.limits))
