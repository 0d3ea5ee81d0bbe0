"""One notebook never reaches another, the machine, or the grader's word: through the sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grading import grade, lab, limited, sandbox, scratch
from grading.pool import Pool
from tests.grading import classroom

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-walls")]

CORR2D = """\
import numpy as np

def corr2d(X, K):
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            window = X[:, None, :, i:i + h, j:j + w]
            Y[:, :, i, j] = (window * K).sum((2, 3, 4))
    return Y * 1.0
"""
TORCH = """\
import torch

def linear(X, W, b):
    X, W, b = (torch.as_tensor(v) for v in (X, W, b))
    return X @ W + torch.zeros(len(b)) + b
"""
# Written to a file, since a notebook of an attacker shows what it got in its folder only.
FAILS = "\n\ndef failed(call):\n    try:\n        call()\n    except OSError:\n        return\n"
FAILS += "    raise RuntimeError('it could')\n\n"

ASK_WALKER = """
import gc
worker = next(o for o in gc.get_objects() if type(o).__name__ == 'Worker')
"""

# Cells that set what the whole process shares; right answers must get every point, and no word.
SETTINGS = {
    "cuda": "import torch\ntorch.set_default_device('cuda')",
    "mps": "import torch\ntorch.set_default_device('mps')",
    "dtype": "import torch\ntorch.set_default_dtype(torch.float64)",
    "tensor_type": "import torch\ntorch.set_default_tensor_type(torch.DoubleTensor)",
    "grad": "import torch\ntorch.set_grad_enabled(False)",
    "inference": "import torch\nmode = torch.inference_mode()\nmode.__enter__()",
    "numpy_errors": "import numpy as np\nnp.seterr(all='raise')",
    "numpy_print": "import numpy as np\nnp.set_printoptions(precision=1, formatter={'all': str})",
    "threads": "import torch\ntorch.set_num_threads(7)",
    "deterministic": "import torch\ntorch.use_deterministic_algorithms(True)",
    "anomaly": "import torch\ntorch.autograd.set_detect_anomaly(True)",
    "autocast": "import torch\ntorch.set_autocast_enabled('cpu', True)",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "recursion": "import sys\nsys.setrecursionlimit(60)",
    "streams": "import io, sys\nsys.stdout = io.StringIO()\nsys.stdout.close()",
    "signals": ("import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
                "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})"),
    "environment": "import os\nos.environ.clear()\nos.chdir('/')",
    "gc": "import gc\ngc.disable()",
    "mode": ("import torch\nfrom torch.overrides import TorchFunctionMode\n"
             "class Loud(TorchFunctionMode):\n"
             "    def __torch_function__(self, f, types, args=(), kwargs=None):\n"
             "        return f(*args, **(kwargs or {}))\nLoud().__enter__()"),
    # no accusation
    "alias": "import numpy as np\nnp.bool = bool\nnp.int = int\nnp.object = object",
    "repr": "import torch\ntorch.Tensor.__repr__ = lambda self: f'{tuple(self.shape)}'",
    "print": "import builtins, functools\nbuiltins.print = functools.partial(print, flush=True)",
    "child": ("import subprocess\nchild = subprocess.Popen(['sleep', '5'])\nchild.kill()\n"
              "child.wait()\nassert subprocess.run(['true']).returncode == 0"),
}  # fmt: skip
SAID = {"cuda": {"no_gpu"}, "mps": {"no_gpu"}}


def _right(small, linear=TORCH, first="", last=""):
    made = classroom.notebook(small, {"corr2d": CORR2D, "linear": linear}, last)
    if first:
        made["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": first,
                                 "outputs": [], "execution_count": None})  # fmt: skip
    return made


def _grade(small, folder, notebooks, jobs=1, **limits):
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, made in notebooks.items():
        (folder / "in" / f"{name}.ipynb").write_text(json.dumps(made))
    rows = grade.Grader(small, folder / "out", jobs, limits).run(folder / "in", quiet=True)
    return {Path(row.file).stem: row for row in rows}


@pytest.fixture(scope="module")
def settings(small, tmp_path_factory):
    made = {name: _right(small, first=code) for name, code in SETTINGS.items()}
    return _grade(small, tmp_path_factory.mktemp("settings"), made, jobs=2)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_the_process_cost_nothing_and_are_no_fault(settings, name):
    row = settings[name]
    assert (row.total, row.status, set(row.codes)) == (18, "graded", SAID.get(name, set())), row


GPU = """
device = torch.device('cuda' if True else 'cpu')
net = torch.nn.Linear(3, 2).to(device)
assert net(torch.randn(4, 3, device=device).cuda()).shape == (4, 2)
weights = torch.ones(3).to('cuda:0')
"""
MOVED = """
def linear(X, W, b):
    X, W, b = (torch.as_tensor(v).to('cuda') for v in (X, W, b))
    X += 0 * weights.sum()  # a copy on the card: the input stays as it is
    X *= 2
    return (X @ W / 2 + b.cuda()).cpu()
