"""One notebook never reaches another, the machine, or the grader's word: through the sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from grading import grade
from grading.make import lab
from grading.run import cgroup, limited, sandbox, scratch
from grading.run.pool import Pool
from tests.grading import classroom
from tests.kit import sample

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
FAILS = "\n\ndef failed(call):\n    try:\n        call()\n    except OSError:\n        return\n"
FAILS += "    raise RuntimeError('it could')\n\n"

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
}
SAID = {"cuda": {"no_gpu"}, "mps": {"no_gpu"}}
# Those that test_state.py, where each setting is put back, does not see; and one of each kind.
TRIED_SETTINGS = {"alias", "repr", "print", "child", "streams", "cuda", "dtype", "signals",
                  "environment", "recursion"}


def _right(small, linear=TORCH, first="", last=""):
    made = classroom.notebook(small, {"corr2d": CORR2D, "linear": linear}, last)
    if first:
        made["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": first,
                                 "outputs": [], "execution_count": None})
    return made


def _grade(small, folder, notebooks, jobs=1, **limits):
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, made in notebooks.items():
        (folder / "in" / f"{name}.ipynb").write_text(json.dumps(made))
    rows = grade.Grader(small, folder / "out", jobs, limits).run(folder / "in", quiet=True)
    return {Path(row.file).stem: row for row in rows}


def _open_up(folder, rights):
    """Give rights to a test's folder and those above it that pytest made."""
    for path in (folder, *folder.parents):
        if Path(tempfile.gettempdir()) in path.parents:
            path.chmod(path.stat().st_mode | rights)


def _codes(row) -> set[str]:
    """Codes of what the notebook did; one of the lab's own cells stops in every notebook."""
    return set(row.codes) - {"book_cell", "without_walls"}


@pytest.fixture(scope="module")
def settings(request, small, tmp_path_factory):
    names = sample.asked(request, "test_settings_of_the_process_cost_nothing_and_are_no_fault")
    made = {name: _right(small, first=SETTINGS[name]) for name in names}
    return _grade(small, tmp_path_factory.mktemp("settings"), made, jobs=2)


@pytest.mark.parametrize("name", sample.cases(SETTINGS, TRIED_SETTINGS))
def test_settings_of_the_process_cost_nothing_and_are_no_fault(settings, name):
    row = settings[name]
    assert (row.total, row.status, _codes(row)) == (18, "graded", SAID.get(name, set())), row


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
    assert row.total == 18 and _codes(row) == {"no_gpu"}, row
    assert "ran it on the processor" in row.reason


# -- what a notebook must not be able to do: the cell passes if it cannot

SECRET = "the grader's key"
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
    "descriptors": ("links = [os.readlink(f'/proc/self/fd/{{n}}') for n in range(50)\n"
                    "         if os.path.lexists(f'/proc/self/fd/{{n}}')]\n"
                    "bad = [link for link in links if link.startswith('/')\n"
                    "       and not link.startswith(('/dev/', os.getcwd()))]\n"
                    "assert not bad and len(links) < 8, f'it could: {{links}}'"),
    "account": "assert os.getuid() != 0 or not {root}, 'it could'\nfailed(lambda: os.setuid(0))",
    "see_grader": ("import ctypes\n"
                   "assert ctypes.CDLL(None).kill({pid}, 0) == -1, 'it could'"),
    "socket": ("import socket\n"
               "failed(lambda: socket.socket(socket.AF_UNIX).connect('\\0' + {abstract!r}))"),
    "network": ("import ctypes, socket\n"
                "failed(lambda: socket.create_connection(('127.0.0.1', {port}), 2))"),
    # signal 0 only asks: a fault of the walls must not cost the machine its processes
    "find_others": ("import ctypes\nlibc = ctypes.CDLL(None)\n"
                    "found = [n for n in range(1, 100_000) if libc.kill(n, 0) == 0]\n"
                    "assert len(found) <= 2, f'it could: {{found}}'"),
    "kill_other": "import ctypes\nctypes.CDLL(None).kill({other}, 9)",
}
# One at each wall: files (straight, and through a command), account, environment, descriptors,
# network, signals.
TRIED_ATTACKS = {"read_secret", "read_by_command", "account", "environment", "descriptors",
                 "network", "find_others", "kill_other"}


