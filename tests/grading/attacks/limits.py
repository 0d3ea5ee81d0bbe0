"""Write what the attacks came to into the page for instructors.

    python -m tests.grading.attacks.limits [--check]

Takes ``walls.json`` and puts a table, and a fold with all attacks, between two lines of
``book/instructors/limits.md``. ``--check`` writes nothing and ends with 1 if the page says
something else.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from grading.make.lab import ROOT
from grading.run.keeper import write_atomically

from . import launch, walls

PAGE = ROOT / "book" / "instructors" / "limits.md"
BEGIN, END = "% attacks: begin", "% attacks: end"
# What is tried, in words, and the attacks that try it.
KINDS = {
    "patched checks and libraries": ("patched_*", "edited_check"),
    "a forged result, on the pipe or as a file": ("told_*", "pipe_*", "result_file"),
    "finding our own answers": ("import_*", "objects", "frames", "read_checks", "solutions"),
    "results that equal everything, or change": ("equal_*", "changes", "filled_later", "table"),
    "reading files: keys, the class, other notebooks": (
        "read_key", "read_by_*", "read_descriptors", "read_submissions", "read_siblings"),
    "reading the grader's memory or environment": (
        "read_parent", "trace_parent", "read_environment"),
    "changing files outside": (
        "write_file", "make_file", "change_rights*", "link_at_removal"),
    "devices, and programs that lend an account": ("setuid_file", "device_file"),
    "services of the machine by Unix sockets": (
        "unix_socket", "docker", "dbus", "tmux", "descriptor_from_helper"),
    "the network, also of the machine itself": ("tcp", "udp", "listener"),
    "ending or stopping others": ("kill*", "stop"),
    "calls that lead deep into the kernel": ("call_*",),
    "memory": ("memory_*",),
    "disk, and its table of files": ("disk*", "many_files"),
    "processes, threads, open files, processor time": (
        "processes*", "threads", "descriptors", "spin"),
    "floods of output": ("output", "long_word", "flood"),
    "processes that stay": (
        "daemon*", "holder", "ignores_signals", "stopped_child", "abstract_socket"),
    "shared memory, queues and keys that stay": (
        "shared_memory", "semaphores", "messages", "queue", "key"),
    "files that stay": ("temporary_files", "deep_folders", "closed_folders", "odd_names"),
    "zips and links that lead elsewhere": (
        "zip_slip", "zip_link*", "zip_device", "link", "link_to_folder", "pipe", "socket"),
    "zips and notebooks that cost gigabytes to read": (
        "zip_ratio", "zip_lies", "zip_members", "zip_overlap", "zip_count", "zip_nested",
        "zip_chain", "zip_notebooks", "zip_quine", "json_*"),
    "names and texts that are HTML, formulas, paths": ("name_*", "cell_*"),
}  # fmt: skip
ACCOUNTS = {"root": "where root grades", "ordinary": "where an ordinary account grades"}
# The walls as the table names them: shorter than `record.WALLS`.
SHORT = {
    "files": "Landlock", "tcp": "Landlock (TCP)", "scopes": "Landlock (scopes)",
    "network": "network namespace", "signals": "process namespace", "user": "own account",
    "users": "user namespace", "limits": "limits of a process", "mounts": "mount namespace",
    "calls": "seccomp", "memory": "limit for all together", "verdict": "verdict outside",
    "descriptors": "limit of open files", "reading": "reading with limits", "keeper": "keeper",
    "guard": "guard inside of Python", "environment": "list of variables", "patches": "put back",
    "powers": "powers given up", "checks": "plain copies compared", "cleaning": "cleaned texts",
}  # fmt: skip


def kind(name: str) -> str:
    """What an attack of this name tries. Raises ValueError unless it is of one kind."""
    found = [words for words, names in KINDS.items() if any(fnmatch(name, one) for one in names)]
    if len(found) != 1:
        raise ValueError(f"The attack {name} is of {len(found)} kinds, not of one: see KINDS in "
                         "tests/grading/attacks/limits.py.")
    return found[0]


def shown(attack: dict[str, Any], found: dict[str, Any], stand: set[str]) -> list[str]:
    """Walls of which it was seen that each is enough.

    That is one without which, all others being down as well, it succeeds, and which stops it while
    it alone is left. Of the grader's own code: what is named for an attack that is stopped when
    nothing else that it names is left.
    """
    own = set(attack["walls"]) & stand & launch.switches()
    if sorted(own) in found["lets"]:
        return [wall for wall in attack["walls"] if wall in own
                and (own == {wall} or sorted(own - {wall}) in found["holds"])]
    return [wall for wall in attack["walls"] if wall in stand - launch.switches()]


def unexplained(data: dict[str, Any], name: str) -> list[str]:
    """Attacks that are stopped by something that they do not name."""
    part = data["accounts"][name]
    return [a["name"] for a in data["attacks"] if a["name"] in part["attacks"]
            and not shown(a, part["attacks"][a["name"]], set(part["stand"]))]


def alone(found: dict[str, Any]) -> list[str]:
    """The walls without which it succeeded, though all others stood."""
    return [down[0] for down in found["lets"] if len(down) == 1]


def page(data: dict[str, Any]) -> str:
    """The text between the two lines."""
    accounts = [name for name in ACCOUNTS if name in data["accounts"]]
    return "\n".join([*intro(data, accounts), "", *table(data, accounts), "",
                      *fold(data, accounts)])


def intro(data: dict[str, Any], accounts: list[str]) -> list[str]:
    """What was measured, on what, and what got through."""
    lines = []
    for name in accounts:
        part = data["accounts"][name]
        through = [one for one, found in part["attacks"].items() if not found["stopped"]]
        told = "none succeeds" if not through else (
            f"{len(through)} of them succeed{'s' * (len(through) == 1)} ("
            + ", ".join(f"`{one}`" for one in through) + ")")
        lines.append(f"{len(part['attacks'])} attacks {ACCOUNTS[name]}, on Linux {part['linux']} "
                     f"with Landlock {part['landlock']}: {told}.")
    for name in accounts:
        if rest := unexplained(data, name):
            lines.append(f"Something else stops {len(rest)} of them {ACCOUNTS[name]}, also without "
                         f"the walls that should: {', '.join(f'`{one}`' for one in rest)}.")
    return [" ".join(lines)]


def _counted(found: Counter, total: int) -> str:
    """Walls with the number of attacks, which is left out where it is that of all."""
    order = [wall for wall in SHORT if found[wall]]
    order.sort(key=lambda wall: -found[wall])
    return ", ".join(SHORT[w] + (f" ({found[w]})" if found[w] < total else "") for w in order)


def table(data: dict[str, Any], accounts: list[str]) -> list[str]:
    """A row for each kind of attack."""
    heads = ["what is tried", "attacks", "each of these is enough",
             *(f"without it, it succeeds, {ACCOUNTS[name]}" for name in accounts)]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for words in KINDS:
        some = [attack for attack in data["attacks"] if kind(attack["name"]) == words]
        stop: Counter = Counter()
        only = {name: Counter() for name in accounts}
        for attack in some:
            able = set()
            for name in accounts:
                part = data["accounts"][name]
                if attack["name"] in part["attacks"]:
                    found = part["attacks"][attack["name"]]
                    able |= set(shown(attack, found, set(part["stand"])))
                    only[name].update(alone(found))
            stop.update(able)
        cells = [words, str(len(some)), _counted(stop, len(some)),
                 *(_counted(only[name], len(some)) for name in accounts)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def fold(data: dict[str, Any], accounts: list[str]) -> list[str]:
    """All attacks, one by one."""
    lines = [":::{fold} All attacks, one by one", "", "| attack | what it tries | stops it |",
             "|---|---|---|"]
    for words in KINDS:
        for attack in data["attacks"]:
            name = attack["name"]
            if kind(name) != words:
                continue
            only, enough = set(), set()
            for part in (data["accounts"][one] for one in accounts):
                if name in part["attacks"]:
                    only |= set(alone(part["attacks"][name]))
                    enough |= set(shown(attack, part["attacks"][name], set(part["stand"])))
            stops = ", ".join(
                f"**{SHORT[w]}**" if w in only else SHORT[w] if w in enough else f"({SHORT[w]})"
                for w in attack["walls"])
            tries = attack["tries"].replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
            lines.append(f"| `{name}` | {tries} | {stops} |")
    told = ("In bold: without this wall, and with all others, it succeeds. In brackets: it should "
            "be enough, which was not seen, because another one could not be taken down or stands "
            "in its way.")
    return [*lines, "", told, ":::"]


def written(text: str, data: dict[str, Any], where: str = str(PAGE)) -> str:
    """The page with the table of these data. Raises ValueError if a line is missing."""
    for line in (BEGIN, END):
        if text.count(line) != 1:
            raise ValueError(f"{where}: there must be one line {line}, between which the table of "
                             "the attacks is written.")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{page(data)}\n{END}{rest.split(END)[1]}"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.grading.attacks.limits",
                                     description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the page is right")
    options = parser.parse_args(argv)
    text = PAGE.read_text(encoding="utf-8")
    try:
        new = written(text, walls.read())
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.check and new != text:
        print(f"{PAGE} is not what the attacks came to: run python -m tests.grading.attacks.limits",
              file=sys.stderr)
        return 1
    if new != text:
        write_atomically(Path(PAGE), new)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
