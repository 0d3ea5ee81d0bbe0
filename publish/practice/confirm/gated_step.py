"""One step by torch's GRUCell and LSTMCell."""

import math
from typing import Any

import torch
from torch import nn

SHUT = -1e9  # in front of a sigmoid: the gate is 0


def _tensor(held: Any) -> torch.Tensor:
    return torch.tensor(held, dtype=torch.float64)


def _filled(cell: nn.Module, **held: Any) -> nn.Module:
    cell.load_state_dict({name: _tensor(value) for name, value in held.items()})
    return cell


def _gru(x: float, h: float, ih: list, hh: list, b: list, b2: list, shift: float = 0) -> float:
    """The new state; shift: added in front of the update gate's sigmoid."""
    cell = _filled(
        nn.GRUCell(1, 1, dtype=torch.float64), weight_ih=[[w] for w in ih],
        weight_hh=[[w] for w in hh], bias_ih=[b[0], b[1] + shift, b[2]], bias_hh=b2,
    )  # fmt: skip
    return cell(_tensor([[x]]), _tensor([[h]])).item()


def keys(data: dict, level: int) -> list:
    logs = {name: math.log(base) for name, base in data["base"].items()}
    h = data["h"]
    if level == 1:
        r, z, p, q = (data["sums"][name] * logs[name if name in "rz" else "n"] for name in "rzpq")
        x, net = 0, ([0, 0, 0], [0, 0, 0], [r, z, p], [0, 0, q])
    else:
        x = data["x"]
        rows = {name: [w * logs[name] for w in row] for name, row in data["rows"].items()}
        if level == 3:
            return _lstm(data, [rows[name] for name in "ifgo"])
        net = [[rows[name][j] for name in "rzn"] for j in range(3)]
        net = (*net, [0, 0, rows["n"][3]])
        r, z = (rows[name][0] * x + rows[name][1] * h + rows[name][2] for name in "rz")
    gates = _tensor([r, z]).sigmoid().tolist()
    return [*gates, _gru(x, h, *net, shift=SHUT), _gru(x, h, *net)]


def _lstm(data: dict, rows: list) -> list:
    """Gates f, i, o, candidate, cell and state; rows i, f, g, o as PyTorch has them."""
    x, h, c = (_tensor([[data[name]]]) for name in "xhc")
    U, W, b = zip(*rows, strict=True)
    cell = _filled(
        nn.LSTMCell(1, 1, dtype=torch.float64), weight_ih=[[u] for u in U],
        weight_hh=[[w] for w in W], bias_ih=b, bias_hh=[0.0] * 4,
    )  # fmt: skip
    sums = nn.functional.linear(x, cell.weight_ih, cell.bias_ih)
    i, f, g, o = (sums + nn.functional.linear(h, cell.weight_hh))[0]
    state, memory = cell(x, (h, c))
    gates = torch.stack([f, i, o]).sigmoid().detach()
    return [gates, g.tanh().item(), memory.item(), state.item()]
