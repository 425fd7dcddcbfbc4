"""A pool is a file, several, a glob, a folder of shards or an address; its rows are counted over all of them."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager, nullcontext
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icon import network
from icon.errors import BadRowsError, InputError
from icon.samples import load_samples
from icon.samples.addresses import hub_name, pieces_of
from icon.samples.records import iter_records, source_digest
from icon.samples.sources import arrow_rows, remote

A = {"instruction": "Name a sea.", "output": "The Baltic."}
B = {"messages": [{"role": "user", "content": "Name a lake."}, {"role": "assistant", "content": "Vänern."}]}
C = {"instruction": "Name a river.", "output": "The Elbe."}


def lines(path, *records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


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


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("gsm8k", ("gsm8k", None, None)),
        ("openai/gsm8k:main", ("openai/gsm8k", "main", None)),
        ("openai/gsm8k:main@refs/convert/parquet", ("openai/gsm8k", "main", "refs/convert/parquet")),
        ("openai/gsm8k@e53f048", ("openai/gsm8k", None, "e53f048")),
        ("a/b/c", None),
        ("openai/gsm8k:", None),
    ],
)
def test_a_hub_name_has_a_configuration_and_a_revision(text, parts):
    assert hub_name(text) == parts


def test_configuration_split_and_revision_reach_the_hub(monkeypatch):
    asked = []

    def load(name, config, **more):
        asked.append((name, config, more))
        return datasets.Dataset.from_list([A])

    monkeypatch.setattr(datasets, "load_dataset", load)
    (sample,) = load_samples("openai/gsm8k:main@v1", split="test").samples
    assert sample.response == "The Baltic."
    assert set(map(str, asked)) == {str(("openai/gsm8k", "main", {"split": "test", "revision": "v1"}))}


def test_a_data_set_with_several_configurations_says_what_to_type(monkeypatch):
    def load(name, config, **more):
        raise ValueError("Config name is missing.\nPlease pick one among the available configs: ['main', 'socratic']")

    monkeypatch.setattr(datasets, "load_dataset", load)
    monkeypatch.setattr(network, "asking", lambda **of: nullcontext(""))
    with pytest.raises(InputError, match="behind a colon, such as openai/gsm8k:main"):
        arrow_rows.open_split("openai/gsm8k", "train")


@contextmanager
def served(folder):
    """The address of a folder on a server of this machine, and the paths that it was asked for."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, form, *values):
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remote, "_known", {})
    return tmp_path / "cache"


def test_a_file_at_an_address_is_copied_once_and_read_from_there_without_the_network(tmp_path, cache):
    lines(tmp_path / "site" / "pool.jsonl", A, C)
    with served(tmp_path / "site") as (site, asked):
        address = f"{site}/pool.jsonl"
        loaded = load_samples(address)
        assert [sample.response for sample in loaded.samples] == ["The Baltic.", "The Elbe."]
        assert loaded.source == address
        before = len(asked)
        remote._known.clear()
        with network.limited(network.OF_RUN):
            assert load_samples(address).digest == loaded.digest
            assert len(asked) == before
            with pytest.raises(InputError, match=r"the hub was not asked: what a run folder .*on this"):
                load_samples(f"{site}/other.jsonl")
        assert len(asked) == before


def test_a_file_that_changed_at_its_address_is_copied_anew(tmp_path, cache):
    lines(tmp_path / "site" / "pool.jsonl", A)
    with served(tmp_path / "site") as (site, _):
        address = f"{site}/pool.jsonl"
        before = source_digest(address)
        lines(tmp_path / "site" / "pool.jsonl", A, C)
        assert source_digest(address) == before  # this process goes on with what it has read
        remote._known.clear()
        assert source_digest(address) != before


def test_a_copy_of_an_address_that_cannot_be_reached_is_taken_offline(tmp_path, cache):
    lines(tmp_path / "site" / "pool.jsonl", A)
    with served(tmp_path / "site") as (site, _):
        before = source_digest(f"{site}/pool.jsonl")
    remote._known.clear()
    with pytest.raises(InputError, match="or --offline, which takes the copy on this machine"):
        load_samples(f"{site}/pool.jsonl")
    with network.limited(network.BY_USER):
        assert source_digest(f"{site}/pool.jsonl") == before


def test_an_address_that_leads_to_nothing_is_one_sentence(tmp_path, cache):
    (tmp_path / "site").mkdir()
    with served(tmp_path / "site") as (site, _), pytest.raises(InputError, match="FileNotFoundError"):
        load_samples(f"{site}/pool.jsonl")
    with pytest.raises(InputError, match=r"cannot be read .*; valid: the address of a file"):
        load_samples("nosuch://place/pool.jsonl")
    with pytest.raises(InputError, match="two addresses in one"):
        load_samples("zip://a.jsonl::https://example.org/a.zip")


def test_folders_and_globs_at_an_address_are_read_by_split(cache):
    import fsspec

    files = fsspec.filesystem("memory")
    for name, record in [("train-00000-of-00002", A), ("train-00001-of-00002", C), ("test-00000-of-00001", B)]:
        files.pipe(f"/made/data/{name}.jsonl", json.dumps(record).encode())
    files.pipe("/made/README.md", b"A card.")
    assert [sample.response for sample in load_samples("memory://made").samples] == ["The Baltic.", "The Elbe."]
    assert [sample.response for sample in load_samples("memory://made", split="test").samples] == ["Vänern."]
    found = load_samples("memory://made/data/t*-00000*.jsonl").samples
    assert [sample.response for sample in found] == ["Vänern.", "The Baltic."]


def test_a_file_address_is_the_file(tmp_path):
    one = lines(tmp_path / "a b.jsonl", A)
    assert load_samples((tmp_path / "a b.jsonl").as_uri()).digest == source_digest(one)
