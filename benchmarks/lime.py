"""LIME, measured: ``python benchmarks/lime.py [--small]``; the code is in lime_figures.py.

A file of this name beside other scripts stands in the way of the package ``lime``. So it hands that
out to whoever imports it, and itself only starts.
"""

import importlib.util
import runpy
import sys
from importlib.machinery import PathFinder
from pathlib import Path

HERE = Path(__file__).resolve().parent
ELSEWHERE = [path for path in sys.path if Path(path).resolve() != HERE]

if __name__ == "__main__":
    sys.path[:] = [*ELSEWHERE, str(HERE)]  # lime_peers is there, and the package comes first
    runpy.run_path(str(HERE / "lime_figures.py"), run_name="__main__")
else:
    spec = PathFinder.find_spec("lime", ELSEWHERE)
    if spec is None:
        raise ModuleNotFoundError("No module named 'lime'", name="lime")
    sys.modules[__name__] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[__name__])
