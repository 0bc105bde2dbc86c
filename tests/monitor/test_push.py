"""Pushing within the limits, over real HTTP, against a stand-in that refuses all beyond them."""

from __future__ import annotations

import json
import time

import pytest

from irbis.errors import EngineError
from irbis.monitor.push import Sender, in_parts, send_all
from irbis.monitor.push_limits import Limits


def push(rows, url, limits, token=None, deadline=60.0):
    sender = Sender(url, token, limits, deadline)
    return list(send_all(sender, in_parts(rows, limits), "job/7")), sender


def test_a_hundred_thousand_rows_without_one_refused(power_bi, capsys) -> None:
    """At the limits of a clock 60 times as fast: a minute is a second, on both sides."""
    endpoint = power_bi(speed=60)
    rows = [f'{{"n":{n}}}' for n in range(100_000)]
    whole = Limits(minute=1.0, hour=60.0)
    began = time.monotonic()
    refused, sender = push(rows, endpoint.push_url, whole)
    seconds = time.monotonic() - began
    got = endpoint.received()
    assert refused == [] and got["refused"] == {} and got["accepted"] == 100_000
    assert sorted(r["n"] for r in got["rows"]["RealTimeData"]) == list(range(100_000))
    assert sender.allowance.requests == 10

    # Requests of 400 rows: 250 of them, so two waits for the next minute at least.
    small = Limits(rows=400, minute=1.0, hour=60.0)
    url = endpoint.table("small")
    began = time.monotonic()
    refused, sender = push(rows, url, small)
    taken = time.monotonic() - began
    got = endpoint.received("small")
    assert refused == [] and got["refused"] == {} and got["accepted"] == 100_000
    with capsys.disabled():
        print(
            f"\n100,000 rows: {10} requests of 10,000 ({sender.limits.minute:g} s a minute), least "
            f"10, ratio 1.00, {seconds:.2f} s; of 400 rows: {sender.allowance.requests} requests, "
            f"least 250, ratio {sender.allowance.requests / 250:.2f}, {taken:.2f} s, least 2.00, "
            f"ratio {taken / 2:.2f}"
        )


def test_a_row_limit_an_hour_is_kept(power_bi) -> None:
    endpoint = power_bi(rows_per_hour=50, rows=20, speed=3600)
    refused, _ = push(
        ["{}"] * 100, endpoint.push_url, Limits(rows=20, rows_per_hour=50, minute=0.02, hour=1.0)
    )
    got = endpoint.received()
    assert refused == [] and got["refused"] == {} and got["accepted"] == 100


def test_who_is_told_to_wait_waits_and_loses_nothing(power_bi) -> None:
    """Somebody else pushes to the same model: our allowance does not know."""
    endpoint = power_bi(requests_per_minute=2, speed=60)
    refused, sender = push(["{}"] * 5, endpoint.push_url, Limits(rows=1, minute=0.001, hour=1.0))
    got = endpoint.received()
    assert refused == [] and got["accepted"] == 5 and set(got["refused"]) == {"429"}
    assert sender.allowance.requests > 5


def test_bad_rows_are_found_among_good_ones(power_bi) -> None:
    endpoint = power_bi()
    url, model = endpoint.make(
        {"name": "m", "tables": [{"name": "t", "columns": [{"name": "n", "dataType": "Int64"}]}]}
    )
    rows = [json.dumps({"n": "x" if n in (3, 77) else n}) for n in range(100)]
    refused, _ = push(rows, url, Limits(), token="t")
    assert [r.json for r in refused] == ['{"n": "x"}'] * 2
    assert {r.status for r in refused} == {400} and "Int64" in refused[0].reason
    got = endpoint.received(model)
    assert sorted(r["n"] for r in got["rows"]["t"]) == [n for n in range(100) if n not in (3, 77)]
    assert {name.split("/")[:2][1] for name, _ in got["batches"]} == {"7"}


def test_a_table_that_does_not_fit_is_not_asked_for_every_row(power_bi) -> None:
    endpoint = power_bi()
    url, _ = endpoint.make(
        {"name": "m", "tables": [{"name": "t", "columns": [{"name": "n", "dataType": "Int64"}]}]}
    )
    limits = Limits(requests_per_minute=1000)
    refused, sender = push(['{"m":1}'] * 3000, url, limits)
    assert len(refused) == 3000 and sender.allowance.requests < 300


@pytest.mark.parametrize(("path", "status"), [("/nowhere/rows", 404), ("/tables/no/rows", 404)])
def test_an_address_that_is_wrong_ends_it(power_bi, path, status) -> None:
    endpoint = power_bi()
    url = endpoint.base + path
    if "tables" in path:
        _, model = endpoint.make({"name": "m", "tables": [{"name": "t", "columns": []}]})
        url = endpoint.table(model, "no")
    with pytest.raises(EngineError, match=str(status)) as caught:
        push(["{}"], url, Limits())
    assert "s3cret" not in str(caught.value)


def test_no_endpoint_at_all_is_said_without_its_key() -> None:
    url = "http://127.0.0.1:9/beta/t/datasets/d/rows?key=s3cret"
    with pytest.raises(EngineError, match="connect") as caught:
        push(["{}"], url, Limits(), deadline=0.2)
    assert "s3cret" not in str(caught.value)


def test_the_stand_in_refuses_what_the_service_refuses(power_bi) -> None:
    endpoint = power_bi(requests_per_minute=3, rows=5, characters=4, columns=2)
    path = "/powerbi/v1.0/myorg/datasets/d/tables/t/rows"
    ask = lambda rows: endpoint.ask("POST", path, {"rows": rows})
    assert ask([{}] * 6)[0] == 413
    assert ask([{"a": "12345"}])[0] == 400
    assert ask([{"a": 1, "b": 2, "c": 3}])[0] == 400
    assert ask(["x"])[0] == 400
    assert endpoint.ask("POST", path, {"no": 1})[0] == 400
    assert [ask([{}])[0] for _ in range(3)] == [200] * 3
    status, _, headers = ask([{}])
    assert status == 429 and 1 <= int(headers["Retry-After"]) <= 60
    assert endpoint.ask("DELETE", path)[0] == 200


def test_a_large_table_takes_its_requests_an_hour(power_bi) -> None:
    endpoint = power_bi(requests_per_minute=2, large_table=3, speed=3600)
    path = "/powerbi/v1.0/myorg/datasets/d/tables/t/rows"
    answers = [endpoint.ask("POST", path, {"rows": [{}] * 3})[0] for _ in range(2)]
    time.sleep(0.05)  # three of its minutes
    assert answers == [200, 200]
    assert endpoint.ask("POST", path, {"rows": [{}]})[0] == 429
