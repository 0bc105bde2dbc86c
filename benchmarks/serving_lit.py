"""The services that benchmarks/serving.py has LitServe serve; it pickles them."""

import litserve as ls
import numpy as np


class Trivial(ls.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return request["value"]

    def predict(self, x):
        return x.upper()

    def encode_response(self, output):
        return {"p": output}


class Onnx(ls.LitAPI):
    def setup(self, device):
        from serving_servers import session

        self.model = session()

    def decode_request(self, request):
        return np.array(request["x"], np.float32)

    def batch(self, inputs):
        return np.stack(inputs)

    def predict(self, x):
        return self.model.run(None, {"x": x})[0]

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return {"p": output.tolist()}
