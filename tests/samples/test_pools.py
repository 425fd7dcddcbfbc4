"""A pool is a file, several, a glob or a folder of shards; its rows are counted over all of them."""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icon.errors import BadRowsError, InputError
from icon.samples import load_samples
from icon.samples.addresses import pieces_of
from icon.samples.records import iter_records, source_digest
from support.pool_files import A, B, C, lines


def test_rows_are_counted_over_all_files_and_places_name_the_file(tmp_path):
    first, second = lines(tmp_path / "a.jsonl", A), lines(tmp_path / "b.jsonl", C, B)
    records = list(iter_records([first, second]))
    assert [(record.row, record.where, record.source) for record in records] == [
        (0, f"{first}: line 1", first),
        (1, f"{second}: line 1", second),
        (2, f"{second}: line 2", second),
    ]
    assert [record.raw for record in records] == [json.dumps(record).encode() for record in (A, C, B)]


def test_each_file_of_a_mixture_has_its_own_format(tmp_path):
    loaded = load_samples([lines(tmp_path / "a.jsonl", A, C), lines(tmp_path / "b.jsonl", B)])
    assert loaded.format == "alpaca+messages"
    assert [(sample.instruction, sample.response, sample.row) for sample in loaded.samples] == [
        ("Name a sea.", "The Baltic.", 0),
        ("Name a river.", "The Elbe.", 1),
        ("Name a lake.", "Vänern.", 2),
    ]


def test_a_row_that_repeats_one_of_another_file_is_a_duplicate_with_its_own_source(tmp_path):
    first, second = lines(tmp_path / "a.jsonl", A), lines(tmp_path / "b.jsonl", C, A)
    loaded = load_samples([first, second])
    assert [(twin.row, twin.first_row) for twin in loaded.duplicates] == [(2, 0)]
    assert loaded.sources == {0: first, 1: second, 2: second}


def test_bad_rows_name_the_file_and_count_over_all(tmp_path):
    first, second = lines(tmp_path / "a.jsonl", A), lines(tmp_path / "b.jsonl", C, {"instruction": "q", "output": ""})
    with pytest.raises(BadRowsError) as caught:
        load_samples([first, second])
    (fault,) = caught.value.faults
    assert (fault.row, fault.where, fault.field) == (2, f"{second}: line 2", "output")


def test_the_digest_of_several_is_that_of_their_digests_whatever_their_names(tmp_path):
    first, second = lines(tmp_path / "a.jsonl", A), lines(tmp_path / "b.jsonl", C)
    digests = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("a.jsonl", "b.jsonl")]
    wanted = hashlib.sha256(f"{digests[0]}\n{digests[1]}\n".encode()).hexdigest()
    assert source_digest([first, second]) == wanted
    (tmp_path / "b.jsonl").rename(tmp_path / "c.jsonl")
    assert source_digest([first, str(tmp_path / "c.jsonl")]) == wanted
    assert source_digest([str(tmp_path / "c.jsonl"), first]) != wanted
    assert source_digest(first) == digests[0]


def test_a_glob_has_its_files_in_the_order_of_their_names_and_each_is_a_source_as_if_named_alone(tmp_path):
    second, first = lines(tmp_path / "s-2.jsonl", C), lines(tmp_path / "s-1.jsonl", A)
    (tmp_path / "s-3.txt").write_text("not read")
    pattern = str(tmp_path / "s-*")
    assert [piece.name for piece in pieces_of(pattern)] == [first, second]
    loaded = load_samples(pattern)
    assert [sample.response for sample in loaded.samples] == ["The Baltic.", "The Elbe."]
    assert loaded.sources == load_samples([first, second]).sources == {0: first, 1: second}
    assert [sample.source for sample in loaded.samples] == [first, second]


def test_the_files_of_a_folder_are_sources_up_to_two_hundred(tmp_path, monkeypatch):
    first, second = lines(tmp_path / "s-1.jsonl", A), lines(tmp_path / "more" / "s-2.jsonl", C)
    assert set(load_samples(str(tmp_path)).sources.values()) == {first, second}
    monkeypatch.setattr("icon.samples._source_names.MOST", 1)
    assert load_samples(str(tmp_path)).sources == {}


