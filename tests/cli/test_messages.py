"""Every refusal is one sentence: what and where, what was found, what is valid, and what to type next."""

import json
import socket
import time

import pytest

from icon import network
from support.foreign import FOREIGN

SENTENCES = {
    # options and commands of the command line
    "run pool.jsonl --kep 3": "icon run: no option --kep. Did you mean --keep?",
    "run pool.jsonl --xyzzy 3": "icon run: no option --xyzzy; `icon run --help` lists those there are",
    "run pool.jsonl --keep": "icon run: option '--keep' requires an argument; `icon run --help` says what is valid",
    "rn pool.jsonl": "icon: no command rn. Did you mean icon run?",
    "pool.jsonl": "icon: no command pool.jsonl; to select from that file: icon run pool.jsonl",
    "xyzzy": "icon: no command xyzzy; valid: run, preview, plan",
    "export": "icon export: missing argument",
    "export a b": "icon export: got unexpected extra argument",
    "run pool.jsonl --subset x": "icon run: --subset: found 'x'; valid: a whole number",
    "run pool.jsonl --subset 0": "icon run: --subset: found '0'; valid: a number of at least 1",
    # settings
    "run pool.jsonl --keep 200%": "--keep: found '200%'; valid: a share such as 15% or 0.15, or a count such as 500",
    "run pool.jsonl --turns lst": "--turns: found 'lst'; valid: last or every. Did you mean last?",
    "run pool.jsonl --capture 2": "--capture: found 2.0; valid: a number above 0 and at most 1",
    "run pool.jsonl --config unknown.toml": "unknown.toml: kep: no such setting (found 3). Did you mean keep?",
    "run pool.jsonl --config unknown.json": "unknown.json: assessment-size: no such setting (found 3). Did you "
    "mean assessment_size or assessment?",
    "run pool.jsonl --config option.yaml": "option.yaml: model: no such setting (found 'gpt2'); valid: "
    "backend_options with model in it",
    "run pool.jsonl --config wrong.yaml": "wrong.yaml: baselines: found 3; valid: a list, each of it a text",
    "run pool.jsonl --config twice.yaml": "twice.yaml: not a readable YAML settings file: line 2, column 1: found "
    "the key 'seed' twice; valid: each name once",
    "run pool.jsonl --config unknwn.toml": "unknwn.toml: cannot be read: No such file or directory; valid: a "
    "settings file in YAML, TOML or JSON. Did you mean unknown.toml",
    "run pool.jsonl --preset papr": "--preset papr: no such preset; valid: paper, released, demo. Did you mean paper?",
    # strategies and their options
    "run pool.jsonl --scorer lenght": "no scorer named 'lenght'; installed: ",
    "run pool.jsonl --scorer Length": "Did you mean length?",
    "run pool.jsonl --selector tip --scorer length": "Did you mean top?",
    "run pool.jsonl --format alpca --scorer length": "Did you mean alpaca?",
    "run pool.jsonl --template alpca --scorer length": "Did you mean alpaca",
    "run pool.jsonl --scorer length -o scorer.unti=words": "length: unti: no such option (found 'words'); length "
    "takes unit. Did you mean unit?",
    "run pool.jsonl --scorer length --control none": "length: control: no such option (found 'none'); length takes "
    "unit; control is an option of --scorer icon",
    "export mine --to trll": "--to: found 'trll'; valid: ",
    "plugins lenth": "Did you mean length",
}

OF_POOLS = {
    "run pool.jsonl --assessment pool.jsonl --scorer length": "--assessment pool.jsonl: all 12 candidates of "
    "pool.jsonl are in it as well, so none is left to choose from; valid: a file of target tasks that are not in "
    "the pool",
    "run pool.jsonl --assessment copy.jsonl --scorer length": "--assessment copy.jsonl: all 12 candidates of "
    "pool.jsonl",
    "run tasks.jsonl --assessment-size 9 --scorer length --baseline icon --backend fake": "9 samples to hold out "
    "of a pool of 3 leave no candidate; valid: fewer",
}

