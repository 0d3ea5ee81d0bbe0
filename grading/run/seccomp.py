"""Calls of the kernel that a submission has no use for: refused by a filter, for good.

The filter is a program of classic BPF, which the kernel runs at each call, of this process and of
all that it starts. It says no to what leads out of the other walls (Unix sockets, other
namespaces, mounts, other processes), to memory that no limit counts (memfd, System V), and to
parts of the kernel that had many faults (io_uring, bpf, userfaultfd, keys). A filter sees numbers
only and no path: files are the matter of Landlock and of ``mounts``.

For 64-bit x86 and ARM; elsewhere ``install`` says no and does nothing.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import stat
import struct
import sys

# Number of each call on x86-64 and on aarch64 (None: it is not there).
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # memory that outlives its process, or that no limit on a process counts
    "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "shmdt": (67, 197),
    "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192),
    "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "mq_open": (240, 180), "mq_unlink": (241, 181),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # mounts, namespaces, the machine
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "setns": (308, 268), "unshare": (272, 97),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "reboot": (169, 142), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "syslog": (103, 116), "vhangup": (153, 58),
    "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    # large parts of the kernel that nothing here needs
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    # marks on files, of which Landlock says nothing
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
}  # fmt: skip
# Rights of files, and which argument has them.
RIGHTS = {"chmod": (90, None, 1), "fchmod": (91, 52, 1), "fchmodat": (268, 53, 2),
          "fchmodat2": (452, 452, 2)}  # fmt: skip
TIMES = {"utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
         "utimensat": (280, 88)}  # fmt: skip
LOOKED_AT = {"socket": (41, 198), "socketpair": (53, 199), "clone": (56, 220), "ioctl": (16, 29),
             "prlimit64": (302, 261), "clone3": (435, 435)}  # fmt: skip
NEWEST = 462  # mseal, of 2024: what came later is not known here, and so not there
X32 = 0x40000000  # numbers from here on are those of a second interface, with its own arguments
NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
TERMINAL = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX: typing into somebody's terminal
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

LOAD, EQUAL, GREATER, ANY_BIT, AND, ANSWER = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NO, NOT_THERE, DONE = REFUSE | errno.EPERM, REFUSE | errno.ENOSYS, REFUSE  # DONE: and is not
NUMBER, MACHINE = 0, 4  # offsets in what the kernel shows of a call


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; ``yes`` and ``no``: how many are skipped then."""
    return struct.pack("=HBBI", code, yes, no, value)


def _argument(k: int) -> bytes:
    """Load an argument, its lower half: the kernel takes no more of those that are looked at."""
    return _step(LOAD, 16 + 8 * k)


def _if(code: int, value: int, answer: int) -> bytes:
    """Answer if the loaded value is as said, else go on."""
    return _step(code, value, 0, 1) + _step(ANSWER, answer)


def _call(number: int | None, body: bytes) -> bytes:
    """``body``, which ends with an answer, for one call."""
    if number is None:
        return b""
    return _step(EQUAL, number, 0, len(body) // 8) + body


def program(machine: str, *, outside_is_safe: bool, no_network: bool) -> bytes:
    """The filter for a machine of ``MACHINES``. ``no_network``: it refuses all sockets.

    Honest code changes the rights and times of its files (``shutil.copy`` does). But no path can
    be seen here, and Landlock lets an account change the rights of all that it owns. So that is
    done only where ``outside_is_safe``, as everything else is read-only; elsewhere such a call
    says that it was done and does nothing. Bits that lend an account are refused in any case.
    """
    column, name = MACHINES[machine]
    allow, no = _step(ANSWER, ALLOW), _step(ANSWER, NO)
    done = allow if outside_is_safe else _step(ANSWER, DONE)
    looked = {call: numbers[column] for call, numbers in LOOKED_AT.items()}
    steps = [
        _step(LOAD, MACHINE), _step(EQUAL, name, 1, 0), no,  # 32-bit programs
        _step(LOAD, NUMBER),
        _step(GREATER, X32 - 1, 0, 1), no,
        _if(GREATER, NEWEST, NOT_THERE),
        # A network that is empty may be asked for. Unix sockets lead to services of the machine.
        _call(looked["socket"], no if no_network else b"".join([
            _argument(0), _if(EQUAL, socket.AF_INET, ALLOW), _if(EQUAL, socket.AF_INET6, ALLOW),
            _step(EQUAL, 16, 1, 0), no,  # AF_NETLINK: the C library asks it for addresses
            _argument(2), _if(EQUAL, 0, ALLOW), no,
        ])),
        # Pairs are joined to each other. One of datagrams can still be sent to any address.
        _call(looked["socketpair"], b"".join([
            _argument(1), _step(AND, 0xF), _if(EQUAL, socket.SOCK_STREAM, ALLOW),
            _if(EQUAL, socket.SOCK_SEQPACKET, ALLOW), no,
        ])),
        _call(looked["clone"], _argument(0) + _if(ANY_BIT, NAMESPACES, NO) + allow),
        # its flags lie in memory, out of sight: the C library then takes the older call
        _call(looked["clone3"], _step(ANSWER, NOT_THERE)),
        _call(looked["ioctl"],
              _argument(1) + b"".join(_if(EQUAL, what, NO) for what in TERMINAL) + allow),
        _call(looked["prlimit64"], _argument(0) + _if(EQUAL, 0, ALLOW) + no),  # its own only
    ]  # fmt: skip
    for *numbers, k in RIGHTS.values():
        body = _argument(k) + _if(ANY_BIT, stat.S_ISUID | stat.S_ISGID, NO) + done
        steps.append(_call(numbers[column], body))
    steps += [_call(numbers[column], done) for numbers in TIMES.values()]
    steps += [_call(numbers[column], no) for numbers in REFUSED.values()]
    return b"".join([*steps, allow])


def install(*, outside_is_safe: bool, no_network: bool) -> bool:
    """Filter the calls of this process from now on; whether that is so. See ``program``."""
    machine = os.uname().machine
    if not sys.platform.startswith("linux") or machine not in MACHINES or sys.maxsize < 2**32:
        return False
    steps = program(machine, outside_is_safe=outside_is_safe, no_network=no_network)
    text = ctypes.create_string_buffer(steps, len(steps))
    filter_ = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(steps) // 8, ctypes.addressof(text))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)  # no new privileges: the kernel asks for that first
    return libc.prctl(22, 2, filter_, 0, 0) == 0
