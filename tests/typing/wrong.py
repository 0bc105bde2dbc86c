"""What a type checker must refuse: exactly the lines marked so."""

import irbis
from irbis import Detector, EnsembleByKey, HTTPTransformer, ImageFeaturizer, UnrollImage

UnrollImage(width=3, inputCol="a")
UnrollImage(width="three")  # wrong
EnsembleByKey(keys="a")  # wrong
ImageFeaturizer(cutOutputLayers=2.5)  # wrong
HTTPTransformer(concurrency=None)  # wrong
Detector(errors=1)  # wrong
irbis.load(3)  # wrong
irbis.load("model").predict  # wrong
irbis.nothing  # wrong
irbis.register("spark", 3)  # wrong
