"""A Hugging Face hub on loopback: what huggingface_hub asks of one, and ways to misbehave."""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

TOKEN = "hf_" + "s3cret" * 5
_LARGE = 4096  # bytes from which a file is kept as the hub keeps LFS files


@dataclass
class Seen:
    method: str
    path: str
    range: str | None
    token: str | None


@dataclass
class Hub:
    """Repositories: name -> commit -> file -> content; what was asked; faults to show."""

    repos: dict = field(default_factory=dict)
    refs: dict = field(default_factory=dict)
    gated: set = field(default_factory=set)
    private: set = field(default_factory=set)
    seen: list = field(default_factory=list)
    cuts: list = field(default_factory=list)  # bytes after which the next bodies break off
    damage: set = field(default_factory=set)  # files whose bodies have a wrong byte
    address: str = ""

    def push(self, repo, files, *refs):
        """A commit; `refs` (default main) point to it."""
        digest = hashlib.sha1(repr((repo, sorted((n, len(c)) for n, c in files.items()))).encode())
        for name in sorted(files):
            digest.update(files[name])
        commit = digest.hexdigest()
        self.repos.setdefault(repo, {})[commit] = files
        self.refs.setdefault(repo, {}).update(dict.fromkeys(refs or ("main",), commit))
        return commit

    def asked(self, method, part):
        return [s for s in self.seen if s.method == method and part in s.path]

    def clear(self):
        self.seen.clear()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        hub = self.server.hub
        path = unquote(urlsplit(self.path).path)
        token = self.headers.get("Authorization")
        hub.seen.append(Seen(self.command, path, self.headers.get("Range"), token))
        parts = path.strip("/").split("/")
        if parts[0] == "cdn":
            self.body(hub.repos[f"{parts[1]}/{parts[2]}"][parts[3]], "/".join(parts[4:]))
        elif path == "/api/models":
            self.reply(200, json.dumps([{"id": r} for r in hub.repos]).encode())
        else:
            self.repository(parts, token)

    do_HEAD = do_GET

    def repository(self, parts, token):
        hub = self.server.hub
        api = parts[:2] == ["api", "models"]
        repo, rest = "/".join(parts[2:4] if api else parts[:2]), parts[4 if api else 2 :]
        if token is not None and token != f"Bearer {TOKEN}":
            return self.fail(401, None, "Invalid credentials in Authorization header")
        if repo not in hub.repos or (repo in hub.private and token is None):
            return self.fail(401 if token is None else 404, "RepoNotFound", "Repository not found")
        revision = rest[1] if len(rest) > 1 else "main"
        commit = hub.refs[repo].get(revision, revision)
        files = hub.repos[repo].get(commit)
        if files is None:
            return self.fail(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if api:
            return self.reply(200, json.dumps(self.info(repo, commit, files)).encode())
        return self.resolve(repo, commit, files, "/".join(rest[2:]), token)

    def resolve(self, repo, commit, files, name, token):
        hub = self.server.hub
        if repo in hub.gated and token is None:
            return self.fail(401, "GatedRepo", "Access to this model is restricted")
        if name not in files:
            return self.fail(404, "EntryNotFound", "Entry not found", commit)
        content = files[name]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{git_name(content)}"'}
        if len(content) < _LARGE:
            return self.reply(200, content, headers)
        # Large files lie elsewhere: another host name, as the real hub's do.
        headers["X-Linked-Etag"] = f'"{hashlib.sha256(content).hexdigest()}"'
        headers["X-Linked-Size"] = str(len(content))
        place = f"http://localhost:{self.server.server_port}/cdn/{repo}/{commit}/{name}"
        return self.reply(302, b"", {**headers, "Location": place})

    def body(self, files, name):
        hub, content = self.server.hub, files[name]
        if name in hub.damage:
            content = content[:-1] + bytes([content[-1] ^ 1])
        start = 0
        headers = {"ETag": '"cdn"', "Accept-Ranges": "bytes"}
        if asked := self.headers.get("Range"):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.send_response(206 if asked else 200)
        for key, value in {**headers, "Content-Length": len(content) - start}.items():
            self.send_header(key, str(value))
        self.end_headers()
        if self.command == "HEAD":
            return
        if hub.cuts:
            self.wfile.write(content[start : start + hub.cuts.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(content[start:])

    def info(self, repo, commit, files):
        return {
            "id": repo, "modelId": repo, "sha": commit, "private": repo in self.server.hub.private,
            "gated": "manual" if repo in self.server.hub.gated else False, "disabled": False,
            "tags": ["onnx", "license:apache-2.0"], "cardData": {"license": "apache-2.0"},
            "downloads": 1, "likes": 0,
            "siblings": [sibling(n, c) for n, c in files.items()],
        }  # fmt: skip

    def fail(self, status, code, message, commit=None):
        headers = {"X-Error-Message": message}
        headers |= {"X-Error-Code": code} if code else {}
        headers |= {"X-Repo-Commit": commit} if commit else {}
        self.reply(status, json.dumps({"error": message}).encode(), headers)

    def reply(self, status, content, headers=None):
        self.send_response(status)
        for key, value in {**(headers or {}), "Content-Length": len(content)}.items():
            self.send_header(key, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def git_name(content):
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


def sibling(name, content):
    found = {"rfilename": name, "size": len(content), "blobId": git_name(content)}
    if len(content) >= _LARGE:
        found["lfs"] = {
            "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130
        }  # fmt: skip
    return found


def start(hub):
    """Serve in a thread; returns the function that stops it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hub, server.daemon_threads = hub, True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop():
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
