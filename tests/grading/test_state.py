"""What a notebook sets for the whole process is put back, setting by setting."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grading.make import lab
from tests.grading.test_walls import SETTINGS

KEPT_BY_WATCH = {"alias", "repr", "print"}
UNSEEN = {"child", "streams"}  # nothing of the process changes; the test itself needs its streams
CODE = """
import json, os, sys, warnings
import numpy as np, torch
from grading.run import devices, state
settings = [*state._python(), *state._numpy(), *state.State()._torch()]

def seen():
    torch_device = torch.get_default_device()
    return [repr(read()) for read, _ in settings if read is not object] + [
        str(torch_device), torch.is_inference_mode_enabled(), torch.is_autocast_enabled('cpu'),
        len(state._modes())]

def put_back(code):
    if name in ('cuda', 'mps'):
        devices.use_processor()
    kept = state.State()
    before = seen()
    names = {}  # a mode ends when its object does
    exec(code, names)
    changed = seen()
    kept.restore()
    assert changed != before, 'nothing was changed'
    for was, now in zip(before, seen()):
        assert now == was, f'{now[:1000]} is not {was[:1000]}'
    w = torch.ones(2, requires_grad=True)
    (w * 2).sum().backward()
    assert w.grad.dtype == torch.float32 and w.device.type == 'cpu'
    assert np.isinf(np.float64(1) / np.zeros(1))

warnings.simplefilter('ignore')
for name, code in json.load(sys.stdin).items():
    if os.fork() == 0:
        try:
            put_back(code)
            told = 'put back'
        except BaseException as error:
            told = repr(error)
        os.write(1, (json.dumps([name, told]) + chr(10)).encode())
        os._exit(0)
    os.wait()
"""
NAMES = sorted(set(SETTINGS) - KEPT_BY_WATCH - UNSEEN)


@pytest.fixture(scope="module")
def told():
    """What came of each setting; one process, since torch takes seconds to load."""
    given = json.dumps({name: SETTINGS[name] for name in NAMES})
    run = subprocess.run([sys.executable, "-c", CODE], input=given, cwd=lab.ROOT,
                         capture_output=True, text=True, check=True)
    return dict(map(json.loads, run.stdout.splitlines()))


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_is_put_back(told, name):
    assert told[name] == "put back"
