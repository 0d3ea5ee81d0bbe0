"""Out of the notebook's own room: files, services, processes, and calls of the kernel."""

from __future__ import annotations

from .record import Attack, changed, heard, killed, leaked, said, used

FILES = ("files", "mounts")
# open(2) and read(2) of the C library, which the guard inside of Python does not see.
BY_C = """
def read_by_c(path):
    opened = call(libc.open, path.encode(), 0)
    buffer = ctypes.create_string_buffer(4096)
    size = call(libc.read, opened, buffer, 4096)
    return buffer.raw[:size].decode(errors='replace')

def read(path):
    with open(path) as file:
        return file.read()
"""
UNIX = """
import socket

def say(family, address, text, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as one:
        one.settimeout(3)
        one.connect(address)
        one.sendall(text.encode())
        return one.recv(100).decode() if kind == socket.SOCK_STREAM else 'sent'
"""
# The same by the C library, which the guard inside of Python does not see.
BY_C_SOCKET = """
import struct

def say_by_c(kind):
    one = call(libc.socket, socket.AF_INET, int(kind), 0)
    address = struct.pack('=H', 2) + struct.pack('>H', AIM['port'])
    address += socket.inet_aton('127.0.0.1') + bytes(8)
    call(libc.connect, one, address, 16)
    return os.write(one, AIM['name'].encode())
"""
# Numbers of the run's other processes: those that the suite names, and those that say in their
# command that they belong to this run. Nobody else is ever sent a signal.
OTHERS = """
def others():
    found = set()
    for number in range(2, 200_000):
        if number != os.getpid() and libc.kill(number, 0) == 0:
            try:
                with open(f'/proc/{number}/cmdline', 'rb') as file:
                    command = file.read()
            except OSError:
                command = b''
            if AIM['place'].encode() in command:
                found.add(number)
    return sorted(found | {AIM['stranger']} - {0})

def hit(sending, seconds=2.5):
    \"\"\"Send to all that can be found, again and again, so that later ones are hit as well.\"\"\"
    import collections
    count, end = collections.Counter(), time.monotonic() + seconds
    while time.monotonic() < end:
        for number in others():
            try:
                count['sent' if sending(number) == 0 else 'refused'] += 1
            except OSError as error:
                count[type(error).__name__] += 1
        time.sleep(0.3)
    out('REACHED' if count['sent'] else 'HELD', dict(count))
"""


def attacks() -> list[Attack]:
    """All that tries to get out, or at others."""
    return [*_reading(), *_changing(), *_services(), *_signals(), *_kernel()]


