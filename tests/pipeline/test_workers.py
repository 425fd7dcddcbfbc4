"""Further processes work for this one; one that fails is reported, and none is left behind."""

import sys

import pytest

from icon.pipeline.measuring import Share
from icon.pipeline.processes import Processes


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Has `python -m icon` run a script of the test instead."""

    def use(text):
        script = tmp_path / "python"
        script.write_text(f"#!{sys.executable} -IS\n{text}\n")
        script.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(script))

    return use


def words(number, device):
    return ["validate", "run", "--share", str(number), "--device", device]


def test_each_device_but_the_first_gets_a_process_with_its_share(program, tmp_path):
    program(f"import sys; open(r'{tmp_path}/' + sys.argv[6], 'w').write(' '.join(sys.argv[1:]))")
    workers = Processes(words, ["cuda:0", "cuda:1", "cuda:2"])
    workers.start()
    workers.start()
    assert workers.wait() == []
    for number in (2, 3):
        told = (tmp_path / str(number)).read_text()
        assert told == f"-m icon validate run --share {number} --device cuda:{number - 1}"
    assert not (tmp_path / "1").exists()


def test_one_that_fails_is_told_with_its_last_words(program):
    program("import sys; print('loading', file=sys.stderr); sys.exit('no memory on cuda:1')")
    workers = Processes(words, ["cuda:0", "cuda:1"])
    workers.start()
    assert workers.wait() == ["the process on device cuda:1 ended with code 1: no memory on cuda:1"]


def test_an_error_that_icon_tells_is_passed_on_whole(program):
    program("import sys; sys.exit('loading\\nerror: run: model: not the same\\n  device: A -> B\\nUse the same.')")
    workers = Processes(words, ["cuda:0", "cuda:1"])
    workers.start()
    (fault,) = workers.wait()
    assert fault.endswith("ended with code 1: run: model: not the same device: A -> B Use the same.")


def test_those_that_still_run_are_ended(program):
    program("import time; time.sleep(600)")
    workers = Processes(words, ["cpu", "cpu"])
    workers.start()
    ((_, process, _),) = workers._started
    workers.stop()
    assert process.returncode is not None


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shares_hold_every_part_once(count):
    shares = [Share(index, count) for index in range(count)]
    for number in range(20):
        assert sum(share.holds(number) for share in shares) == 1
