"""The Hugging Face hub as a source: through huggingface_hub, what came checked against the hub's word."""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from irbis.errors import DataError, ModelNotFoundError
from irbis.extras import require
from irbis.files import sha256_of
from irbis.model.hub_cache import Snapshot, cached_names, cached_snapshot
from irbis.model.hub_errors import UnreachableError, explained
from irbis.model.model_schema import ModelSchema
from irbis.model.opening import GRAPHS, companions, open_path

__all__ = ["HubSource"]

_TRIES = 3  # transfers; huggingface_hub itself goes on where a connection ended, five times
_TRUE = {"1", "ON", "YES", "TRUE"}
_MOST_USED = 100


class HubSource:
    """Repositories with an ONNX classifier.

    Parameters
    ----------
    folder : Path or None
        Of the downloads; None: huggingface_hub's own cache.
    revision, token, endpoint : str or None
        See :class:`irbis.ModelDownloader`. The environment is read at every call.
    """

    def __init__(
        self, folder: Path | None, revision: str | None, token: str | None, endpoint: str | None
    ) -> None:
        self._folder, self._revision, self._endpoint = folder, revision or "main", endpoint
        self._token = token

    def at(self, revision: str) -> HubSource:
        """The same hub at another revision."""
        return HubSource(self._folder, revision, self._token, self._endpoint)

    def names(self) -> list[str]:
        """The hub's most used ONNX image classifiers; offline, what is cached."""
        if _offline():
            return self.kept()
        try:
            found = self._api().list_models(
                filter=["onnx", "image-classification"], sort="downloads", limit=_MOST_USED
            )
            return [model.id for model in found]
        except Exception as error:  # explained() raises again what it does not know
            raise explained(error, "the list of models", self._revision) from None

    def kept(self) -> list[str]:
        """Repositories in the cache that have an ONNX file."""
        return cached_names(self._folder)

    def fetch(self, name: str) -> ModelSchema:
        """Return a network at a revision.

        Raises
        ------
        ModelNotFoundError
            If there is none of this name, it can't be had without a token, or it is not cached and
            the hub can't be reached.
        DataError
            If what came is damaged, or no classifier of pictures.
        """
        repo, wanted = _split(name)
        snapshot = None if _offline() else self._look(repo)
        if snapshot is None:
            snapshot = cached_snapshot(self._folder, repo, self._revision)
        graph = _graph(snapshot, repo, wanted)
        for other in companions(graph, name.rpartition("/")[2]):
            if str(other) in snapshot.files:
                self._get(snapshot, str(other))
        host = urlsplit(self._address() or "").hostname
        return open_path(
            self._get(snapshot, str(graph)),
            name=name,
            source=f"Hugging Face hub {repo}" + (f" at {host}" if host else ""),
            beside=lambda other: self._get(snapshot, str(graph.parent / other)),
            licence=snapshot.licence,
            revision=snapshot.commit,
        )

    def _look(self, repo: str) -> Snapshot | None:
        """What the hub says of a repository; None if it can't be reached but the cache has it."""
        try:
            info = self._api().model_info(repo, revision=self._revision, files_metadata=True)
        except Exception as error:  # explained() raises again what it does not know
            reason = explained(error, repo, self._revision)
            if isinstance(reason, UnreachableError) and repo in self.kept():
                warnings.warn(
                    f"{repo}: no answer from the hub; the cached one is taken", stacklevel=4
                )
                return None
            raise reason from None
        siblings = {s.rfilename: s for s in info.siblings or []}
        return Snapshot(repo, info.sha, siblings, _licence(info), remote=True)

    def _get(self, snapshot: Snapshot, file: str) -> Path:
        if file not in snapshot.files:
            raise ModelNotFoundError(
                f"no {file} in {snapshot.repo} at {snapshot.commit[:12]}", expected="it to be there"
            )
        if not snapshot.remote:
            path = Path(snapshot.files[file])
            _check_blob(path)
            return path
        # The branch's name goes along once: that is how the cache learns where it points.
        first = not snapshot.fetched
        path = self._transfer(snapshot.repo, file, self._revision if first else snapshot.commit)
        snapshot.fetched.add(file)
        _check(path, snapshot.files[file], snapshot.repo)
        return path

    def _transfer(self, repo: str, file: str, revision: str) -> Path:
        hub = require("huggingface_hub", extra="hub")
        for left in reversed(range(_TRIES)):
            try:
                return Path(
                    hub.hf_hub_download(
                        repo,
                        file,
                        revision=revision,
                        cache_dir=self._folder,
                        token=self._token,
                        endpoint=self._address(),
                        library_name="irbis",
                    )
                )
            except Exception as error:  # explained() raises again what it does not know
                reason = explained(error, repo, revision)
                if not (left and isinstance(reason, UnreachableError)):
                    raise reason from None
        raise AssertionError

    def _api(self) -> Any:
        hub = require("huggingface_hub", extra="hub")
        return hub.HfApi(endpoint=self._address(), token=self._token, library_name="irbis")

    def _address(self) -> str | None:
        # huggingface_hub reads it when it is imported: that may have been long ago.
        found = self._endpoint or os.environ.get("HF_ENDPOINT")
        return found.rstrip("/") if found else None


