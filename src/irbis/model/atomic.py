"""Files that are there whole or not at all, also with two processes that write the same one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

__all__ = ["replacing", "write"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; it becomes `path` if the block ends well.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a"
    >>> with replacing(target) as draft:
    ...     _ = draft.write_bytes(b"x")
    >>> target.read_bytes(), len(list(target.parent.iterdir()))
    (b'x', 1)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        draft = Path(file.name)
    try:
        yield draft
        draft.chmod(0o644)  # temporary files are private; other workers' users read these
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Write bytes."""
    with replacing(path) as draft:
        draft.write_bytes(content)
