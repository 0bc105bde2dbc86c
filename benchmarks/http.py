"""HTTP on Spark, measured: ``python benchmarks/http.py [--small]``; the code is in http_calls.py.

A file of this name beside other scripts stands in the way of the standard library's ``http``. So it
hands that out to whoever imports it, and itself only starts.
"""

import importlib.util
import runpy
import sys
from importlib.machinery import PathFinder
from pathlib import Path

HERE = Path(__file__).resolve().parent
ELSEWHERE = [path for path in sys.path if Path(path).resolve() != HERE]

if __name__ == "__main__":
    sys.path[:] = ELSEWHERE
    runpy.run_path(str(HERE / "http_calls.py"), run_name="__main__")
else:
    spec = PathFinder.find_spec("http", ELSEWHERE)
    sys.modules[__name__] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[__name__])
