"""A pool at an address that gives access: of what people pass on, only run.json has the whole address."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import icon
from icon.config import resolve
from icon.plugins import RunStarted
from icon.results.export._card import public_name
from icon.runs.directory import default_path
from icon.samples.sources import remote

SECRET = "TOK3N"


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that writes no lines of its own."""

    def log_message(self, *values):
        pass


@contextmanager
def served(folder):
    """Host and port of a server of this machine that has the files of a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_secret_in_an_address_is_in_run_json_alone_and_said_once(tmp_path, monkeypatch):
    lines = [json.dumps({"instruction": f"Say {n}", "output": "a " * n}) + "\n" for n in range(1, 5)]
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "pool.jsonl").write_text("".join(lines))
    (tmp_path / "tasks.jsonl").write_text('{"instruction": "apart", "output": "a task apart"}\n')
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remote, "_known", {})
    heard = []
    settings = {"scorer": "length", "selector": "top", "keep": "2", "baselines": (), "progress": heard.append}
    run = tmp_path / "run"
    with served(tmp_path / "site") as host:
        address = f"http://{host}/pool.jsonl?X-Amz-Signature={SECRET}"
        result = icon.run(address, assessment=tmp_path / "tasks.jsonl", out=run, **settings)
    icon.export(result, "datasets", out=tmp_path / "card")
    icon.export(result, "csv", out=tmp_path / "table.csv")
    written = [file for file in (*run.rglob("*"), *tmp_path.glob("card/*"), tmp_path / "table.csv") if file.is_file()]
    assert [file.name for file in written if SECRET.encode() in file.read_bytes()] == ["run.json"]
    (started,) = (event for event in heard if isinstance(event, RunStarted))
    assert started.settings["pool"] == f"http://{host}/pool.jsonl"
    warned = json.loads((run / "run.json").read_text())["warnings"]
    assert sum("signed query" in line for lines in warned.values() for line in lines) == 1
    assert f"icon run http://{host}/pool.jsonl --config" in (tmp_path / "card" / "README.md").read_text()


def test_a_folder_is_not_named_after_a_secret():
    assert SECRET not in str(default_path(resolve({"pool": f"https://host/data?sig=a/{SECRET}"})))


def test_a_card_keeps_what_names_a_pool_and_no_folder_of_this_machine():
    kept = ["openai/gsm8k:main@v1", "openai/gsm8k", "hf://datasets/o/n@v1/f.parquet", "s3://bucket/f.jsonl"]
    assert [public_name(name) for name in kept] == kept
    local = ["/home/me/pool.jsonl", "file:///home/me/pool.jsonl", "./runs/pool.jsonl", "C:\\me\\pool.jsonl"]
    assert {public_name(name) for name in local} == {"pool.jsonl"}
