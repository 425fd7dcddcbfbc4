"""Parts in an object store: a run that was interrupted here goes on in another folder without measuring them again."""

import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from icon.errors import ExecutorError, InterruptedRun
from icon.pipeline import measuring
from icon.testing.executor_suite import EXACT, ExecutorSuite, Watching, contents
from icon_ray.executor import RayExecutor
from icon_ray.options import RayOptions
from support.tiers import FULL

pytestmark = [
    pytest.mark.usefixtures("object_store", "local_ray"),
    pytest.mark.skipif(not FULL, reason="starts a server of an object store and a Ray: the long tier has it"),
]


@pytest.fixture(scope="module")
def object_store():
    """A server of the interface of S3 on this machine, which this process and the workers are told of by variables."""
    pytest.importorskip("moto.server", reason="moto is not installed")
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    known = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    known["AWS_DEFAULT_REGION"] = "us-east-1"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in known.items():
            patch.setenv(name, value)
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, server)
            files = s3fs.S3FileSystem()
            files.mkdir("parts")
            yield files
        finally:
            server.kill()
            server.wait()


def _wait_for(port, server):
    for _ in range(300):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert server.poll() is None
        time.sleep(0.2)
    raise TimeoutError("the server of the object store did not start")


def interrupt():
    raise KeyboardInterrupt


class TestObjectStore:
    material, perform, one = ExecutorSuite.material, ExecutorSuite.perform, ExecutorSuite.one

    @pytest.fixture(autouse=True)
    def small_parts(self, monkeypatch):
        """Parts of a few candidates, so that there are many."""
        monkeypatch.setattr(measuring, "TOKENS_PER_PART", 300)

    def executor(self, address):
        return RayExecutor(RayOptions(workers=2, wait=180, store=address))

    def written(self, files):
        """When each part was written, by its path."""
        files.invalidate_cache()
        return {path: info["LastModified"] for path, info in files.find("parts", detail=True).items()}

    def test_a_run_goes_on_in_another_folder_with_the_parts_of_the_store(self, perform, one, object_store, tmp_path):
        with suppress(InterruptedRun):
            perform(tmp_path / "here", self.executor("s3://parts/icon"), Watching((110,), interrupt), **EXACT)
        before = self.written(object_store)
        assert len(before) > 4
        perform(tmp_path / "there", self.executor("s3://parts/icon"), **EXACT)
        after = self.written(object_store)
        assert before.items() <= after.items()
        assert len(before) < len(after)
        assert contents(tmp_path / "there") == contents(one(**EXACT))
        stored = {Path(path).name for path in after}
        assert {path.name for path in (tmp_path / "there").glob("contributions/part-*")} <= stored

    def test_a_bucket_that_is_not_there_ends_the_run_with_a_sentence_and_it_goes_on_without(
        self, perform, one, object_store, tmp_path
    ):
        said = r"executor\.store s3://nowhere/icon: it cannot be (read|written): .*goes on"
        with pytest.raises(ExecutorError, match=said):
            perform(tmp_path / "many", self.executor("s3://nowhere/icon"), **EXACT)
        perform(tmp_path / "many", **EXACT)
        assert contents(tmp_path / "many") == contents(one(**EXACT))
