"""The verdict is made outside: whatever a notebook does, a task without a right answer gives 0.

Each notebook has a right ``linear`` and nothing for ``corr2d`` but a trick. Walls stand as in a
real run, so that nothing that knows a right answer can be read.
"""

from __future__ import annotations

import base64
import json
import os

import numpy as np
import pytest

from dlworkbook import checks
from dlworkbook.checks import engine, tasks
from dlworkbook.checks.answer import NOTHING, Answer
from grading import grade
from grading.run import judge, sandbox, wire
from grading.run.witness import Witness
from tests.grading import classroom
from tests.grading.test_walls import CORR2D, TORCH, _codes
from tests.kit import sample

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-walls")]

ZEROS = """
import numpy as np

def corr2d(X, K):
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    return np.zeros((B, O, H - h + 1, W - w + 1))
"""
PATH = "dlworkbook.checks.tasks.ch06_convolutional_networks.corr2d"
# What looks for our own answers wherever it can, and hands out the first that it finds.
TAKEN = """
import numpy as np
found = None
{search}
def corr2d(X, K):
    return found(X, K) if found else np.zeros(1)
"""
SEARCHES = {
    "import": f"from {PATH} import reference as found",
    "importlib": f"import importlib\nfound = importlib.import_module({PATH!r}).reference",
    "task": f"import importlib\nfound = importlib.import_module({PATH!r}).TASK.reference",
    "load": "from dlworkbook.checks.tasks import load\nfound = load('corr2d').reference",
    # spelled so that no look at the code finds it
    "hidden": (f"name = bytes.fromhex({PATH.encode().hex()!r}).decode()\n"
               "found = getattr(__import__(name, fromlist=['a']), 'refe' + 'rence')"),
    "exec": (f"name = bytes.fromhex({PATH.encode().hex()!r}).decode()\n"
             "import dlworkbook, os\n"
             "file = os.path.dirname(os.path.dirname(dlworkbook.__file__))\n"
             "text = open(os.path.join(file, *name.split('.')) + '.py').read()\n"
             "space = {'__name__': name, '__package__': name.rpartition('.')[0]}\n"
             "exec(text, space)\nfound = space['reference']"),
    "objects": ("import gc, types\n"
                "found = next(o for o in gc.get_objects() if isinstance(o, types.FunctionType)\n"
                "             and 'correlation' in (o.__doc__ or '') and 'check' in o.__module__)"),
    "references": ("import gc\nfound = next(o.reference for o in gc.get_objects()\n"
                   "             if type(o).__name__ == 'Task')"),
    "modules": ("import sys\nfound = next(vars(m)['reference'] for m in [*sys.modules.values()]\n"
                "             if 'reference' in vars(m) and 'corr2d' in m.__name__)"),
    "classes": "import dlworkbook.checks.references\nfound = print",
    "keys": "import dlworkbook.answers as a\nfound = a.load(a.ids()[0])",
    "parent": ("import os\nfound = open(f'/proc/{os.getppid()}/mem', 'rb').read(10)"),
}
TRICKS = {
    "nothing": "",
    "zeros": ZEROS,
    "patched_naming": ZEROS + "import dlworkbook.checks.naming as n\nn.right = lambda *a: True\n"
                              "n.same = lambda *a: True",
    "patched_values": ZEROS + "import dlworkbook.checks.values as v\nv.equal = lambda *a: True",
    "patched_numpy": ZEROS + "np.allclose = np.array_equal = lambda *a, **k: True\n",
    "patched_report": ZEROS + ("from dlworkbook.checks import Report\n"
                               "Report.passed = Report.credit = property(lambda self: 1.0)"),
    "late_thread": ZEROS + ("import sys, threading, time\n"
                            "def later():\n"
                            "    while True:\n"
                            "        for m in list(sys.modules.values()):\n"
                            "            if getattr(m, '__name__', '').endswith('checks.values'):\n"
                            "                m.equal = lambda *a: True\n"
                            "        time.sleep(.001)\n"
                            "threading.Thread(target=later, daemon=True).start()"),
    "equals_everything": ("import numpy as np\n"
                          "class Equal(np.ndarray):\n"
                          "    def __eq__(self, other): return np.ones(self.shape, bool)\n"
                          "    __ne__ = __lt__ = lambda self, other: np.zeros(self.shape, bool)\n"
                          "    def __sub__(self, other): return np.zeros(self.shape)\n"
                          "    __rsub__ = __sub__\n"
                          "    def __array_ufunc__(self, *a, **k): return np.zeros(self.shape)\n"
                          "    def __array_function__(self, *a, **k): return True\n"
                          "def corr2d(X, K):\n"
                          "    (B, _, H, W), (O, _, h, w) = X.shape, K.shape\n"
                          "    return np.zeros((B, O, H - h + 1, W - w + 1)).view(Equal)"),
    "equal_tensor": ("import torch\n"
                     "class Equal(torch.Tensor):\n"
                     "    @classmethod\n"
                     "    def __torch_function__(cls, f, types, args=(), kwargs=None):\n"
                     "        return True\n"
                     "def corr2d(X, K):\n    return torch.zeros(1).as_subclass(Equal)"),
    "frames": ("import sys\n"
               "def corr2d(X, K):\n"
               "    frame = sys._getframe()\n"
               "    while frame:\n"
               "        for value in list(frame.f_locals.values()):\n"
               "            for name in ('reference', 'expected', 'right'):\n"
               "                if callable(getattr(value, name, None)):\n"
               "                    return getattr(value, name)(X, K)\n"
               "        frame = frame.f_back\n"
               "    return X"),
    # every pipe gets what a reply would be, for each number that a question may have
    "pipe": ("import base64, json, os\nimport numpy as np\n"
             "def corr2d(X, K):\n"
             "    made = {'kind': 'array', 'read': None, 'shape': [1], 'dtype': 'float64',\n"
             "            'type_name': 'ndarray', 'tensor': False, 'array': {'array':\n"
             "            ['float64', [1], base64.b64encode(np.ones(1).tobytes()).decode()]}}\n"
             "    for n in range(40):\n"
             "        line = b'=' + json.dumps({'n': n, 'reply': made}).encode() + b'\\n'\n"
             "        for fd in range(3, 60):\n"
             "            try: os.write(fd, line)\n"
             "            except OSError: pass\n"
             "    return np.ones(1)"),
    "done": ("import json, os\n"
             "def corr2d(X, K):\n"
             "    report = {'task': 'corr2d', 'passed': True, 'status': 'passed', 'credit': 1.0}\n"
             "    done = {'done': {'task': 'corr2d', 'report': report}}\n"
             "    for told in (done, {'report': report}):\n"
             "        for start in (b'', b'='):\n"
             "            for fd in range(3, 60):\n"
             "                try: os.write(fd, start + json.dumps(told).encode() + b'\\n')\n"
             "                except OSError: pass\n"
             "    return X"),
} | {f"search_{name}": TAKEN.format(search=search) for name, search in SEARCHES.items()}
# Those that end in the process that runs them; one of each other kind stands for the rest.
TRIED = {"patched_naming", "late_thread", "equals_everything", "frames", "pipe", "done",
         "search_hidden", "search_exec", "search_references", "search_parent", "table"}


