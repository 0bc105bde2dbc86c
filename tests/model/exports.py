"""Networks as others export them: random weights, Hugging Face's names and files."""

import io
import json
import warnings

import numpy as np


def torchvision_models():
    from irbis.detect.torchvision_ops import load_torchvision

    return load_torchvision().models


def randomised(module, seed=0):
    """Random weights, batch statistics included: freshly made ones would hide mistakes."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if name.endswith("running_var"):
                tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
            elif tensor.dtype == torch.float32:
                fan = tensor[0].numel() if tensor.dim() > 1 else 16
                tensor.copy_(torch.randn(tensor.shape, generator=generator) / fan**0.5)
    return module.eval()


def small_resnet(classes=10, seed=0):
    models = torchvision_models()
    block = models.resnet.Bottleneck
    net = models.ResNet(block, [1, 1, 1, 1], num_classes=classes, width_per_group=8)
    return randomised(net, seed)


def export(module, side=64, *, opset=17, outputs=("logits",), dynamic=True, **options):
    """ONNX bytes, with the names that optimum gives."""
    import torch

    axes = {"pixel_values": {0: "batch_size", 2: "height", 3: "width"}} if dynamic else {}
    axes |= {name: {0: "batch_size"} for name in outputs} if dynamic else {}
    out = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, (torch.zeros(1, 3, side, side),), out, dynamo=False, opset_version=opset,
            input_names=["pixel_values"], output_names=list(outputs), dynamic_axes=axes, **options,
        )  # fmt: skip
    return out.getvalue()


PROCESSOR = {
    "image_processor_type": "ConvNextImageProcessor", "do_resize": True,
    "size": {"shortest_edge": 64}, "crop_pct": 0.875, "resample": 3, "do_rescale": True,
    "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}  # fmt: skip


def repository(graph, classes=10, **processor):
    """Files of a repository in the Hugging Face layout."""
    config = {
        "architectures": ["ResNetForImageClassification"], "model_type": "resnet",
        "id2label": {str(i): f"class {i}" for i in range(classes)},
    }  # fmt: skip
    return {
        "config.json": json.dumps(config).encode(),
        "preprocessor_config.json": json.dumps({**PROCESSOR, **processor}).encode(),
        "README.md": b"---\nlicense: apache-2.0\n---\n",
        "model.onnx": graph,
    }


def torch_layers(net, tensor):
    """What torch says of a torchvision ResNet: the four layers, by cutOutputLayers."""
    import torch

    with torch.no_grad():
        x = torch.from_numpy(tensor)
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        feature_map = net.layer4(net.layer3(net.layer2(net.layer1(x))))
        pooled = feature_map.mean(dim=(2, 3))
        logits = net.fc(pooled)
    found = {0: logits.softmax(dim=1), 1: logits, 2: pooled, 3: feature_map}
    return {cut: np.asarray(value).reshape(len(tensor), -1) for cut, value in found.items()}