@pytest.fixture(scope="module")
def attacked(request, small, tmp_path_factory):
    """Each attack in a notebook of its own beside honest ones; rows, and what was there."""
    import socket

    folder = tmp_path_factory.mktemp("attacked")
    secret = folder / "id_ed25519"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    _open_up(folder, 0o055)  # the account is no wall here: Landlock is
    os.environ["A_TOKEN_OF_THE_GRADER"] = "t0ken-of-the-grader"
    abstract = f"grading-{os.getpid()}"
    other = subprocess.Popen(["sleep", "600"])
    with socket.socket(socket.AF_UNIX) as one, socket.create_server(("127.0.0.1", 0)) as two:
        one.bind("\0" + abstract)
        one.listen()
        values = {
            "secret": str(secret), "home": str(Path.home()), "inputs": str(folder / "in"),
            "grader": str(lab.ROOT / "grading" / "grade.py"), "key": "t0ken-of-the-grader",
            "root": os.geteuid() == 0, "pid": os.getpid(), "abstract": abstract,
            "port": two.getsockname()[1], "other": other.pid,
        }
        made = {f"honest_{k}": _right(small) for k in range(3)}
        made |= {
            name: _right(small, last="import os" + FAILS + ATTACKS[name].format(**values))
            for name in sample.asked(request, "test_walls_hold_or_grading_is_refused")
        }
        del os.environ["GRADING_WALLS"]
        try:
            rows = _grade(small, folder, made, jobs=3)
        except sandbox.NoWalls:
            rows = None
        finally:
            os.environ["GRADING_WALLS"] = "none"
    del os.environ["A_TOKEN_OF_THE_GRADER"]
    alive = other.poll() is None
    other.kill()
    other.wait()
    return rows, alive


@pytest.mark.parametrize("name", sample.cases(ATTACKS, TRIED_ATTACKS))
def test_walls_hold_or_grading_is_refused(attacked, name):
    rows, alive = attacked
    if rows is None:  # that is the promise where walls are missing
        assert sandbox.missing(sandbox.probe())
        return
    row = rows[name]
    assert alive or name != "kill_other"
    assert row.total == 18 and "could" not in row.reason and "cell_error" not in row.codes, row
    assert not set(row.codes) & {"died", "stopped"}


def test_honest_notebooks_beside_them_get_every_point(attacked):
    rows, _ = attacked
    if rows is not None:
        for k in range(3):
            row = rows[f"honest_{k}"]
            assert (row.total, row.status, _codes(row)) == (18, "graded", set()), row


# -- what comes through the pipe

FIND = """
import gc
worker = next(o for o in gc.get_objects() if type(o).__name__ == 'Worker')
worker.tell(at='task', task='corr2d')
"""
REPORTS = {
    "empty": "{'task': 'corr2d', 'credit': 1.0}",
    "no_status": "dict(task='corr2d', passed=True, credit=1.0, message='', hint='', title='', "
                 "remarks=[])",
    "no_message": "dict(task='corr2d', passed=True, status='passed', credit=1.0, message=None, "
                  "hint='', title='', remarks=[])",
    "numbers": "dict(task='corr2d', passed=True, status=3, credit='1', message=4, hint=[])",
    "list": "[1, 2]",
    "nested": "dict(task='corr2d', remarks=[[[[1]]]] * 1000)",
}
TELLS = {f"report_{name}": f"worker.tell(report={code})" for name, code in REPORTS.items()} | {
    "walls": "worker.tell(walls=False)",
    "note": "worker.tell(note={}, text=3)",
    "private_note": "worker.tell(note='book_solution', text='x')",
    "cell": "worker.tell(at='cell', cell=10**9)",
    "task": "worker.tell(at='task', task={})",
    "nothing": "worker.tell()",
    "bytes": "import os\nos.write(worker.pipe, b'\\xff\\x00' * 1000 + b'\\n')",
    "deep": "import os\nos.write(worker.pipe, b'[' * 50_000 + b'\\n')",
    "flood": "import os\nfor _ in range(100_000):\n    os.write(worker.pipe, b'{}\\n' * 100)",
    "long": "import os\nfor _ in range(200):\n    os.write(worker.pipe, b'x' * 50_000)",
}
# A report that is none, one that is deep, words that only the grader says, bytes, too much.
TRIED_TELLS = {"report_empty", "report_nested", "walls", "private_note", "cell", "bytes", "flood"}
LOUD = """
raise ValueError('20/20 \u202e\x1b[2J \ud83d ' + 'x' * 100_000)
"""