def _reading() -> list[Attack]:
    def one(name, tries, cell, walls=FILES):
        return Attack(name, tries, walls, leaked, BY_C + cell)

    at = "AIM['secret_at']"
    return [
        one("read_key", "a private key is read, from Python and from C",
            f"attempt(lambda: read({at}), lambda: read_by_c({at}))"),
        one("read_by_link", "a key is read through links of its own",
            f"os.symlink({at}, 'soft')\n"
            f"attempt(lambda: read('soft'), lambda: os.link({at}, 'hard') or read('hard'),\n"
            f"        lambda: libc.link({at}.encode(), b'hard') or read('hard'))"),
        one("read_by_command", "a key is read by other programs",
            "import subprocess\nattempt(*[lambda command=command: subprocess.run(\n"
            f"    [*command, {at}], capture_output=True, text=True).stdout\n"
            "    for command in (['cat'], ['sed', ''], ['cp', '/dev/stdout'], ['head'])])"),
        one("read_by_root", "a key is read through /proc/self/root and /proc/1/root",
            f"attempt(lambda: read('/proc/self/root' + {at}),\n"
            f"        lambda: read('/proc/1/root' + {at}),\n"
            f"        lambda: read('/proc/self/cwd/../../../../..' + {at}))"),
        one("read_by_handle", "a key is read by its handle, without a path",
            "class Handle(ctypes.Structure):\n"
            "    _fields_ = [('size', ctypes.c_uint), ('kind', ctypes.c_int),\n"
            "                ('data', ctypes.c_ubyte * 128)]\n\n"
            "def by_handle():\n"
            "    handle, mount = Handle(size=128), ctypes.c_int()\n"
            f"    call(libc.name_to_handle_at, -100, {at}.encode(), ctypes.byref(handle),\n"
            "         ctypes.byref(mount), 0)\n"
            "    here = call(libc.open, b'.', 0)\n"
            "    opened = call(libc.open_by_handle_at, here, ctypes.byref(handle), 0)\n"
            "    return os.read(opened, 100).decode()\n\nattempt(by_handle)",
            (*FILES, "calls", "powers")),
        one("read_by_executing", "a key is handed to programs as what they shall run or include",
            "import subprocess\nattempt(*[lambda command=command: (lambda ran: ran.stdout +\n"
            f"    ran.stderr)(subprocess.run([*command, {at}], capture_output=True, text=True))\n"
            "    for command in (['sh'], [sys.executable], ['bash', '-x'])])"),
        one("read_descriptors", "what the grader left open is read",
            "def opened():\n    texts = []\n    for number in range(3, 200):\n"
            "        try:\n            os.lseek(number, 0, 0)\n"
            "            texts.append(os.read(number, 100_000).decode(errors='replace'))\n"
            "        except OSError:\n            pass\n    return ' '.join(texts)[:150]\n"
            "attempt(opened)", ("keeper",)),
        one("read_submissions", "the other students' files are read",
            "def class_files(place):\n    texts = [read(os.path.join(place, name))\n"
            "             for name in sorted(os.listdir(place)) if '0honest' in name]\n"
            "    text = ''.join(texts)\n    return text[text.index('class-'):][:60]\n"
            "attempt(lambda: class_files(AIM['submissions']))"),
        Attack("read_siblings", "the folders of other notebooks are listed", ("files", "mounts"),
               said, "above, own = os.path.split(os.getcwd())\n"
               "attempt(lambda: [one for one in os.listdir(above) if one != own],\n"
               "        lambda: [n for n in range(300) if f'work-{n}' != own\n"
               "                 and os.path.isdir(f'{above}/work-{n}')\n"
               "                 and os.listdir(f'{above}/work-{n}') is not None])"),
        one("read_environment", "the grader's token is looked for in every environment in sight",
            "def environments():\n    texts = [str(dict(os.environ))]\n"
            "    for number in ['self', 1, os.getppid(), *range(2, 200)]:\n"
            "        try:\n            texts.append(read(f'/proc/{number}/environ'))\n"
            "        except OSError:\n            pass\n"
            "    text = ' '.join(texts)\n    k = text.find('token-')\n"
            "    return k >= 0 and text[k:k + 60]\nattempt(environments)",
            ("environment",)),
        Attack("read_parent", "the memory of the process above is read (/proc, process_vm_readv)",
               ("user", "files", "powers"), said, BY_C +
               "import struct\nword = ctypes.create_string_buffer(b'%d' % os.getpid())\n"
               "known = ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value\n"
               "def by_call():\n"
               "    here = ctypes.create_string_buffer(16)\n"
               "    local = struct.pack('QQ', ctypes.addressof(here), 16)\n"
               "    remote = struct.pack('QQ', known, 16)\n"
               "    above = os.getppid()\n"
               "    return call(libc.process_vm_readv, above, local, 1, remote, 1, 0) == 16\n"
               "def by_file():\n"
               "    with open(f'/proc/{os.getppid()}/mem', 'rb', 0) as memory:\n"
               "        memory.seek(known)\n        return len(memory.read(16)) == 16\n"
               "attempt(by_call, by_file)"),
        Attack("trace_parent", "the process above is traced (ptrace)",
               ("user", "files", "calls", "powers"), said, "def trace():\n"
               "    call(libc.ptrace, 16, os.getppid(), 0, 0)\n"
               "    libc.waitpid(os.getppid(), None, 0)\n"
               "    libc.ptrace(17, os.getppid(), 0, 0)\n    return 'attached'\nattempt(trace)"),
    ]


