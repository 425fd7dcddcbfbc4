"""The push, against a stand-in for the hub on the loopback: it keeps what it is sent."""

import base64
import io
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow.parquet as pq
import pytest


class Hub(BaseHTTPRequestHandler):
    """Answers what a push asks: make the repository, check the card, choose how files go, take the commit."""

    def do_GET(self):
        self.server.asked.append(("GET", self.path, b""))
        self.answer({"id": "me/mine", "siblings": [], "sha": "0" * 40, "private": True})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self.chunks()
        self.server.asked.append(("POST", self.path, body))
        self.server.tokens.add(self.headers.get("Authorization"))
        if self.server.refusal:
            return self.answer({"error": "no"}, self.server.refusal)
        if self.path.endswith("/preupload/main"):
            names = [each["path"] for each in json.loads(body)["files"]]
            files = [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]
            return self.answer({"files": files})
        place = f"http://127.0.0.1:{self.server.server_port}/datasets/me/mine"
        commit = {"commitUrl": f"{place}/commit/{'1' * 40}", "commitOid": "1" * 40, "hookOutput": ""}
        return self.answer({"url": place, "errors": [], "warnings": [], **commit})

    def chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def answer(self, what, status=200):
        data = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.asked, server.tokens, server.refusal = [], set(), None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def push(make_run, alpaca, command_line, monkeypatch, tmp_path):
    """Runs `icon export ... --to hub` against an address, with what the hub's library takes from the environment."""
    from huggingface_hub import constants

    run = make_run(alpaca)

    def _push(address, *options, token="hf_testing", offline=False):
        read = {"ENDPOINT": address, "HF_TOKEN_PATH": str(tmp_path / "token"), "HF_HUB_OFFLINE": offline}
        for name, value in {**read, "HF_HUB_DISABLE_XET": True}.items():
            monkeypatch.setattr(constants, name, value)
        environment = {"HF_TOKEN": token, "HUGGING_FACE_HUB_TOKEN": None}
        return command_line("export", run.path, "--to", "hub", *options, env=environment)

    return _push


def address(server):
    return f"http://127.0.0.1:{server.server_port}"


def committed(server):
    body = next(body for _, path, body in server.asked if "/commit/" in path)
    lines = [json.loads(line) for line in body.splitlines()]
    return {
        each["value"]["path"]: base64.b64decode(each["value"]["content"]) for each in lines if each["key"] == "file"
    }


def test_one_commit_has_the_data_the_card_and_the_settings(hub, make_run, alpaca, tmp_path):
    """In a process of its own, which takes address and token from the environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
    environment |= {"HF_ENDPOINT": address(hub), "HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_XET": "1"}
    line = [sys.executable, "-m", "icon", "export", str(make_run(alpaca).path), "--to", "hub"]
    done = subprocess.run(
        [*line, "--repo", "me/mine", "--private", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**environment, "HF_TOKEN": "hf_testing"},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["records"] == 2
    made = json.loads(next(body for _, path, body in hub.asked if path == "/api/repos/create"))
    assert (made["name"], made["organization"], made["type"]) == ("mine", "me", "dataset")
    assert made.get("private") is True or made.get("visibility") == "private"
    files = committed(hub)
    assert set(files) == {"README.md", "icon-settings.json", "data/train-00000-of-00001.parquet"}
    table = pq.read_table(io.BytesIO(files["data/train-00000-of-00001.parquet"]))
    assert table["output"].to_pylist() == [alpaca[1]["output"], alpaca[3]["output"]]
    assert b"selector top" in files["README.md"]
    assert hub.tokens == {"Bearer hf_testing"}


def test_a_repository_that_is_there_is_left_alone_without_force(hub, push):
    hub.refusal = 409
    done = push(address(hub), "--repo", "me/mine")
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert not any("/commit/" in path for _, path, _ in hub.asked)


def test_a_refusal_of_the_hub_is_told(hub, push):
    hub.refusal = 403
    done = push(address(hub), "--repo", "me/mine")
    assert done.returncode == 1
    assert "the hub refuses it" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_network_the_advice_comes_in_seconds(push):
    started = time.monotonic()
    done = push("http://127.0.0.1:9", "--repo", "me/mine")  # a port that nobody listens on
    assert time.monotonic() - started < 60
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "--to parquet" in done.stderr


@pytest.mark.parametrize(
    ("options", "more", "told"),
    [
        ([], {}, "--repo: found nothing"),
        (["--repo", "just-a-name"], {}, "owner/name"),
        (["--repo", "a/b", "--out", "x"], {}, "--out: means nothing to --to hub"),
        (["--repo", "a/b"], {"token": ""}, "nobody is logged in"),
        (["--repo", "a/b"], {"offline": True}, "HF_HUB_OFFLINE"),
    ],
)
def test_wrong_use_is_told_before_anything_is_sent(push, options, more, told):
    done = push("http://127.0.0.1:9", *options, **more)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