def table() -> str:
    """Right results for the inputs of all public probes, and zeros elsewhere."""
    task = tasks.load("corr2d")
    known = {}
    for probe in task.asked:
        key = "".join(np.asarray(x, "float32").tobytes().hex() for x in probe.inputs)
        want = task.expected(probe)[0]
        known[key] = [list(want.shape), base64.b64encode(want.tobytes()).decode()]
    return ("import base64, json\nimport numpy as np\n"
            f"known = json.loads({json.dumps(known)!r})\n"
            "def corr2d(X, K):\n"
            "    key = ''.join(np.asarray(x, 'float32').tobytes().hex() for x in (X, K))\n"
            "    shape, data = known.get(key, ([1], ''))\n"
            "    data = base64.b64decode(data) or bytes(8)\n"
            "    return np.frombuffer(data).reshape(shape).copy()")


@pytest.fixture(scope="module")
def rows(request, small, tmp_path_factory):
    folder = tmp_path_factory.mktemp("verdict")
    names = sample.asked(request, "test_a_trick_is_no_answer")
    codes = {name: table() if name == "table" else TRICKS[name] for name in names}
    made = {name: classroom.notebook(small, {"corr2d": code or "pass", "linear": TORCH})
            for name, code in codes.items()}
    made["honest"] = classroom.notebook(small, {"corr2d": CORR2D, "linear": TORCH})
    (folder / "in").mkdir()
    for name, notebook in made.items():
        (folder / "in" / f"{name}.ipynb").write_text(json.dumps(notebook))
    with pytest.MonkeyPatch.context() as patch:
        if not sandbox.missing(sandbox.probe()):
            patch.delenv("GRADING_WALLS")
        grader = grade.Grader(small, folder / "out", 2, {})
        found = grader.run(folder / "in", quiet=True)
    return {row.file.removesuffix(".ipynb"): row for row in found}


