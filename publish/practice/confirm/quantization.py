"""Scales and zero points of torch's observers, codes of its rounding, bytes of its tensors."""

import torch


def _observed(x: torch.Tensor, low: int, high: int, symmetric: bool) -> tuple[float, int]:
    from torch.ao.quantization import MinMaxObserver

    observer = MinMaxObserver(
        dtype=torch.qint8 if symmetric else torch.quint8, quant_min=low, quant_max=high,
        qscheme=torch.per_tensor_symmetric if symmetric else torch.per_tensor_affine,
        factory_kwargs={"dtype": torch.float64},
    )  # fmt: skip
    observer(x)
    scale, zero = observer.calculate_qparams()
    return scale.item(), int(zero)


def keys(data: dict, level: int) -> list:
    x, bits = torch.tensor(data["x"], dtype=torch.float64), data["bits"]
    high = 2**bits - 1 if level == 2 else 2 ** (bits - 1) - 1
    low = 0 if level == 2 else -high
    if level < 3:
        scale, zero = _observed(x, low, high, level == 1)
        codes = _codes(x, scale, zero, low, high)
        back = scale * (codes - zero)
        if level == 2:
            return [scale, zero, codes, back]
        return [scale, codes, (back - x).abs().max().item(), _worst(scale, high)]
    scales = [_half(group, low, high)[0] for group in x]
    n = data["rows"] * data["columns"]
    stored = [torch.empty(n * bits // 8, dtype=torch.uint8),  # the codes, packed
              torch.empty(n // data["group"], dtype=torch.float16)]
    if data["zero"]:
        stored.append(torch.empty(n // data["group"] * data["zero"] // 8, dtype=torch.uint8))
    size = sum(part.nbytes for part in stored)
    return [scales, _half(x, low, high)[1], 8 * size / n, size / 1e6]


def _codes(x: torch.Tensor, scale: float, zero: int, low: int, high: int) -> torch.Tensor:
    """From torch's rounding there and back, which is float32 inside."""
    back = torch.fake_quantize_per_tensor_affine(x, scale, zero, low, high)
    return (back / scale).round() + zero


def _half(x: torch.Tensor, low: int, high: int) -> tuple[float, float]:
    scale, _ = _observed(x, low, high, True)
    return scale, _worst(scale, high)


def _worst(scale: float, high: int) -> float:
    """The largest error on a fine grid between the end codes, which holds the halves."""
    grid = torch.linspace(-high * scale, high * scale, 40 * high + 1, dtype=torch.float64)
    return (scale * _codes(grid, scale, 0, -high, high) - grid).abs().max().item()
