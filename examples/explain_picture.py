"""A picture, its superpixels, what LIME says of them, and the box made of that: the README's image.

    python examples/explain_picture.py [PICTURE] [OUT]

Without a picture it takes a cat of the shipped sample (Oxford-IIIT Pet Dataset, CC BY-SA 4.0). The
class explained is the one that EfficientNet-Lite0 finds most probable, of ImageNet's 1000.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image
from skimage.segmentation import find_boundaries

from irbis import BoxesFromWeights, ImageFeaturizer, ImageLIME, ModelDownloader
from irbis.detect.drawing import draw_boxes
from irbis.explain.explanation import Explanation
from irbis.explain.overlay import explanation_image
from irbis.image.codec import decode
from irbis.image.pixels import resized
from irbis.image.superpixel_map import Superpixels
from irbis.samples import PETS

HEIGHT, GAP = 200, 6


def panels(content: bytes, name: str) -> list[np.ndarray]:
    """The four pictures, at the picture's own size."""
    picture = decode(content)
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    model = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
    table = pa.table({"image": [content]})
    said = model.transform(table)["probability"][0].as_py()["values"]
    target = int(np.argmax(said))
    lime = ImageLIME(model=model, targetClasses=[target])
    boxes = BoxesFromWeights(inputCol=lime.getOutputCol(), outputCol="boxes", label="it")
    row = boxes.transform(lime.transform(table)).to_pylist()[0]
    found = Explanation.from_row(row["explanation"])
    print(
        f"{name}: class {target}, probability {said[target]:.2f}, {found.forwards} forwards, "
        f"{found.weights.shape[1]} superpixels, r2 {found.r2[0]:.2f}"
    )
    cut = picture.copy()
    labels = Superpixels(found.height, found.width, found.segments).labels()
    cut[find_boundaries(labels, mode="thick")] = 255
    corners = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in row["boxes"]]
    return [picture, cut, explanation_image(picture, found), draw_boxes(picture, corners)]


def main(source: str | None = None, out: str = "explanation.png") -> None:
    """Write them side by side."""
    path = Path(source) if source else sorted(PETS.glob("cats/*.jpg"))[CAT]
    drawn = [
        resized(p, round(p.shape[1] * HEIGHT / p.shape[0]), HEIGHT)
        for p in panels(path.read_bytes(), path.name)
    ]
    gap = np.full((HEIGHT, GAP, 3), 255, np.uint8)
    row = np.concatenate([part for p in drawn for part in (p, gap)][:-1], axis=1)
    # A palette: a third of the bytes, and no eye sees it.
    Image.fromarray(row).quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(out, optimize=True)


CAT = 19

if __name__ == "__main__":
    main(*sys.argv[1:])
