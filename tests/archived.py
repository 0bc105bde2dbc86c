"""What an archive of Spark's classes is made of: what most tests ask of Spark (archive.py)."""

import sys

from apart import CONNECT

folder = sys.argv[1]
names = {}
exec(CONNECT, names)
spark = names["spark"]
spark.conf.set("spark.sql.codegen.wholeStage", "false")
spark.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
spark.conf.set("spark.sql.shuffle.partitions", "2")
SCHEMA = "i int, s string, f double, v array<double>, b binary, t timestamp"
rows = [(i, f"s{i}", i / 7, [1.0, i], bytes([i]), None) for i in range(8)]
df = spark.createDataFrame(rows, SCHEMA)


def same(batches):
    yield from batches


df.repartition(2).mapInArrow(same, SCHEMA).write.parquet(f"{folder}/t")
spark.read.parquet(f"{folder}/t").groupBy("s").count().toArrow()
spark.stop()
# The Java of the session ends, and writes, once this process has closed its input.
