"""How often the right animal comes first: scores and k beside each other, and one-vs-one, on the same queries."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from identify_chips import Who, annotated, chips, known_set, line
from scipy.stats import binomtest

from irbis.identify.brute import nearest
from irbis.identify.keypoints import Keypoints
from irbis.identify.known_set import KnownSet
from irbis.identify.ranking import Matching, rank
from irbis.identify.scoring import SCORES
from irbis.identify.shard import Annotation
from irbis.identify.verification import Verification, inliers

USUAL = Matching()
VARIANTS = {
    f"{score}, k={k}": Matching(score=score, neighbours=k) for k in (1, 4, 8) for score in SCORES
}
STATIONS, NOWHERE = 10, 20


class Remembering:
    """A known set that searches once for a query, however many ways it is scored."""

    def __init__(self, known: KnownSet) -> None:
        self._known, self._query, self._found = known, None, {}
        self.names, self.annotations, self.keypoints = (
            known.names, known.annotations, known.keypoints,
        )  # fmt: skip

    def search(self, descriptors, count, probes, left_out=None):
        if self._query is not descriptors:
            self._query, self._found = descriptors, {}
        if count not in self._found:
            self._found[count] = self._known.search(descriptors, count, probes, left_out)
        return self._found[count]


def one_by_one(known: list[Annotation], query: Keypoints) -> list[str]:
    """The paper's one-vs-one: a match is 1.62 times nearer, squared, than the next in that chip."""
    scores: dict[str, float] = {}
    for other in known:
        there = other.keypoints
        if len(there.descriptors) < 2:
            continue
        distances, which = nearest(query.descriptors, there.descriptors, 2)
        ratio = distances[:, 1] / np.maximum(distances[:, 0], 0.5)
        good = np.flatnonzero(ratio > 1.62)
        kept = inliers(
            query.geometry[good],
            there.geometry[which[good, 0]],
            ratio[good].astype(np.float64),
            float(np.hypot(there.width, there.height)),
            Verification(),
        )
        if len(kept) >= 4:
            score = float(ratio[good[kept]].sum())
            scores[other.name] = max(score, scores.get(other.name, 0.0))
    return sorted(scores, key=lambda name: -scores[name])


def area(true, false) -> float:
    """Share of pairs in which the animal that is known scores higher than a stranger."""
    higher = np.subtract.outer(np.array(true), np.array(false))
    return float(np.mean(higher > 0) + 0.5 * np.mean(higher == 0))


def middle(draw: Callable[[np.random.Generator], float]) -> tuple[float, float]:
    """Middle 95 % of 2000 draws."""
    rng = np.random.default_rng(0)
    low, high = np.quantile([draw(rng) for _ in range(2000)], [0.025, 0.975])
    return float(low), float(high)


