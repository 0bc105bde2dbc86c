"""One training in several processes, through Spark's TorchDistributor. Imports torch late.

Every process reads the table from storage that all reach and takes its share of each batch; after a
step all have the mean of their gradients. No collective reaches the driver but the result.
"""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from pyspark.sql import DataFrame

from irbis.detect.example_rows import rows_to_examples
from irbis.detect.recipe import Recipe
from irbis.errors import ParamError
from irbis.extras import require

__all__ = ["Task", "train_together"]


@dataclass(frozen=True)
class Task:
    """What a process needs to know.

    Parameters
    ----------
    source, boxes : str
        Names of the columns of pictures and boxes.
    labels, ignored : tuple of str
        Classes, and labels of regions that teach nothing.
    weighted : bool
        Whether boxes count by their score.
    recipe : Recipe
    """

    source: str
    boxes: str
    labels: tuple[str, ...]
    ignored: tuple[str, ...]
    weighted: bool
    recipe: Recipe


def train_together(
    rows: DataFrame, task: Task, processes: int, shared: str | None
) -> tuple[bytes, list[float]]:
    """Train and return the ONNX file and the loss of each step.

    Parameters
    ----------
    rows : DataFrame
        Pictures and boxes, no nulls.
    task : Task
    processes : int
    shared : str or None
        None: processes beside the driver. A folder that all executors reach: Spark tasks, which
        must run at the same time.

    Raises
    ------
    ParamError
        If a batch can't be shared evenly.
    RuntimeError
        If a process fails; with its last lines.
    """
    require("torch", extra="train")
    from pyspark.ml.torch.distributor import TorchDistributor

    if task.recipe.batch_size % processes:
        raise ParamError(
            f"batchSize={task.recipe.batch_size}", expected=f"a multiple of processes={processes}"
        )
    run = TorchDistributor(num_processes=processes, local_mode=shared is None, use_gpu=False)
    if shared is not None:
        table = f"{shared.rstrip('/')}/irbis-training-{uuid.uuid4().hex}"
        rows.write.parquet(table)
        return run.run(_work, task, table)  # type: ignore[no-any-return]
    with tempfile.TemporaryDirectory() as folder:
        table = str(Path(folder) / "rows.parquet")
        pq.write_table(rows.toArrow(), table)
        return run.run(_work, task, table)  # type: ignore[no-any-return]


def _work(task: Task, table: str) -> tuple[bytes, list[float]] | None:
    """What each process does; only the first one's result counts."""
    from torch import distributed

    from irbis.detect.export import to_onnx
    from irbis.detect.peers import Peers
    from irbis.detect.training import train

    losses: list[float] = []

    def progress(step: int, steps: int, loss: float) -> None:
        losses.append(loss)
        if distributed.get_rank() == 0 and (step % 20 == 0 or step == steps):
            print(f"step {step} of {steps}, loss {loss:.2f}", flush=True)

    examples = rows_to_examples(
        pq.read_table(table),
        task.source,
        task.boxes,
        list(task.labels),
        list(task.ignored),
        weighted=task.weighted,
    )
    distributed.init_process_group("gloo")
    try:
        peers = Peers(distributed.get_rank(), distributed.get_world_size())
        network = train(
            examples,
            num_classes=len(task.labels),
            recipe=task.recipe,
            progress=progress,
            peers=peers,
        )
        return (to_onnx(network), losses) if peers.rank == 0 else None
    finally:
        distributed.destroy_process_group()
