"""HotSpotter: learns a set of known individuals."""

from __future__ import annotations

from typing import Any

from pyspark.ml import Estimator
from pyspark.ml.util import MLReadable, MLWritable

from irbis.converters import number, whole
from irbis.files import keep
from irbis.identify.answer_params import GivesIndividuals
from irbis.identify.chip_params import ReadsChips
from irbis.identify.gathering import gather, to_shards
from irbis.identify.grouping import Grouping, group
from irbis.identify.hotspotter_model import HotSpotterModel
from irbis.identify.known_rows import known_rows, rows_of
from irbis.identify.known_set import KnownFiles, open_known
from irbis.identify.matching_params import MatchesChips
from irbis.identify.self_asking import ask, learn_calibration, learn_fusion
from irbis.params import ParamField, param
from irbis.persistence import StageReader, StageWriter

__all__ = ["HotSpotter"]


class HotSpotter(
    ReadsChips, MatchesChips, GivesIndividuals, Estimator, MLReadable[Any], MLWritable
):
    """Recognise individuals by their patterns: HotSpotter (Crall et al., WACV 2013).

    ``fit`` takes a Spark DataFrame, an Arrow table or a pandas frame with a row for each picture of a
    known individual, and returns a :class:`irbis.HotSpotterModel`. Keypoints are found where the rows
    are; the index is made on the driver, shard by shard. Rows without a name, and pictures in which no
    keypoint can be found, are left out and counted in a warning.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    nameCol : str, default "individual"
        Who each known picture shows. Flanks of one animal are two individuals: they share no pattern.
    boxCol : str or None, default None
        struct(xmin, ymin, xmax, ymax, ...) in pixels of the upright picture, or an array of
        detections, of which the best scored is taken; None: the whole picture.
    maskCol : str or None, default None
        Keypoints off the animal are dropped. Pictures laid over `inputCol`, bright (128 and more)
        where the animal is; a localizer's `heatCol`, above 0 there; or explanations of
        :class:`irbis.ImageLIME`, whose superpixels of positive weight are the animal. Null: all of
        the box.
    annotationCol : str or None, default None
        What each known picture is called, a value for each; None: a hash of its keypoints.
    eventCol, stationCol : str or None, default None
        Pictures of the event or the station of a query are no evidence for it, as if they were not
        there: within a burst everything matches, and at one camera the rocks do. Known pictures and
        queries have these columns then; null is no event and no station.
    chipSize : int, pixels, default 400, range 64 to 2048
        Chips are resized to as many pixels as a square of this side has.
    maxKeypoints : int, default 1000, range 16 to 20000
    contrastThreshold : float, default 0.02, range 0 to 1
    tilts : int, default 0, range 0 to 5
        Views tilted by up to so many steps of 1.41 are simulated too (ASIFT): several times the work,
        for animals seen at a slant.
    featurizer : stage or None, default None
        An :class:`irbis.ImageFeaturizer` with any ONNX model, or another stage that makes a vector of
        its `inputCol`: shown each chip in colour, black where the mask is dark. Scores are then the
        mean of two probabilities, of the matches and of the vectors' likeness, and individuals
        without a match are candidates too. Needs 4 known individuals with two pictures or more.
    featurizerWeight : float, default 0.5, range 0 to 1
        Of the vectors in that mean.
    score : str, default "lnbnn"
        "lnbnn", "count", "ratio" or "logratio": see :mod:`irbis.identify.scoring`.
    nameScore : str, default "best"
        "best": an individual's score is its best picture's. "sum": that of the matches of all.
    neighbours : int, default 4, range 1 to 50
        k, the nearest descriptors that may match; the (k+1)-th is the background.
    probes : int, default 16, from 1
        Cells of the index visited for a descriptor; as many as there are is an exact search.
    shortlist : int, default 50, range 1 to 10000
        Pictures whose matches are verified in space.
    falseMatchRate : float, default 0.05, range 0 to 0.5 (both excluded)
        Share of unknown animals that may be given a name; the threshold is chosen by it.
    calibrationQueries : int, default 200, from 0
        Known pictures that are asked for to learn threshold and probability.
    shardSize : int, descriptors, default 2,000,000, from 1
        Of one file of the index, 128 bytes each.
    seed : int, default 0
    outputCol, predictionCol, matchesCol, numCandidates, unknownLabel, excludeSelf, threads
        See :class:`irbis.HotSpotterModel`.
    maxPixels : int, default 100,000,000
        Pixels a file may announce.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`; of the model.

    Raises
    ------
    MissingExtraError
        Without the extra ``identify``.
    DataError
        If no row can be used, or two are called the same.

    Examples
    --------
    >>> HotSpotter(boxCol="box", stationCol="station").setProbes(32).getProbes()
    32
    """

    falseMatchRate: ParamField[float] = param(
        "share of unknown animals that may be given a name", number(1e-6, 0.5), default=0.05
    )
    calibrationQueries: ParamField[int] = param(
        "known pictures asked for, to learn what scores mean", whole(0), default=200
    )
    featurizerWeight: ParamField[float] = param(
        "weight of the featurizer's vectors, beside matches", number(0, 1), default=0.5
    )
    shardSize: ParamField[int] = param("descriptors in one file", whole(1), default=2_000_000)
    seed: ParamField[int] = param("seed", whole(0, 2**31 - 2), default=0)

    def _fit(self, dataset: Any) -> HotSpotterModel:
        found = gather(known_rows(self, dataset, self.value("nameCol")))
        cells = found.learn(self.value("seed"))
        shards = to_shards(found, cells, self.value("shardSize"))
        files = KnownFiles(keep(cells.dump()), tuple(shards))
        known = open_known(files)
        asked = ask(
            known,
            found,
            self.matching(),
            most=self.value("calibrationQueries"),
            apart=(self.value("eventCol") is not None, self.value("stationCol") is not None),
            threads=self.value("threads"),
        )
        rate, score, fusion = self.value("falseMatchRate"), self.value("score"), None
        if self.value("featurizer") is None:
            learned = learn_calibration(asked, rate, score)
        else:
            weight = self.value("featurizerWeight")
            learned, fusion = learn_fusion(known, asked, rate, score, weight)
        shared = {p.name for p in HotSpotterModel().params} & {p.name for p in self.params}
        return HotSpotterModel(
            known=files,
            threshold=learned.threshold,
            slope=learned.slope,
            intercept=learned.intercept,
            thresholdSource=learned.says,
            shardSize=self.value("shardSize"),
            fusion=None if fusion is None else fusion.numbers(),
            **self.copied(sorted(shared - {"shardSize"})),
        )

    def group(self, dataset: Any) -> Grouping:
        """Group sightings that nobody named into probable individuals.

        Every sighting is asked for among all the others; `eventCol` and `stationCol` keep pairs apart
        here too. Scores are judged by what is built in for `score`: there are no names to learn from,
        and no `featurizer` is asked.

        Parameters
        ----------
        dataset : DataFrame, pa.Table, pa.RecordBatch or pandas.DataFrame
            Needs no column of names; `annotationCol` must be set, a value for each sighting.

        Returns
        -------
        Grouping
            Without the sightings that can't be read; those without a keypoint are alone.
        """
        spotter = self.copy().setParams(
            nameCol=self.value("annotationCol"), calibrationQueries=0, featurizer=None
        )
        model = spotter.fit(dataset).setParams(excludeSelf=True, numCandidates=20, matchesCol=None)
        asked = rows_of(
            model.transform(dataset), [self.value("annotationCol"), self.value("outputCol")]
        )
        found = [(str(name), c) for name, c in asked if name is not None and c is not None]
        pairs = [
            (name, c["annotation"], c["score"], c["probability"])
            for name, listed in found
            for c in listed
        ]
        return group(
            [name for name, _ in found], pairs, model.value("threshold"), self.value("seed")
        )

    def write(self) -> StageWriter:
        """Writer; see :class:`irbis.persistence.StageWriter`."""
        return StageWriter(self)

    @classmethod
    def read(cls) -> StageReader:
        """Reader; see :class:`irbis.persistence.StageReader`."""
        return StageReader(cls)
