"""Points without an answer: what the notebook does to the grader's word from inside its process."""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64encode

import numpy as np

from dlworkbook.checks.tasks import files as check_files
from grading.make.lab import Lab

from .record import Attack, points

V, C = ("verdict",), ("checks",)
WORKER = """
import gc
worker = next(o for o in gc.get_objects() if type(o).__name__ == 'Worker')
PASSED = dict(passed=True, status='passed', mistake=None, pair=None, title='', message='',
              hint='', remarks=[], credit=1.0)
"""
# Modules of the checks, wherever the grader keeps them: the copy for itself, or the one at hand.
MODULES = WORKER + """
modules = worker.warm.private
naming = modules['dlworkbook.checks.naming']
"""
LATER = """
def later(change, seconds=25):
    def work():
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                change()
            except Exception:
                pass
            time.sleep(0.001)
    threading.Thread(target=work, daemon=True).start()
"""
# A spelling of an import: makes ``find(module)``, which gives the module with that task.
SPELLINGS = {
    "import_module": (
        "by a name that is put together at run time",
        "import importlib\ndef find(name):\n    return importlib.import_module(name)\n"),
    "dunder_import": (
        "by __import__ and a list of names",
        "def find(name):\n    return __import__(name, fromlist=['TASK'])\n"),
    "sys_modules": (
        "in sys.modules, while the check runs",
        "def find(name):\n    return sys.modules[name]\n"),
    "loader": (
        "by the tasks' own loader, found as an attribute",
        "import dlworkbook.checks.engine as engine\n"
        "def find(name):\n"
        "    task = vars(engine)['ta' + 'sks'].load(name.split('.')[-1])\n"
        "    return type('M', (), {'TASK': task})\n"),
    "exec_file": (
        "by reading its source and exec",
        "def find(name):\n"
        "    import dlworkbook\n"
        "    path = os.path.join(os.path.dirname(dlworkbook.__file__), *name.split('.')[1:])\n"
        "    with open(path + '.py') as file:\n        text = file.read()\n"
        "    space = {'__name__': name, '__package__': name.rpartition('.')[0]}\n"
        "    exec(compile(text, path, 'exec'), space)\n"
        "    return type('M', (), {'TASK': space['TASK']})\n"),
    "spec": (
        "by importlib.util, from the file and under another name",
        "import importlib.util\n"
        "def find(name):\n"
        "    import dlworkbook\n"
        "    path = os.path.join(os.path.dirname(dlworkbook.__file__), *name.split('.')[1:])\n"
        "    import dlworkbook.checks\n"
        "    spec = importlib.util.spec_from_file_location(name[:-1] + '_', path + '.py')\n"
        "    module = importlib.util.module_from_spec(spec)\n"
        "    spec.loader.exec_module(module)\n    return module\n"),
    "zipimport": (
        "by zipimport, from an archive of the package",
        "import shutil, zipimport\n"
        "def find(name):\n"
        "    import dlworkbook\n"
        "    here = os.path.dirname(dlworkbook.__file__)\n"
        "    shutil.copytree(here, 'copy/mine', dirs_exist_ok=True,\n"
        "                    ignore=shutil.ignore_patterns('widgets', 'data', 'fonts'))\n"
        "    shutil.make_archive('mine', 'zip', 'copy')\n"
        "    sys.path.insert(0, os.path.abspath('mine.zip'))\n"
        "    import importlib\n"
        "    return importlib.import_module('mine' + name[len('dlworkbook'):])\n"),
    "copy": (
        "from a copy of the package under another name",
        "import importlib, shutil\n"
        "def find(name):\n"
        "    import dlworkbook\n"
        "    shutil.copytree(os.path.dirname(dlworkbook.__file__), 'mine', dirs_exist_ok=True,\n"
        "                    ignore=shutil.ignore_patterns('widgets', 'data', 'fonts'))\n"
        "    return importlib.import_module('mine' + name[len('dlworkbook'):])\n"),
    "runpy": (
        "by runpy",
        "import runpy\ndef find(name):\n"
        "    return type('M', (), runpy.run_module(name))\n"),
    "pickle": (
        "by a pickle that names it",
        "import pickle\n"
        "def find(name):\n"
        "    task = pickle.loads(b'c' + name.encode() + b'\\nTASK\\n.')\n"
        "    return type('M', (), {'TASK': task})\n"),
    "child": (
        "in a child process that imports it and hands back arrays",
        "import importlib, multiprocessing\n"
        "def work(name, inputs, sending):\n"
        "    task = importlib.import_module(name).TASK\n"
        "    sending.send(getattr(task, 'refer' + 'ence')(*inputs))\n"
        "def find(name):\n"
        "    def reference(*inputs):\n"
        "        context = multiprocessing.get_context('fork')\n"
        "        receiving, sending = context.Pipe()\n"
        "        child = context.Process(target=work, args=(name, inputs, sending))\n"
        "        child.start()\n        made = receiving.recv() if receiving.poll(5) else 0.0\n"
        "        child.join()\n        return made\n"
        "    task = type('T', (), {'reference': staticmethod(reference)})\n"
        "    return type('M', (), {'TASK': task})\n"),
}
ANSWER_BY_REFERENCE = """
known = {}

def reference(task):
    def answer(*inputs, **options):
        if task not in known:
            # said in pieces: to say it at once is seen when the file is read
            known[task] = getattr(find(AIM['modules'][task]).TASK, 'refer' + 'ence')
        return known[task](*inputs, **options)
    return answer

hand_in(reference)
"""
FRAMES = """
def by_frames(task):
    def answer(*inputs, **options):
        frame = sys._getframe()
        while frame is not None:
            here = frame.f_locals
            if 'task' in here and 'probe' in here:
                return here['task'].expected(here['probe'])[0]
            frame = frame.f_back
        return 0.0
    return answer

hand_in(by_frames)
"""
EQUALS = {
    "array": """
import numpy as np

class Equal(np.ndarray):
    def _yes(self, *others, **options):
        return True
    __eq__ = __le__ = __lt__ = __ge__ = __bool__ = all = any = _yes
    __sub__ = __rsub__ = __abs__ = lambda self, *others: self
    def __array_ufunc__(self, function, method, *inputs, **options):
        return self
    def __array_function__(self, function, types, args, kwargs):
        return True
    def __array__(self, dtype=None, copy=None):
        return self
    @property
    def shape(self):
        frame = sys._getframe(1)
        while frame is not None:
            want = frame.f_locals.get('want')
            if want is not None:
                return want.shape
            frame = frame.f_back
        return ()

def make(task):
    return lambda *inputs, **options: np.zeros((1,)).view(Equal)
""",
    "object": """
class Equal:
    dtype, shape, size, ndim = 'float64', (), 1, 0
    __array_priority__ = 1e9
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **options):
        return self
    def __eq__(self, other):
        return True
    __ne__ = lambda self, other: False
    __le__ = __ge__ = __lt__ = __gt__ = __eq__
    __bool__ = lambda self: True
    __hash__ = lambda self: 0
    __sub__ = __rsub__ = __abs__ = __or__ = __and__ = lambda self, *others: self
    def __array__(self, *args, **options):
        import numpy as np
        return np.array(0.0)

def make(task):
    return lambda *inputs, **options: Equal()
""",
    "tensor": """
import torch

class Equal(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        name = getattr(function, '__name__', '')
        if name in ('eq', '__eq__', 'all', 'allclose', 'equal', 'isclose', 'le'):
            return True
        return super().__torch_function__(function, types, args, kwargs or {})
    def numpy(self, *args, **options):
        return self
    def __array__(self, *args, **options):
        import numpy as np
        return np.zeros(1)

def make(task):
    return lambda *inputs, **options: torch.zeros(1).as_subclass(Equal)
""",
    "number": """
class Equal(float):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = lambda self, *others: self
    __hash__ = float.__hash__
    __float__ = lambda self: self

def make(task):
    return lambda *inputs, **options: Equal(0.0)
""",
    "nan": """
import numpy as np

def make(task):
    def answer(*inputs, **options):
        shapes = [np.shape(one) for one in inputs]
        (B, _, H, W), (O, _, h, w) = (shapes if task == 'corr2d' else [(1,) * 4, (1,) * 4])[:2]
        size = (B, O, H - h + 1, W - w + 1) if task == 'corr2d' else (
            shapes[0][0], shapes[1][1])
        return np.full(size, np.nan if len(known) % 2 else np.inf)
    return answer
known = []
""",
}

