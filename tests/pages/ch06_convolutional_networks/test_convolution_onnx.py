"""The page's conv2d against the ONNX backend tests for Conv.

The six ``node`` cases have expected outputs that ONNX's own authors computed; the
``pytorch-converted`` cases add groups, dilation, bias and one dimension.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/padding_and_stride"
NODE_CASES = [
    "test_basic_conv_with_padding",
    "test_basic_conv_without_padding",
    "test_conv_with_autopad_same",
    "test_conv_with_strides_and_asymmetric_padding",
    "test_conv_with_strides_no_padding",
    "test_conv_with_strides_padding",
]
CONVERTED = 19


pytestmark = pytest.mark.slow  # ONNX makes all its cases before it hands out six
torch.set_num_threads(1)  # small tensors
conv2d = definitions(PAGE)["conv2d"]


def load(kind: str):
    """Cases with a single Conv over one or two axes: name -> (model, inputs, outputs)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ONNX makes overflowing casts on purpose
        from onnx.backend.test.loader import load_model_tests

        cases = load_model_tests(kind=kind)
    chosen = {}
    for case in cases:
        model = case.model
        if model is None:
            model = onnx.load(str(Path(case.model_dir) / "model.onnx"))
        if [node.op_type for node in model.graph.node] != ["Conv"]:
            continue
        if case.data_sets is not None:
            inputs, outputs = case.data_sets[0]
        else:
            folder = Path(case.model_dir) / "test_data_set_0"
            inputs, outputs = (
                [
                    numpy_helper.to_array(onnx.load_tensor(str(path)))
                    for path in sorted(folder.glob(f"{which}_*.pb"))
                ]
                for which in ("input", "output")
            )
        if outputs[0].ndim <= 4:
            chosen[case.name] = model, inputs, outputs
    return chosen


def arguments(model, inputs):
    """An ONNX Conv node in the words of the page's conv2d."""
    node = model.graph.node[0]
    names = [value.name for value in model.graph.input]
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    values |= dict(zip(names, inputs))
    X, K, *bias = (torch.from_numpy(np.array(values[name])) for name in node.input)
    options = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    axes = X.ndim - 2
    strides = list(options.pop("strides", [1] * axes))
    dilations = list(options.pop("dilations", [1] * axes))
    pads = list(options.pop("pads", [0] * 2 * axes))  # starts of all axes, then ends
    auto = options.pop("auto_pad", b"NOTSET").decode()
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        total = [
            max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
            for n, k, s, d in zip(X.shape[2:], K.shape[2:], strides, dilations)
        ]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        pads = small + large if auto == "SAME_UPPER" else large + small
    else:
        assert auto == "NOTSET"
    groups = options.pop("group", 1)
    assert list(options.pop("kernel_shape", K.shape[2:])) == list(K.shape[2:])
    assert not options, f"not translated: {options}"
    if axes == 1:  # a picture of one row
        X, K = X[:, :, None], K[:, :, None]
        strides, dilations, pads = [1, *strides], [1, *dilations], [0, pads[0], 0, pads[1]]
    return (X, K), {
        "bias": bias[0] if bias else None,
        "stride": tuple(strides),
        "padding": tuple(pads),
        "dilation": tuple(dilations),
        "groups": groups,
    }


@pytest.fixture(scope="module")
def cases():
    return {kind: load(kind) for kind in ("node", "pytorch-converted")}


def test_all_cases_are_there(cases):
    assert sorted(cases["node"]) == NODE_CASES
    assert len(cases["pytorch-converted"]) == CONVERTED


def differences(chosen):
    """Largest |difference| to the expected output for each case; shapes must be equal."""
    for name, (model, inputs, outputs) in chosen.items():
        arrays, options = arguments(model, inputs)
        Y = conv2d(*arrays, **options).numpy()
        expected = outputs[0].reshape(Y.shape) if outputs[0].ndim == 3 else outputs[0]
        assert Y.shape == expected.shape, name
        yield name, float(np.abs(Y - expected).max())


@pytest.mark.parametrize("kind, number", [("node", 6), ("pytorch-converted", CONVERTED)])
def test_conv2d_of_the_page(cases, kind, number):
    results = dict(differences(cases[kind]))
    assert len(results) == number
    assert all(d < 1e-4 for d in results.values()), results


def test_what_the_references_can_notice(cases, monkeypatch):
    """A turned kernel fails every converted case on which it could make a difference.

    It passes all six node cases: their kernels are all ones, which the page says.
    """
    right = conv2d
    monkeypatch.setitem(
        globals(), "conv2d", lambda X, K, **options: right(X, K.flip(2, 3), **options)
    )
    passed = [name for name, d in differences(cases["pytorch-converted"]) if d < 1e-2]
    # One sample, padded: only the middle of the kernel ever meets it.
    assert sorted(passed) == ["test_Conv1d_pad1size1", "test_Conv1d_pad2size1"]
    assert all(d < 1e-4 for _, d in differences(cases["node"]))
    for model, inputs, _ in cases["node"].values():
        (_, K), _ = arguments(model, inputs)
        assert (K == 1).all()


def test_the_node_cases_notice_padding_on_the_wrong_side(cases, monkeypatch):
    right = conv2d

    def all_in_front(X, K, padding, **options):
        top, left, bottom, right_side = padding
        return right(X, K, padding=(top + bottom, left + right_side, 0, 0), **options)

    monkeypatch.setitem(globals(), "conv2d", all_in_front)
    noticed = [name for name, d in differences(cases["node"]) if d > 1e-2]
    unpadded = {"test_basic_conv_without_padding", "test_conv_with_strides_no_padding"}
    assert set(noticed) == set(NODE_CASES) - unpadded
