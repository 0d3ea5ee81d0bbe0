"""Every task is tested alike: ``tests/kit/task_tests.py`` says for what."""

import pytest

from dlworkbook.checks import tasks
from tests.kit import task_tests

pytestmark = pytest.mark.catalogue


@pytest.mark.parametrize("name", tasks.names())
def test_task(name):
    found = task_tests.problems(tasks.load(name), task_tests.answers(name))
    assert not found, "\n".join(found)