def _changing() -> list[Attack]:
    def one(name, tries, cell, walls=FILES):
        return Attack(name, tries, walls, changed, cell)

    victim = "AIM['victim']"
    return [
        one("write_file", "a file outside is written, from Python, a shell and C",
            f"attempt(lambda: open({victim}, 'a').write('x'),\n"
            f"        lambda: not os.system('echo x >> ' + {victim}),\n"
            f"        lambda: call(libc.truncate, {victim}.encode(), 0) == 0,\n"
            f"        lambda: call(libc.open, {victim}.encode(), os.O_WRONLY | os.O_TRUNC))"),
        one("make_file", "a file is made in a folder where anybody may",
            "place = AIM['open']\nattempt(lambda: open(place + '/a', 'w').write('x'),\n"
            "        lambda: call(libc.open, (place + '/b').encode(), os.O_CREAT | 1, 0o600),\n"
            "        lambda: call(libc.mkdir, (place + '/c').encode(), 0o700) == 0,\n"
            "        lambda: call(libc.symlink, b'/', (place + '/d').encode()) == 0,\n"
            "        lambda: call(libc.mkfifo, (place + '/e').encode(), 0o600) == 0,\n"
            "        lambda: open('f', 'w').close() or call(libc.rename, b'f',\n"
            "                                               (place + '/f').encode()) == 0,\n"
            "        lambda: open('g', 'w').close() or call(libc.link, b'g',\n"
            "                                               (place + '/g').encode()) == 0)"),
        one("change_rights", "rights, owner and times of a file outside are changed, by C",
            # Landlock has no rule for this: where the account is the grader's own, it owns the file
            f"path = {victim}.encode()\n"
            "attempt(lambda: call(libc.chmod, path, 0o777) == 0,\n"
            "        lambda: call(libc.fchmodat, -100, path, 0o777, 0) == 0,\n"
            "        lambda: call(libc.chown, path, 12345, 12345) == 0,\n"
            "        lambda: call(libc.setxattr, path, b'user.x', b'1', 1, 0) == 0,\n"
            "        lambda: call(libc.utimes, path, None) == 0)", ("user", "calls", "mounts")),
        one("change_rights_of_own_home", "the folder of the results is opened to everybody",
            "path = AIM['outside'].encode()\nattempt(lambda: call(libc.chmod, path, 0o777) == 0)",
            ("user", "calls", "mounts")),
        one("link_at_removal", "links in its folder lead outside when it is removed",
            "os.makedirs('a/b')\nos.symlink(AIM['open'], 'a/b/out')\n"
            f"os.symlink({victim}, 'a/victim')\nos.symlink(AIM['outside'], 'c')\n"
            "os.chmod('a/b', 0)\nos.chmod('a', 0o500)\nout('HELD', 'links lie there')",
            ("keeper",)),
        Attack("setuid_file", "a program in its own folder gets the setuid bit",
               ("calls", "mounts"), used("setuid", 0, "programs that others could start"),
               "import shutil\nshutil.copy('/bin/true', 'own')\n"
               "call(libc.chmod, b'own', 0o6755)\ntime.sleep(0.8)\nout('HELD', 'it was made')",
               group="using"),
        Attack("device_file", "a device is made in its own folder", ("powers",), said,
               "import stat\ndef device():\n"
               "    call(libc.mknod, b'disk', 0o60600, os.makedev(254, 0))\n"
               "    return stat.S_ISBLK(os.stat('disk').st_mode) and 'a device'\n"
               "attempt(device)"),
    ]


