"""One tree, drawn at the top of errors.py; every error crosses process borders whole."""

import pickle
import re
import subprocess
import sys

import pytest

from irbis import errors
from irbis.extras import require


def tree():
    return [getattr(errors, name) for name in errors.__all__]


def test_the_drawing_is_the_tree():
    drawn = re.findall(r"^ +(\w+Error)", errors.__doc__, re.MULTILINE)
    assert sorted(drawn) == sorted(errors.__all__)
    assert all(issubclass(e, errors.IrbisError) for e in tree())


@pytest.mark.parametrize("cls", tree())
def test_pickles(cls):
    error = cls("3 cats", expected="none", do="open the door")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert str(again) == str(error) == "got 3 cats; expected none; do: open the door"


def test_a_missing_extra_names_the_extra():
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'irbis\[viz\]'"):
        require("no_such_module_at_all", extra="viz")


def test_so_does_a_stage_whose_extra_is_missing():
    """In a process of its own: here the module is loaded already."""
    script = "import sys; sys.modules['tenacity'] = None; import irbis; irbis.TextSentiment"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "MissingExtraError" in said.stderr.splitlines()[-1]
    assert "pip install 'irbis[http]'" in said.stderr


def test_a_broken_module_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_inside.py").write_text("import surely_not_there")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="surely_not_there"):
        require("broken_inside", extra="train")
