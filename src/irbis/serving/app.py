"""What a front answers on which path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from irbis.serving.batcher import Cancel, Respond
from irbis.serving.inference import Inference
from irbis.serving.message import Reply, Request, json_reply, problem
from irbis.serving.metrics import Metrics
from irbis.serving.openapi import docs_page, openapi
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import BadRequestError, RequestParser
from irbis.serving.settings import FrontSettings

__all__ = ["App"]

Post: TypeAlias = Callable[[Request, Respond], Cancel | None]


class App:
    """Routes of a front.

    Parameters
    ----------
    batcher : Batcher or Mailbox
    parser : RequestParser
    reply : ReplyMaker
    settings : FrontSettings
    metrics : Metrics
    services : callable
        Addresses of all fronts of the query, as far as this one knows.
    """

    def __init__(
        self,
        batcher: Any,
        parser: RequestParser,
        reply: ReplyMaker,
        settings: FrontSettings,
        metrics: Metrics,
        services: Callable[[], list[str]],
    ) -> None:
        self.batcher, self.parser, self.settings, self.metrics = batcher, parser, settings, metrics
        self.services = services
        self.read = parser.make_reader()
        self.path = f"/{settings.name}"
        self.ready = False
        self.draining = False
        self.inference = Inference(settings.name, parser, reply, batcher.submit)
        self.document = openapi(settings, parser, reply)
        model = f"/v2/models/{settings.name}"
        self.gets: dict[str, Callable[[], Reply]] = {
            "/health/live": self._live,
            "/health/ready": self._ready,
            "/metrics": lambda: Reply(200, metrics.text().encode(), "text/plain; version=0.0.4"),
            "/openapi.json": lambda: json_reply(self.document),
            "/docs": lambda: docs_page(self.document),
            "/services": lambda: json_reply({"name": settings.name, "fronts": self.services()}),
            "/v2": self._server,
            "/v2/health/live": self._live,
            "/v2/health/ready": self._ready,
            model: self.inference.metadata,
            f"{model}/ready": self._ready,
        }
        self.posts: dict[str, Post] = {
            self.path: self._api,
            f"{model}/infer": self.inference.infer,
        }
        metrics.gauges += [
            ("irbis_in_flight", "Requests not answered yet.", lambda: float(batcher.in_flight)),
            ("irbis_queue", "Requests that wait for a batch.", lambda: float(len(batcher.waiting))),
            ("irbis_ready", "1 if it takes requests.", lambda: float(self.ready)),
        ]

    def __call__(self, request: Request, respond: Respond) -> Cancel | None:
        """Answer a request, now or later."""
        path = request.target if request.target == self.path else request.path
        post: Post | None = self.posts.get(path)
        if post is not None and request.method == "POST":
            if self.ready and not self.draining:
                return post(request, respond)
            said = "stopping" if self.draining else "not ready yet"
            respond(problem(503, said, retry_after=self.settings.retry_after))
        elif path in self.gets and request.method in ("GET", "HEAD"):
            respond(self.gets[path]())
        elif post is not None or path in self.gets:
            allow = "POST" if path in self.posts else "GET, HEAD"
            respond(problem(405, f"expected {allow}", headers=[("allow", allow)]))
        else:
            respond(problem(404, "nothing here"))
        return None

    def route(self, target: str) -> str:
        """Name of a path in metrics; all unknown ones have one name."""
        if target == self.path:
            return "api"
        path = target.partition("?")[0]
        if path in self.posts:
            return "api" if path == self.path else "v2"
        return path if path in self.gets else "other"

    def _api(self, request: Request, respond: Respond) -> Cancel | None:
        try:
            value = self.read(request)
        except BadRequestError as fault:
            respond(fault.reply())
            return None
        made: Cancel | None = self.batcher.submit(value, request, respond)
        return made

    def _live(self) -> Reply:
        if self.batcher.stuck:
            return problem(503, "a batch has been running for more than two deadlines")
        return json_reply({"live": True})

    def _ready(self) -> Reply:
        if self.ready and not self.draining and not self.batcher.stuck:
            return json_reply({"ready": True, "name": self.settings.name})
        return problem(503, "stopping" if self.draining else "not ready")

    def _server(self) -> Reply:
        from irbis import __version__

        made: dict[str, Any] = {"name": "irbis", "version": __version__, "extensions": []}
        return json_reply(made)
