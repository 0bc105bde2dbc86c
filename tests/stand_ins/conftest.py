"""The stand-ins over real HTTP, asked as any client asks."""

import json
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(TESTS), str(TESTS / "services")]


@pytest.fixture(scope="session")
def url():
    from irbis.samples import PETS
    from irbis.services.local.running import local_services

    with local_services(PETS) as running:
        yield running


@pytest.fixture(scope="session")
def ask(url):
    """(path, body, headers) -> (status, document or bytes, headers)."""

    def send(path, body=None, base=None, **headers):
        if body is not None and not isinstance(body, bytes):
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        elif body is not None:
            headers.setdefault("Content-Type", "application/octet-stream")
        request = Request((base or url) + path, data=body, headers=headers)
        try:
            with urlopen(request) as answer:
                return _read(answer)
        except HTTPError as answer:
            return _read(answer)

    return send


def _read(answer):
    data = answer.read()
    plain = answer.headers.get("content-type", "").startswith("application/json")
    return answer.status, json.loads(data) if plain and data else data, answer.headers


@pytest.fixture(scope="session")
def stamped():
    """A photograph with a camera's stamp."""
    import io

    from PIL import Image, ImageDraw, ImageFont

    from irbis.samples import PETS

    image = Image.open(next((PETS / "cats").iterdir())).resize((1280, 720))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 670, 1280, 720), fill="black")
    pen.text((700, 674), "12/04/2015 04:51:54", fill="white", font=ImageFont.load_default(40))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.fixture(scope="session")
def astronaut():
    """A portrait in the public domain (NASA), as scikit-image ships it."""
    from skimage.data import astronaut

    from irbis.image.codec import encode

    return encode(astronaut())


@pytest.fixture(scope="session")
def cat():
    from irbis.samples import PETS

    return (PETS / "cats" / "Siamese_108.jpg").read_bytes()