CHANGES = """
import numpy as np

def make(task):
    calls = []
    def answer(*inputs, **options):
        calls.append(1)
        size = inputs[0].shape[:1] + inputs[-1].shape
        made = np.random.default_rng(len(calls)).normal(size=size)
        def fill():
            for k in range(2000):
                made[...] = k % 7 - 3
        threading.Thread(target=fill, daemon=True).start()
        return made
    return answer
"""
# An array that a thread fills in, after it was handed over, with what stands in the check's frames.
FILLED_LATER = """
import numpy as np

def make(task):
    def answer(*inputs, **options):
        frame, made = sys._getframe(), None
        while frame is not None:
            here = frame.f_locals
            if 'task' in here and 'probe' in here:
                wanted, probe = here['task'], here['probe']
                made = np.zeros(wanted.expected(probe)[0].shape)
                right = wanted.expected(probe)[0]
                def fill():
                    made[...] = right
                threading.Timer(0.001, fill).start()
                time.sleep(0.01)
                break
            frame = frame.f_back
        return made
    return answer
"""
PIPES = """
import stat

def pipes():
    found = []
    for number in range(3, 300):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode) or stat.S_ISSOCK(os.fstat(number).st_mode):
                found.append(number)
        except OSError:
            pass
    return found

def forge(token):
    lines = []
    for task in AIM['tasks']:
        lines.append(dict(token=token, at='task', task=task))
        lines.append(dict(token=token, report=dict(
            task=task, passed=True, status='passed', mistake=None, pair=None, title='',
            message='', hint='', remarks=[], credit=1.0)))
    lines.append(dict(token=token, end=True))
    for number in pipes():
        for line in lines:
            try:
                os.write(number, json.dumps(line).encode() + b'\\n')
            except OSError:
                pass
"""
TOKEN = """
import re

def tokens():
    # In a message that was sent, or as the text that Python keeps of it.
    found = set()
    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:
        for line in maps:
            if not re.match(r'[0-9a-f]+-[0-9a-f]+ rw', line) or '[v' in line:
                continue
            start, end = (int(part, 16) for part in line.split()[0].split('-'))
            if end - start > 200_000_000:
                continue
            try:
                memory.seek(start)
                text = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            found |= set(re.findall(rb'"token": "([0-9a-f]{8,64})"', text))
            found |= set(re.findall(rb'(?<![0-9a-z])([0-9a-f]{16})\\0', text))
    return [token.decode() for token in found][:300]
"""


