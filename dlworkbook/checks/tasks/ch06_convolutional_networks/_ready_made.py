"""What the convolutional tasks leave out: all that cuts windows, convolves or pools by itself."""

from __future__ import annotations

WINDOWS = (
    ".unfold", "F.unfold", "nn.Unfold", "torch.as_strided", "np.lib.stride_tricks.as_strided",
    "np.lib.stride_tricks.sliding_window_view",
)
CONVOLUTIONS = (
    *WINDOWS, *(f"F.conv{n}d" for n in (1, 2, 3)), *(f"nn.Conv{n}d" for n in (1, 2, 3)),
    "np.convolve", "np.correlate",
    *(f"scipy.{package}.{name}" for package, name in (
        ("signal", "convolve"), ("signal", "convolve2d"), ("signal", "fftconvolve"),
        ("signal", "oaconvolve"), ("signal", "correlate"), ("signal", "correlate2d"),
        ("ndimage", "convolve"), ("ndimage", "correlate"),
    )),
)
POOLINGS = (
    *WINDOWS, "F.max_pool2d", "torch.max_pool2d", "nn.MaxPool2d", "F.adaptive_max_pool2d",
    "nn.AdaptiveMaxPool2d", "scipy.ndimage.maximum_filter",
)
