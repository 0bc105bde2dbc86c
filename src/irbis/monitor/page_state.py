"""The state of a page: what all batches so far come to."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["PageState", "batch_document"]

_NEWEST, _FAILURES = 12, 20
_HOURS = 24
_RECENT = timedelta(minutes=5)
_HOUR = "%Y-%m-%dT%H:00Z"


def batch_document(rows: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Make a batch's document of the rows of :class:`irbis.monitor.sights.SightsFunction`.

    `found` is a list here already.
    """
    counts: dict[str, dict[str, int]] = {}
    newest, failures = [], []
    for row in sorted(rows, key=lambda r: (str(r["at"] or now), r["path"] or "")):
        name, at = row["path"] or "", row["at"] or now
        if row["kind"] is not None:
            failures.append({"name": name, "kind": row["kind"], "message": row["message"] or ""})
        hour = counts.setdefault(at.astimezone(UTC).strftime(_HOUR), {}) if row["found"] else {}
        for *_, label, _score in row["found"]:
            hour[label] = hour.get(label, 0) + 1
        if row["found"]:
            thumbnail = row["thumbnail"]
            newest.append(
                {
                    "name": name,
                    "at": at.astimezone(UTC).isoformat(timespec="seconds"),
                    "width": row["width"],
                    "height": row["height"],
                    "found": row["found"],
                    "thumbnail": thumbnail and base64.b64encode(thumbnail).decode(),
                }
            )
    return {
        "at": now.isoformat(),
        "pictures": len(rows),
        "failed": len(failures),
        "counts": counts,
        "newest": newest[-_NEWEST:],
        "failures": failures[-_FAILURES:],
    }


class PageState:
    """Folds documents of batches.

    Parameters
    ----------
    kept : mapping, optional
        What :meth:`kept` returned.
    """

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        kept = kept or {}
        self.pictures = int(kept.get("pictures", 0))
        self.failed = int(kept.get("failed", 0))
        self.counts: dict[str, dict[str, int]] = dict(kept.get("counts", {}))
        self.labels: list[str] = list(
            kept.get("labels", [])
        )  # as they came: a label keeps its colour
        self.newest: list[dict[str, Any]] = list(kept.get("newest", []))
        self.failures: list[dict[str, Any]] = list(kept.get("failures", []))
        self.recent: list[tuple[str, int]] = [tuple(r) for r in kept.get("recent", [])]
        self.last: str | None = kept.get("last")

    def kept(self) -> dict[str, Any]:
        """Return all of it, for a file."""
        return dict(vars(self))

    def add(self, number: int, batch: Mapping[str, Any]) -> None:
        """Add the document of a batch."""
        self.pictures += batch["pictures"]
        self.failed += batch["failed"]
        for hour, found in batch["counts"].items():
            known = self.counts.setdefault(hour, {})
            for label, count in found.items():
                known[label] = known.get(label, 0) + count
                if label not in self.labels:
                    self.labels.append(label)
        shown = [{**s, "id": f"{number}-{at}"} for at, s in enumerate(batch["newest"])]
        self.newest = [*shown[::-1], *self.newest][:_NEWEST]
        self.failures = [*batch["failures"][::-1], *self.failures][:_FAILURES]
        self.last = batch["at"]
        self.recent = [*self.recent, (batch["at"], batch["pictures"])][-1000:]

    def thumbnail(self, number: str) -> bytes | None:
        """Picture of a find that is shown."""
        found = next((s for s in self.newest if s["id"] == number), None)
        text = found and found["thumbnail"]
        return base64.b64decode(text) if text else None

    def page(self, now: datetime) -> dict[str, Any]:
        """Return what the page is sent."""
        start = (now - _RECENT).isoformat()
        recent = sum(count for at, count in self.recent if at >= start)
        return {
            "pictures": self.pictures,
            "failed": self.failed,
            "detections": sum(n for found in self.counts.values() for n in found.values()),
            "per_minute": round(recent / (_RECENT.total_seconds() / 60), 1),
            "last": self.last,
            "labels": self.labels,
            "totals": {
                label: sum(found.get(label, 0) for found in self.counts.values())
                for label in self.labels
            },
            "hours": self._hours(),
            "newest": [
                {k: v for k, v in s.items() if k != "thumbnail"}
                | {"pictured": bool(s["thumbnail"])}
                for s in self.newest
            ],
            "failures": self.failures,
        }

    def _hours(self) -> list[dict[str, Any]]:
        if not self.counts:
            return []
        latest = datetime.strptime(max(self.counts), _HOUR).replace(tzinfo=UTC)
        hours = [(latest - timedelta(hours=n)).strftime(_HOUR) for n in range(_HOURS)][::-1]
        return [{"hour": hour, "counts": self.counts.get(hour, {})} for hour in hours]
