"""The filter of calls: what it refuses, what honest code still may, on both kinds of machine."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import re
import socket
import struct
from pathlib import Path

import pytest

from grading.run import sandbox, seccomp
from tests.grading import behind

X86, ARM = "x86_64", "aarch64"
HEADERS = {X86: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
           ARM: Path("/usr/include/asm-generic/unistd.h")}  # fmt: skip
HERE = os.uname().machine
NEEDS = pytest.mark.skipif(HERE not in seccomp.MACHINES, reason="no filter for this machine")
EPERM = os.strerror(errno.EPERM)


def _numbers(machine: str) -> dict[str, int]:
    """Number of each call that the filter knows."""
    tables = (seccomp.REFUSED, seccomp.RIGHTS, seccomp.TIMES, seccomp.LOOKED_AT)
    column = seccomp.MACHINES[machine][0]
    found = {name: numbers[column] for table in tables for name, numbers in table.items()}
    return {name: number for name, number in found.items() if number is not None}


@pytest.mark.parametrize("machine", [X86, ARM])
def test_numbers_are_those_of_the_kernel(machine):
    if not HEADERS[machine].exists():
        pytest.skip("no headers of the kernel on this machine")
    told = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text()))
    assert len(told) > 200
    for name, number in _numbers(machine).items():
        if int(told.get(name, number)) != number:
            raise AssertionError(f"{name} is {told[name]} on {machine}, not {number}")
    assert len(set(_numbers(machine)) & set(told)) > 80


def _verdict(machine, number, arguments=(), *, arch=None, safe=True, cut=False) -> int:
    """What the filter says of a call, by a reading of its program that is not the kernel's."""
    arch = seccomp.MACHINES[machine][1] if arch is None else arch
    padded = [*arguments, *[0] * (6 - len(arguments))]
    call = struct.pack("=iIQ6Q", number, arch, 0, *padded)
    steps = seccomp.program(machine, outside_is_safe=safe, no_network=cut)
    steps = list(struct.iter_unpack("=HBBI", steps))
    at = value = 0
    while True:
        code, yes, no, k = steps[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", call, k)
        elif code == 0x54:
            value &= k
        elif code == 0x06:
            return k
        else:
            held = {0x15: value == k, 0x25: value > k, 0x45: bool(value & k)}[code]
            at += yes if held else no


NO, NOT_THERE, ALLOW, DONE = 0x50001, 0x50026, 0x7FFF0000, 0x50000
READ = {X86: 0, ARM: 63}


@pytest.mark.parametrize("machine", [X86, ARM])
def test_what_the_program_says(machine):
    number = _numbers(machine)

    def says(name, *arguments, **more):
        return _verdict(machine, number[name], arguments, **more)

    for name in seccomp.REFUSED:
        if name in number:
            assert says(name, 1, 2, 3) == NO, name
    assert _verdict(machine, READ[machine]) == ALLOW
    assert _verdict(machine, READ[machine], arch=0x40000003) == NO  # a 32-bit program
    assert _verdict(machine, 463) == NOT_THERE and _verdict(machine, 462) == ALLOW
    if machine == X86:
        assert _verdict(machine, 0x40000000) == NO
    assert says("clone3") == NOT_THERE
    for family, verdict in ((1, NO), (2, ALLOW), (10, ALLOW), (17, NO), (38, NO), (40, NO)):
        assert says("socket", family, 1, 0) == verdict, family
        assert says("socket", family, 1, 0, cut=True) == NO, family
    assert says("socket", 16, 3, 0) == ALLOW and says("socket", 16, 3, 12) == NO
    for kind, verdict in ((1, ALLOW), (2, NO), (3, NO), (5, ALLOW), (1 | 0o2004000, ALLOW),
                          (2 | 0o2000000, NO)):  # fmt: skip
        assert says("socketpair", 1, kind, 0) == verdict, kind
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert says("clone", flag | 17) == NO, hex(flag)
    assert says("clone", 0x3D0F00) == ALLOW and says("clone", 0x4111) == ALLOW  # thread, vfork
    assert says("ioctl", 0, 0x5412) == NO and says("ioctl", 0, 0x541C | 1 << 32) == NO
    assert says("ioctl", 0, 0x5401) == ALLOW
    assert says("prlimit64", 0, 7) == ALLOW and says("prlimit64", 1, 7) == NO
    for name, (*_, k) in seccomp.RIGHTS.items():
        if name in number:
            assert says(name, *[0] * k, 0o755) == ALLOW
            assert says(name, *[0] * k, 0o755, safe=False) == DONE
            for safe in (True, False):
                assert says(name, *[0] * k, 0o4755, safe=safe) == NO
                assert says(name, *[0] * k, 0o2755, safe=safe) == NO
    for name in set(seccomp.TIMES) & set(number):
        assert says(name) == ALLOW and says(name, safe=False) == DONE


def _calls() -> dict:
    """Each call with arguments that do nothing, for a process that may do nothing."""
    found = {name: behind.raw(number, -1, 0, 0) for name, number in _numbers(HERE).items()
             if name in seccomp.REFUSED}  # fmt: skip
    refused = [name for name, (given, error) in found.items() if (given, error) == (-1, 1)]
    return {
        "refused": refused,
        "clone3": behind.raw(seccomp.LOOKED_AT["clone3"][0], 0, 0)[1],
        "later": behind.raw(466, -1, 0, 0)[1],
        "unix": behind.tried(lambda: socket.socket(socket.AF_UNIX)),
        "datagrams": behind.tried(lambda: socket.socketpair(type=socket.SOCK_DGRAM)),
        "vsock": behind.tried(lambda: socket.socket(40, socket.SOCK_STREAM)),
        "memory": behind.tried(lambda: os.memfd_create("x")),
        "shared": behind.raw(seccomp.REFUSED["shmget"][seccomp.MACHINES[HERE][0]], 0, 4096, 0o600),
        "lent": behind.tried(lambda: _lend()),
    }


def _lend() -> None:
    Path("lent").write_text("")
    os.chmod("lent", 0o4755)


@NEEDS
def test_calls_are_refused():
    found = behind.walls(_calls)
    assert found["walls"]["calls"] == "seccomp"
    wanted = set(_numbers(HERE)) & set(seccomp.REFUSED)
    assert set(found["refused"]) == wanted, wanted - set(found["refused"])
    assert found["clone3"] == found["later"] == errno.ENOSYS
    for name in ("unix", "datagrams", "vsock", "memory", "lent"):
        assert found[name] == EPERM, name
    assert found["shared"] == [-1, errno.EPERM]


@NEEDS
def test_without_the_filter_they_are_not():
    found = behind.walls(_calls, off=["calls"])
    assert found["walls"]["calls"] == "guard"
    assert {found[name] for name in ("unix", "datagrams", "memory", "lent")} == {""}
    assert found["shared"][0] >= 0 and found["clone3"] == errno.EINVAL


def _old_interface() -> dict:
    """``getpid`` as a 32-bit program asks for it."""
    code = bytes.fromhex("b814000000" "cd80" "c3")  # mov eax, 20; int 0x80; ret
    place = mmap.mmap(-1, len(code), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    place.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(place))
    return {"given": ctypes.CFUNCTYPE(ctypes.c_int)(address)(), "pid": os.getpid()}


@pytest.mark.skipif(HERE != X86, reason="the 32-bit interface of x86")
def test_the_interface_of_32_bit_programs_is_closed():
    assert behind.walls(_old_interface)["given"] == -errno.EPERM
    open_ = behind.walls(_old_interface, off=["calls"])
    if open_["given"] != -errno.ENOSYS:  # a kernel without it
        assert open_["given"] == open_["pid"]


def _honest() -> dict:
    """What notebooks do, with the standard library."""
    import asyncio
    import multiprocessing
    import shutil
    import subprocess
    import tempfile
    import zipfile

    tempfile.tempdir = os.getcwd()
    os.mkdir("one")
    Path("one/run.sh").write_text("#!/bin/sh\necho done\n")
    os.chmod("one/run.sh", 0o755)
    shutil.copy("one/run.sh", "copied.sh")
    shutil.copy2("one/run.sh", "copied2.sh")
    shutil.copytree("one", "two")
    shutil.make_archive("three", "zip", "one")
    zipfile.ZipFile("three.zip").extractall("four")
    shutil.make_archive("five", "gztar", "one")
    shutil.unpack_archive("five.tar.gz", "six")
    os.utime("copied.sh", (1, 1))
    with tempfile.TemporaryDirectory() as place, tempfile.NamedTemporaryFile() as file:
        Path(place, "x").write_text("x")
        file.write(b"x")

    async def waits() -> str:
        await asyncio.sleep(0)
        return "waited"

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=lambda: there.send("sent"))
    child.start()
    child.join()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        echoed = cat.communicate(b"echoed")[0].decode()
    ran = subprocess.run(["sh", "one/run.sh"], capture_output=True, text=True, check=True)
    return {"asyncio": asyncio.run(waits()), "pipe": here.recv(), "cat": echoed,
            "script": ran.stdout, "network": behind.tried(lambda: socket.create_server(("", 0)))}