@pytest.fixture(scope="module")
def forged(request, small, tmp_path_factory):
    names = sample.asked(request, "test_a_forged_message_is_a_row_with_a_reason")
    made = {name: _right(small, first=FIND + TELLS[name]) for name in names}
    made["loud"] = _right(small, last=LOUD)
    return _grade(small, tmp_path_factory.mktemp("forged"), made, jobs=2)


@pytest.mark.parametrize("name", sample.cases(TELLS, TRIED_TELLS))
def test_a_forged_message_is_a_row_with_a_reason(forged, name):
    row = forged[name]
    assert "forged" in row.codes and row.status in ("look", "stopped"), row
    assert "Something else than the grader" in row.reason
    assert row.total in (0, 18)  # graded by what it answers, or not at all


def test_what_a_notebook_raises_is_short_and_shows_as_text(forged):
    row = forged["loud"]
    assert row.total == 18 and _codes(row) == {"cell_error"}
    assert len(row.reason) < 900 and not set(row.reason) & set("\u202e\x1b\ud83d")


# -- reading

def test_a_cell_that_takes_gigabytes_to_parse_costs_its_own_row(small, tmp_path):
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    huge = _right(small, first="sgd=[" + "[]," * 1_500_000 + "]")
    rows = _grade(small, tmp_path, {"huge": huge, "right": _right(small)})
    assert rows["right"].total == 18
    assert (rows["huge"].codes != [] and rows["huge"].total == 0) or "memory" in rows["huge"].codes
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400_000, f"the grader itself grew by {grown} kB"


def _opens() -> int:
    """Open more files than a process may, with all that its limits leave it."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return len([os.dup(2) for _ in range(sandbox.MOST_OPEN)])


def test_limits_of_reading():
    assert limited.call(lambda: {"a": {1}}) == {"a": [1]}
    for function in (lambda: bytearray(2 * 10**9), lambda: os._exit(0) or 1, lambda: 1 / 0,
                     lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: object(), _opens):
        with pytest.raises(limited.TooMuch):
            limited.call(function)
    start = time.monotonic()
    with pytest.raises(limited.TooMuch):
        limited.call(lambda: time.sleep(600), seconds=0.1)
    assert time.monotonic() - start < 100  # it does not wait for the end


# -- a grader that is hurt

def _processes(text: str) -> list[int]:
    """Ids of processes whose command line has this text."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if text in (entry / "cmdline").read_bytes().decode(errors="replace"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


SLEEPS = "import time\nopen('started', 'w').close()\ntime.sleep(SECONDS)\n"


def _hurt(monkeypatch, small, folder, what, *, once=True):
    """Grade two notebooks while ``what(pool)`` happens, as soon as a keeper is at work."""
    done = []
    original = Pool.run

    def run(self, todo):
        self.loading, self.margin = 900, 2

        def hurt():
            while not any(r.keeper for r in self.running.values()):
                time.sleep(0.01)
            time.sleep(0.3)
            what(self)
            done.append(1)

        threading.Thread(target=hurt, daemon=True).start()
        yield from original(self, todo)

    monkeypatch.setattr(Pool, "run", run)
    made = {k: _right(small, first=SLEEPS.replace("SECONDS", "1.5")) for k in ("a", "b")}
    start = time.monotonic()
    rows = _grade(small, folder, made, jobs=1, seconds=20)
    assert done, "nothing was hurt"
    return rows, time.monotonic() - start


def _keeper(pool):
    return next(r.keeper for r in pool.running.values() if r.keeper)


@pytest.mark.parametrize("name", sample.cases(["kill_keeper", "kill_warm"], ["kill_keeper"]))
def test_a_dead_keeper_or_warm_process_costs_nothing(monkeypatch, small, tmp_path, name):
    what = {
        "kill_keeper": lambda pool: os.kill(_keeper(pool), signal.SIGKILL),
        "kill_warm": lambda pool: os.kill(pool.process.pid, signal.SIGKILL),
    }[name]
    rows, _ = _hurt(monkeypatch, small, tmp_path, what)
    assert {k: (r.total, r.status) for k, r in rows.items()} == {
        "a": (18, "graded"), "b": (18, "graded")}