OF_MODELS = {
    "run pool.jsonl --model nomodel.gguf": "no model 'nomodel.gguf': there is no such file; valid: a path to a "
    ".gguf file, owner/repo/file.gguf on the Hugging Face hub, or 'smollm2' for the embedded model",
    "run pool.jsonl --model min.gguf": "Did you mean mine.gguf?",
    "run pool.jsonl --model Qwen/Qwen2.5-0.5B": "valid for llamacpp: a .gguf file, on the hub as owner/repo/file.gguf; "
    "to run the model as it is on the hub, add --backend torch --model Qwen/Qwen2.5-0.5B",
    "run pool.jsonl --model gpt2": "for a model of that name on the hub, add --backend torch --model gpt2",
    "run pool.jsonl --model saved": "model saved: a folder in the form of transformers; add --backend torch "
    "--model saved",
    "run pool.jsonl --model saved/model.safetensors": "llamacpp reads .gguf files; add --backend torch --model saved",
    "run pool.jsonl --backend torch --model nomodel.gguf": "no model 'nomodel.gguf': there is no such file or folder",
    "preview pool.jsonl --model nomodel.gguf --out new/folder": "no model 'nomodel.gguf'",
}

CHECKED = "Connection refused; ICON_HUB_WAIT=0 asks it without this check"

OF_THE_HUB = {
    "run pool.jsonl --backend torch --model gpt2": "no model 'gpt2': there is no such folder, the local hub cache "
    "does not have it, and the hub cannot be reached at {} ({}); valid offline: a hub name that "
    "was downloaded before, a local folder or .gguf file, or 'smollm2' for the embedded model",
    "run pool.jsonl --backend torch --model a/b/c.gguf": "model a/b/c.gguf is not in the local hub cache, and the "
    "hub cannot be reached at {} ({})",
    "run pool.jsonl --model a/b/c.gguf": "model a/b/c.gguf is not in the local hub cache, and the hub cannot be "
    "reached at {} ({}); valid: connect to the hub once, or the path of a .gguf file on this "
    "machine",
    "show-prompt pool.jsonl 0 --backend torch --model gpt2": "no model 'gpt2': there is no such folder",
    "run nobody/data --scorer length": "nobody/data: no file or folder of that name, and the hub cannot be reached "
    "at {}",
    "run pool.jsonl --assessment nobody/data --scorer length": "nobody/data: no file or folder of that name, and "
    "the hub cannot be reached at {}",
}

OF_BACKENDS = {
    "run pool.jsonl --backend lamacpp": "Did you mean llamacpp?",
    "run pool.jsonl --device cuda": "llamacpp: device: no such option (found 'cuda'); llama.cpp uses a GPU where "
    "it was built for one: -o backend.gpu_layers=0 for the processor alone, -1 (the default) for all layers on the "
    "GPU; devices are chosen with --backend torch",
    "run pool.jsonl --devices 0,1": "--devices cuda:0,cuda:1: llamacpp has no choice of devices; llama.cpp uses a GPU",
    "run pool.jsonl --dtype float16": "llamacpp: dtype: no such option (found 'float16'); the type of the weights "
    "is -o backend.precision=f16 here",
    "run pool.jsonl -o backend.gpu_layer=3": "Did you mean gpu_layers?",
    "run pool.jsonl -o backend.attention=flex": "attention is an option of --backend torch",
    "run pool.jsonl --backend torch -o backend.gpu_layers=3": "torch: gpu_layers: no such option (found 3); "
    "--device cuda or --device cpu says where torch works",
    "run pool.jsonl --backend torch -o backend.precision=f16": "the type of the weights is --dtype",
    "run pool.jsonl --backend torch -o backend.special_tokens=maybe": "torch: special_tokens: found 'maybe'; "
    "valid: true, false or auto",
}

FILES = {
    "unknown.toml": "kep = 3\n",
    "unknown.json": '{"assessment-size": 3}',
    "option.yaml": "model: gpt2\n",
    "wrong.yaml": "baselines: 3\n",
    "twice.yaml": "seed: 1\nseed: 2\n",
}


@pytest.fixture
def folder(tmp_path):
    """A folder with a pool of 12 rows, tasks, and settings files that do not fit."""
    rows = [{"instruction": f"Say {n}.", "output": f"{n} is said."} for n in range(12)]
    tasks = [{"instruction": f"Count to {n}.", "output": f"{n} it is."} for n in range(3)]
    for name, records in (("pool.jsonl", rows), ("tasks.jsonl", tasks)):
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in records))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "pool.jsonl").read_bytes())
    (tmp_path / "mine.gguf").touch()
    (tmp_path / "saved").mkdir()
    for name in ("config.json", "model.safetensors"):
        (tmp_path / "saved" / name).touch()
    return tmp_path