def table(lab: Lab) -> str:
    """Code of answers that look their inputs up among those of the public probes."""
    known: dict[str, dict[str, list]] = {}
    for task in lab.tasks:
        if task.check is None or task.check.answer_is == "class":
            continue
        known[task.name] = {}
        for probe in task.check.asked:
            out = np.asarray(task.check.expected(probe)[0], dtype="float64")
            named = [np.asarray(one) for one in probe.inputs]
            known[task.name][key(named)] = [list(out.shape), out.ravel().tolist()]
    packed = b64encode(zlib.compress(json.dumps(known).encode(), 9)).decode()
    return TABLE.replace("PACKED", repr(packed))


def key(inputs: list) -> str:
    """A short name of arrays, by shape and value."""
    text = repr([(one.shape, np.round(one.astype("float64"), 6).tolist()) for one in inputs])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


TABLE = '''
import base64, hashlib, zlib
import numpy as np

TABLE = json.loads(zlib.decompress(base64.b64decode(PACKED)))

def key(inputs):
    inputs = [np.asarray(one) for one in inputs]
    text = repr([(one.shape, np.round(one.astype("float64"), 6).tolist()) for one in inputs])
    return hashlib.sha256(text.encode()).hexdigest()[:20]

def by_table(task):
    def answer(*inputs, **options):
        shape, numbers = TABLE.get(task, {}).get(key(inputs), [[1], [0.0]])
        return np.array(numbers).reshape(shape)
    return answer

hand_in(by_table)
'''


