"""Order of the pictures: a function of seed and step."""

from hypothesis import given
from hypothesis import strategies as st

from irbis.detect.examples import Order

sizes = st.integers(1, 7)


@given(sizes, st.integers(0, 5), st.integers(1, 6), st.integers(0, 6), st.integers(0, 9))
def test_every_picture_comes_once_before_any_twice(
    positives: int, negatives: int, size: int, empty: int, seed: int
) -> None:
    places = list(range(positives)), list(range(100, 100 + negatives))
    order = Order(*places, size=size, negatives=empty, seed=seed)
    batches = [order.batch(step) for step in range(8)]
    assert batches == [order.batch(step) for step in range(8)]
    wanted = min(empty, size - 1) if negatives else 0
    for kind, count in ((places[0], size - wanted), (places[1], wanted)):
        seen = [i for batch in batches for i in batch if i in kind]
        assert len(seen) == 8 * count
        for start in range(0, len(seen), len(kind) or 1):
            part = seen[start : start + len(kind)]
            assert len(set(part)) == len(part)
