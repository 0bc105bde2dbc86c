"""Values of Params of HTTP stages, and requests of other libraries, that are taken or refused."""

import pyarrow as pa
import pytest
from pyspark.sql import types as T

from irbis.http import converters, ddl
from irbis.http.failure import InvalidRequestError
from irbis.http.parsing import as_request
from irbis.http.request import HTTPRequest


def test_types_in_three_spellings():
    spark = T.StructType([T.StructField("a", T.IntegerType())])
    arrow = pa.schema([("a", pa.int32())])
    for spelled in ("a int", "struct<a:int>", spark, arrow, pa.struct(list(arrow))):
        assert converters.data_type(spelled) == converters.data_type("a int")
    for wrong in (3, None, ["a int"]):
        with pytest.raises(ValueError, match="a type as DDL"):
            converters.data_type(wrong)


@pytest.mark.parametrize(
    "text", ["", "a", "a int,", "a int b", "struct<a int", "array<>", "a map<>"]
)
def test_ddl_that_is_none(text):
    with pytest.raises(ValueError, match=r"."):
        ddl.parse(text)


def test_a_type_that_ddl_can_t_write():
    with pytest.raises(ValueError, match=r"."):
        ddl.write(pa.duration("s"))


@pytest.mark.parametrize(
    ("convert", "good", "made", "wrong"),
    [
        (converters.methods, ["get", "PUT"], ["GET", "PUT"], [["BREW"], "GET", [3], 3]),
        (converters.statuses, {503, 429}, [429, 503], [[99], [600], "503", 503, ["x"]]),
        (converters.texts, ["a"], ["a"], ["a", [""], [3], 3]),
    ],
)
def test_lists(convert, good, made, wrong):
    assert convert(good) == made
    for value in wrong:
        with pytest.raises(ValueError, match=r"."):
            convert(value)


def test_maps_show_no_value_of_theirs():
    assert converters.environment_map({"A": "HOME"}) == {"A": "HOME"}
    for wrong in ({"A": ""}, {"A": 3}, ["A"], {3: "A"}):
        with pytest.raises(ValueError, match="names of environment variables"):
            converters.environment_map(wrong)
    for wrong in ({"A": "b\r\n"}, {"": "b"}, {"A": 3}):
        with pytest.raises(ValueError, match="a dict from names to values"):
            converters.header_map(wrong)


def test_requests_of_another_library():
    theirs = pytest.importorskip("requests").Request(
        "POST", "http://a/b", params={"q": 1}, data=b"x"
    )
    for given in (theirs, theirs.prepare()):
        made = as_request(given)
        assert (made.method, made.url, made.body) == ("POST", "http://a/b?q=1", b"x")
    ours = HTTPRequest("GET", "http://a")
    assert as_request(ours) is ours
    with pytest.raises(InvalidRequestError, match="a str in place of an HTTPRequest"):
        as_request("http://a")
