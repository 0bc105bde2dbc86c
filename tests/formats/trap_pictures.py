"""Pictures of camera traps for the tests of formats: a few that differ, and any."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from irbis.formats.trap import TrapDetection, TrapPicture

TAKEN = datetime.fromisoformat("2026-03-01T22:04:05")  # no zone: cameras have none
CAT = TrapDetection("cat", 0.8125, (0.1, 0.2, 0.3, 0.4))
PICTURES = [
    TrapPicture(
        "a/1.jpg", (CAT, TrapDetection("person", 1.0, (0.0, 0.0, 1.0, 1.0))), None,
        640, 480, TAKEN, "ridge", "s1", 0, 2,
    ),
    TrapPicture("a/2 ü.jpg", (), None, 640, 480, TAKEN + timedelta(seconds=2), "ridge", "s1", 1, 2),
    TrapPicture("b/3.jpg", (), "truncated", taken=TAKEN, location="pass"),
]  # fmt: skip

share = st.floats(0, 1)
label = st.sampled_from(["cat", "snow leopard", "=1+1", "Katze, groß"])


@st.composite
def detections(draw):
    x, y = draw(share), draw(share)
    width, height = draw(st.floats(0, 1 - x)), draw(st.floats(0, 1 - y))
    return TrapDetection(draw(label), draw(share), (x, y, width, height))


def plain(file, found):
    return TrapPicture(file, tuple(found))


some = st.lists(st.lists(detections(), max_size=3), max_size=3)


def named(rows):
    return [plain(f"d/{at}.jpg", found) for at, found in enumerate(rows)]
