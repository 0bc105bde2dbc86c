"""The deck's page "HTTP on Spark"."""

from deck_page import run
from pyspark.sql.types import StringType, StructType

from irbis import JSONOutputParser, SimpleHTTPTransformer
from irbis.testing import Reply, fake_service

PRINTED = """
replies = SimpleHTTPTransformer()
    .setOutputParser(new JSONOutputParser().setDataType(...)) \\
    .setUrl("http://my_favorite_webservice.com") \\
    .setInputCol("data") \\
    .setOutputCol("results") \\
    .setConcurrency(3) \\
    .transform(df)
"""

CHANGES = [
    ("SimpleHTTPTransformer()\n", "SimpleHTTPTransformer() \\\n"),  # the slide lacks this one alone
    ("new ", ""),  # Scala's
    ("...", "schema"),
    ('"http://my_favorite_webservice.com"', "url"),
]


def test_the_page(spark):
    with fake_service() as service:
        names = {
            "SimpleHTTPTransformer": SimpleHTTPTransformer,
            "JSONOutputParser": JSONOutputParser,
            "schema": StructType().add("blah", StringType()),
            "url": service.script("/my_favorite_webservice", Reply(body={"blah": "more blah"})),
            "df": spark.createDataFrame([(i,) for i in range(5)], "data int"),
        }
        replies = run(PRINTED, CHANGES, names)["replies"]
        assert [r.results.blah for r in replies.collect()] == ["more blah"] * 5
