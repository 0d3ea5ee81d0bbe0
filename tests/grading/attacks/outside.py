"""What the attacks aim at: files, services, processes, and the marks by which leftovers are known.

Everything is made by the suite itself, below one folder, and ends with it. The name of that folder
is a mark that the attacks put on whatever they try to leave behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from grading.make.lab import Lab
from grading.run import sandbox

from .record import Attack, killed, look

PREFIX = "dlwattack"
TOKEN = "TOKEN_OF_THE_GRADER"
# Where anybody may leave something.
PUBLIC = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue")
LONGEST = 3_600  # seconds that a stranger's process lives, more than any class takes


class Outside:
    """The machine around the grader, as far as the suite made it."""

    def __init__(self, parent: Path | None = None) -> None:
        self.mark = f"{PREFIX}{secrets.token_hex(4)}"
        self.place = Path(tempfile.gettempdir() if parent is None else parent) / self.mark
        for part in (self.place, self.place / "aims"):
            part.mkdir()
            part.chmod(0o755)  # the account is no wall here
        self.temporary = self.place / "tmp"
        self.temporary.mkdir()
        self.temporary.chmod(0o1777)
        self.token = f"token-{secrets.token_hex(8)}"  # in the grader's environment
        self.shared = f"class-{secrets.token_hex(8)}"  # in the notebooks of the honest
        # Keys of System V's things: those of another suite that runs now are others.
        self.first_number = 0x0D000000 + 512 * secrets.randbelow(0x7FFF)
        self.heard: list[tuple[str, str]] = []
        self.aims: dict[str, dict[str, Any]] = {}
        self.processes: dict[int, subprocess.Popen] = {}
        self.tmux, self.panes = "", set()
        self._services()
        self.users = key_users()  # whose keys were there before

    # -- services

    def _services(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.paths = {name: str(self.place / f"{name}.sock") for name in ("service", "docker")}
        for channel, address in (*self.paths.items(), ("bus", f"\0{self.mark}-bus")):
            one = socket.socket(socket.AF_UNIX)
            one.bind(address)
            one.listen(16)
            if channel in self.paths:
                os.chmod(address, 0o777)
            self._serve(one, channel)
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        self._serve(tcp, "tcp")
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", self.port))
        self._serve(udp, "udp")
        self.open = True
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _serve(self, one: socket.socket, channel: str) -> None:
        one.setblocking(False)
        self.selector.register(one, selectors.EVENT_READ, channel)

    def _listen(self) -> None:
        """Note what is said; whoever is heard gets an answer, as from a service that obeys."""
        while self.open:
            for key, _ in self.selector.select(0.2):
                one, channel = key.fileobj, key.data
                with contextlib.suppress(OSError):
                    if channel == "udp":
                        text = one.recv(4096)
                    else:
                        taken, _ = one.accept()
                        with taken:
                            taken.settimeout(2)
                            text = taken.recv(4096)
                            taken.sendall(b"HTTP/1.1 200 OK\r\n\r\nobeyed")
                    self.heard.append((channel, text.decode(errors="replace")))

    def start_tmux(self) -> None:
        """A terminal that somebody left open on this machine; nothing without the program."""
        if shutil.which("tmux") and not self.tmux:
            self.tmux = str(self.place / "tmux.sock")
            command = ["tmux", "-S", self.tmux, "-f", "/dev/null", "new-session", "-d",
                       f"exec sleep {LONGEST}"]
            environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(self.place),
                           "SHELL": "/bin/sh"}
            subprocess.run(command, env=environment, check=True, timeout=20)
            os.chmod(self.tmux, 0o777)
            ran = subprocess.run(["tmux", "-S", self.tmux, "list-panes", "-a", "-F", "#{pane_pid}"],
                                 env=environment, check=True, timeout=20, capture_output=True)
            self.panes = {int(number) for number in ran.stdout.split()}

    # -- aims

    def aim(self, attack: Attack, lab: Lab, submissions: Path) -> dict[str, Any]:
        """What an attack is told: of each thing one of its own, so that one sees whose it was."""
        folder = self.place / "aims" / attack.name
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "open").mkdir(parents=True)
        secret = f"secret-{secrets.token_hex(8)}"
        (folder / "id_ed25519").write_text(secret)
        (folder / "victim").write_text("as it was\n")
        for name, rights in (("", 0o755), ("open", 0o777), ("id_ed25519", 0o644),
                             ("victim", 0o666)):
            (folder / name).chmod(rights)
        stranger = 0
        if attack.probe is killed:
            made = subprocess.Popen(["sleep", str(LONGEST)], start_new_session=True)
            stranger = made.pid
            self.processes[stranger] = made
        if "tmux" in attack.name:
            self.start_tmux()
        number = self.first_number + len(self.aims)
        found = {
            "name": attack.name, "short": self._short(attack.name),
            "mark": f"{self.mark}-{attack.name}-",
            "secret_at": str(folder / "id_ed25519"), "victim": str(folder / "victim"),
            "open": str(folder / "open"), "outside": str(folder),
            "home": str(self.place / "home"), "submissions": str(submissions),
            "place": str(self.place), "service": self.paths["service"],
            "docker": self.paths["docker"], "bus": f"{self.mark}-bus", "port": self.port,
            "tmux": self.tmux, "stranger": stranger, "number": number,
            "own_port": _free_port(), "token_name": TOKEN,
            "tasks": {task.name: task.answer for task in lab.tasks},
            "classes": [t.name for t in lab.tasks if t.check and t.check.answer_is == "class"],
        }
        told = dict(found)
        self.aims[attack.name] = found | {
            "secrets": [secret, self.token, self.shared], "folder": str(folder),
            "was": look(folder)}
        return told

    def _short(self, name: str) -> str:
        """The mark and a name, as a process may bear them: in 15 letters."""
        return f"{self.mark[-8:]}{name}"[:15]

    def strangers_hurt(self) -> set[int]:
        """Numbers of the strangers that ended, or stand still."""
        return {number for number, process in self.processes.items()
                if process.poll() is not None or _state(number) in "TZX"}

    # -- what is left

    def left(self, name: str = "") -> list[str]:
        """What carries the mark (of one attack), and is none of the suite's own."""
        mark = f"{self.mark}-{name}-" if name else self.mark
        numbers = set(self.marked(mark))
        if name:  # or by the short name that it gave itself
            numbers |= {number for number in self.marked(self.mark)
                        if _name(number) == self._short(name)}
        found = [f"process {number} ({_command(number)})" for number in sorted(numbers)]
        for place in PUBLIC:
            with contextlib.suppress(OSError):
                found += [f"{place}/{entry}" for entry in os.listdir(place)
                          if entry.startswith(mark) and f"{place}/{entry}" != str(self.place)]
        aim = self.aims.get(name, {})
        for kind in ("shm", "sem", "msg"):
            if "number" in aim and aim["number"] in _system_v(kind):
                found.append(f"System V {kind}")
        if name and _queue(f"/{mark}"):
            found.append("message queue")
        with contextlib.suppress(OSError):
            unix = Path("/proc/net/unix").read_text().splitlines()
            found += [f"socket {line.split()[-1]}" for line in unix
                      if name and line.split()[-1].startswith(f"@{mark}")]
        with contextlib.suppress(OSError):
            keys = Path("/proc/keys").read_text().splitlines()
            found += ["a key" for line in keys if name and mark in line]
        if not name:
            found += [f"{entry.name} in the folder for temporary files"
                      for entry in self.temporary.iterdir()]
            mounts = Path("/proc/self/mountinfo").read_text().splitlines()
            found += ["a mount" for line in mounts if self.mark in line]
            found += [f"keys of account {user}" for user in sorted(key_users() - self.users)]
        return found

    def marked(self, mark: str) -> list[int]:
        """Numbers of living processes with a mark in their command or environment."""
        own = {os.getpid(), os.getppid(), *self.processes, *self.panes}
        found = []
        for entry in os.scandir("/proc"):
            if not entry.name.isdigit() or int(entry.name) in own:
                continue
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{entry.name}/cmdline").read_bytes()
                if command.startswith(b"tmux"):
                    continue
                text = command + Path(f"/proc/{entry.name}/environ").read_bytes()
                named = mark == self.mark and _name(int(entry.name)).startswith(self._short(""))
                if (named or mark.encode() in text) and _state(int(entry.name)) not in "ZX":
                    found.append(int(entry.name))
        return sorted(found)

    def unremoved(self) -> set[int]:
        """Numbers of the jobs whose folders were not removed."""
        return {int(path.name.partition("-")[2])
                for path in self.temporary.glob("dlworkbook-grading-*/work-*")}

    def clean(self) -> None:
        """Take away what the attacks left, as far as it carries the mark."""
        for number in self.marked(self.mark):
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        for place in PUBLIC:
            with contextlib.suppress(OSError):
                for entry in os.listdir(place):
                    path = Path(place) / entry
                    if entry.startswith(self.mark) and path != self.place:
                        _remove(path)
        for aim in self.aims.values():
            _forget_system_v(aim["number"])
            _queue(f"/{aim['mark']}", remove=True)
        for entry in list(self.temporary.iterdir()):
            _remove(entry)

    def close(self) -> None:
        """End all that the suite started, and remove its folder."""
        self.clean()
        self.open = False
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()
        if self.tmux:
            subprocess.run(["tmux", "-S", self.tmux, "kill-server"], check=False,
                           capture_output=True, timeout=20)
        for process in self.processes.values():
            process.kill()
            process.wait()
        _remove(self.place)