@pytest.mark.parametrize("name", sample.cases([*TRICKS, "table"], TRIED))
def test_a_trick_is_no_answer(rows, name):
    row, honest = rows[name], rows["honest"]
    assert row.points["corr2d"] == 0, row
    assert row.reports["corr2d"]["message"], row
    if row.status == "graded":
        assert row.points["linear"] == honest.points["linear"], row


def test_the_honest_notebook_beside_them_gets_every_point(rows):
    assert (rows["honest"].total, _codes(rows["honest"])) == (18, set()), rows["honest"]


def test_a_shared_answer_sheet_gives_nothing_in_any_class():
    """It passes what students can see, and in two classes other inputs find it out."""
    sheet, honest = {}, {}
    exec(table(), sheet)
    exec(CORR2D, honest)
    assert checks.check("corr2d", sheet["corr2d"]).passed
    drawn = []
    for secret in ("of one class", "of another"):
        seed = judge.seed(secret, "corr2d")
        credits = [
            engine.judged("corr2d", lambda use, own=own: Answer(own["corr2d"], use), seed).credit
            for own in (sheet, honest)
        ]
        assert credits == [0, 1]
        probes = engine.fresh.probes(tasks.load("corr2d"), seed)
        drawn.append({b"".join(part.tobytes() for part in probe.inputs) for probe in probes})
    assert not drawn[0] & drawn[1] and all(drawn)


# -- what goes over the pipe is plain, and held to its form


def remote(value, use="call"):
    """An answer behind the wire, in this process: what is asked goes through JSON both ways."""
    reading, writing = os.pipe()
    witness = Witness(value, reading, writing)
    told = []
    witness.send = lambda message: told.append(json.loads(wire.line(message)))

    def send(message):
        asked = json.loads(wire.line(message))["ask"]
        witness.n = asked.pop("n")
        reply = getattr(witness, f"_{asked.pop('do').replace(' ', '_')}")(**asked)
        witness.send({"n": witness.n, "reply": reply})

    return judge.Remote(use, send, lambda: told.pop(0))


def test_an_answer_behind_the_wire_is_what_it_is_here():
    """All that is asked gives the same, for what a call can do."""
    def add(x, y):
        print("added")
        x += 1
        return x, y.sum(), "text", None

    inputs = (np.arange(6.0).reshape(2, 3), np.array([1, 2]), {"w": np.ones(2)}, (1, "a"))
    for value in (lambda *x: add(*x[:2]), lambda *x: 1 / 0, NOTHING, 3, lambda a: a, type):
        here, there = Answer(value), remote(value)
        assert here.look(4) == there.look(4)
        if callable(value):
            one, two = (a.call(inputs, "numpy", 4, 5) for a in (here, there))
            one.seconds = two.seconds = 0
            assert repr(one) == repr(two)
            assert repr(here.kept(0, 4, 1)) == repr(there.kept(0, 4, 1))
        assert here.texts(["vector"], 1) == there.texts(["vector"], 1)


NONE = (None, 3, "x", [], {}, {"array": 1}, {"array": ["float64", [3], "AAAA"]}, [[[]]],
        {"array": ["object", [1], "AAAAAAAAAAA="]}, {"array": ["float64", [-1], ""]},
        {"array": ["float64", [10**9, 10**9], ""]}, {"array": ["float64", [1.5], ""]})


@pytest.mark.parametrize("read", [wire.array, wire.call, wire.look, wire.settled, wire.texts])
def test_what_is_no_reply_is_forged(read):
    for data in NONE:
        with pytest.raises(wire.Forged):
            read(data)
