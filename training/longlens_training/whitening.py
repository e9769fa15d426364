"""How the patch embedding starts: as whitened principal components of real patches.

Pixels of a patch are strongly correlated, so from a random start the embedding learns brightness and colour first and
edges, which tell shapes and letters apart, very late. Components scaled to the same spread make every direction that
drawn patches have equally visible from the first step on; nothing is frozen.
"""

from __future__ import annotations

import torch
from torch import Tensor

from longlens_training.clip_tower import ClipTower

#: Spread of each component of an embedded patch.
SPREAD = 0.5
#: Variance that is added before scaling, as a share of the last kept component's: noise is not blown up.
FLOOR = 1.0


@torch.no_grad()
def start_whitened(tower: ClipTower, pixels: Tensor) -> None:
    """Sets the patch embedding from frames. pixels: [n, side, side, 3] uint8, at least some hundred frames."""
    sizes = tower.sizes
    patches = tower.vision_model.embeddings.patches(pixels).flatten(0, 1)  # [n*P, 3*patch*patch]
    centred = patches - patches.mean(0)
    variances, directions = torch.linalg.eigh(centred.t() @ centred / len(centred))  # ascending
    kept = slice(len(variances) - sizes.hidden_size, None)
    variances, directions = variances[kept].clamp(min=0), directions[:, kept]
    scales = SPREAD / (variances + FLOOR * variances[0]).sqrt()
    weight = tower.vision_model.embeddings.patch_embedding.weight
    weight.copy_((directions * scales).t().view_as(weight))