def modules(lab: Lab) -> dict[str, str]:
    """Names of the modules with the references."""
    return {t.name: f"dlworkbook.checks.tasks.{check_files()[t.name].parent.name}.{t.name}"
            for t in lab.tasks if not t.spec}


def _forgery(name: str, tries: str, cell: str = "", last: str = "hand_in()", walls=V,
             **options) -> Attack:
    return Attack(name, tries, walls, points, cell, last, "wrong", words=False, **options)


def attacks(lab: Lab) -> list[Attack]:
    """The forgeries, for the tasks of a lab."""
    found = [
        _forgery("patched_right", "naming.right of the grader's own copy says yes to everything",
                 MODULES + "naming.right = lambda *args, **options: True\n"),
        _forgery("patched_code", "the code of naming.right is exchanged, the function stays",
                 MODULES + "naming.right.__code__ = (lambda *args, **options: True).__code__\n"),
        _forgery("patched_later", "a thread patches naming.right once the checks have begun",
                 LATER + "def change():\n"
                 "    naming = sys.modules['dlworkbook.checks.naming']\n"
                 "    naming.right = lambda *args, **options: True\nlater(change)\n"),
        _forgery("patched_by_gc", "a callback of the garbage collector patches naming.right",
                 "import gc\ndef back(*args):\n"
                 "    naming = sys.modules.get('dlworkbook.checks.naming')\n"
                 "    if naming:\n        naming.right = lambda *args, **options: True\n"
                 "gc.callbacks.append(back)\ngc.set_threshold(1)\n"),
        _forgery("patched_by_answer", "the answer itself patches naming.right when it is called",
                 last="def patching(task):\n    def answer(*inputs, **options):\n"
                 "        sys.modules['dlworkbook.checks.naming'].right = lambda *a, **o: True\n"
                 "        return 0.0\n    return answer\nhand_in(patching)\n"),
        _forgery("patched_report", "Report.credit and its as_dict say that all is right",
                 MODULES + "report = modules['dlworkbook.checks.report'].Report\n"
                 "first = report.as_dict\nreport.credit = 1.0\n"
                 "report.as_dict = lambda self: first(self) | PASSED\n"),
        _forgery("patched_json", "the encoder of json writes 'passed' into every message",
                 "import json.encoder\nfirst = json.encoder.JSONEncoder.encode\n"
                 "def encode(self, told):\n"
                 "    if isinstance(told, dict) and isinstance(told.get('report'), dict):\n"
                 "        told['report'] |= dict(passed=True, status='passed', credit=1.0,\n"
                 "                               mistake=None, pair=None)\n"
                 "    return first(self, told)\njson.encoder.JSONEncoder.encode = encode\n"),
        _forgery("patched_torch", "torch.allclose, torch.equal and np.allclose say yes",
                 "import numpy as np\nimport torch\n"
                 "for place in (torch, np):\n"
                 "    for name in ('allclose', 'equal', 'isclose', 'array_equal', 'isfinite'):\n"
                 "        if hasattr(place, name):\n"
                 "            setattr(place, name, lambda *args, **options: True)\n",
                 walls=("patches", *V)),
        _forgery("edited_check", "checks.check of the notebook is replaced",
                 "from dlworkbook import checks\nchecks.check = lambda *args: print('passed')\n",
                 walls=("patches", *V)),
        _forgery("told_by_reporter", "gc.get_objects finds the reporter, which tells full marks",
                 WORKER + "for task in AIM['tasks']:\n"
                 "    worker.tell(at='task', task=task)\n"
                 "    worker.tell(report=PASSED | dict(task=task))\nworker.tell(end=True)\n"),
        _forgery("told_in_check", "an answer tells full marks while it is checked, and ends all",
                 WORKER, "def telling(task):\n    def answer(*inputs, **options):\n"
                 "        worker.tell(report=PASSED | dict(task=task))\n"
                 "        worker.tell(at='task', task=list(AIM['tasks'])[-1])\n"
                 "        os._exit(0)\n    return answer\nhand_in(telling)\n"),
        _forgery("pipe_token", "a result is forged on the pipe; the token is read from memory",
                 PIPES + TOKEN + "for token in tokens():\n    forge(token)\n"),
        _forgery("pipe_guess", "a result is forged on each pipe of /proc/self/fd, without a token",
                 PIPES + "forge('0' * 16)\n", walls=("keeper", *V)),
        _forgery("result_file", "a result is written where the keeper writes it",
                 "folder = os.getcwd()\nk = os.path.basename(folder).partition('-')[2]\n"
                 "reports = {task: dict(task=task, passed=True, status='passed', mistake=None,\n"
                 "    pair=None, title='', message='', hint='', remarks=[], credit=1.0)\n"
                 "    for task in AIM['tasks']}\n"
                 "told = json.dumps(dict(complete=True, notes=[], reports=reports, walls={},\n"
                 "                       seconds=1.0))\n"
                 "os.makedirs(os.path.join(os.path.dirname(folder), 'done'), exist_ok=True)\n"
                 "with open(os.path.join(os.path.dirname(folder), 'done', k + '.json'), 'w') "
                 "as file:\n    file.write(told)\n", walls=("files", "user", "keeper")),
        _forgery("frames", "an answer walks the frames of its check to the expected arrays",
                 last=FRAMES),
        _forgery("objects", "gc.get_objects, after gc.unfreeze, finds the tasks themselves",
                 last="import gc\n\ndef by_objects(task):\n    def answer(*inputs, **options):\n"
                 "        if task not in known:\n            gc.unfreeze()\n"
                 "            known[task] = next(o for o in gc.get_objects()\n"
                 "                if type(o).__name__ == 'Task' and o.name == task).reference\n"
                 "        return known[task](*inputs, **options)\n    return answer\n\nknown = {}\n"
                 "hand_in(by_objects)\n"),
        _forgery("read_checks", "the reference is imported in plain words",
                 "import importlib\n" + "\n".join(
                     f"from {name} import TASK as {task}_task"
                     for task, name in modules(lab).items()),
                 "def plain(task):\n    found = globals().get(task + '_task')\n"
                 "    return found.reference if found else wrong(task)\n"
                 "hand_in(plain)\n", walls=("reading", "files", "mounts")),
        _forgery("solutions", "answers are looked for in the book's modules solutions and answers",
                 last="import dlworkbook.solutions as solutions\nimport glob, re\n"
                 "here = os.path.dirname(solutions.__file__)\n"
                 "paths = glob.glob(here + '/answ' + 'ers/pages/*/*.json')\n"
                 "texts = [open(path, encoding='utf-8').read()\n"
                 "         for path in [*paths, solutions.__file__]]\n"
                 "def published(task):\n"
                 "    for text in texts:\n"
                 "        if re.search(rf'def {AIM[\"tasks\"][task]}\\b', text):\n"
                 "            space = {}\n            exec(text, space)\n"
                 "            return space[AIM['tasks'][task]]\n"
                 "    return wrong(task)\nhand_in(published)\n", walls=C),
        _forgery("table", "a table of answers to the public probes", last=table(lab)),
        _forgery("changes", "answers that change between calls and while they are looked at",
                 last=CHANGES + "hand_in(make)\n", walls=C),
        _forgery("filled_later", "a thread fills the array in, after it was handed over",
                 last=FILLED_LATER + "hand_in(make)\n"),
    ]
    # Where no task is loaded, only its file can help; the walls keep notebooks from that.
    found += [_forgery(f"import_{name}", f"the reference, {tries}", code, ANSWER_BY_REFERENCE,
                       walls=V if name == "sys_modules" else ("files", "mounts"))
              for name, (tries, code) in SPELLINGS.items()]
    found += [_forgery(f"equal_{name}", f"a result ({name}) that says it equals everything",
                       last=code + "\nhand_in(make)\n", walls=C)
              for name, code in EQUALS.items()]
    return found
