"""The count of individuals, and how sure it is."""

from scipy.stats import binom

from irbis.identify.grouping import group


def test_the_interval_is_that_of_the_doubtful_pairs():
    """40 pairs of even odds leave 80 - Binomial(40, 1/2) individuals."""
    pairs = [(f"a{n}", f"b{n}", 0.5, 0.5) for n in range(40)]
    names = [name for one, other, *_ in pairs for name in (one, other)]
    found = group(names, pairs, threshold=1.0)
    assert found.count == 80
    assert abs(found.low - (80 - binom.ppf(0.975, 40, 0.5))) <= 1
    assert abs(found.high - (80 - binom.ppf(0.025, 40, 0.5))) <= 1


def test_certain_pairs_leave_no_doubt():
    pairs = [("a", "b", 9.0, 1.0), ("b", "c", 8.0, 1.0), ("d", "e", 7.0, 1.0), ("b", "a", 1.0, 0.0)]
    found = group(["a", "b", "c", "d", "e", "f"], pairs, threshold=1.0)
    assert (found.count, found.low, found.high) == (3, 3, 3)
    assert found.groups == {"a": 0, "b": 0, "c": 0, "d": 1, "e": 1, "f": 2}
    assert group(["a", "b"], [], threshold=1.0).high == 2
