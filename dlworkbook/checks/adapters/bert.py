"""A learner's self-attention layer of BERT: built, given its parameters, and called.

Shapes: hidden_states (B, S, D), attention_mask (B, S), output (B, S, D); h heads of width D / h.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from ..faults import Finding, theirs
from ..values import scattered

NAMES = ("query", "key", "value")


@dataclass(frozen=True, eq=False)
class Layer:
    """What a probe sets: heads, parameters, dropout, and the mode of the module.

    ``weights`` maps query, key and value to a weight (D, D), as nn.Linear has it, and a bias (D,).
    """

    heads: int
    weights: dict[str, tuple[np.ndarray, np.ndarray]] = field(repr=False)
    dropout: float = 0.0
    training: bool = False
    draw: int = 0  # seed of the random numbers of dropout

    def __repr__(self) -> str:
        size = len(self.weights["query"][1]) // self.heads
        text = f"{self.heads} head{'s' * (self.heads > 1)} of width {size}"
        if self.dropout or self.training:
            text += f", dropout {self.dropout:g}"
        return text + f", in {'training' if self.training else 'evaluation'} mode"


class Config(SimpleNamespace):
    """What the constructor of an answer gets."""


def run(answer, inputs):
    """Build the layer, give it the parameters of the probe, and call it.

    Raises Finding if the object is not what was agreed.
    """
    x, mask, layer = inputs
    with drawing(layer.draw) as generator:
        config = Config(
            hidden_size=x.shape[-1],
            num_attention_heads=layer.heads,
            attention_probs_dropout_prob=layer.dropout,
        )
        module = theirs(answer, config)
        if not_begun(module):
            return ...
        fill(module, layer)
        theirs(module.train, layer.training)
        like = module.query.weight  # dtype and device
        generator.manual_seed(layer.draw)  # the constructor has drawn numbers too
        return theirs(module, x.to(like), mask.to(like))


@contextmanager
def drawing(seed):
    """Random numbers of torch from this seed on; afterwards those of the learner go on.

    The generator itself is used: ``torch.manual_seed`` also looks for accelerators, which is slow.
    """
    generator = torch.default_generator
    before = generator.get_state()
    generator.manual_seed(seed)
    try:
        yield generator
    finally:
        generator.set_state(before)


def not_begun(module) -> bool:
    """Whether the constructor has made nothing."""
    return isinstance(module, nn.Module) and not (
        set(vars(module)) - set(vars(nn.Module())) or list(module.children())
    )


def fill(module, layer: Layer) -> None:
    """Set query, key and value; another square nn.Linear gets numbers of ours as well."""
    if not isinstance(module, nn.Module):
        raise Finding("the class is not an nn.Module: let it inherit from nn.Module")
    missing = [name for name in NAMES if not hasattr(module, name)]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        raise Finding(
            f"the layer has no attribute {names}. It needs query, key and value, made in __init__ "
            "as nn.Linear, under exactly these names: pretrained weights are found by name"
        )
    linear = [getattr(module, name) for name in NAMES]
    for name, part in zip(NAMES, linear):
        weight, bias = layer.weights[name]
        if not isinstance(getattr(part, "weight", None), torch.Tensor):
            raise Finding(f"`{name}` has no weight: it should be an nn.Linear")
        if tuple(part.weight.shape) != weight.shape:
            raise Finding(
                f"`{name}` has a weight of shape {tuple(part.weight.shape)}; with hidden_size "
                f"{len(weight)} it should be {weight.shape}: all heads share one nn.Linear"
            )
        with torch.no_grad():
            part.weight.copy_(torch.from_numpy(weight))
            if getattr(part, "bias", None) is not None:
                part.bias.copy_(torch.from_numpy(bias))
    for other in module.modules():
        if isinstance(other, nn.Linear) and not any(other is part for part in linear):
            with torch.no_grad():
                if other.in_features == other.out_features:
                    other.weight.copy_(extra(other.in_features))
                if other.bias is not None:
                    other.bias.zero_()


def extra(size: int) -> torch.Tensor:
    """Weight of a linear layer that the task does not ask for, so that it can be recognised."""
    return torch.from_numpy(scattered((size, size), 13)).float()
