"""What an archive of Spark's classes is made of: the start of a session, and a first job (archive.py)."""

from irbis import session


def same(batches):
    yield from batches


spark = session("local[2]", spark__sql__codegen__wholeStage="false")
frame = spark.createDataFrame(
    [(i, f"s{i}", [1.0, i / 7]) for i in range(8)], "i int, s string, v array<double>"
)
frame.mapInArrow(same, frame.schema).groupBy("s").count().collect()
spark.stop()
# The Java of the session ends, and writes, once this process has closed its input.