def _offline() -> bool:
    require("huggingface_hub", extra="hub")
    constants = require("huggingface_hub.constants", extra="hub")
    asked = os.environ.get("HF_HUB_OFFLINE", "").upper() in _TRUE
    return asked or bool(constants.HF_HUB_OFFLINE)


def _split(name: str) -> tuple[str, str | None]:
    parts = name.split("/")
    if len(parts) < 2 or not all(parts) or (len(parts) > 2 and not name.endswith(".onnx")):
        raise ModelNotFoundError(
            f"the model name {name!r}",
            expected="org/repo, or org/repo/FILE.onnx",
            do='for a packaged network: ModelDownloader(source="packaged")',
        )
    return "/".join(parts[:2]), "/".join(parts[2:]) or None


def _graph(snapshot: Snapshot, repo: str, wanted: str | None) -> PurePosixPath:
    graphs = sorted(f for f in snapshot.files if f.endswith(".onnx"))
    found = [wanted] if wanted else [*(g for g in GRAPHS if g in graphs), *graphs]
    plain = wanted is not None or any(g in graphs for g in GRAPHS) or len(graphs) == 1
    if plain and found[0] in graphs:
        return PurePosixPath(found[0])
    if not graphs:
        raise ModelNotFoundError(
            f"{repo} without an ONNX file",
            expected=" or ".join(GRAPHS),
            do="export it: optimum-cli export onnx --model ... FOLDER, then source=FOLDER",
        )
    raise ModelNotFoundError(
        f"{wanted or f'{len(graphs)} ONNX files'} in {repo}",
        expected=f"one of {', '.join(f'{repo}/{g}' for g in graphs[:10])}",
    )


def _licence(info: Any) -> str:
    card = getattr(info, "card_data", None)
    stated = getattr(card, "license", None)
    tags = [t.removeprefix("license:") for t in info.tags or [] if t.startswith("license:")]
    return str(stated or next(iter(tags), "unknown"))


def _check(path: Path, said: Any, repo: str) -> None:
    """Compare a file with what the hub says of it; a damaged one is deleted."""
    lfs = said.lfs
    if lfs is not None:
        expected, found = lfs.sha256, sha256_of(path)
    else:
        content = path.read_bytes()
        header = f"blob {len(content)}\0".encode()
        found = hashlib.sha1(header + content, usedforsecurity=False).hexdigest()  # git's name
        expected = said.blob_id
    size = path.stat().st_size
    if expected not in {None, found} or said.size not in {None, size}:
        _damaged(path, f"{repo}/{said.rfilename} of {size} bytes, {found[:12]}...", expected)


def _check_blob(path: Path) -> None:
    """Offline: the cache names a large file by its sha256."""
    blob = path.resolve().name
    if len(blob) == 64 and (found := sha256_of(path)) != blob:
        _damaged(path, f"{path.name} in the cache, {found[:12]}...", blob)


def _damaged(path: Path, got: str, expected: str | None) -> None:
    for part in (path.resolve(), path):
        part.unlink(missing_ok=True)
    raise DataError(
        f"{got}, which is damaged (deleted)",
        expected=f"{(expected or '')[:12]}..., as the hub says",
        do="download it again",
    )
