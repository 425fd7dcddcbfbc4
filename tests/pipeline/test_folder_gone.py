"""A run whose folder is deleted or moved away while it works stops at the next part, and makes no new folder."""

from __future__ import annotations

import json
import shutil

import pytest

from icon.errors import RunError
from icon.plugins import CandidateMeasured, hookimpl


class Delete:
    """Deletes or moves a folder once so many candidates are measured, and counts those that follow."""

    def __init__(self, folder, n, move):
        self.folder, self.left, self.move = folder, n, move

    @hookimpl
    def icon_event(self, event):
        if isinstance(event, CandidateMeasured):
            self.left -= 1
            if self.left == 0:
                self.folder.rename(self.folder.with_name("moved")) if self.move else shutil.rmtree(self.folder)


@pytest.fixture
def files(tmp_path):
    for name, n in (("pool", 200), ("tasks", 3)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i} " * 30} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(tmp_path / "pool.jsonl"), str(tmp_path / "tasks.jsonl"), tmp_path / "run"


@pytest.mark.parametrize("move", [False, True])
@pytest.mark.parametrize("schedule", ["exact", "race"])
def test_a_deleted_folder_is_noticed_at_the_next_part(start, files, schedule, move):
    pool, tasks, out = files
    observer = Delete(out, 410, move)  # 200 of each baseline come first
    with pytest.raises(RunError, match="was deleted or moved while the run was working") as error:
        start(pool, tasks, out, observer, keep=10, schedule=schedule)
    assert str(out) in str(error.value)
    assert observer.left > -100
    assert not out.exists()


def test_a_moved_run_goes_on_where_it_is_now(start, files):
    pool, tasks, out = files
    with pytest.raises(RunError):
        start(pool, tasks, out, Delete(out, 410, True), keep=10, schedule="exact")
    start(pool, tasks, out.with_name("moved"), keep=10, schedule="exact")
    start(pool, tasks, out.with_name("whole"), keep=10, schedule="exact")
    for name in ("scores.parquet", "selected.jsonl"):
        assert (out.with_name("moved") / name).read_bytes() == (out.with_name("whole") / name).read_bytes()
