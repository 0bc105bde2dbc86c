"""MLflow's flavor for irbis: fitted pipelines and stages logged, loaded, and asked without Spark.

``pip install 'irbis[mlflow]'``. What MLflow stores is the folder that ``save`` writes, in its two forms: the
flavor ``irbis`` (:func:`load_model`) and a Python function that takes pandas frames
(``mlflow.pyfunc.load_model``, ``mlflow models serve``). Neither needs Java.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import fs

from irbis import __version__
from irbis.adapters import written_columns
from irbis.errors import DataError, ParamError
from irbis.extras import require
from irbis.loaded_model import LoadedModel
from irbis.loading import load
from irbis.planning import flatten
from irbis.schema import is_vector
from irbis.vectors import vectors_to_lists

__all__ = ["FLAVOR", "load_model", "log_model", "save_model"]

FLAVOR = "irbis"
_FOLDER = "model"


def save_model(
    model: Any,
    path: str | Path,
    *,
    mlflow_model: Any = None,
    signature: Any = None,
    input_example: Any = None,
    pip_requirements: Sequence[str] | str | None = None,
    metadata: dict[str, Any] | None = None,
    code_paths: Sequence[str] | None = None,
    staging: str | None = None,
) -> None:
    """Save a model as an MLflow model in a local folder.

    Parameters
    ----------
    model : fitted pipeline, stage, or path
        A path is that of a model that ``save`` wrote: nothing of Spark is needed then. Anything else is
        saved through its Spark session first.
    path : str or Path
        Folder to make.
    mlflow_model : mlflow.models.Model, optional
        What MLflow itself passes.
    signature : mlflow.models.ModelSignature, optional
        Columns and types; with one, MLflow checks every frame. Default: none.
    input_example : pandas.DataFrame, optional
        Saved with the model.
    pip_requirements : list of str or str, optional
        What an environment for it needs. Default: this version of irbis.
    metadata : dict, optional
    code_paths : list of str, optional
        Files or folders with your own stages and adapters.
    staging : str, optional
        A path or URI that both Spark's workers and this process reach (``s3://``, a shared folder).
        Needed where the workers are on other machines, for they do the writing.

    Raises
    ------
    DataError
        If the saved model would not load without Spark: the message names the part.
    ParamError
        If `model` can't be saved.
    MissingExtraError
        Without the extra ``mlflow``.
    """
    mlflow = require("mlflow", extra="mlflow")
    pyfunc = require("mlflow.pyfunc", extra="mlflow")
    with tempfile.TemporaryDirectory(prefix="irbis-mlflow-") as scratch:
        folder = Path(scratch, _FOLDER)
        _write(model, folder, staging)
        load(folder)  # says now what would fail where it is deployed
        flavored = mlflow.models.Model() if mlflow_model is None else mlflow_model
        flavored.add_flavor(FLAVOR, irbis_version=__version__, data=f"data/{_FOLDER}")
        pyfunc.save_model(
            path=str(path),
            loader_module="irbis.mlflow",
            data_path=str(folder),
            mlflow_model=flavored,
            signature=signature,
            input_example=input_example,
            pip_requirements=[f"irbis=={__version__}"]
            if pip_requirements is None
            else pip_requirements,
            metadata=metadata,
            code_paths=None if code_paths is None else list(code_paths),
        )


def log_model(
    model: Any, name: str = "model", *, registered_model_name: str | None = None, **how: Any
) -> Any:
    """Log a model to the active run of MLflow, or to a new one.

    Parameters
    ----------
    model : fitted pipeline, stage, or path
        As in :func:`save_model`.
    name : str, default "model"
    registered_model_name : str, optional
        Also make a version of this name in the registry.
    **how
        As in :func:`save_model`; and what ``mlflow.models.Model.log`` takes, such as ``run_id``, ``tags``,
        ``params`` and ``step``.

    Returns
    -------
    mlflow.models.model.ModelInfo
        Its ``model_uri`` is what :func:`load_model` takes.
    """
    mlflow = require("mlflow", extra="mlflow")
    return mlflow.models.Model.log(
        artifact_path=None,
        name=name,
        flavor=require("irbis.mlflow", extra="mlflow"),
        flavor_name=FLAVOR,
        registered_model_name=registered_model_name,
        model=model,
        **how,
    )


def load_model(model_uri: str | Path) -> LoadedModel:
    """Load a model without Spark.

    Parameters
    ----------
    model_uri : str or Path
        ``runs:/...``, ``models:/...``, a local folder, or what else MLflow reaches.

    Returns
    -------
    LoadedModel
        See :func:`irbis.load`.

    Raises
    ------
    DataError
        If it has no flavor ``irbis``.
    """
    mlflow = require("mlflow", extra="mlflow")
    folder = mlflow.artifacts.download_artifacts(artifact_uri=str(model_uri))
    flavors = mlflow.models.Model.load(folder).flavors
    if FLAVOR not in flavors:
        raise DataError(
            f"{model_uri} with the flavors {', '.join(sorted(flavors))}",
            expected=f"the flavor {FLAVOR}",
            do="log it with irbis.mlflow.log_model",
        )
    return load(Path(folder, flavors[FLAVOR]["data"]))


@dataclass(frozen=True)
class _Predictor:
    """What ``mlflow.pyfunc`` asks."""

    model: LoadedModel

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the columns that the model writes, vectors as arrays."""
        del params
        frame = model_input if isinstance(model_input, pd.DataFrame) else pd.DataFrame(model_input)
        out = self.model.transform(pa.Table.from_pandas(frame, preserve_index=False))
        written = {name for s in flatten(self.model.stages) for name in written_columns(s)}
        kept = [n for n in out.column_names if n in written or n not in frame.columns]
        return pa.table({n: _plain(out[n]) for n in kept}).to_pandas()


def _load_pyfunc(path: str) -> _Predictor:  # MLflow calls it by this name
    return _Predictor(load(path))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not is_vector(column.type):
        return column
    return pa.chunked_array(
        [vectors_to_lists(c) for c in column.chunks], type=pa.list_(pa.float64())
    )


def _write(model: Any, folder: Path, staging: str | None) -> None:
    if isinstance(model, (str, Path)):
        _copy(str(model), folder)
    elif not callable(getattr(model, "write", None)):
        raise ParamError(
            f"a {type(model).__name__}",
            expected="a fitted pipeline, a stage, or the path of a saved one",
        )
    elif staging is None:
        model.write().save(folder.as_uri())
    else:
        model.write().overwrite().save(staging)
        _copy(staging, folder)


def _copy(source: str, folder: Path) -> None:
    try:
        files, root = _place(source)
        folder.mkdir()
        fs.copy_files(root, str(folder), files, fs.LocalFileSystem())
    except (OSError, pa.ArrowException, ValueError) as error:
        raise DataError(f"{source}: {error}", expected="the folder of a saved model") from None


def _place(source: str) -> tuple[Any, str]:
    if "://" in source or source.startswith("file:"):
        found = fs.FileSystem.from_uri(source)
        return found[0], found[1]
    return fs.LocalFileSystem(), str(Path(source).expanduser().absolute())