def paired(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Of queries that both were asked: who alone was right, and how sure the difference is."""
    only, lost = int((one & ~other).sum()), int((other & ~one).sum())
    more = one.astype(float) - other
    low, high = middle(lambda rng: float(rng.choice(more, len(more)).mean()))
    chance = binomtest(only, only + lost).pvalue if only + lost else 1.0
    return {
        "right": float(one.mean()), "it alone": only, "the other alone": lost,
        "points more, low": 100 * low, "points more, high": 100 * high, "McNemar p": chance,
    }  # fmt: skip


class Trial:
    """Queries of animals that are known and of strangers, asked for in one way after another."""

    def __init__(self, known: KnownSet, right: list[Keypoints], strangers: list[Keypoints]) -> None:
        self.known, self.right, self.strangers = Remembering(known), right, strangers

    def ask(self, ways: dict[str, Matching]) -> dict[str, dict[str, np.ndarray]]:
        """First and fifth place, score where it is first, and the strangers' best scores."""
        out = {w: {"first": [], "fifth": [], "true": [], "false": [], "seconds": []} for w in ways}
        for animal, query in enumerate(self.right):
            for way, matching in ways.items():
                start = time.perf_counter()
                found = rank(self.known, query, matching)
                out[way]["seconds"].append(time.perf_counter() - start)
                names = [c.name for c in found[:5]]
                first = names[:1] == [str(animal)]
                out[way]["first"].append(first)
                out[way]["fifth"].append(str(animal) in names)
                out[way]["true"].append(found[0].score if first else 0.0)
        for query in self.strangers:
            for way, matching in ways.items():
                found = rank(self.known, query, matching)
                out[way]["false"].append(found[0].score if found else 0.0)
        return {w: {k: np.array(v) for k, v in found.items()} for w, found in out.items()}


def say(case: str, found: dict[str, np.ndarray]) -> None:
    """Lines of one way to ask."""
    true, false = found["true"], found["false"]
    low, high = middle(lambda rng: float(rng.choice(found["first"], len(true)).mean()))
    line("rank1", case, float(found["first"].mean()), "share", {"low": low, "high": high})
    line("rank5", case, float(found["fifth"].mean()), "share")
    low, high = middle(lambda rng: area(rng.choice(true, len(true)), rng.choice(false, len(false))))
    says = "area under ROC, named rightly vs unknown"
    line("unknown_auc", case, area(true, false), says, {"low": low, "high": high})
    for rate in (0.01, 0.05):
        limit = np.quantile(false, 1 - rate, method="higher")
        at = {"threshold": float(limit)}
        line(f"named_rightly_at_{rate:.0%}_false", case, float(np.mean(true > limit)), "share", at)


def compare(case: str, found: dict[str, dict[str, np.ndarray]]) -> None:
    """Lines of all ways beside the usual one."""
    usual = found["lnbnn, k=4"]

    def named(way):
        return way["true"] > np.quantile(way["false"], 0.95, method="higher")

    for name, way in found.items():
        line("rank1", f"{case}, {name}", float(way["first"].mean()), "share",
             paired(way["first"], usual["first"]))  # fmt: skip
        line("named_rightly_at_5%_false", f"{case}, {name}", float(named(way).mean()), "share",
             {**paired(named(way), named(usual)), "area": area(way["true"], way["false"])})  # fmt: skip


INDIVIDUALS, MOST = 250, 500


def _known(individuals: int, masked: bool):
    """Two pictures of each individual, at random stations."""
    stations = np.random.default_rng(0).integers(0, STATIONS, (individuals, 2)).tolist()
    who = [(i, n, 1.0, stations[i][n]) for i in range(individuals) for n in range(2)]
    annotations = annotated(who, chips(who, MOST, masked))
    return annotations, known_set(annotations, Path(tempfile.mkdtemp())), stations


def ranks(small: bool) -> None:
    """Masked animals, at stations of their own: only patterns can match."""
    individuals, asked, many = (5, 2, 2) if small else (INDIVIDUALS, 100, 200)
    annotations, known, _ = _known(individuals, True)
    for hard in (1.0,) if small else (0.5, 1.0, 1.5, 2.0):
        case = f"{len(annotations)} chips, difficulty {hard}"
        count = many if hard == 1.5 else asked
        trial = Trial(known, *_queries(count, hard, lambda _: NOWHERE, True))
        close = small or hard == 1.5
        found = trial.ask(VARIANTS if close else {"lnbnn, k=4": USUAL})
        say(case, found["lnbnn, k=4"])
        if close:
            compare(case, found)
            _against_one_by_one(case, annotations, known, trial, found["lnbnn, k=4"]["first"])


def rocks(hard: float = 1.0, asked: int = 60) -> None:
    """The trap: boxes without masks, queries from stations of the known, but never from their own."""
    annotations, known, stations = _known(INDIVIDUALS, False)

    def station(i: int) -> int:
        own = stations[i] if i < len(stations) else []
        return next(s % STATIONS for s in range(i, i + STATIONS) if s % STATIONS not in own)

    case = f"{len(annotations)} chips, boxes without masks, difficulty {hard}"
    found = Trial(known, *_queries(asked, hard, station, False)).ask(VARIANTS)
    say(case, found["lnbnn, k=4"])
    compare(case, found)


def _queries(count: int, hard: float, station, masked: bool):
    """Animals that are known and as many strangers."""
    right: list[Who] = [(i, 10, hard, station(i)) for i in range(count)]
    strangers: list[Who] = [(10_000 + i, 10, hard, station(10_000 + i)) for i in range(count)]
    found = chips(right + strangers, MOST, masked)
    return found[:count], found[count:]


def _against_one_by_one(case, annotations, known, trial: Trial, first: np.ndarray) -> None:
    """The same queries, compared with every chip; times of both in turn, one thread each."""
    fast, slow, right = [], [], []
    for animal, query in enumerate(trial.right):
        start = time.perf_counter()
        rank(known, query, USUAL)
        middle_ = time.perf_counter()
        names = one_by_one(annotations, query)
        fast.append(middle_ - start)
        slow.append(time.perf_counter() - middle_)
        right.append(names[:1] == [str(animal)])
    line("rank1", f"{case}, one-vs-one", float(np.mean(right)), "share",
         {f"one-vs-many, {k}": v for k, v in paired(first, np.array(right)).items()})  # fmt: skip
    peers = {
        "one-vs-one seconds": float(np.mean(slow)),
        "one-vs-many seconds": float(np.mean(fast)),
    }
    line("speedup_vs_one_vs_one", case, peers["one-vs-one seconds"] / peers["one-vs-many seconds"],
         "times", peers)  # fmt: skip
