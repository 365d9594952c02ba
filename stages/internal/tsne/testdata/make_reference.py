"""Writes reference.json: what scikit-learn's exact t-SNE computes on the way, for Fisher's irises.

python3 make_reference.py, with scikit-learn 1.7 or newer.
"""
import json

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, _t_sne, trustworthiness
from scipy.spatial.distance import squareform

x, label = load_iris(return_X_y=True)
x, first = np.unique(x.astype(np.float32), axis=0, return_index=True)
label = label[first]
n = len(x)
squared = ((x[:, None].astype(np.float64) - x[None]) ** 2).sum(-1)
joint = _t_sne._joint_probabilities(squared.astype(np.float32), 30.0, 0)
places = np.stack([np.sin(np.arange(n)), np.cos(1.7 * np.arange(n))], 1) * 3  # anywhere
divergence, gradient = _t_sne._kl_divergence(places.ravel(), joint, 1.0, n, 2)
pca = PCA(2, svd_solver="full").fit_transform(x)
t = TSNE(method="exact", init="pca", random_state=0)
laid = t.fit_transform(x)
round6 = lambda a: [float(f"{v:.7g}") for v in np.ravel(a)]
json.dump({
    "sklearn": sklearn.__version__,
    "rows": [round6(r) for r in x], "label": label.tolist(),
    "joint_row_0": round6(squareform(joint)[0]),
    "divergence": float(divergence), "gradient": round6(gradient),
    "pca": round6(pca / np.std(pca[:, 0]) * 1e-4),
    "final_divergence": float(t.kl_divergence_),
    "trustworthiness": float(trustworthiness(x, laid, n_neighbors=10)),
}, open("reference.json", "w"))