def _services() -> list[Attack]:
    def one(name, tries, cell, walls):
        return Attack(name, tries, walls, heard, UNIX + cell)

    return [
        one("unix_socket", "a service on a Unix socket is told something",
            "attempt(lambda: say(socket.AF_UNIX, AIM['service'], AIM['name']))",
            ("calls", "mounts")),
        one("docker", "a docker-like service is asked to run something",
            "attempt(lambda: say(socket.AF_UNIX, AIM['docker'], 'POST /containers/create?name='\n"
            "                    + AIM['name'] + ' HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'))",
            ("calls", "mounts")),
        one("dbus", "a D-Bus-like service on an abstract socket is told something",
            "attempt(lambda: say(socket.AF_UNIX, '\\0' + AIM['bus'], '\\0AUTH ' + AIM['name']))",
            ("network", "scopes", "calls")),
        Attack("tmux", "a terminal that is open on the machine (tmux) runs a command",
               ("user", "calls", "mounts"), changed,
               "import subprocess\ndef run():\n"
               "    ran = subprocess.run(['tmux', '-S', AIM['tmux'], 'run-shell',\n"
               "        f'touch {AIM[\"open\"]}/by_tmux'], capture_output=True, text=True)\n"
               "    if ran.returncode:\n        raise OSError(ran.stderr[:50])\n"
               "    return 'it ran'\nattempt(run)"),
        one("tcp", "a service on the loopback address is reached by TCP",
            BY_C_SOCKET +
            "attempt(lambda: say(socket.AF_INET, ('127.0.0.1', AIM['port']), AIM['name']),\n"
            "        lambda: say_by_c(socket.SOCK_STREAM))",
            ("network", "tcp")),
        one("udp", "a service on the loopback address is reached by UDP",
            BY_C_SOCKET +
            "attempt(lambda: say(socket.AF_INET, ('127.0.0.1', AIM['port']), AIM['name'],\n"
            "                    socket.SOCK_DGRAM),\n"
            "        lambda: say_by_c(socket.SOCK_DGRAM))", ("network",)),
        Attack("descriptor_from_helper", "a helper outside hands it an open file by a Unix socket",
               ("calls",), said,
               # no helper here: it counts whether such a socket can be had at all
               UNIX + "def bound():\n    one = socket.socket(socket.AF_UNIX)\n"
               "    one.bind('own.sock')\n    one.listen()\n    os.chmod('own.sock', 0o777)\n"
               "    return 'it waits at own.sock'\nattempt(bound)"),
    ]


def _signals() -> list[Attack]:
    def one(name, tries, cell):
        return Attack(name, tries, ("signals", "scopes", "user"), killed, OTHERS + cell,
                      group="signals")

    return [
        one("kill", "every process of the run, and a stranger's, is killed",
            "hit(lambda number: libc.kill(number, 9))"),
        one("stop", "every process of the run, and a stranger's, is stopped",
            "hit(lambda number: libc.kill(number, 19))"),
        one("kill_by_thread", "the same by tgkill, and by a descriptor of the process",
            "def by_thread(number):\n"
            "    if libc.syscall(234, number, number, 9) == 0:\n        return 0\n"
            "    opened = call(libc.syscall, 434, number, 0)\n"
            "    return libc.syscall(424, opened, 9, None, 0)\nhit(by_thread)"),
        one("kill_by_owner", "the same by a pipe whose owner (F_SETOWN) they are made",
            "import fcntl\ndef by_pipe(number):\n    reading, writing = os.pipe()\n"
            "    try:\n        fcntl.fcntl(reading, 10, 9)\n"
            "        fcntl.fcntl(reading, fcntl.F_SETOWN, number)\n"
            "        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)\n"
            "        os.write(writing, b'x')\n        return 1\n"
            "    finally:\n        os.close(reading)\n        os.close(writing)\nhit(by_pipe)"),
    ]