def _remove(path: Path) -> None:
    """Remove a file or folder, also one that is deeper than Python's own function goes."""
    if path.exists() or path.is_symlink():
        subprocess.run(["chmod", "-R", "u+rwX", str(path)], check=False, capture_output=True)
        subprocess.run(["rm", "-rf", "--", str(path)], check=False, capture_output=True)


def _state(number: int) -> str:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _name(number: int) -> str:
    """The short name of a process, which it may give itself."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/comm").read_text().strip()
    return ""


def _command(number: int) -> str:
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace")
        return text.replace("\0", " ")[:80]
    return "?"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def _system_v(kind: str) -> set[int]:
    """Keys of the shared memory, semaphores or queues of this machine."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
        return {int(line.split()[0]) & 0xFFFFFFFF for line in lines}
    return set()


def _forget_system_v(number: int) -> None:
    """Remove what stands under a key; IPC_RMID is 0."""
    libc = ctypes.CDLL(None)
    for kept, remove in (
        (libc.shmget(number, 0, 0), lambda kept: libc.shmctl(kept, 0, None)),
        (libc.semget(number, 0, 0), lambda kept: libc.semctl(kept, 0, 0)),
        (libc.msgget(number, 0), lambda kept: libc.msgctl(kept, 0, None)),
    ):
        if kept >= 0:
            remove(kept)


def _queue(name: str, remove: bool = False) -> bool:
    """Whether there is a POSIX message queue of that name."""
    library = ctypes.CDLL("librt.so.1")
    opened = library.mq_open(name.encode(), os.O_RDONLY)
    if opened >= 0:
        os.close(opened)
        if remove:
            library.mq_unlink(name.encode())
    return opened >= 0


def key_users() -> set[int]:
    """Accounts of submissions for which the kernel keeps keys."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/key-users").read_text().splitlines()
        numbers = {int(line.split(":")[0]) for line in lines}
        accounts = range(sandbox.FIRST_ACCOUNT, sandbox.FIRST_ACCOUNT + sandbox.ACCOUNTS)
        return numbers & set(accounts)
    return set()


def wait_until(done, seconds: float) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