"""


def test_a_notebook_of_a_graphics_card_is_graded_on_the_processor(small, tmp_path):
    row = _grade(small, tmp_path, {"gpu": _right(small, "import torch\n" + GPU + MOVED)})["gpu"]
    assert row.total == 18 and row.codes == ["no_gpu"], row
    assert "ran it on the processor" in row.reason


# -- what a notebook must not be able to do: the cell passes if it cannot

SECRET = "the grader's key"
OTHER = "kill_others"
ATTACKS = {
    "read_secret": "failed(lambda: open({secret!r}).read())",
    "read_shadow": "failed(lambda: open('/etc/shadow').read())",
    "read_home": "failed(lambda: os.listdir({home!r}))",
    "read_class": "failed(lambda: os.listdir({inputs!r}))",
    "read_grader": "failed(lambda: open({grader!r}).read())",
    "read_by_link": "os.symlink({secret!r}, 'link')\nfailed(lambda: open('link').read())",
    "read_by_command": ("import subprocess\nran = subprocess.run(['cat', {secret!r}], "
                        "capture_output=True)\nassert not ran.stdout and ran.returncode"),
    "read_by_root": "failed(lambda: open('/proc/self/root' + {secret!r}).read())",
    "environment": ("text = str(dict(os.environ)) + open('/proc/self/environ').read()\n"
                    "assert {key!r} not in text, 'it could'"),
    "account": "assert os.getuid() != 0 or not {root}, 'it could'\nfailed(lambda: os.setuid(0))",
    "scan": ("import ctypes\nlibc = ctypes.CDLL(None)\n"
             "assert libc.kill({pid}, 0) == -1, 'it could'"),
    "socket": ("import socket\none = socket.socket(socket.AF_UNIX)\n"
               "failed(lambda: one.connect('\\0' + {abstract!r}))"),
    "network": ("import ctypes, socket\n"
                "failed(lambda: socket.create_connection(('127.0.0.1', {port}), 2))"),
    OTHER: ("import ctypes, time\nlibc = ctypes.CDLL(None)\nown = os.getpid()\n"
            "for number in range(2, 70000):\n    if number != own:\n"
            "        libc.kill(number, 9)\nos.makedirs('x', exist_ok=True)\nos.chmod('x', 0)"),
}  # fmt: skip
QUIET = {"scan", "environment", OTHER, "read_by_command", "account"}


@pytest.fixture(scope="module")
def attacked(small, tmp_path_factory):
    """Each attack in a notebook of its own beside honest ones; rows, and what was there."""
    import socket

    folder = tmp_path_factory.mktemp("attacked")
    secret = folder / "id_ed25519"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    for path in (folder, *folder.parents):
        if path.owner() == secret.owner() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)  # the account is no wall here: Landlock is
    os.environ["A_TOKEN_OF_THE_GRADER"] = "t0ken-of-the-grader"
    abstract = f"grading-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as one, socket.create_server(("127.0.0.1", 0)) as two:
        one.bind("\0" + abstract)
        one.listen()
        values = {
            "secret": str(secret), "home": str(Path.home()), "inputs": str(folder / "in"),
            "grader": str(lab.ROOT / "grading" / "grade.py"), "key": "t0ken-of-the-grader",
            "root": os.geteuid() == 0, "pid": os.getpid(), "abstract": abstract,
            "port": two.getsockname()[1],
        }  # fmt: skip
        made = {f"honest_{k}": _right(small) for k in range(3)}
        made |= {
            name: _right(small, last="import os" + FAILS + code.format(**values))
            for name, code in ATTACKS.items()
        }
        try:
            rows = _grade(small, folder, made, jobs=3)
        except sandbox.NoWalls:
            rows = None
    del os.environ["A_TOKEN_OF_THE_GRADER"]
    yield rows
    left = [p for p in Path("/tmp").glob(f"{scratch.PREFIX}*") if not scratch.remove_if_dead(p)]
    assert left == []


@pytest.mark.parametrize("name", ATTACKS)
def test_walls_hold_or_grading_is_refused(attacked, name):
    if attacked is None:  # that is the promise where walls are missing
        assert sandbox.missing(sandbox.probe())
        return
    row = attacked[name]
    assert row.total == 18 and "could" not in row.reason and "cell_error" not in row.codes, row
    assert not set(row.codes) & {"died", "stopped"}


def test_honest_notebooks_beside_them_get_every_point(attacked):
    if attacked is not None:
        for k in range(3):
            row = attacked[f"honest_{k}"]
            assert (row.total, row.status, row.codes) == (18, "graded", []), row