def refused(command_line, folder, words, **environment):
    """What a command says that is refused and leaves nothing."""
    before = sorted(folder.rglob("*"))
    done = command_line(*words.split(), code=2, env=environment)
    assert sorted(folder.rglob("*")) == before
    assert not FOREIGN.search(done.stderr), done.stderr
    return " ".join(done.stderr.split())


@pytest.mark.parametrize("words", SENTENCES)
def test_a_refusal_is_one_sentence_that_helps(command_line, folder, words):
    said = refused(command_line, folder, words)
    assert SENTENCES[words] in said
    assert said.count("error: ") == 1


@pytest.mark.parametrize("words", OF_BACKENDS)
def test_an_option_that_one_backend_lacks_is_said_with_what_it_has(command_line, folder, words):
    for module in ("icon_llamacpp", "icon_torch"):
        pytest.importorskip(module, reason="the backends are not installed")
    assert OF_BACKENDS[words] in refused(command_line, folder, words)


@pytest.mark.parametrize("words", OF_POOLS)
def test_an_assessment_set_that_leaves_no_candidate_says_so(with_fake_backend, folder, words):
    (folder / "plugins").mkdir()
    said = with_fake_backend(*words.split(), code=2).stderr
    assert OF_POOLS[words] in " ".join(said.split())
    assert not (folder / "icon-runs").exists()


@pytest.mark.parametrize(("keep", "n"), [("300", "300"), ("12000", "12,000"), ("9", "9")])
def test_keeping_more_than_the_pool_has_is_said_before_anything_is_measured(command_line, folder, keep, n):
    options = "--scorer length --baseline random --no-report --assessment tasks.jsonl --keep"
    done = command_line("run", "pool.jsonl", *options.split(), keep, "--out", "mine")
    said = (
        f"--keep {n}: the pool has 12 candidates, so all of them are kept and nothing is chosen; valid: fewer than 12"
    )
    lines = " ".join(done.stderr.split()).partition("icon: scoring: length")[0]
    assert lines.count(said) == (keep != "9")
    first = done.stdout.strip().splitlines()[0]
    assert (first == f"Nothing was chosen: --keep {keep} is the whole pool of 12.") is (keep != "9")
    assert not any("nothing is chosen" in line or "score more" in line for line in done.stdout.splitlines())


def test_several_files_of_a_pool_are_named_one_after_the_other(command_line, folder):
    options = "--scorer length --baseline random --no-report --assessment tasks.jsonl --keep 3 --out mine --json"
    (folder / "more.jsonl").write_text('{"instruction": "Say more.", "output": "More is said."}\n')
    done = command_line("run", "pool.jsonl", "more.jsonl", *options.split(), code=0)
    assert sum(json.loads(done.stdout)["rows"].values()) == 13


@pytest.mark.parametrize("words", OF_MODELS)
def test_a_model_that_is_not_there_is_refused_before_the_pool_is_read(command_line, folder, words):
    for module in ("icon_llamacpp", "icon_torch"):
        pytest.importorskip(module, reason="the backends are not installed")
    said = refused(command_line, folder, words)
    assert OF_MODELS[words] in said
    assert "reading the pool" not in said


@pytest.fixture
def nowhere():
    """The address of a machine that takes no connection, in a process whose hub libraries may ask."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def online(monkeypatch, nowhere):
    """A process whose hub libraries may ask, the hub being at an address where nothing answers."""
    import datasets
    import huggingface_hub

    for module in (huggingface_hub.constants, datasets.config):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", False)
    for variable in (*network.ENVIRONMENT, network.OFFLINE, network.PASSED_ON):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", nowhere)
    return {"HF_ENDPOINT": nowhere, "HF_HUB_OFFLINE": None}


@pytest.mark.parametrize("words", OF_THE_HUB)
def test_a_name_of_the_hub_fails_at_once_where_it_cannot_be_reached(command_line, folder, online, words, monkeypatch):
    for module in ("icon_llamacpp", "icon_torch"):
        pytest.importorskip(module, reason="the backends are not installed")
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)  # as the hub's client does before it asks again
    said = refused(command_line, folder, words, **online)
    assert OF_THE_HUB[words].format(online["HF_ENDPOINT"], CHECKED) in said
    assert said.count("error: ") == 1
    assert "Retrying" not in said
    assert sum(slept) < 1
