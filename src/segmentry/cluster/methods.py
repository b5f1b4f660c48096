"""The model of each method of segmentation, by the name that recipes give the method."""

from __future__ import annotations

from segmentry.cluster.kmeans.model import OrdinalKMeansModel
from segmentry.cluster.kmodes.model import KModesModel
from segmentry.cluster.latent_class.model import LatentClassModel
from segmentry.cluster.pattern_model import PatternModel

MODELS: dict[str, type[PatternModel]] = {
    "latent-class": LatentClassModel,
    "k-modes": KModesModel,
    "k-means": OrdinalKMeansModel,
}
