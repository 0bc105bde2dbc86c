"""OnnxModel: any ONNX file as a stage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from irbis.converters import names, optional, text, whole
from irbis.errors import DataError, ParamError, SchemaError
from irbis.files import FileRef
from irbis.model.external_data import whole_file
from irbis.model.hub import ModelSchema
from irbis.model.onnx_columns import check_column
from irbis.model.onnx_function import OnnxFunction
from irbis.model.onnx_ports import Ports, ports
from irbis.model.onnx_session import CPU, Engine
from irbis.params import UNSET, ParamField, param
from irbis.schema import VECTOR, field_of
from irbis.stage import HasErrors, Stage

__all__ = ["OnnxModel"]


def _file(value: Any) -> dict[str, str]:
    if isinstance(value, (ModelSchema, FileRef)):
        ref = value if isinstance(value, FileRef) else value.file
        return {"path": ref.path, "sha256": ref.sha256}
    if isinstance(value, (str, Path)):
        path = Path(value).expanduser()
        if not path.is_file():
            raise ValueError("the path of an ONNX file; there is none here")
        try:
            found = whole_file(path.resolve(), path.resolve().parent.joinpath)
        except DataError as error:
            raise ValueError(f"an ONNX file that can be read; it is {error.got}") from None
        return {"path": found.path, "sha256": found.sha256}
    if isinstance(value, Mapping) and {"path", "sha256"} <= value.keys():
        return {"path": str(value["path"]), "sha256": str(value["sha256"])}
    raise ValueError("the path of an ONNX file, or a ModelSchema")


def _pairs(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError("a dict of names, at least one")
    return {text(k): text(v) for k, v in value.items()}


class OnnxModel(HasErrors, Stage):
    """Run an ONNX file on columns.

    Parameters
    ----------
    model : str, Path or ModelSchema
        The file; saved with the stage. Weights that it keeps in files beside it are taken in, up to
        2 GiB in all.
    feedDict : dict of str to str, default every input from the column of its name
        Column for each of the graph's inputs: ``{"input_ids": "tokens"}``. A row is a number, a
        text, a vector, a list reshaped to the input's shape, or lists in lists of that shape.
    fetchDict : dict of str to str, default every output into a column of its name
        Column to make -> the graph's output: ``{"logits": "output_0"}``.
    softMaxDict : dict of str to str, optional
        Column made above -> column for its softmax, a vector.
    argMaxDict : dict of str to str, optional
        Column made above -> column for the index of its largest value, a double.
    batchSize : int, default 1, range 1 to 65536
        Rows of one forward, of neighbours of one shape. One row gives the same bits however rows
        are cut into batches; with more, expect the last bits to depend on the batch.
    threads : int or None, default None, range 1 to 256
        Cores to use. None: those of the Spark task (spark.task.cpus); outside Spark all there are.
    providers : list of str, default ["CPUExecutionProvider"]
        ONNX Runtime's execution providers, first choice first. One that a worker can't run is
        dropped with a warning in its log.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`; the name starts with the first column made. Kinds:
        "null", "shape" and "value" of what a row holds, "model" for what ONNX Runtime said.

    Notes
    -----
    Columns made: a list a dimension behind the batch, so a number where the graph gives one a row,
    nested lists where it gives a map; a map of key to number for the outputs of scikit-learn's
    classifiers. Unsigned numbers become the next larger signed ones, which Spark has.

    Examples
    --------
    >>> import pyarrow as pa, tempfile
    >>> from onnx import TensorProto, helper, save
    >>> x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", 2]) for n in "xy")
    >>> graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "negate", [x], [y])
    >>> model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    >>> path = tempfile.mkdtemp() + "/negate.onnx"
    >>> save(model, path)
    >>> stage = OnnxModel(model=path, feedDict={"x": "point"}, fetchDict={"negative": "y"})
    >>> out = stage.transform(pa.table({"point": [[1.0, 2.0], [3.0]]}))
    >>> out["negative"].to_pylist(), out["negative_error"][1].as_py()["kind"]
    ([[-1.0, -2.0], None], 'shape')
    """

    model: ParamField[Any] = param("ONNX file: a path or a ModelSchema", _file, default=UNSET)
    feedDict: ParamField[dict[str, str] | None] = param(
        "graph's input -> column; None: columns of the inputs' names",
        optional(_pairs),
        default=None,
    )
    fetchDict: ParamField[dict[str, str] | None] = param(
        "column -> graph's output; None: columns of the outputs' names",
        optional(_pairs),
        default=None,
    )
    softMaxDict: ParamField[dict[str, str] | None] = param(
        "column made -> column of its softmax", optional(_pairs), default=None
    )
    argMaxDict: ParamField[dict[str, str] | None] = param(
        "column made -> column of its argmax", optional(_pairs), default=None
    )
    batchSize: ParamField[int] = param("rows of one forward", whole(1, 65536), default=1)
    threads: ParamField[int | None] = param(
        "cores to use; None: those of the task", optional(whole(1, 256)), default=None
    )
    providers: ParamField[list[str]] = param(
        "ONNX Runtime's execution providers, first choice first", names, default=[CPU]
    )

    def setModelLocation(self, path: str) -> OnnxModel:
        """Set model, as SynapseML spells it."""
        return self.setModel(path)  # type: ignore[no-any-return]

    def main_output(self) -> str:
        """First column made."""
        return self._fetches(self.ports())[0][1]

    def output_columns(self) -> list[str]:
        """All columns made."""
        made = [name for _, name in self._fetches(self.ports())]
        for what in ("softMaxDict", "argMaxDict"):
            made += (self.value(what) or {}).values()
        error = self.error_column()
        return made if error is None else [*made, error]

    def files(self) -> list[FileRef]:
        """The ONNX file."""
        return [FileRef(**self.value("model"))] if self.isDefined(self.getParam("model")) else []

    def ports(self) -> Ports:
        """Inputs and outputs of the graph.

        Raises
        ------
        DataError
            If the file is no model that can be run.
        """
        return ports(FileRef(**self.value("model")))

    def input_columns(self) -> list[str]:
        """Columns that are fed."""
        return list(dict.fromkeys(c for _, c in self._feeds(self.ports())))

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A column for each output fetched, each softmax and argmax; and errors."""
        known = self.ports()
        for name, source in self._feeds(known):
            check_column(field_of(schema, source, reader="OnnxModel"), known.inputs[name])
            if known.inputs[name].batch not in (None, 1):
                raise SchemaError(
                    f"input {name!r} for exactly {known.inputs[name].batch} rows at once",
                    expected="a model whose batch size is open, or 1",
                )
        made = {c: known.outputs[o].column_type() for o, c in self._fetches(known)}
        fields = [pa.field(name, type_) for name, type_ in made.items()]
        for what, type_ in (("softMaxDict", VECTOR), ("argMaxDict", pa.float64())):
            for source, target in (self.value(what) or {}).items():
                if source not in made or not pa.types.is_list(made[source]):
                    raise ParamError(
                        f"{what} of {source!r}",
                        expected=f"a column of lists that is made: one of {', '.join(made)}",
                    )
                fields.append(pa.field(target, type_))
        fields += self.error_fields()
        listed = [f.name for f in fields]
        if len(set(listed)) != len(listed):
            raise ParamError(f"columns {listed}", expected="every column made once")
        return fields

    def make_function(self) -> OnnxFunction:
        """See :class:`irbis.model.onnx_function.OnnxFunction`."""
        known = self.ports()
        return OnnxFunction(
            file=FileRef(**self.value("model")),
            feeds=tuple(self._feeds(known)),
            fetches=tuple(self._fetches(known)),
            softmax=tuple((self.value("softMaxDict") or {}).items()),
            argmax=tuple((self.value("argMaxDict") or {}).items()),
            error=self.error_column(),
            engine=Engine(
                self.value("threads"), tuple(self.value("providers")), self.value("batchSize")
            ),
        )

    def _feeds(self, known: Ports) -> list[tuple[str, str]]:
        stated = self.value("feedDict") or {name: name for name in known.inputs}
        if set(stated) != set(known.inputs):
            raise ParamError(
                f"feedDict for {', '.join(stated)}",
                expected=f"a column for each input: {', '.join(known.inputs)}",
            )
        return [(name, stated[name]) for name in known.inputs]

    def _fetches(self, known: Ports) -> list[tuple[str, str]]:
        stated = self.value("fetchDict") or {name: name for name in known.outputs}
        if wrong := [o for o in stated.values() if o not in known.outputs]:
            raise ParamError(
                f"fetchDict of {', '.join(wrong)}",
                expected=f"outputs of the graph: {', '.join(known.outputs)}",
            )
        return [(output, made) for made, output in stated.items()]
