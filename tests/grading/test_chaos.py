"""Shards whose workers are killed give, merged, what one machine gives (``make grade-chaos``)."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import time

import pytest

from grading.report import kept
from tests.grading.chaos import __main__ as told
from tests.grading.chaos import crowd, storm

SEED = 517  # one dies with all that it started, at the end of the file that runs last; one alone
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-class")]


@pytest.fixture(scope="module")
def stormy(small, tmp_path_factory):
    """20 files, 2 of which run, in 3 shards: a start costs more than a file."""
    place = tmp_path_factory.mktemp("chaos")
    crowd.write(small, place / "in", 20, dear=2)
    made = storm.Storm(small, place, 3, 0.4, SEED, 1, fork=True)
    made.run()
    return made


def test_killed_shards_give_what_one_machine_gives(stormy):
    found = stormy.told
    assert found.good, told.table(found)
    assert found.files == 20 and found.compared > 2 * 20 and found.tries == 3 + found.killed
    assert found.killed_alone == found.killed_whole == 1
    assert len({kept.read(stormy.many, file).row.run for file in stormy.seen}) > 3
    statuses = {kept.read(stormy.many, file).row.status for file in stormy.seen}
    assert statuses == {"graded", "rejected"}
    assert "gradebook_moodle.csv" in {p.name for p in stormy.many.iterdir()}
    assert "none" in told.table(found)


def test_the_comparison_can_fail(stormy):
    """Each figure, if what it counts is there."""
    file = next(iter(stormy.seen))
    path, book = kept.place(stormy.many, file), stormy.many / "gradebook_canvas.csv"
    data, text = path.read_bytes(), book.read_text(encoding="utf-8")
    before, stormy.told = stormy.told, dataclasses.replace(stormy.told, differ=[])
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)",
                                str(stormy.temporary)])
    try:
        book.write_text(text + "x,1\n", encoding="utf-8")
        stormy.compare()
        assert stormy.told.differ == ["gradebook_canvas.csv"]
        path.write_bytes(data.replace(b'"status": "', b'"status": "un'))
        stormy.look([file])
        assert stormy.told.twice == 1
        path.unlink()
        stormy.compare()
        assert stormy.told.lost == 1
        (stormy.temporary / "dlworkbook-grading-x").mkdir()
        start = time.monotonic()
        stormy.leftovers(patience=0.5)
        assert stormy.told.folders and stormy.told.processes and time.monotonic() - start < 20
        assert not stormy.told.good
    finally:
        sleeper.kill()
        sleeper.wait()
        path.write_bytes(data)
        book.write_text(text, encoding="utf-8")
        shutil.rmtree(stormy.temporary / "dlworkbook-grading-x", ignore_errors=True)
        stormy.told = before


@pytest.mark.long
def test_a_shard_that_two_machines_run_at_once(small, tmp_path):
    """Files that are read and not run: who writes last counts, and nothing is half written."""
    crowd.write(small, tmp_path / "in", 12, dear=0)
    twins = storm.Storm(small, tmp_path, 1, 0.0, 0, 2)
    running = [twins.grade(twins.many, "--jobs", "1", "--shard", "1/1", log=tmp_path / f"l{k}")
               for k in range(3)]
    assert [one.wait(300) for one in running] == [0, 0, 0]
    assert twins.merge().wait(300) == 0
    assert not list(twins.many.rglob("*.part"))
    assert len({p.name for p in (twins.many / "results").glob("*.json")}) == 12


@pytest.mark.long
@pytest.mark.parametrize(("size", "shards", "kill"), [(120, 8, 0.4)])
def test_more_of_it(small, tmp_path, size, shards, kill):
    crowd.write(small, tmp_path / "in", size)
    found = storm.Storm(small, tmp_path, shards, kill, 1, 2).run()
    assert found.good and found.killed, told.table(found)