@pytest.mark.parametrize("name", sample.cases(["stop_keeper", "stop_warm"], ["stop_warm"]))
def test_a_stopped_keeper_or_warm_process_does_not_hang_the_run(
    monkeypatch, small, tmp_path, name
):
    what = {
        "stop_keeper": lambda pool: os.kill(_keeper(pool), signal.SIGSTOP),
        "stop_warm": lambda pool: os.kill(pool.process.pid, signal.SIGSTOP),
    }[name]
    rows, seconds = _hurt(monkeypatch, small, tmp_path, what)
    assert {k: r.total for k, r in rows.items()} == {"a": 18, "b": 18} and seconds < 800


def test_a_job_that_is_lost_twice_is_a_row_and_is_graded_on_a_rerun(
    monkeypatch, small, tmp_path
):
    original = Pool.run

    def run(self, todo):
        for name in todo:
            yield name, "lost"

    monkeypatch.setattr(Pool, "run", run)
    row = _grade(small, tmp_path, {"a": _right(small)})["a"]
    assert (row.status, row.codes) == ("rejected", ["lost"])
    monkeypatch.setattr(Pool, "run", original)
    row = _grade(small, tmp_path, {"a": _right(small)})["a"]
    assert (row.status, row.total) == ("graded", 18)


def test_a_submission_knows_how_busy_the_machine_is(small, tmp_path):
    """Behind the walls, too: else a right answer on a busy machine may run out of time."""
    code = "try:\n    told = bool(open('/proc/self/schedstat').read())\n"
    code += "except OSError:\n    told = False\n"
    code += f"assert told == {Path('/proc/self/schedstat').exists()}"  # not every kernel tells
    row = _grade(small, tmp_path, {"a": _right(small, first=code)})["a"]
    assert row.total == 18 and not _codes(row), row


@pytest.mark.parametrize("code", ["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
                                  "os._exit(9)", "import time\ntime.sleep(100)"])
def test_what_was_stopped_or_died_is_graded_again(small, tmp_path, code):
    made = {"a": _right(small, first=code), "b": _right(small)}
    first = _grade(small, tmp_path, made, seconds=4)
    second = _grade(small, tmp_path, made, seconds=4)
    assert first["a"].codes[0] in ("died", "time") and first["b"].status == "graded"
    assert second["a"].run != first["a"].run and second["b"].run == first["b"].run


# -- nothing stays behind

