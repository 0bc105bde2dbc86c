"""One server of benchmarks/serving.py: python serving_servers.py SERVER WORK PORT; BENCH_WIDTH is the layers'."""

import os
import sys
import tempfile
from pathlib import Path


def network() -> str:
    """A small classifier of random weights, the same for all."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    width = int(os.environ.get("BENCH_WIDTH", "1024"))
    shapes = [(64, width), (width, width), (width, 10)]
    weights = [(rng.normal(size=s) / 16).astype(np.float32) for s in shapes]
    nodes, last = [], "x"
    for i in range(3):
        nodes.append(helper.make_node("MatMul", [last, f"w{i}"], [f"m{i}"]))
        last = f"m{i}"
        if i < 2:
            nodes.append(helper.make_node("Relu", [last], [f"r{i}"]))
            last = f"r{i}"
    nodes.append(helper.make_node("Softmax", [last], ["p"], axis=1))
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(w, f"w{i}") for i, w in enumerate(weights)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = str(Path(tempfile.gettempdir()) / f"irbis_bench_classifier_{width}.onnx")
    onnx.save(model, path)
    return path


def session():
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(network(), options, providers=["CPUExecutionProvider"])


def irbis_serve(work: str, port: int) -> None:
    import asyncio

    from serving_stage import stages

    from irbis.serving.compiling import compile_stages
    from irbis.serving.front import Front, new_event_loop
    from irbis.serving.parse_types import parser_for
    from irbis.serving.settings import FrontSettings

    made, reply, parser = (
        stages(work),
        *(("loud", "string") if work == "trivial" else ("p", "x array<float>")),
    )
    read = parser_for(parser)
    compiled = compile_stages(made, read, reply)
    settings = FrontSettings().set(port=port, name="predict")

    async def run() -> None:
        await Front(compiled.served, read, compiled.served.reply, settings).start()
        await asyncio.Event().wait()

    new_event_loop().run_until_complete(run())


def irbis_continuous(work: str, port: int) -> None:
    from serving_stage import stages

    import irbis

    spark = irbis.session("local[2]", **{"spark.driver.memory": "1g"})
    reply, parser = ("loud", "string") if work == "trivial" else ("p", "x array<float>")
    frame = spark.readStream.continuousServer().address("127.0.0.1", port, "predict").load()
    frame = frame.parseRequest(parser)
    for stage in stages(work):
        frame = stage.transform(frame)
    query = frame.makeReply(reply).writeStream.continuousServer().replyTo("predict").start()
    query.awaitTermination()


def fastapi(work: str, port: int) -> None:
    import uvicorn
    from fastapi import FastAPI, Request
    from fastapi.responses import PlainTextResponse
    from pydantic import BaseModel

    app = FastAPI()
    if work == "trivial":

        @app.post("/predict", response_class=PlainTextResponse)
        async def predict(request: Request) -> str:
            return (await request.body()).decode().upper()

    else:
        import numpy as np

        model = session()

        class Body(BaseModel):
            x: list[float]

        @app.post("/predict")
        async def predict(body: Body) -> dict:
            x = np.array([body.x], np.float32)
            return {"p": model.run(None, {"x": x})[0][0].tolist()}

    uvicorn.run(app, port=port, http="httptools", loop="uvloop", log_level="warning",
                access_log=False)  # fmt: skip


def litserve(work: str, port: int) -> None:
    import litserve as ls
    from serving_lit import Onnx, Trivial

    # As its documentation advises for models that batch.
    api = Onnx(max_batch_size=32, batch_timeout=0.001) if work == "onnx" else Trivial()
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(port=port, host="127.0.0.1", log_level="warning", generate_client_file=False)


def ray_serve(work: str, port: int) -> None:
    import time

    import numpy as np
    import ray
    from ray import serve
    from starlette.requests import Request

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    quiet = {"enable_access_log": False}
    serve.start(http_options={"host": "127.0.0.1", "port": port}, logging_config=quiet)

    # The default lets 5 requests in at a time, and the others wait for their next try.
    @serve.deployment(max_ongoing_requests=100, logging_config=quiet)
    class Model:
        def __init__(self):
            self.model = session() if work == "onnx" else None

        async def __call__(self, request: Request):
            if work == "trivial":
                return (await request.body()).decode().upper()
            x = np.array([(await request.json())["x"]], np.float32)
            return {"p": self.model.run(None, {"x": x})[0][0].tolist()}

    serve.run(Model.bind(), route_prefix="/predict")
    time.sleep(3600)


def bentoml(work: str, port: int) -> None:
    name = "Trivial" if work == "trivial" else "Onnx"
    place = str(Path(__file__).parent)
    command = [sys.executable, "-m", "bentoml", "serve", f"serving_bento:{name}"]
    more = ["--port", str(port), "--host", "127.0.0.1", "--working-dir", place]
    os.execv(sys.executable, [*command, *more])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    globals()[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