def test_of_several_addresses_each_is_a_source_whatever_files_it_stands_for(tmp_path):
    for name, record in (("a/1", A), ("a/2", C), ("b/1", B)):
        lines(tmp_path / f"{name}.jsonl", record)
    folder, pattern = str(tmp_path / "a"), str(tmp_path / "b" / "*.jsonl")
    assert load_samples([folder, pattern]).sources == {0: folder, 1: folder, 2: pattern}


def test_a_name_with_a_bracket_that_is_a_file_is_that_file(tmp_path):
    assert load_samples(lines(tmp_path / "pool[1].jsonl", A)).samples[0].response == "The Baltic."


def test_a_glob_that_fits_nothing_says_so(tmp_path):
    with pytest.raises(InputError, match="no file of a known kind fits this pattern"):
        load_samples(str(tmp_path / "*.jsonl"))


def test_a_folder_of_shards_has_those_of_the_split_in_order(tmp_path):
    for name, record in [("test-00000-of-00001", B), ("train-00001-of-00002", C), ("train-00000-of-00002", A)]:
        path = tmp_path / "data" / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist([record]), path)
    (tmp_path / "README.md").write_text("A card.")
    (tmp_path / "dataset_infos.json").write_text("{}")
    found = load_samples(str(tmp_path))
    assert [sample.response for sample in found.samples] == ["The Baltic.", "The Elbe."]
    assert found.sources == {}  # the parts of one split
    assert [sample.response for sample in load_samples(str(tmp_path), split="test").samples] == ["Vänern."]
    with pytest.raises(InputError, match="files are of other splits than 'validation'"):
        load_samples(str(tmp_path), split="validation")
    shown = "data/test-00000-of-00001.parquet"
    assert found.notes == [f"{tmp_path}: 1 file of other splits than 'train' is not read (--split): {shown}"]


@pytest.mark.parametrize("name", ["more.jsonl", "unit_test_writing.jsonl", "retrain.jsonl", "a/latest.jsonl"])
def test_a_file_whose_name_says_no_split_is_read_beside_those_that_do(tmp_path, name):
    lines(tmp_path / "train.jsonl", A)
    lines(tmp_path / name, C)
    lines(tmp_path / "test" / "part.jsonl", B)
    found = load_samples(str(tmp_path))
    assert sorted(sample.response for sample in found.samples) == ["The Baltic.", "The Elbe."]
    assert [note.rpartition(": ")[2] for note in found.notes] == ["test/part.jsonl"]


def test_a_folder_with_files_of_two_kinds_is_refused_with_the_glob_to_type(tmp_path):
    lines(tmp_path / "a.jsonl", A)
    (tmp_path / "b.csv").write_text("instruction,output\nq,a\n")
    with pytest.raises(InputError) as caught:
        load_samples(str(tmp_path))
    assert f"valid: one kind; name them by a glob: {tmp_path}/*.csv" in str(caught.value)


def test_the_runs_in_a_folder_are_no_part_of_its_pool(tmp_path):
    """So a run whose directory is in the folder does not change its own pool."""
    lines(tmp_path / "a.jsonl", A)
    before = source_digest(str(tmp_path))
    for name in ("icon-runs/a-1/selected.jsonl", "icon-runs/a-1/run.json", "icon-runs/a-1/export/a.csv"):
        lines(tmp_path / name, C)
    assert source_digest(str(tmp_path)) == before


def test_one_file_by_two_addresses_is_refused(tmp_path):
    one = lines(tmp_path / "a.jsonl", A)
    with pytest.raises(InputError, match=r"found twice, by .*a.jsonl and .*valid: each file once"):
        load_samples([one, str(tmp_path / "*.jsonl")])
    with pytest.raises(InputError, match="found twice among the pools"):
        load_samples([one, one])


def test_a_field_names_the_source_of_each_record(tmp_path):
    records = [{**A, "source": "seas"}, {**C, "source": "rivers"}]
    loaded = load_samples(lines(tmp_path / "a.jsonl", *records), source_field="source")
    assert loaded.sources == {0: "seas", 1: "rivers"}
    assert [sample.source for sample in loaded.samples] == ["seas", "rivers"]
    with pytest.raises(InputError, match=r"no record of .* has the field 'source'"):
        load_samples(lines(tmp_path / "b.jsonl", A), source_field="source")