@pytest.mark.parametrize("whole", [False, True], ids=["grader", "grader_and_warm"])
def test_students_work_is_gone_after_a_kill(root, small, tmp_path, whole):
    """kill -9 of the grader: its warm process cleans up; of both: the next run does."""
    place = tmp_path / "tmp"
    place.mkdir(mode=0o711)
    _open_up(tmp_path, 0o011)  # where root grades, submissions have another account
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_text(
        json.dumps(_right(small, first="import os\nos.mkdir('x')\nopen('x/y', 'w').close()\n"
                          "os.chmod('x', 0)\n" + SLEEPS.replace("SECONDS", "60"))))
    environment = os.environ | {"PYTHONPATH": str(lab.ROOT), "TMPDIR": str(place)}
    command = [sys.executable, "-m", "grading.grade", "90", str(tmp_path / "in"), "--root",
               str(root), "--out", str(tmp_path / "out"), "--jobs", "1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    grader = subprocess.Popen(command, cwd=lab.ROOT, env=environment, **quiet)
    end = time.monotonic() + 100

    def at_work() -> bool:
        """Whether the notebook has written, in the files as its own process sees them."""
        return any(
            os.path.exists(f"/proc/{process}/root{made}/work-0/started")
            for made in place.glob(f"{scratch.PREFIX}*")
            for process in _processes(str(made))
        )

    while not at_work() and time.monotonic() < end:
        time.sleep(0.05)
    (made,) = place.glob(f"{scratch.PREFIX}*")
    below = _processes(str(made))
    assert below  # warm, keeper and the submission's
    if whole:
        for process in below:
            os.kill(process, signal.SIGSTOP)
        grader.kill()
        for process in below:
            os.kill(process, signal.SIGKILL)
    grader.kill()
    grader.wait()
    if whole:
        assert made.exists()
        environment["GRADING_WALLS"] = "none"
        code = "from grading.run import scratch\nwith scratch.folder() as f: pass"
        subprocess.run([sys.executable, "-c", code], env=environment, cwd=lab.ROOT, check=True)
    end = time.monotonic() + 20
    while (made.exists() or _processes(str(made))) and time.monotonic() < end:
        time.sleep(0.05)
    assert not made.exists() and not _processes(str(made))
    assert list(place.iterdir()) == []
    groups = {p for _, places in cgroup.found() for p in places.values()}
    names = {f"{cgroup.PREFIX}{process}" for process in below}
    while (left := [n for g in groups for n in os.listdir(g) if n in names]) and (
        time.monotonic() < end
    ):
        time.sleep(0.05)
    assert not left


# -- walls that are missing

STANDS = {"network": "namespace", "signals": "namespace", "files": "landlock", "user": "own",
          "mounts": "namespace", "calls": "seccomp", "memory": "cgroup"}


def test_grading_is_refused_without_walls_unless_it_is_asked_for(
    monkeypatch, small, root, tmp_path, capsys
):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_text(json.dumps(_right(small)))
    command = ["90", str(tmp_path / "in"), "--root", str(root), "--out", str(tmp_path / "out")]
    monkeypatch.delenv("GRADING_WALLS", raising=False)
    for name, text in sandbox.MISSING.items():
        lacks = STANDS | {name: "root" if name == "user" else "guard"}
        monkeypatch.setattr(sandbox, "probe", lambda lacks=lacks: lacks)
        assert grade.main(command) == 1
        told = capsys.readouterr().err
        assert text in told and "--without-walls" in told
        assert not (tmp_path / "out").exists()
    assert grade.main([*command, "--without-walls"]) == 0
    monkeypatch.delenv("GRADING_WALLS", raising=False)
    told = capsys.readouterr().out
    assert "MISSING" in told and (tmp_path / "out" / "grades.csv").exists()
    assert "MISSING" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_what_is_not_asked_for_is_told():
    """Three walls are told where they are missing, and nothing is refused."""
    for name, text in sandbox.BESIDE.items():
        lacks = STANDS | {name: "guard"}
        assert sandbox.missing(lacks) == [] and sandbox.lacking(lacks) == [name]
        assert f"WITHOUT {text}" in sandbox.told(lacks)
    assert "WITHOUT" not in sandbox.told(STANDS)
    assert sandbox.lacking({}) == [*sandbox.MISSING, *sandbox.BESIDE]


def test_a_wall_is_left_out_only_where_none_is_asked_for(monkeypatch, small, tmp_path):
    monkeypatch.setenv("GRADING_WALLS_OFF", "calls, memory")
    assert sandbox.switched_off() == ["calls", "memory"]
    row = _grade(small, tmp_path, {"a": _right(small)})["a"]
    assert row.total == 18 and "without_walls" in row.codes, row
    assert "Run without walls: " in row.reason and "calls, memory" in row.reason
    assert not any("walls" in text for text in row.remarks)  # a student need not know
    for name in ("grades.csv", "report.html"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert "without_walls" in text or "WITHOUT a filter of calls" in text, name
    monkeypatch.setenv("GRADING_WALLS_OFF", "calls,doors")
    with pytest.raises(sandbox.NoWalls, match="names doors"):
        sandbox.require()
    monkeypatch.delenv("GRADING_WALLS")
    assert sandbox.switched_off() == []


def test_a_worker_without_walls_runs_nothing(monkeypatch, small, tmp_path):
    """The look before the run is not the last one."""
    monkeypatch.delenv("GRADING_WALLS", raising=False)
    monkeypatch.setattr(sandbox, "probe", lambda: STANDS)
    code = "from grading.run import sandbox, warm\nimport sys\n" \
           "sandbox.landlock.restrict = lambda *a: (False, False)\nwarm.main(*sys.argv[1:])"
    original = Pool.__init__

    def changed(self, *args):
        original(self, *args)
        self.command = [sys.executable, "-c", code, *self.command[3:]]

    monkeypatch.setattr(Pool, "__init__", changed)
    row = _grade(small, tmp_path, {"a": _right(small)})["a"]
    assert row.total == 0 and "grader_failed" in row.codes and row.status == "stopped", row
