"""A pool that is edited while a run goes on is refused before anything is written; once it is back, the run goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import icon
from icon.errors import ConfigError, InputError
from icon.samples import records
from icon.samples.load import load_samples
from icon.samples.sources import arrow_rows, json_rows
from icon.testing import FakeBackend
from support.opened import Opened

N = 6


def line(number: int, **more: str) -> str:
    return (
        json.dumps({"instruction": f"Name tree number {number}.", "output": f"Tree {number} is an oak.", **more}) + "\n"
    )


class Editing(FakeBackend):
    """Edits a file at its first measurement."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__()
        self.path, self.text = path, text

    def score(self, context, targets):
        self.path.write_text(self.text)
        return super().score(context, targets)


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    (tmp_path / "tasks.jsonl").write_text("".join(line(100 + number) for number in range(3)))
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(map(line, range(N))))
    return path


def run(pool: Path, backend: FakeBackend, **more: object):
    out = pool.parent / "run"
    settings = {"assessment": str(pool.parent / "tasks.jsonl"), "selector": "top", "keep": "50%", "report": False}
    return icon.run(str(pool), out=str(out), backend=backend, baselines=(), **settings | more)


EDITS = {
    "one line in front": (
        line(50) + "".join(map(line, range(N))),
        "7 rows instead of 6, 1 sample new, 6 samples in another row",
    ),
    "one line gone": ("".join(map(line, range(1, N))), "5 rows instead of 6, 1 sample gone, 5 samples in another row"),
    "two lines swapped": ("".join(map(line, (1, 0, 2, 3, 4, 5))), "2 samples in another row"),
    "one answer edited": (line(77) + "".join(map(line, range(1, N))), "1 sample new, 1 sample gone"),
    "a field beside": (line(0, note="x") + "".join(map(line, range(1, N))), "the same samples in other bytes"),
    "cut off": ('{"instruction": "Na', "it cannot be read as before"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_run_says_what_changed_writes_nothing_and_goes_on(pool: Path, edit: str):
    before = pool.read_text()
    text, said = EDITS[edit]
    with pytest.raises(InputError, match="changed since this run read it: ") as error:
        run(pool, Editing(pool, text))
    assert said in str(error.value)
    assert error.value.exit_code == 2
    folder = pool.parent / "run"
    assert not [
        path.name for path in folder.iterdir() if path.name in ("selected.jsonl", "dropped.jsonl", "scores.parquet")
    ]
    pool.write_text(before)
    again = FakeBackend()
    done = run(pool, again)
    assert again.tokens_evaluated == 0
    lines = before.splitlines()
    assert (folder / "selected.jsonl").read_text().splitlines() == [lines[row.row] for row in done.rows if row.selected]


def test_a_pool_that_is_gone_is_refused_as_well(pool: Path):
    class Removing(Editing):
        def score(self, context, targets):
            self.path.unlink(missing_ok=True)
            return FakeBackend.score(self, context, targets)

    with pytest.raises(InputError, match=r"(?s)pool\.jsonl: no such file.*restore the file"):
        run(pool, Removing(pool, ""))


@pytest.fixture
def saved(pool: Path) -> Path:
    """A data set saved with `datasets`, one of whose shards is edited by replacing words by others as long."""
    import datasets

    datasets.disable_progress_bars()
    records = [json.loads(record) for record in pool.read_text().splitlines()]
    datasets.Dataset.from_list(records).save_to_disk(str(pool.parent / "saved"), num_shards=2)
    return pool.parent / "saved"


def edit_shard(folder: Path) -> None:
    path = folder / "data-00001-of-00002.arrow"
    assert b"oak" in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"oak", b"elm"))


def test_a_shard_of_a_saved_data_set_that_is_edited_is_refused(saved: Path):
    class EditingShard(FakeBackend):
        def score(self, context, targets):
            if not self.tokens_evaluated:
                edit_shard(saved)
            return super().score(context, targets)

    with pytest.raises(InputError, match="3 samples new, 3 samples gone"):
        run(saved, EditingShard())


def test_a_shard_that_is_edited_between_two_starts_is_refused(saved: Path):
    run(saved, FakeBackend())
    edit_shard(saved)
    with pytest.raises(ConfigError, match=r"digest: "):
        run(saved, FakeBackend())


def test_a_run_that_knows_a_saved_data_set_by_its_fingerprint_alone_goes_on(saved: Path, monkeypatch):
    """As earlier versions wrote it."""
    import datasets

    with monkeypatch.context() as earlier:
        known = str(datasets.load_from_disk(str(saved))._fingerprint)
        earlier.setattr(arrow_rows, "digest", lambda source, split: known)
        assert load_samples(str(saved)).digest == known
        run(saved, FakeBackend())
    again = FakeBackend()
    run(saved, again)
    assert again.tokens_evaluated == 0


def test_the_pool_is_read_for_its_digest_twice_while_loading_and_twice_for_the_selection(pool: Path, monkeypatch):
    """Before and after it is loaded, before anything is selected, and after the last record is written."""
    read, digest = [], records.file_digest
    monkeypatch.setattr(records, "file_digest", lambda file, kind: read.append(file.name) or digest(file, kind))
    run(pool, FakeBackend(), audit_field="output")
    assert read.count(str(pool)) == 4


def test_an_edit_between_two_readings_of_the_last_stage_leaves_the_files_of_the_run(pool: Path, monkeypatch):
    """The digest is right when the records are opened, and wrong when the last one is taken."""
    run(pool, FakeBackend())
    folder = pool.parent / "run"
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    copied = json_rows.Line

    def copying(row, raw):
        if row == N - 1:
            pool.write_text(pool.read_text().replace("oak", "elm"))
        return copied(row, raw)

    monkeypatch.setattr(json_rows, "Line", copying)
    with pytest.raises(InputError, match="6 samples new, 6 samples gone"):
        Opened.at(folder).select(keep="1")
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_pool_that_changes_while_it_is_read_is_refused(pool: Path, monkeypatch):
    read = json_rows._record

    def reading(row, *rest):
        if row == N - 1:
            pool.write_text(line(9))
        return read(row, *rest)

    monkeypatch.setattr(json_rows, "_record", reading)
    with pytest.raises(InputError, match="changed while it was being read"):
        load_samples(str(pool))