def _kernel() -> list[Attack]:
    """Calls that lead deep into the kernel: whether they can be made at all."""
    def one(name, tries, body, walls=("calls",)):
        return Attack(f"call_{name}", tries, walls, said, f"def made():\n{body}\nattempt(made)")

    return [
        one("unshare", "a user namespace of its own, in which it would be root",
            "    pid = os.fork()\n    if not pid:\n"
            "        os._exit(0 if libc.unshare(0x10000000) == 0 else 1)\n"
            "    return os.waitpid(pid, 0)[1] == 0 and 'unshare(CLONE_NEWUSER)'"),
        one("mount", "a file system is mounted in namespaces of its own",
            "    pid = os.fork()\n    if not pid:\n"
            "        ok = libc.unshare(0x10020000) == 0\n"
            "        os.mkdir('m')\n"
            "        ok = ok and libc.mount(b'none', b'm', b'tmpfs', 0, None) == 0\n"
            "        os._exit(0 if ok else 1)\n"
            "    return os.waitpid(pid, 0)[1] == 0 and 'a tmpfs'", ("calls", "files")),
        one("io_uring", "io_uring, which goes past seccomp and has had many faults",
            "    return call(libc.syscall, 425, 8, ctypes.create_string_buffer(120)) > 0 "
            "and 'io_uring_setup'"),
        one("memfd", "memory files, which no limit of a process counts",
            "    return call(libc.syscall, 319, b'x', 0) > 0 and 'memfd_create'"),
        one("bpf", "a program for the kernel",
            "    return call(libc.syscall, 321, 0, ctypes.create_string_buffer(\n"
            "        (2).to_bytes(4, 'little') + (4).to_bytes(4, 'little') * 2 +\n"
            "        (1).to_bytes(4, 'little') + bytes(100)), 72) > 0 and 'a map'",
            ("calls", "powers")),
        one("perf", "counters of the processor (perf_event_open)",
            "    text = (1).to_bytes(4, 'little') + (112).to_bytes(4, 'little') + bytes(120)\n"
            "    return call(libc.syscall, 298, text, 0, -1, -1, 0) > 0 and 'perf_event_open'",
            ("calls", "powers")),
        one("userfaultfd", "faults of pages handled by itself (userfaultfd)",
            "    return call(libc.syscall, 323, 1) > 0 and 'userfaultfd'"),
        one("keys", "keys are put into the kernel's key ring of the account",
            "    return call(libc.syscall, 248, b'user', AIM['mark'].encode(), b'x', 1, -3) > 0 "
            "and 'add_key (session)'"),
        one("ptrace", "a child of its own is traced",
            "    pid = os.fork()\n    if not pid:\n        time.sleep(5)\n        os._exit(0)\n"
            "    made = libc.ptrace(16, pid, 0, 0)\n    os.kill(pid, 9)\n"
            "    return made == 0 and 'ptrace'"),
        one("sockets", "sockets of other families: vsock, packet, alg, netlink (nothing is sent)",
            "    import socket\n    found = []\n"
            "    for family, kind in ((40, 1), (17, 3), (38, 5), (31, 1), (29, 3), (44, 3)):\n"
            "        try:\n            socket.socket(family, kind).close()\n"
            "            found.append(family)\n"
            "        except OSError:\n            pass\n"
            "    return found and f'families {found}'"),
        one("personality", "32-bit calls, which a filter of 64-bit calls does not see",
            # int 0x80, getpid (20): only where the kernel has them
            "    import mmap\n    code = mmap.mmap(-1, 4096, prot=7)\n"
            "    code.write(bytes.fromhex('53b814000000cd805bc3'))\n"
            "    pid = os.fork()\n    if not pid:\n"
            "        address = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
            "        got = ctypes.CFUNCTYPE(ctypes.c_int)(address)()\n"
            "        os._exit(0 if got == os.getpid() else 1)\n"
            "    return os.waitpid(pid, 0)[1] == 0 and 'int 0x80'"),
    ]
