"""From the command line: what a record holds beside its turns is read, refused or ignored, never lost in silence."""

import json
import shutil

import pytest

import icon
from icon.runs.work import LATER, Work
from support.sealed import seal

TASKS = [{"instruction": "a task apart", "output": "done apart"}]
QUICK = ("--scorer", "length", "--selector", "top", "--keep", "50%", "--assessment", "tasks.jsonl", "--no-report")


def turns(answer, **more):
    return {
        "messages": [{"role": "user", "content": "Who is it?"}, {"role": "assistant", "content": answer, **more}],
    }


@pytest.fixture
def start(command_line, tmp_path):
    """Writes records, and runs on them."""

    def run(records, *arguments, **more):
        for name, lines in (("pool", records), ("tasks", TASKS)):
            (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return command_line("run", "pool.jsonl", *QUICK, "--out", "run", *arguments, cwd=tmp_path, **more)

    return run


def kept(tmp_path, name="selected"):
    return [json.loads(line) for line in (tmp_path / "run" / f"{name}.jsonl").read_text().splitlines()]


def test_pictures_stop_a_run_with_the_way_out_and_are_kept_where_ignored(start, tmp_path):
    records = [{**turns("An old friend."), "images": ["a.png"]}, {**turns("Me."), "images": ["b.png"]}]
    refused = start(records, code=2)
    assert "2 bad rows" in refused.stderr
    assert "--ignore images" in refused.stderr
    start(records, "--ignore", "images", code=0)
    assert kept(tmp_path) == [records[0]]  # with the field that no stage looked at
    assert json.loads((tmp_path / "run/run.json").read_text())["config"]["ignore"] == ["images"]
    assert icon.export(tmp_path / "run", "trl", out=tmp_path / "trl.jsonl")["records"] == 1


def test_reasoning_is_refused_scored_or_ignored_as_the_user_says(start, tmp_path):
    records = [turns("Me.", thinking="A knock, a voice, a laugh, so it is an old friend."), turns("An old friend.")]
    assert "--reasoning response" in start(records, code=2).stderr
    start(records, "--reasoning", "ignore", code=0)
    assert kept(tmp_path) == [records[1]]
    other = start(records, "--reasoning", "response", code=2)
    assert "reasoning" in other.stderr  # a run goes on with the same settings alone


def test_reasoning_in_the_response_is_exported_as_it_was_scored(start, tmp_path):
    records = [turns("Me.", thinking="A knock, a voice, a laugh: it is an old friend."), turns("An old friend.")]
    start(records, "--reasoning", "response", code=0)
    assert kept(tmp_path) == [records[0]]
    done = icon.export(tmp_path / "run", "trl", out=tmp_path / "trl.jsonl")
    (line,) = (tmp_path / "trl.jsonl").read_text().splitlines()
    assert done["left_out"] == []
    assert json.loads(line)["messages"][1]["content"] == (
        "<think>\nA knock, a voice, a laugh: it is an old friend.\n</think>\n\nMe."
    )


THOUGHT = "<think>A knock, a voice, a laugh: it is an old friend.</think>"


def test_reasoning_that_a_response_begins_with_is_noted_scored_or_left_out(start, command_line, tmp_path):
    records = [turns(f"{THOUGHT}Me."), turns("An old friend.")]
    done = start(records, code=0)
    assert "pool.jsonl: 1 of 2 responses begins with reasoning (<think>)" in " ".join(done.stdout.split())
    assert kept(tmp_path) == [records[0]]  # the longest, by its reasoning
    start(records, "--out", "other", "--reasoning", "ignore", code=0)
    run = json.loads((tmp_path / "other/run.json").read_text())
    assert run["inputs"]["pool"]["left_out"] == {"reasoning within answers": 1}
    assert "reasoning at the beginning of answers of 1 record is in no sample" in json.dumps(run["warnings"])
    assert (tmp_path / "other/selected.jsonl").read_text() == json.dumps(records[1]) + "\n"
    icon.export(tmp_path / "other", "trl", which="dropped", out=tmp_path / "trl.jsonl")
    assert json.loads((tmp_path / "trl.jsonl").read_text())["messages"][1]["content"] == "Me."
    said = start(records, "--out", "third", "--reasoning", "response", code=0)
    assert "begins with reasoning" not in said.stdout + said.stderr
    shown = command_line("show-prompt", "pool.jsonl", "0", "--reasoning", "ignore", "--backend", "fake", cwd=tmp_path)
    assert "laugh" not in shown.stdout


def test_reasoning_of_earlier_answers_alone_is_left_out_by_every_process_of_a_run(with_fake_backend, tmp_path):
    def chat(last):
        earlier = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": f"{THOUGHT}Me."}]
        return {"messages": [*earlier, *turns(last)["messages"]]}

    for name, records in (("pool", [chat("An old friend."), chat("You.")]), ("tasks", TASKS)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    more = ("--scorer", "ppl", "--backend", "fake", "--template", "alpaca", "--reasoning", "ignore", "--out", "run")
    words = ("run", "pool.jsonl", *QUICK, *more)
    with_fake_backend(*words, cwd=tmp_path, code=0)
    before = (tmp_path / "run/scores.parquet").read_bytes()
    icon.export(tmp_path / "run", "trl", which="all", out=tmp_path / "trl.jsonl")
    assert "laugh" not in (tmp_path / "trl.jsonl").read_text()
    run = json.loads((tmp_path / "run/run.json").read_text())
    for stage in ("score", "select"):
        del run["stages"][stage]
    (tmp_path / "run/run.json").write_text(json.dumps(run))
    seal(tmp_path / "run")
    shutil.rmtree(tmp_path / "run/contributions")
    with_fake_backend(*words, cwd=tmp_path, code=0)
    assert (tmp_path / "run/scores.parquet").read_bytes() == before


def test_a_run_of_an_earlier_version_goes_on_with_the_reasoning_that_it_scored(start, command_line, tmp_path):
    records = [turns(f"{THOUGHT}Me."), turns("An old friend.")]
    start(records, "--reasoning", "ignore", code=0)
    run = json.loads((tmp_path / "run/run.json").read_text())
    del run["inputs"]["pool"]["left_out"], run["inputs"]["pool"]["inline"]
    for stage in ("score", "select"):
        del run["stages"][stage]
    (tmp_path / "run/run.json").write_text(json.dumps(run))
    seal(tmp_path / "run")
    shutil.rmtree(tmp_path / "run/contributions")
    start(records, "--reasoning", "ignore", code=0)
    assert kept(tmp_path) == [records[0]]  # the longest, by its reasoning
    icon.export(tmp_path / "run", "trl", out=tmp_path / "trl.jsonl")
    assert THOUGHT in (tmp_path / "trl.jsonl").read_text()


def test_reasoning_in_target_tasks_is_noted_with_their_file(command_line, tmp_path):
    (tmp_path / "pool.jsonl").write_text(json.dumps(turns("Me.")) + "\n")
    (tmp_path / "tasks.jsonl").write_text(json.dumps({"prompt": "a task", "completion": f"{THOUGHT}It is I."}) + "\n")
    words = ("run", "pool.jsonl", *QUICK, "--out", "run", "--keep", "1")
    said = " ".join(command_line(*words, cwd=tmp_path, code=0).stdout.split())
    assert "tasks.jsonl: 1 of 1 responses begins with reasoning (<think>)" in said
    assert "-o assessment.reasoning=ignore" in said


def test_records_with_other_tools_are_other_candidates_and_keep_them(start, tmp_path):
    records = [{**turns("I can call it."), "tools": [{"name": f"tool_{n}"}]} for n in range(6)]
    done = start(records, code=0)
    assert "duplicates" not in done.stdout.replace("--near-duplicates", "")
    assert len(kept(tmp_path)) == 3
    dropped = [{**record, "icon": None} for record in kept(tmp_path, "dropped")]
    assert all({**record, "icon": None} in dropped or record in kept(tmp_path) for record in records)


def test_an_assessment_file_has_these_options_of_its_own(command_line, tmp_path):
    (tmp_path / "pool.jsonl").write_text(json.dumps(turns("Me.")) + "\n")
    task = {"prompt": "a task apart", "completion": "It is I.", "thinking": "x", "images": ["a.png"]}
    (tmp_path / "tasks.jsonl").write_text(json.dumps(task) + "\n")
    words = ("run", "pool.jsonl", *QUICK, "--out", "run", "--keep", "1")
    assert "--ignore images" in command_line(*words, cwd=tmp_path, code=2).stderr
    options = ("-o", 'assessment.ignore=["images"]', "-o", "assessment.reasoning=response")
    command_line(*words, *options, cwd=tmp_path, code=0)
    (task,) = (tmp_path / "run/assessment.jsonl").read_text().splitlines()
    assert json.loads(task)["response"] == "<think>\nx\n</think>\n\nIt is I."


def test_what_few_samples_have_is_written_only_where_it_is(tmp_path):
    from icon.runs.files import read_samples, write_samples
    from icon.types import Message, Sample

    plain = Sample("a", 0, (Message("user", "q"),), "r")
    tools = Sample("b", 1, (Message("user", "q"), Message("assistant", "", '{"tool_calls":[]}')), "r", tools="[1]")
    digest = write_samples(tmp_path / "samples.jsonl", [plain, tools])
    first, second = map(json.loads, (tmp_path / "samples.jsonl").read_text().splitlines())
    assert not {"tools", "reasoning"} & first.keys()
    assert first["messages"] == [{"role": "user", "content": "q"}]
    assert (second["tools"], second["messages"][1]["beside"]) == ("[1]", '{"tool_calls":[]}')
    assert read_samples(tmp_path / "samples.jsonl", digest) == [plain, tools]


def test_parts_of_runs_without_these_settings_stay_valid(tmp_path, start):
    from icon.pipeline.builtin import default_plugins
    from icon.runs.directory import RunDirectory
    from icon.runs.manifest import load_manifest
    from icon.runs.model import Model
    from icon.runs.run import Run

    start([turns("Me."), turns("You.")], code=0)
    directory = RunDirectory(tmp_path / "run")
    run = Run(directory, load_manifest(directory.manifest_path), default_plugins())
    assert not set(LATER) & set(Work(run, Model(run), "length")._decisive())


def test_show_prompt_says_why_a_row_is_no_sample(command_line, tmp_path):
    records = [turns("Me."), {**turns("You."), "images": ["a.png"]}]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    shown = command_line("show-prompt", "pool.jsonl", "1", cwd=tmp_path, code=2)
    assert "row 1 is not a sample: line 2" in shown.stderr
    assert "--ignore images" in shown.stderr


@pytest.mark.parametrize("format", ["own", "parquet", "datasets"])
def test_exports_of_the_data_itself_keep_every_field(start, tmp_path, format):
    datasets = pytest.importorskip("datasets")
    more = {"tools": [{"name": "search"}], "images": ["a.png"], "rejected_response": "Go away.", "kto_tag": True}
    records = [
        {**turns(f"Me, the {'x' * n}th.", thinking="A voice.", weight=1), **more, "system": f"Be {n}."}
        for n in range(4)
    ]
    start(records, "--ignore", "images", "--reasoning", "ignore", code=0)
    out = tmp_path / "exported"
    icon.export(tmp_path / "run", format, out=out)
    if format == "own":
        found = [json.loads(line) for line in next(out.glob("*.jsonl")).read_text().splitlines()]
    elif format == "parquet":
        path = next(out.rglob("*.parquet")) if out.is_dir() else out
        found = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache")).to_list()
    else:
        found = datasets.load_from_disk(str(out)).to_list()
    for turn in [turn for record in found for turn in record["messages"] if turn["role"] == "user"]:
        for name in [name for name, value in turn.items() if value is None]:  # tables have every key in every turn
            del turn[name]
    assert found == records[2:]
