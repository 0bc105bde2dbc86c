"""HotSpotterModel: answers which individual a picture shows."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import number, optional, text, whole
from irbis.errors import ParamError
from irbis.files import FileRef
from irbis.identify.answer_params import GivesIndividuals
from irbis.identify.chip_params import ReadsChips
from irbis.identify.fusing import Fusion
from irbis.identify.gathering import gather, to_shards
from irbis.identify.identifying import CANDIDATES, MATCHES, Excluding, IdentifyFunction
from irbis.identify.known_rows import known_rows
from irbis.identify.known_set import KnownFiles, open_known
from irbis.identify.matching_params import MatchesChips, named_field
from irbis.params import UNSET, ParamField, param
from irbis.stage import Stage

__all__ = ["HotSpotterModel"]

_FUSION = 5  # numbers


def _plain(file: Any) -> dict[str, str]:
    if isinstance(file, FileRef):
        return {"path": file.path, "sha256": file.sha256}
    return {"path": str(file["path"]), "sha256": str(file["sha256"])}


def _known(value: Any) -> dict[str, Any]:
    try:
        if isinstance(value, KnownFiles):
            value = {"cells": value.cells, "shards": value.shards}
        shards = [[_plain(one), _plain(two)] for one, two in value["shards"]]
        return {"cells": _plain(value["cells"]), "shards": shards}
    except (TypeError, KeyError, ValueError):
        raise ValueError("the files of a known set") from None


def _fusion(value: Any) -> list[float]:
    if not isinstance(value, (list, tuple)) or len(value) != _FUSION:
        raise ValueError("a weight and two pairs of slope and intercept: 5 numbers")
    return [float(v) for v in value]


class HotSpotterModel(ReadsChips, MatchesChips, GivesIndividuals, Stage):
    """Rank the known individuals that each row's animal may be; made by :class:`irbis.HotSpotter`.

    Parameters
    ----------
    outputCol : str, default "candidates"
        array<struct(name, score, probability, inliers, annotation)>, best first; empty where nothing
        fits, null where the row failed. The probability is that of one individual, had half of all
        pairs compared shown one; inliers are the matches that agree in space.
    predictionCol : str, default "prediction"
        The best candidate's name if its score is above `threshold`, else `unknownLabel`.
    matchesCol : str or None, default "matches"
        array<struct(annotation, x, y, known_x, known_y)>: the inliers of all candidates, pixels of the
        query's picture and of the known one. None: not returned.
    numCandidates : int, default 5, range 1 to 1000
    threshold : float
        Chosen by `falseMatchRate` when it was fitted; `thresholdSource` says how.
    thresholdSource : str
    slope, intercept : float
        Of the logistic curve from the score's logarithm to the probability.
    unknownLabel : str, default "unknown"
    excludeSelf : bool, default False
        Leave out the row's own annotation: to ask a known set about itself.
    threads : int, default 1, range 1 to 256
        Threads of a search; a Spark task has spark.task.cpus cores.
    known : files of the known set
        Saved with the stage, sent to workers once a session, mapped into memory there.
    featurizer : stage or None
        The one it was fitted with.
    fusion : list of float, or None
        Weight of the featurizer's vectors, and slope and intercept of the curves of local scores and
        of vectors.
    shardSize : int, descriptors, default 2,000,000
        Of files that :meth:`add` makes.
    inputCol, nameCol, boxCol, maskCol, annotationCol, eventCol, stationCol, chipSize, maxKeypoints
        See :class:`irbis.HotSpotter`.
    contrastThreshold, tilts, maxPixels, score, nameScore, neighbours, probes, shortlist
        See :class:`irbis.HotSpotter`.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. Kinds: those of pictures, "no_box", "too_small", "mask".

    Examples
    --------
    >>> HotSpotterModel(numCandidates=3, threshold=2.0).getNumCandidates()
    3
    """

    known: ParamField[Any] = param("files of the known set", _known, default=UNSET)
    threshold: ParamField[float] = param("highest score of the unknown", number(0), default=0.0)
    thresholdSource: ParamField[str] = param("how it was chosen", text, default="set by hand")
    slope: ParamField[float] = param("of the curve to probabilities", number(0), default=1.0)
    intercept: ParamField[float] = param(
        "of the curve to probabilities", number(-1e6, 1e6), default=0.0
    )
    fusion: ParamField[list[float] | None] = param(
        "weight of vectors, and the curves of local scores and of vectors",
        optional(_fusion),
        default=None,
    )
    shardSize: ParamField[int] = param("descriptors in one file", whole(1), default=2_000_000)

    def input_columns(self) -> list[str]:
        """Chips, and what is left out by."""
        itself = self.value("annotationCol") if self.value("excludeSelf") else None
        aside = (self.value("eventCol"), self.value("stationCol"), itself)
        return list(dict.fromkeys([*self.chip_columns(), *(c for c in aside if c is not None)]))

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Candidates, the individual, matches, and errors."""
        self.check_chips(schema)
        if (self.value("featurizer") is None) != (self.value("fusion") is None):
            raise ParamError(
                "HotSpotterModel with one of featurizer and fusion",
                expected="both, as HotSpotter(featurizer=...) learns them, or neither",
            )
        for name in self.input_columns():
            if name not in self.chip_columns():
                named_field(schema, name, reader="HotSpotterModel")
        matches = self.value("matchesCol")
        return [
            pa.field(self.value("outputCol"), CANDIDATES),
            pa.field(self.value("predictionCol"), pa.string()),
            *([pa.field(matches, MATCHES)] if matches else []),
            *self.error_fields(),
        ]

    def files(self) -> list[FileRef]:
        """The files of the known set."""
        if not self.isDefined(self.getParam("known")):
            return []
        known = self.known_files()
        return [known.cells, *(file for shard in known.shards for file in shard)]

    def known_files(self) -> KnownFiles:
        """The files, as :func:`irbis.identify.known_set.open_known` takes them."""
        value = self.value("known")
        shards = tuple((FileRef(**one), FileRef(**two)) for one, two in value["shards"])
        return KnownFiles(FileRef(**value["cells"]), shards)

    def individuals(self) -> dict[str, list[str]]:
        """Everyone who is known, with the names of their annotations."""
        known = open_known(self.known_files())
        out: dict[str, list[str]] = {}
        for name, annotation in sorted(zip(known.names, known.annotations, strict=True)):
            out.setdefault(name, []).append(annotation)
        return out

    def add(self, dataset: Any) -> HotSpotterModel:
        """Return a model that knows these pictures too.

        They become shards of their own: nothing that is there is written again, and an old answer
        changes only where a new picture is a neighbour. The cells, the threshold and the curve stay:
        fit anew when a known set has grown severalfold.

        Parameters
        ----------
        dataset : DataFrame, pa.Table, pa.RecordBatch or pandas.DataFrame
            As :class:`irbis.HotSpotter` takes them.

        Raises
        ------
        DataError
            If no row can be used, or an annotation is known already.
        """
        files = self.known_files()
        known = open_known(files)
        found = gather(known_rows(self, dataset, self.value("nameCol")), known.annotations)
        shards = to_shards(found, known.cells, self.value("shardSize"))
        grown: HotSpotterModel = self.copy()
        grown.setParams(known=KnownFiles(files.cells, (*files.shards, *shards)))
        return grown

    def make_function(self) -> IdentifyFunction:
        """See :class:`irbis.identify.identifying.IdentifyFunction`."""
        return IdentifyFunction(
            reading=self.chip_reading(),
            known=self.known_files(),
            matching=self.matching(),
            excluding=Excluding(
                event=self.value("eventCol"),
                station=self.value("stationCol"),
                annotation=self.value("annotationCol"),
                itself=self.value("excludeSelf"),
            ),
            candidates=self.value("outputCol"),
            individual=self.value("predictionCol"),
            matches=self.value("matchesCol"),
            error=self.error_column(),
            most=self.value("numCandidates"),
            threshold=self.value("threshold"),
            slope=self.value("slope"),
            intercept=self.value("intercept"),
            unknown=self.value("unknownLabel"),
            threads=self.value("threads"),
            fusion=None if self.value("fusion") is None else Fusion.of(self.value("fusion")),
        )
