import pytest

from irbis.services.search.licences import CODES, allowed, code_of, licence


@pytest.mark.parametrize("code", CODES)
def test_every_way_of_writing_a_code(code):
    if code in {"cc0", "pdm"}:
        return
    for said in (
        code,
        f"cc-{code}",
        f"CC {code.upper()} 4.0",
        f"CC_{code.upper().replace('-', '_')}_4_0",
        f"https://creativecommons.org/licenses/{code}/4.0/",
        f"http://creativecommons.org/licenses/{code}/3.0/legalcode",
    ):
        assert code_of(said) == code, said


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("CC0", "CC0 1.0"),
        ("cc-zero", "CC0 1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("CC0_1_0", "CC0 1.0"),
        ("Public domain", "Public domain"),
        ("pdm", "Public domain"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "Public domain"),
        ("© all rights reserved", "© all rights reserved"),
        ("GPL", "GPL"),
        ("Attribution by the author", "Attribution by the author"),
        (None, None),
        ("", None),
    ],
)
def test_names(said, name):
    assert licence(said)[0] == name


def test_only_what_was_asked_for():
    assert allowed(None, ())
    assert not allowed(None, ("by",))
    assert allowed("CC BY 4.0", ("by", "cc0"))
    assert not allowed("CC BY-NC 4.0", ("by", "cc0"))
