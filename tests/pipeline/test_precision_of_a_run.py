"""The precision of a run is the same at every start, and whoever reads the results is shown it."""

import json
import shutil

import pytest

from support import tiny_model

requantise = pytest.importorskip("icon_llamacpp.requantise", reason="the llama.cpp backend is not installed")
convert = pytest.importorskip("icon_llamacpp.convert", reason="the llama.cpp backend is not installed")

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def inputs(tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))
    for name, n in (("pool", 6), ("tasks", 2)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i * 7}"} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    shutil.copy(tiny_model.quantised_file(), tmp_path / "tiny.gguf")


RUN = ["run", "pool.jsonl", "--assessment", "tasks.jsonl", "--model", "tiny.gguf", "--keep", "3", "--out", "mine"]


def manifest(tmp_path):
    return json.loads((tmp_path / "mine" / "run.json").read_text())


@pytest.mark.parametrize(
    ("begun", "named"), [((("f16", 10**9),), "F16"), ((), "Q4_1")], ids=["the fastest was F16", "the cache was full"]
)
def test_a_run_goes_on_with_the_precision_that_an_earlier_version_began_it_with(
    command_line, tmp_path, monkeypatch, begun, named
):
    with monkeypatch.context() as earlier:
        earlier.setattr(requantise, "RULE", begun)
        command_line(*RUN, code=0)
    before = manifest(tmp_path)
    assert before["model"]["precision"] == named
    parts = {path: path.read_bytes() for path in (tmp_path / "mine" / "contributions").rglob("part-*")}
    for path in parts:
        path.unlink()
    done = command_line(*RUN, code=0)
    after = manifest(tmp_path)["model"]
    less = "evaluated as it is, which is less exact than F32, the default"
    assert after == {**before["model"], "note": less if named == "Q4_1" else ""}
    assert (less in " ".join(done.stdout.split())) == (named == "Q4_1")
    assert {path: path.read_bytes() for path in parts} == parts


def test_page_card_and_facts_name_the_precision(command_line, tmp_path):
    """The closing lines have few figures; there the precision is only where it is less exact than the default."""
    done = command_line(*RUN, "--json", code=0)
    assert "tiny.gguf, all F32" in json.loads(done.stdout)["facts"]["model"]
    assert "tiny.gguf (all F32)" in (tmp_path / "mine" / "report.html").read_text()
    command_line("export", "mine", "--to", "datasets", "--out", "handed", code=0)
    assert "tiny.gguf, all F32" in (tmp_path / "handed" / "README.md").read_text()


def test_weights_that_cannot_be_converted_are_a_warning_on_terminal_page_and_card(command_line, tmp_path, monkeypatch):
    def refuse(source, target, precision, threads):
        raise convert.UnconvertibleError(f"cannot convert {source.name} to {precision}: llama.cpp said: no such type")

    monkeypatch.setattr(convert, "convert", refuse)
    done = command_line(*RUN, code=0)
    told = "evaluated as it is, which is less exact: cannot convert tiny.gguf to f32"
    assert manifest(tmp_path)["model"]["precision"] == "Q4_1"
    assert told in " ".join((done.stdout + done.stderr).split()), (done.stdout, manifest(tmp_path))
    assert told in (tmp_path / "mine" / "report.html").read_text()
    command_line("export", "mine", "--to", "datasets", "--out", "handed", code=0)
    assert told in (tmp_path / "handed" / "README.md").read_text().replace("\\", "")


def test_a_full_cache_ends_the_run_with_a_sentence_and_no_other_numbers(command_line, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("in the way")
    done = command_line(*RUN, code=1)
    said = " ".join(done.stderr.split())
    assert "cannot be written" in said
    assert "-o backend.precision=as-is" in said
    assert not list((tmp_path / "mine").rglob("part-*")) if (tmp_path / "mine").exists() else True
    (tmp_path / "cache").unlink()
    command_line(*RUN, code=0)
    assert manifest(tmp_path)["model"]["precision"] == "all F32"
