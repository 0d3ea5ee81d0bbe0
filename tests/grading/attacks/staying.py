"""What outlives the notebook: processes, shared memory, queues, keys, files, sockets."""

from __future__ import annotations

from .record import Attack, Seen, stays, used

# A daemon as of old: two forks by C, a session of its own, nothing open. It ends by itself. No
# other program is run: where root's Python lies below /root, an account of its own cannot start it.
DAEMON = """
import signal

def daemon(work=lambda: time.sleep(40), close=True):
    if libc.fork() == 0:
        libc.setsid()
        if libc.fork() == 0:
            if close:
                os.closerange(0, 300)
            libc.prctl(15, AIM['short'].encode(), 0, 0, 0)  # by which the suite knows it
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, 40)
            try:
                work()
            finally:
                os._exit(0)
        os._exit(0)
    time.sleep(0.7)
"""
HELD = "out('HELD', 'it was made')"


def attacks() -> list[Attack]:
    """All that tries to stay."""

    def one(name, tries, walls, cell):
        return Attack(name, tries, walls, stays, cell + "\n" + HELD, group="staying")

    return [
        one("daemon", "a process in a session of its own", ("signals", "keeper"),
            DAEMON + "daemon()"),
        one("daemon_by_shell", "the same by nohup and setsid of a shell", ("signals", "keeper"),
            "os.system(f\"nohup setsid sh -c 'sleep 40; true {AIM['mark']}' "
            ">/dev/null 2>&1 &\")\ntime.sleep(0.5)"),
        one("holder", "a process that keeps the grader's pipe open", ("signals", "keeper"),
            DAEMON + "daemon(close=False)"),
        one("daemons_that_fork", "a process that forks and dies, ever again, for 20 s",
            ("signals", "keeper"),
            DAEMON + "def work():\n    end = time.time() + 20\n"
            "    while time.time() < end:\n        if libc.fork():\n            os._exit(0)\n"
            "        time.sleep(0.002)\ndaemon(work)"),
        one("ignores_signals", "a process that ignores all signals", ("signals", "keeper"),
            DAEMON + "def work():\n    for n in range(1, 65):\n        try:\n"
            "            signal.signal(n, signal.SIG_IGN)\n        except (OSError, ValueError):\n"
            "            pass\n    time.sleep(40)\ndaemon(work)"),
        one("stopped_child", "a process that is stopped", ("signals", "keeper"),
            DAEMON + "daemon(lambda: os.kill(os.getpid(), 19))"),
        one("shared_memory", "a segment of shared memory of System V", ("mounts", "calls"),
            "call(libc.shmget, AIM['number'], ctypes.c_size_t(100_000), 0o1600)"),
        one("semaphores", "semaphores of System V", ("mounts", "calls"),
            "call(libc.semget, AIM['number'], 2, 0o1600)"),
        one("messages", "a message queue of System V", ("mounts", "calls"),
            "call(libc.msgget, AIM['number'], 0o1600)"),
        one("queue", "a POSIX message queue", ("mounts", "calls"),
            "rt = ctypes.CDLL('librt.so.1', use_errno=True)\n"
            "call(rt.mq_open, ('/' + AIM['mark']).encode(), os.O_CREAT | os.O_RDWR, 0o600, None)"),
        one("temporary_files", "files where anybody may leave some", ("files", "mounts"),
            "made = 0\nfor place in ('/tmp', '/var/tmp', '/dev/shm', '/run/lock'):\n"
            "    made += libc.open(f\"{place}/{AIM['mark']}\".encode(), 0o101, 0o600) >= 0\n"
            "if made:\n    out('REACHED', made)"),
        Attack("key", "a key in the account's key ring, for 60 s", ("calls", "users"), _keys,
               "ring = call(libc.syscall, 248, b'user', AIM['mark'].encode(), b'x', 1, -4)\n"
               "call(libc.syscall, 250, 15, ring, 60)\n" + HELD, group="staying"),
        one("abstract_socket", "a process that waits at an abstract socket",
            ("network", "signals", "keeper", "calls"),
            DAEMON + "import socket\ndef work():\n    one = socket.socket(1)\n"
            "    one.bind(chr(0) + AIM['mark'])\n    one.listen()\n    time.sleep(40)\n"
            "daemon(work)"),
        Attack("listener", "a port at which somebody outside may ask it",
               ("network", "tcp", "guard"), used("listens", 0, "port open"),
               "import socket\none = socket.socket()\none.bind(('127.0.0.1', AIM['own_port']))\n"
               "one.listen()\ntime.sleep(1.2)\n" + HELD, group="using"),
        one("deep_folders", "folders in folders, 1,800 deep", ("mounts", "keeper"),
            "here = os.getcwd()\nfor _ in range(1800):\n    os.mkdir('d')\n    os.chdir('d')\n"
            "os.chdir(here)"),
        one("closed_folders", "folders that nobody may enter", ("mounts", "keeper"),
            "os.makedirs('a/b/c')\nopen('a/b/c/d', 'w').close()\n"
            "for one in ('a/b/c', 'a/b', 'a'):\n    os.chmod(one, 0)\nos.chmod('.', 0o500)"),
        one("odd_names", "names of 255 bytes that are no text", ("mounts", "keeper"),
            "for k in range(1, 9):\n    name = bytes([255 - k]) * 255\n    os.mkdir(name)\n"
            "    open(name + b'/' + b'\\n' * k, 'w').close()"),
    ]


def _keys(seen: Seen) -> str:
    """The key ring of an account stays as long as a key does."""
    return f"left: {'; '.join(seen.left)}" if any("key" in one for one in seen.left) else ""
