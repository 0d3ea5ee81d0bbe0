"""Fields from gradients: which places of a row a unit of torch's own layers depends on."""

import torch
from torch.nn import functional as F

SIZE = 600  # places of the row


def behind(layers: list[dict], X: torch.Tensor) -> torch.Tensor:
    """A row through the layers, with weights of 1 and sums in place of maxima."""
    for layer in layers:
        k, how = layer["k"], {"stride": layer["s"], "padding": layer["p"]}
        if layer["kind"] == "convolution":
            X = F.conv1d(X, torch.ones(1, 1, k, dtype=X.dtype), dilation=layer["d"], **how)
        else:
            X = F.avg_pool1d(X, k, **how)
    return X


def seen(layers: list[dict], unit: int | None = None) -> tuple[int, int]:
    """First and last place that a unit depends on; the middle one if none is named."""
    X = torch.ones(1, 1, SIZE, dtype=torch.float64, requires_grad=True)
    Y = behind(layers, X)[0, 0]
    Y[len(Y) // 2 if unit is None else unit].backward()
    places = X.grad.flatten().nonzero().flatten()
    return places[0].item(), places[-1].item()


def keys(data: dict, level: int) -> list:
    layers, fields = data["layers"], []
    for depth in range(1, len(layers) + 1):
        first, last = seen(layers[:depth])
        fields.append(last - first + 1)
    units = len(behind(layers, torch.ones(1, 1, SIZE))[0, 0])
    jump = seen(layers, units // 2 + 1)[0] - seen(layers, units // 2)[0]
    return [fields, jump, seen(layers, data.get("unit"))[0]][:level]
