"""A pool whose texts stay on the disk gives the same samples as one in memory, in any order, or it has changed."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icon.assessment.draw import draw_order, first_drawn, interleave, stratified_draw
from icon.errors import InputError
from icon.pipeline.measuring import draw_subset
from icon.samples import bounds, load_samples
from icon.samples.columns import RowSources, chars_of
from icon.samples.load import LoadedSamples
from icon.samples.pool_samples import PoolSamples
from icon.types import Message, Sample

N = 500


def record(number: int) -> dict[str, str]:
    """Every 50th repeats the one before it; lengths differ, and some texts are not ASCII."""
    number -= number % 50 == 49
    text = f"Question {number}: {'wörd ' * (number % 7)}?"
    return {"instruction": text, "input": "a passage" * (number % 3), "output": f"answer {number} " * (1 + number % 5)}


RECORDS = [record(number) for number in range(N)]


def lines(records: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records).encode()


def parquet(path: Path, records: list[dict[str, str]]) -> None:
    pq.write_table(pa.Table.from_pylist(records), path, row_group_size=37)


def csv(records: list[dict[str, str]]) -> bytes:
    rows = [list(records[0]), *[list(one.values()) for one in records]]
    return "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows).encode()


def written(folder: Path, kind: str) -> str:
    """The records as a pool of this kind; gives its address."""
    path = folder / kind
    if kind == "shards":
        path.mkdir()
        for start in range(0, N, 130):
            (path / f"part-{start:03d}.jsonl").write_bytes(lines(RECORDS[start : start + 130]))
        return str(path)
    if kind == "mixed":
        path.mkdir()
        parquet(path / "a.parquet", RECORDS[:200])
        parquet(path / "b.parquet", RECORDS[200:])
        return str(path / "*.parquet")
    if kind == "saved":
        import datasets

        datasets.disable_progress_bars()
        datasets.Dataset.from_list(RECORDS).save_to_disk(str(path))
    elif kind == "pool.parquet":
        parquet(path, RECORDS)
    else:
        blanks = lines(RECORDS).replace(b"\n", b"\n\n \n", 100)
        contents = {
            "pool.jsonl": b"\xef\xbb\xbf" + blanks.replace(b"\n", b"\r\n"),
            "pool.jsonl.gz": gzip.compress(lines(RECORDS)),
            "pool.json": json.dumps(RECORDS).encode(),
            "pool.csv": csv(RECORDS),
        }
        path.write_bytes(contents[kind])
    return str(path)


KINDS = ("pool.jsonl", "pool.jsonl.gz", "pool.json", "pool.csv", "pool.parquet", "shards", "mixed", "saved")


def both(source: str, monkeypatch: pytest.MonkeyPatch, **options: str) -> tuple[LoadedSamples, LoadedSamples]:
    """The same source with its texts in memory, and on the disk alone."""
    held = load_samples(source, **options)
    monkeypatch.setattr(bounds, "HELD", 0)
    streamed = load_samples(source, **options)
    assert (held.samples.is_held, streamed.samples.is_held) == (True, False)
    return held, streamed


@pytest.mark.parametrize("kind", KINDS)
def test_samples_read_again_are_those_that_were_read(tmp_path, monkeypatch, kind):
    held, streamed = both(written(tmp_path, kind), monkeypatch)
    assert list(streamed.samples) == list(held.samples)
    assert [sample.row for sample in held.samples] == [row for row in range(N) if row % 50 != 49]
    assert streamed.samples.at([3, 449, 3, 50]) == [held.samples[n] for n in (3, 449, 3, 50)]
    assert (streamed.samples[-1], streamed.samples[10:13]) == (held.samples[-1], list(held.samples)[10:13])
    assert streamed.duplicates == held.duplicates
    assert [(one.row, one.first_row) for one in held.duplicates] == [(row, row - 1) for row in range(49, N, 50)]
    assert dict(streamed.sources) == dict(held.sources)


def test_samples_are_found_by_id_and_left_out_by_id(tmp_path, monkeypatch):
    held, streamed = both(written(tmp_path, "pool.jsonl"), monkeypatch)
    ids = [sample.id for sample in held.samples]
    asked = [ids[30], "0" * 16, ids[2]]
    assert streamed.samples.find(asked).tolist() == [30, -1, 2]
    assert streamed.samples.by_id(asked) == {ids[2]: held.samples[2], ids[30]: held.samples[30]}
    rest = streamed.samples.without({*ids[10:], "none of them"})
    assert rest == held.samples[:10]
    assert rest.find([ids[3], ids[11]]).tolist() == [3, -1]
    assert streamed.samples.without({"none of them"}) is streamed.samples
    by_ids = streamed.samples.by_ids
    assert (list(by_ids), len(by_ids), by_ids[ids[5]]) == (ids, len(ids), held.samples[5])
    assert "0" * 16 not in by_ids


def test_a_view_has_its_own_order_and_numbers(tmp_path, monkeypatch):
    held, streamed = both(written(tmp_path, "shards"), monkeypatch)
    chosen = np.array([400, 7, 0, 449, 120])
    view = streamed.samples.take(chosen)
    expected = [held.samples[int(number)] for number in chosen]
    assert list(view) == expected
    assert list(view.in_row_order()) == sorted(expected, key=lambda sample: sample.row)
    assert view.find([expected[3].id, held.samples[1].id]).tolist() == [3, -1]
    assert view[1:4].at([2, 0]) == [expected[3], expected[1]]
    assert [id_.decode() for id_ in view.ids] == [sample.id for sample in expected]
    assert view.chars.tolist() == [len(sample.text) for sample in expected]
    assert view.answers.tolist() == [len(sample.response) for sample in expected]
    monkeypatch.setattr(bounds, "HELD", 10**9)
    assert (view.is_held, view.held().is_held, list(view.held())) == (False, True, expected)


def test_every_turn_of_a_record_is_found(tmp_path, monkeypatch):
    turns = [("user", "Hi"), ("assistant", "Hello"), ("user", "Bye"), ("assistant", "See you")]
    talk = {"messages": [{"role": role, "content": text} for role, text in turns]}
    other = {"messages": [*talk["messages"][:3], {"role": "assistant", "content": "Later"}]}
    (tmp_path / "pool.jsonl").write_bytes(lines([talk, other, talk]))
    held, streamed = both(str(tmp_path / "pool.jsonl"), monkeypatch, every_turn=True)
    assert [(sample.row, sample.turn) for sample in streamed.samples] == [(0, 0), (0, 1), (1, 1)]
    assert streamed.samples.at([2, 1]) == [held.samples[2], held.samples[1]]


@pytest.mark.parametrize("edited", [{"output": "another"}, {"instruction": ""}, {"shorter": "x"}])
def test_a_pool_that_changed_meanwhile_is_an_error_with_its_row(tmp_path, monkeypatch, edited):
    path = tmp_path / "pool.jsonl"
    records = RECORDS[:40]
    path.write_bytes(lines(records))
    monkeypatch.setattr(bounds, "HELD", 0)
    samples = load_samples(str(path)).samples
    path.write_bytes(lines([*records[:20], {**records[20], **edited}, *records[21:]]))
    if "shorter" in edited:
        path.write_bytes(lines(records[:20]))
    with pytest.raises(InputError, match=r"changed since it was read: row 20"):
        list(samples)


def test_the_draws_of_a_pool_on_the_disk_are_those_of_one_in_memory(tmp_path, monkeypatch):
    held, streamed = both(written(tmp_path, "pool.jsonl"), monkeypatch)

    def drawn(usable: list[Sample], n: int) -> list[Sample]:
        order = sorted(usable, key=lambda sample: sample.id)
        random.Random(5).shuffle(order)
        return order[:n]

    own = list(held.samples)
    assert list(draw_subset(streamed.samples, subset=30, seed=5, skip_urls=False)) == drawn(own, 30)
    assert first_drawn(streamed.samples, 30, 5) == draw_order(own, 5)[:30]
    strata = {name: [one for one in draw_order(own, 5) if one.passage == name] for name in ("", "a passage")}
    chosen = [one for one in own if one.passage in strata]
    # 150 of a third each: half of a draw of 20 from two of the thirds
    n = {name: round(20 * len(members) / len(chosen)) for name, members in strata.items()}
    expected = interleave({name: members[: n[name]] for name, members in strata.items()})
    view = streamed.samples.take(np.array([own.index(one) for one in chosen]))
    assert stratified_draw(view, 20, 5, lambda sample: sample.passage) == expected


def test_characters_are_counted_without_the_text():
    turns = (Message("system", "Be brief."), Message("user", "Wörd?"))
    for passage in ("", "page"):
        sample = Sample("0", 0, turns, "yes", passage)
        assert chars_of(sample) == len(sample.text)


def test_ids_of_any_length_are_kept():
    samples = [Sample(id_, row, (Message("user", "q"),), "a") for row, id_ in enumerate(["b", "0" * 16, "äö", ""])]
    held = PoolSamples.of(samples)
    assert held.find(["äö", "", "b", "c"]).tolist() == [2, 3, 0, -1]
    assert list(held.by_ids) == [sample.id for sample in samples]


def test_sources_are_kept_by_row():
    sources = RowSources()
    assert not sources
    for row, name in ((1, "a"), (2, "b"), (5, "a")):
        sources.note(row, name)
    assert dict(sources) == {1: "a", 2: "b", 5: "a"}
    assert (sources.names, sources.codes.tolist()) == (["a", "b"], [-1, 0, 1, -1, -1, 0])
    assert (len(sources), sources.get(3, "")) == (3, "")
