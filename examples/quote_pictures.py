"""Pictures of quotes, drawn here: words in the public domain, pictures under CC0."""

from __future__ import annotations

import csv
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

__all__ = ["QUOTES", "draw"]

#: Author, where it stands, what it says. All died before 1911; the works are in the public domain.
QUOTES = [
    ("Mark Twain", "note of 1901", "Always do right. This will gratify some people and astonish the rest."),
    ("Mark Twain", "New York Journal, 1897", "The report of my death was an exaggeration."),
    ("Mark Twain", "Pudd'nhead Wilson", "April 1. This is the day upon which we are reminded of what we are on the other three hundred and sixty-four."),
    ("Mark Twain", "Following the Equator", "Man is the only animal that blushes. Or needs to."),
    ("Oscar Wilde", "Lady Windermere's Fan", "We are all in the gutter, but some of us are looking at the stars."),
    ("Oscar Wilde", "The Importance of Being Earnest", "The truth is rarely pure and never simple."),
    ("Oscar Wilde", "Lady Windermere's Fan", "I can resist everything except temptation."),
    ("Oscar Wilde", "The Ballad of Reading Gaol", "Yet each man kills the thing he loves."),
    ("Jane Austen", "Emma", "There is no charm equal to tenderness of heart."),
    ("Jane Austen", "Pride and Prejudice", "I declare after all there is no enjoyment like reading!"),
    ("Jane Austen", "Pride and Prejudice", "Angry people are not always wise."),
    ("Jane Austen", "Northanger Abbey", "Friendship is certainly the finest balm for the pangs of disappointed love."),
    ("Emily Dickinson", "Poems, 1891", "Hope is the thing with feathers that perches in the soul."),
    ("Emily Dickinson", "Poems, 1890", "Because I could not stop for Death, he kindly stopped for me."),
    ("Emily Dickinson", "Poems, 1890", "Success is counted sweetest by those who ne'er succeed."),
    ("Emily Dickinson", "Poems, 1896", "Parting is all we know of heaven, and all we need of hell."),
    ("Frederick Douglass", "speech of 1857", "If there is no struggle, there is no progress."),
    ("Frederick Douglass", "speech of 1857", "Power concedes nothing without a demand. It never did and it never will."),
    ("Frederick Douglass", "My Bondage and My Freedom", "It is a terrible thing to be a slave, and a glorious thing to be free."),
]  # fmt: skip
_PAPERS = ("#f4efe2", "#e8eef4", "#eaf2e6", "#f5e9ec", "#efe9f5")


def draw(folder: Path, most: int | None = None) -> int:
    """Draw the quotes into a folder, with their captions; returns how many.

    Parameters
    ----------
    folder : Path
    most : int, optional
        Quotes of one author at most.
    """
    rows = []
    drawn: dict[str, int] = {}
    for author, place, words in QUOTES:
        number = drawn[author] = drawn.get(author, 0) + 1
        if most is not None and number > most:
            continue
        name = f"{author.lower().replace(' ', '_')}_{number}.png"
        _picture(author, words, _PAPERS[len(drawn) % len(_PAPERS)]).save(folder / name)
        rows.append(
            {
                "file_name": name,
                "title": f"{author} quote",
                "text": place,
                "creator": "irbis, examples/quote_pictures.py",
                "license": "CC0 1.0",
                "attribution": f"{author}, {place}; public domain",
            }
        )
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def _picture(author: str, words: str, paper: str) -> Image.Image:
    image = Image.new("RGB", (900, 560), paper)
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 24, 875, 535), outline="#555555", width=3)
    lines = "\n".join(textwrap.wrap(words, 36))
    pen.multiline_text((70, 90), lines, fill="#222222", font=ImageFont.load_default(42), spacing=18)
    pen.text((480, 455), f"- {author}", fill="#444444", font=ImageFont.load_default(36))
    return image
