"""How attention starts: looking for what is like the query, and bringing it back as it is.

A look-up ("where is the dog?") wants two things of attention: that the word finds the cell that shows it, and that what
the cell holds reaches the output. Words and projected cells share one space from stage 0 on, so both are there from
the first step if queries and keys begin equal and the output projection undoes the value projection. Training is free to
change all of it.
"""

from __future__ import annotations

import torch

from longlens_training.jamba import JambaModel

#: Share of what was found that is added to the residual stream at the start.
GAIN = 0.5


@torch.no_grad()
def start_associative(language: JambaModel) -> None:
    """Sets the attention layers. Needs as many key-value heads as heads; raises ValueError otherwise."""
    sizes = language.sizes
    if sizes.num_key_value_heads != sizes.num_attention_heads:
        raise ValueError(f"key-value heads: expected {sizes.num_attention_heads}, got {sizes.num_key_value_heads}")
    for layer in language.model.layers:
        if layer.mixer_name != "self_attn":
            continue
        attention = layer.self_attn
        attention.k_proj.weight.copy_(attention.q_proj.weight)
        directions, _ = torch.linalg.qr(torch.randn(sizes.hidden_size, sizes.hidden_size))
        attention.v_proj.weight.copy_(directions)
        attention.o_proj.weight.copy_(GAIN * directions.t())
