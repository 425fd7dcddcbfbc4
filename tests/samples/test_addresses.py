"""A pool at an address or on the hub: what is asked for, what is copied, and what is read without the network."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, nullcontext
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import datasets
import pytest

from icon import network
from icon.errors import InputError
from icon.samples import load_samples
from icon.samples.addresses import hub_name
from icon.samples.records import source_digest
from icon.samples.sources import arrow_rows, remote
from support.pool_files import A, B, C, lines


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
