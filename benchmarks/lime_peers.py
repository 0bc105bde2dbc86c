"""The peers of lime.py: each takes a picture, a number of samples and a seed, and gives weights of
superpixels and the map of them, at the network's size.
"""

import importlib
from typing import Any

import numpy as np

CHUNK = 16


def peers(network: Any, masked: Any, target: int, samples: int, slow: int) -> dict[str, Any]:
    """Name -> (samples, function), or (samples, why not)."""

    def lime_image(picture: Any, count: int, seed: int) -> Any:
        """All of its defaults, but the samples."""
        from lime.lime_image import LimeImageExplainer

        def classifier(images: Any) -> Any:
            return network.forward(np.stack([network.tensor(i) for i in images]))

        # Its random_seed is the segmentation's alone: kept, so that seeds share superpixels.
        found = LimeImageExplainer(random_state=seed).explain_instance(
            network.resize(picture),
            classifier,
            labels=(target,),
            top_labels=None,
            num_samples=count,
            random_seed=0,
        )
        weights = np.zeros(found.segments.max() + 1)
        for segment, weight in found.local_exp[target]:
            weights[segment] = weight
        return weights, found.segments

    def captum_lime(picture: Any, count: int, seed: int) -> Any:
        """Superpixels, hidden colours, logits and chunks as irbis has them; else its defaults."""
        import torch
        from captum.attr import Lime

        torch.manual_seed(seed)
        torch.set_num_threads(1)

        def logits(tensors: Any) -> Any:
            p = network.forward(tensors.numpy())[:, target].astype(np.float64).clip(1e-15, 1 - 1e-7)
            return torch.from_numpy(np.log(p) - np.log1p(-p))

        found = Lime(logits).attribute(
            torch.from_numpy(network.tensor(picture)[None]),
            baselines=torch.from_numpy(masked.hidden[None]),
            feature_mask=torch.from_numpy(masked.segments.astype(np.int64))[None, None],
            n_samples=count,
            perturbations_per_eval=CHUNK,
            return_input_shape=False,
        )
        return found.numpy()[0].astype(np.float64), masked.segments

    found: dict[str, Any] = {}
    for name, module, count, peer in [
        ("lime", "lime.lime_image", samples, lime_image),
        ("lime", "lime.lime_image", slow, lime_image),
        ("captum", "captum.attr", samples, captum_lime),
    ]:
        try:
            importlib.import_module(module)
            found[f"{name}, {count}"] = (count, peer)
        except ImportError:
            found[f"{name}, {count}"] = (count, "not installed")
    return found
