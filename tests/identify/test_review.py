"""The page, its decisions, and the command that makes it."""

import csv
import shutil
import subprocess

import pytest
from sightings import seen, table

from irbis.errors import DataError
from irbis.identify.decisions import confirmed
from irbis.identify.review import MatchReview, Reviewed, ReviewedCandidate
from irbis.identify.review_drawing import draw_pair
from irbis.identify.sightings_file import read_sightings
from irbis.image.codec import decode

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)


def _candidate(name, annotation, picture=""):
    return ReviewedCandidate(name, annotation, 4.25, 0.97, 31, picture)


def _page():
    return MatchReview(
        queries=[
            Reviewed(
                'a,"b".jpg',
                "Asha",
                None,
                [_candidate("Asha", "x.jpg"), _candidate("<b>", "y.jpg")],
                3.1,
            ),
            Reviewed("c.jpg", "unknown", None, [], None),
            Reviewed("d.jpg", None, "decode: no picture", [], None),
        ],
        individuals=2,
        annotations=2,
        threshold=0.5,
        threshold_source="conformal, 60 unknowns",
    )


def test_the_page_says_what_came_out():
    page = _page().render()
    assert "<b>1</b> got a name, <b>1</b> is called" in page
    assert "not compared: decode: no picture" in page and "no known picture fits" in page
    assert "<b>&lt;b&gt;</b>" in page  # names are text, whatever is in them
    assert "http" not in page.replace("http-equiv", "")  # one file, and no network


@pytest.mark.skipif(CHROMIUM is None, reason="no browser on this machine")
def test_decisions_in_a_browser(tmp_path):
    click = (
        "<script>document.querySelectorAll('figure')[0].querySelector('[data-decision=same]').click();"
        "document.querySelectorAll('figure')[1].querySelector('[data-decision=different]').click();"
        "document.body.innerHTML = '<pre></pre>';"
        "document.querySelector('pre').textContent = irbisDecisions();</script></body>"
    )
    page = tmp_path / "page.html"
    page.write_text(_page().render().replace("</body>", click))
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    saved = tmp_path / "decisions.csv"
    saved.write_text(
        dom.split("<pre>")[1].split("</pre>")[0].replace("&lt;", "<").replace("&gt;", ">")
    )
    with saved.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["query"], r["individual"], r["decision"], r["inliers"]) for r in rows] == [
        ('a,"b".jpg', "Asha", "same", "31"),
        ('a,"b".jpg', "<b>", "different", "31"),
    ]
    assert confirmed(saved) == {'a,"b".jpg': "Asha"}


def test_decisions_that_contradict_each_other(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("query,individual,decision\na,Asha,same\na,Bela,same\n")
    with pytest.raises(DataError, match="Asha and Bela"):
        confirmed(path)
    with pytest.raises(DataError, match="no.csv"):
        confirmed(tmp_path / "no.csv")


def test_tables_that_people_keep(tmp_path):
    (tmp_path / "t.csv").write_text("file,individual,x,y,w,h\na.jpg,Asha,1,2,10,20\nb.jpg,,,,,\n")
    one, two = read_sightings(tmp_path / "t.csv")
    assert (one.individual, one.box) == ("Asha", (1, 2, 11, 22))
    assert (two.individual, two.box) == (None, None)
    (tmp_path / "a.JPG").write_bytes(b"")
    assert [s.file for s in read_sightings(tmp_path)] == ["a.JPG"]
    (tmp_path / "u.csv").write_text("picture\na.jpg\n")
    for wrong in ("u.csv", "none.csv"):
        with pytest.raises(DataError):
            read_sightings(tmp_path / wrong)


def test_a_pair_is_drawn_with_its_lines(model):
    row = model.transform(table([seen(2, 5)])).to_pylist()[0]
    known = seen(2, int(row["candidates"][0]["annotation"][-1]))
    points = [(m["x"], m["y"], m["known_x"], m["known_y"]) for m in row["matches"]]
    boxes = [tuple(r["box"].values()) for r in (row, known)]
    pictures = [decode(r["image"]) for r in (row, known)]
    uri = draw_pair(pictures[0], boxes[0], pictures[1], boxes[1], points)
    plain = draw_pair(pictures[0], boxes[0], pictures[1], boxes[1], [])
    assert uri.startswith("data:image/jpeg;base64,") and uri != plain


@pytest.mark.one_engine("classic")
def test_the_command_and_what_was_confirmed(spark, tmp_path):
    from irbis.identify.command import identify

    # The stranger before other rocks: boxes without masks have corners, and rocks match.
    rows = [seen(0, 0), seen(1, 0), seen(2, 0), seen(2, 5), seen(90, 5, station=3)]
    for row in rows:
        (tmp_path / f"{row['file']}.jpg").write_bytes(row["image"])
    lines = [
        ",".join([f"{r['file']}.jpg", r["individual"], *(str(v) for v in r["box"].values())])
        for r in rows
    ]
    head = "file,individual,xmin,ymin,xmax,ymax\n"
    (tmp_path / "known.csv").write_text(head + "\n".join(lines[:3]))
    (tmp_path / "queries.csv").write_text(head + "\n".join([*lines[3:], "gone.jpg,,1,1,90,90"]))
    asked = identify(
        tmp_path / "known.csv",
        tmp_path / "queries.csv",
        tmp_path / "report.html",
        model=tmp_path / "model",
        show=False,
    )
    assert [r.prediction for r in asked] == ["animal 2", "unknown", None]
    assert asked[2].error.startswith("missing")
    assert "data:image/jpeg" in (tmp_path / "report.html").read_text()
    (tmp_path / "said.csv").write_text("query,individual,decision\n2-5.jpg,animal 2,same\n")
    again = identify(
        tmp_path / "known.csv",
        tmp_path / "queries.csv",
        tmp_path / "second.html",
        decisions=[tmp_path / "said.csv"],
        model=tmp_path / "model",
        show=False,
    )
    assert [r.query for r in again] == ["90-5.jpg", "gone.jpg"]
    assert "4 pictures of 3 known" in (tmp_path / "second.html").read_text()
    with pytest.raises(DataError, match="confirmed: 2-5"):
        identify(
            tmp_path / "known.csv",
            tmp_path / "queries.csv",
            tmp_path / "third.html",
            model=tmp_path / "model",
        )
