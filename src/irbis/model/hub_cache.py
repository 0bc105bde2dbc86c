"""What huggingface_hub has on this machine already."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irbis.errors import ModelNotFoundError
from irbis.extras import require

__all__ = ["Snapshot", "cached_names", "cached_snapshot"]


@dataclass
class Snapshot:
    """A repository at a commit: its files are what the hub says of them, or paths here."""

    repo: str
    commit: str
    files: dict[str, Any]
    licence: str = "unknown"
    remote: bool = False
    fetched: set[str] = field(default_factory=set)


def cached_names(folder: Path | None) -> list[str]:
    """Repositories in a cache that have an ONNX file."""
    graphs = {
        repo.repo_id
        for repo in _repositories(folder)
        for revision in repo.revisions
        if any(file.file_name.endswith(".onnx") for file in revision.files)
    }
    return sorted(graphs)


def cached_snapshot(folder: Path | None, repo: str, revision: str) -> Snapshot:
    """Find a repository in a cache.

    Raises
    ------
    ModelNotFoundError
        If it is not there at that revision; lists what is.
    """
    for found in _repositories(folder):
        for held in found.revisions:
            if found.repo_id == repo and (revision in held.refs or held.commit_hash == revision):
                root = held.snapshot_path
                files = {f.file_path.relative_to(root).as_posix(): f.file_path for f in held.files}
                return Snapshot(repo, held.commit_hash, files)
    kept = ", ".join(cached_names(folder)) or "nothing"
    raise ModelNotFoundError(
        f"{repo} at {revision}, which is not in the cache",
        expected=f"a cached network, since the hub is offline (cached: {kept})",
        do="download it once with HF_HUB_OFFLINE unset",
    )


def _repositories(folder: Path | None) -> list[Any]:
    hub = require("huggingface_hub", extra="hub")
    errors = require("huggingface_hub.errors", extra="hub")
    try:
        found = hub.scan_cache_dir(folder)
    except errors.CacheNotFound:
        return []
    return [repo for repo in found.repos if repo.repo_type == "model"]
