"""The latent space of a network: its points, maps of them in two dimensions, and figures that judge a map."""

from coursekit.latent.layers import latent
from coursekit.latent.maps import align, pca, tsne
from coursekit.latent.measures import knn_accuracy, silhouette, trustworthiness

__all__ = ["align", "knn_accuracy", "latent", "pca", "silhouette", "trustworthiness", "tsne"]
