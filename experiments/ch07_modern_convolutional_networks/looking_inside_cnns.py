"""What takes many passes on the page about looking inside: covers, single squares, gradients.

EfficientNet-Lite0 and photographs as in the widget ``grad_cam``. Kept are

- ``one``: for each photograph the probabilities of its likeliest class with one of 49 squares
  covered with grey;
- ``fills``: the probability with the 12 hottest squares covered over that with the 12 coldest, with
  black, white, the photograph's mean colour and a blur of it;
- ``cats``: the probabilities of five kinds of cat, added up, with the 42 hottest or coldest squares
  of the cat in grey;
- ``own``: the share of the gradient, and of guided backpropagation, in the half of its class, in
  ten pictures of two halves: each photograph beside the next two of the list, taken as a ring.

- ``votes``: the share of all 668 emoji whose five nearest others (by angle) vote for their kind:
  with the network's pooled features at 64 x 64 pixels, with the pixels, with the features of four
  untrained networks.

Takes some twenty seconds on one core.
"""

from __future__ import annotations

import contextlib
import io

import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.data import emoji
from dlworkbook.widgets.grad_cam.make_runs import cams, network, photograph, probabilities

CLASSES = {"coffee": 967, "cat": 285, "rocket": 657, "camera": 872, "astronaut": 450}


def covered(P: torch.Tensor, squares: list[int], fill: torch.Tensor | float) -> torch.Tensor:
    """A copy of a photograph (1, 3, 224, 224), some of its 49 squares filled."""
    out, fill = P.clone(), P * 0 + fill
    for k in squares:
        at = (..., slice(32 * (k // 7), 32 * (k // 7) + 32), slice(32 * (k % 7), 32 * (k % 7) + 32))
        out[at] = fill[at]
    return out


def asked(net: nn.Module, pictures: list[torch.Tensor]) -> torch.Tensor:
    """Probabilities (B, 1000), one picture at a time."""
    return torch.cat([probabilities(net, P) for P in pictures])


def gradient(net: nn.Module, P: torch.Tensor, c: int) -> torch.Tensor:
    """Largest size of the score's gradient over the colours, (224, 224)."""
    P = P.clone().requires_grad_()
    (dP,) = torch.autograd.grad(net(2 * P - 1)[0, c], P)
    return dP[0].abs().amax(0)


def guided(net: nn.Module, P: torch.Tensor, c: int) -> torch.Tensor:
    """The same, but each ReLU lets only positive gradients back."""
    handles = [
        layer.register_full_backward_hook(lambda module, d_in, d_out: (d_in[0].relu(),))
        for layer in net.modules()
        if isinstance(layer, nn.ReLU6)
    ]
    picture = gradient(net, P, c)
    for handle in handles:
        handle.remove()
    return picture


def neighbours(Z: torch.Tensor, kinds: torch.Tensor, k: int = 5) -> float:
    """Share of points (n, d) whose k nearest others vote for their kind; of equals the first."""
    Z = F.normalize(Z.double(), dim=1)
    far = torch.cdist(Z, Z).fill_diagonal_(torch.inf)
    votes = F.one_hot(kinds[far.topk(k, largest=False)[1]])
    return (votes.sum(1).argmax(1) == kinds).double().mean().item()


@torch.no_grad()
def features(net: nn.Module, X: torch.Tensor) -> torch.Tensor:
    """Means of the last feature maps, (n, 1280), at 64 x 64 pixels."""
    X = F.interpolate(X, (64, 64), mode="bilinear", antialias=True)
    return torch.cat([net.extract_features(2 * part - 1).mean((2, 3)) for part in X.split(50)])


def untrained(seed: int) -> nn.Module:
    """The same network with the weights it starts from."""
    from efficientnet_lite_pytorch import EfficientNet

    torch.manual_seed(seed)
    with contextlib.redirect_stdout(io.StringIO()):
        return EfficientNet.from_name("efficientnet-lite0").eval()


def make() -> dict:
    torch.set_num_threads(1)
    net = network()
    found: dict = {"one": {}, "fills": {}, "cats": [], "own": {"gradient": [], "guided": []}}
    for name, c in CLASSES.items():
        P = photograph(name)
        M = cams(net, P, c)["last"].flatten()
        p = asked(net, [covered(P, [k], 0.5) for k in range(49)])[:, c]
        found["one"][name] = [round(v, 5) for v in p.tolist()]
        order = M.argsort(descending=True).tolist()
        blur = F.interpolate(F.avg_pool2d(P, 56), (224, 224), mode="bilinear")
        found["fills"][name] = []
        for fill in (0.0, 1.0, P.mean((2, 3), keepdim=True), blur):
            hot, cold = asked(net, [covered(P, part, fill) for part in (order[:12], order[-12:])])
            found["fills"][name].append(round((hot[c] / cold[c]).item(), 4))
        if name == "cat":
            few = asked(net, [covered(P, part, 0.5) for part in (order[:42], order[-42:])])
            found["cats"] = [round(v, 4) for v in few[:, 281:286].sum(1).tolist()]
    names = [*CLASSES]
    for n, left in enumerate(names):
        for right in (names * 2)[n + 1 : n + 3]:
            P = torch.cat([photograph(part)[..., 56:168] for part in (left, right)], dim=3)
            for side, name in enumerate((left, right)):
                for how, f in (("gradient", gradient), ("guided", guided)):
                    picture = f(net, P, CLASSES[name])
                    share = picture[:, 112 * side : 112 * side + 112].sum() / picture.sum()
                    found["own"][how].append(round(share.item(), 4))
    E = emoji.load()
    X, kinds = torch.tensor(E.images / 255.0).float(), torch.tensor(E.labels).long()
    found["votes"] = {
        "features": round(neighbours(features(net, X), kinds), 4),
        "pixels": round(neighbours(X.flatten(1), kinds), 4),
        "untrained": [round(neighbours(features(untrained(s), X), kinds), 4) for s in range(4)],
    }
    return found
