"""More than its share: memory, disk, files, processes, descriptors, time, output.

All sizes are small: twice the limit of the job for memory, 300 MB of disk at most, counted forks
of which each ends by itself.
"""

from __future__ import annotations

from .record import Attack, Seen, said, used

MB = 10**6
MEMORY = 250 * MB  # that the suite gives a job, beside the libraries
# What all processes of a job together may hold, with their folder: see `launch.SMALL`.
MOST_MEMORY = MEMORY + 350 * MB
# A child of C's fork, which the guard inside of Python does not count; it ends by itself.
CHILD = """
import signal

def child(work, seconds=12):
    number = libc.fork()
    if number == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            work()
        finally:
            os._exit(0)
    if number < 0:
        raise OSError('fork')
    return number

def wait_and_end(children, seconds=2.5):
    time.sleep(seconds)
    for number in children:
        if number > 0:
            os.kill(number, 9)
    for number in children:
        if number > 0:
            os.waitpid(number, 0)
"""
FULL = "block = os.urandom(1_000_000)\n"


def attacks() -> list[Attack]:
    """All that takes too much."""
    held, memory = "out('HELD', 'to the end')", used("memory", MOST_MEMORY, "bytes", kept=True)

    def one(name, tries, walls, probe, cell):
        return Attack(name, tries, walls, probe, cell, group="using")

    return [
        one("memory_at_once", "three times the limit in one process", ("limits", "memory"), memory,
            FULL + "kept = []\ntry:\n    while len(kept) < 800:\n"
            "        kept.append(bytearray(block))\n    time.sleep(1)\nfinally:\n"
            "    number = len(kept)\n    kept.clear()\nout('HELD', number)"),
        one("memory_children", "four children, each just below the limit", ("memory",), memory,
            CHILD + FULL + "def work():\n    kept = [bytearray(block) for _ in range(200)]\n"
            "    time.sleep(10)\nchildren = [child(work) for _ in range(4)]\n"
            "wait_and_end(children, 3)\n" + held),
        one("memory_files", "memory files (memfd) of six times 150 MB", ("memory", "calls"),
            memory, FULL + "kept = [call(libc.syscall, 319, b'x', 0) for _ in range(6)]\n"
            "for number in kept:\n    for _ in range(150):\n        os.write(number, block)\n"
            "time.sleep(1)\nfor number in kept:\n    os.close(number)\n" + held),
        one("memory_system_v", "shared memory of System V, six times 150 MB, not mapped",
            ("memory", "calls"), memory,
            "libc.shmat.restype = ctypes.c_void_p\nlibc.shmat.argtypes = [ctypes.c_int,\n"
            "    ctypes.c_void_p, ctypes.c_int]\nlibc.shmdt.argtypes = [ctypes.c_void_p]\n"
            "kept = []\ntry:\n    for k in range(6):\n"
            "        kept.append(call(libc.shmget, 0, ctypes.c_size_t(150_000_000), 0o1600))\n"
            "        place = libc.shmat(kept[-1], None, 0)\n"
            "        if place == ctypes.c_void_p(-1).value:\n            raise OSError('shmat')\n"
            "        ctypes.memset(place, 1, 150_000_000)\n        libc.shmdt(place)\n"
            "    time.sleep(1)\nfinally:\n    for one in kept:\n"
            "        libc.shmctl(one, 0, None)\n" + held),
        one("memory_shm", "files in /dev/shm, seven times 100 MB", ("files", "mounts"), memory,
            FULL + "names = [f\"/dev/shm/{AIM['mark']}{k}\" for k in range(7)]\ntry:\n"
            "    for name in names:\n"
            "        opened = call(libc.open, name.encode(), 0o101, 0o600)\n"
            "        for _ in range(100):\n            os.write(opened, block)\n"
            "        os.close(opened)\n    time.sleep(1)\n    print('all written')\nfinally:\n"
            "    for name in names:\n        libc.unlink(name.encode())\n" + held),
        one("disk", "300 MB in six files, each of a size that is allowed", ("mounts",),
            used("disk", 250 * MB, "bytes on the machine's disk"),
            FULL + "for k in range(6):\n    with open(f'large{k}', 'wb') as file:\n"
            "        for _ in range(50):\n            file.write(block)\ntime.sleep(0.5)\n" + held),
        one("disk_unlinked", "300 MB in files that have no name any more", ("mounts",),
            used("disk", 250 * MB, "bytes on the machine's disk"),
            FULL + "kept = []\nfor k in range(6):\n    kept.append(open(f'large{k}', 'wb'))\n"
            "    os.unlink(f'large{k}')\n    for _ in range(50):\n        kept[-1].write(block)\n"
            "time.sleep(0.7)\n[one.close() for one in kept]\n" + held),
        one("disk_sparse", "a file of 8 GB without content", ("limits",), said,
            "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "def sparse():\n    with open('sparse', 'wb') as file:\n"
            "        os.ftruncate(file.fileno(), 8 * 10**9)\n"
            "    return os.path.getsize('sparse') == 8 * 10**9 and '8 GB'\nattempt(sparse)"),
        one("many_files", "24,000 files", ("mounts",), used("entries", 20_000, "files"),
            "for k in range(24):\n    os.mkdir(f'd{k}')\n    for n in range(1000):\n"
            "        os.close(os.open(f'd{k}/{n}', os.O_CREAT | os.O_WRONLY))\n"
            "time.sleep(1)\n" + held),
        one("processes", "80 children of C's fork, all at once", ("memory",),
            used("processes", 60), CHILD + "children = []\ntry:\n    for _ in range(80):\n"
            "        children.append(child(lambda: time.sleep(10)))\nfinally:\n"
            "    wait_and_end(children)\n" + held),
        one("processes_by_shell", "80 children of a shell, all at once", ("memory",),
            used("processes", 60),
            "os.system('i=0; while [ $i -lt 80 ]; do sleep 4 & i=$((i+1)); done; wait')\n" + held),
        one("processes_by_python", "80 children of Python's fork, all at once",
            ("guard", "memory"), used("processes", 60),
            CHILD + "children = []\ntry:\n    for _ in range(80):\n        number = os.fork()\n"
            "        if number == 0:\n            signal.alarm(10)\n            time.sleep(8)\n"
            "            os._exit(0)\n        children.append(number)\nfinally:\n"
            "    wait_and_end(children)\n" + held),
        one("threads", "400 threads at once", ("memory",), used("threads", 380),
            "threading.stack_size(65536)\n"
            "for _ in range(400):\n    threading.Thread(target=time.sleep, args=(2.5,)).start()\n"
            "time.sleep(2)\n" + held),
        one("descriptors", "15,000 open files", ("descriptors",), used("descriptors", 10_000),
            "import resource\nsoft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
            "resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 30_000), hard))\n"
            "kept = []\ntry:\n    while len(kept) < 15_000:\n"
            "        kept.append(os.open('/dev/null', 0))\n    time.sleep(1)\nfinally:\n"
            "    for one in kept:\n        os.close(one)\n" + held),
        one("spin", "six children that keep the processors busy", ("keeper",), said,
            # whether it cost the honest anything, their rows say
            CHILD + "def work():\n    while True:\n        pass\n"
            "children = [child(work, 5) for _ in range(6)]\nwait_and_end(children, 4)\n" + held),
        one("output", "100 MB of output", ("cleaning",), said,
            "for _ in range(100):\n    print('x' * 1_000_000)\n" + held),
        one("long_word", "an exception of 50 million characters", ("cleaning",), _long,
            "raise RuntimeError('HELD ' + 'x' * 50_000_000)"),
        one("flood", "the pipe is flooded", ("keeper",), _flood,
            "import stat\nfor number in range(3, 200):\n    try:\n"
            "        if not stat.S_ISFIFO(os.fstat(number).st_mode):\n            continue\n"
            "        for _ in range(2000):\n            os.write(number, b'{}\\n' * 100)\n"
            "    except OSError:\n        pass\n" + held),
    ]


def _long(seen: Seen) -> str:
    return f"a row of {len(seen.told):,} characters" if len(seen.told) > 50_000 else ""


def _flood(seen: Seen) -> str:
    return "" if seen.row else "it has no row"
