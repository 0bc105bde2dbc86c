"""Options of a front, as Python values and as the texts that Spark makes of them."""

import pytest

from irbis.errors import ParamError
from irbis.serving.settings import FrontSettings


def test_texts_mean_what_they_say():
    made = FrontSettings().set(
        maxBatchSize="8", request_deadline="2.5", warmUp="FALSE", corsOrigins="http://a, http://b,"
    )
    assert (made.max_batch_size, made.request_deadline, made.warm_up) == (8, 2.5, False)
    assert made.cors_origins == ("http://a", "http://b")
    assert FrontSettings().set(cors_origins=["http://a"]).cors_origins == ("http://a",)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"maxBatch": 3}, "option 'maxBatch'"),
        ({"maxBatchSize": "many"}, "maxBatchSize='many'"),
        ({"warmUp": "perhaps"}, "warmUp='perhaps'"),
        ({"port": 70_000}, "port=70000"),
        ({"name": "a b"}, "letters, digits"),
        ({"tlsCert": "c.pem"}, "one of tlsCert and tlsKey"),
        ({"tlsCa": "ca.pem"}, "tlsCa without tlsCert"),
        ({"execution": "later"}, "auto"),
    ],
)
def test_what_is_wrong_is_said(options, says):
    with pytest.raises(ParamError, match=says):
        FrontSettings().set(**options)


def test_a_token_is_not_shown():
    assert "s3cret" not in repr(FrontSettings().set(token="s3cret"))
    with pytest.raises(ParamError, match=r"token=\*\*\*"):
        FrontSettings().set(token=[])
