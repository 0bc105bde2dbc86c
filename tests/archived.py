"""What an archive of Spark's classes is made of: a bit of all that tests ask of Spark (archive.py)."""

import sys

from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import functions as F

from apart import CONNECT

folder = sys.argv[1]
names = {}
exec(CONNECT, names)
spark = names["spark"]
SCHEMA = "i int, s string, f double, v array<double>, b binary, t timestamp"
rows = [(i, f"s{i}", i / 7, [1.0, i], bytes([i]), None) for i in range(8)]
df = spark.createDataFrame(rows, SCHEMA)


def same(batches):
    yield from batches


# Joins, groups, nested values, and what goes to Python and back.
(
    df.join(df.select("i", F.col("s").alias("other")), "i")
    .filter("f > 0 and s is not null")
    .groupBy("other")
    .agg(F.max("f"), F.collect_list("s"), F.count("*"))
    .orderBy("other")
    .toPandas()
)
df.select(
    F.struct("i", "s").alias("x"), F.explode("v"), F.to_json(F.struct("i"))
).distinct().collect()
df.repartition(2).mapInArrow(same, SCHEMA).mapInPandas(same, SCHEMA).write.parquet(f"{folder}/t")
df.select("i", "s").write.json(f"{folder}/j")
spark.read.parquet(f"{folder}/t").union(df).limit(9).toArrow()
spark.read.json(f"{folder}/j").createOrReplaceTempView("j")
spark.sql("select s, count(*) n from j group by s having n > 0 order by n limit 3").collect()
spark.read.format("binaryFile").load(f"{folder}/t").select("path", "length").collect()

# Streams: files, a window that closes, a table in memory, a function per batch.
told = spark.readStream.schema(SCHEMA).parquet(f"{folder}/t").mapInArrow(same, SCHEMA)
closed = (
    told.withColumn("t", F.coalesce("t", F.current_timestamp()))
    .withWatermark("t", "1 second")
    .groupBy(F.window("t", "1 second"), "s")
    .count()
)
for number, stream in enumerate((told, closed)):
    writer = stream.writeStream.option("checkpointLocation", f"{folder}/c{number}")
    query = writer.format("memory").queryName(f"m{number}").trigger(availableNow=True).start()
    query.awaitTermination()
    spark.table(f"m{number}").collect()

# Models.
labelled = df.withColumn("label", (F.col("i") % 2).cast("double"))
stages = [
    VectorAssembler(inputCols=["i", "f"], outputCol="x"),
    StandardScaler(inputCol="x", outputCol="features"),
    LogisticRegression(maxIter=2),
]
model = Pipeline(stages=stages).fit(labelled)
model.transform(labelled).collect()
model.write().overwrite().save(f"{folder}/model")
spark.stop()
# The Java of the session ends, and writes, once this process has closed its input.