@NEEDS
@pytest.mark.parametrize("off", [[], ["mounts"]], ids=["all", "without_mounts"])
def test_honest_code_notices_nothing(off):
    found = behind.walls(_honest, off)
    assert isinstance(found, dict), found
    found.pop("left"), found.pop("walls")
    found.pop("network")  # Landlock may refuse it, the namespace is empty
    assert found == {"asyncio": "waited", "pipe": "sent", "cat": "echoed", "script": "done\n"}


def _rights() -> dict:
    Path("x").write_text("")
    os.chmod("x", 0o640)
    os.utime("x", (5, 5))
    return {"mode": os.stat("x").st_mode & 0o777, "time": os.stat("x").st_mtime,
            "outside": behind.tried(lambda: os.chmod("/etc", 0o755))}  # fmt: skip


@NEEDS
def test_rights_change_only_where_nothing_outside_can():
    """Landlock lets an account change the rights of whatever it owns."""
    found = behind.walls(_rights)
    if found["walls"]["mounts"] == "namespace":
        assert (found["mode"], found["time"]) == (0o640, 5)
        assert found["outside"] == os.strerror(errno.EROFS)
    found = behind.walls(_rights, off=["mounts"])
    assert found["mode"] != 0o640 and found["time"] != 5 and found["outside"] == ""


def _sockets() -> dict:
    return {family: behind.tried(lambda f=family: socket.socket(f)) for family in (2, 10, 16)}


@NEEDS
def test_where_there_is_no_namespace_there_are_no_sockets(monkeypatch):
    """The filter is then the wall to the network; pairs go on working."""
    alone = {"network": "guard", "signals": "guard", "mounts": "guard"}
    monkeypatch.setattr(sandbox, "separate", lambda *_: dict(alone))
    found = behind.walls(_sockets)
    assert found["walls"]["network"] == "seccomp" and "network" not in sandbox.lacking(
        found["walls"])
    assert {found[family] for family in ("2", "10", "16")} == {EPERM}
    assert behind.walls(_honest)["asyncio"] == "waited"
    for off in (["calls"], ["network"]):
        found = behind.walls(_sockets, off)
        assert found["walls"]["network"] == "guard" and found["2"] == ""
