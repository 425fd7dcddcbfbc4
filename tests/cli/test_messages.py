"""Every refusal is one sentence: what and where, what was found, what is valid, and what to type next."""

import json
import re
from functools import partial

import pytest

from icon.config import RunConfig, resolve
from icon.errors import ConfigError, IconError
from icon.pipeline.builtin import default_plugins

FOREIGN = re.compile(
    r"Input should|Extra inputs|Value error|Field required|unable to parse|Traceback|pydantic|╭|Usage: icon \[OPT.* C"
)
"""Words of libraries that say nothing to a user."""

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
    "run pool.jsonl --config unknown.json": "unknown.json: assessment-size: no such setting (found 3). "
    "Did you mean assessment_size or assessment?",
    "run pool.jsonl --config option.yaml": "option.yaml: model: no such setting (found 'gpt2'); valid: backend_options "
    "with model in it",
    "run pool.jsonl --config wrong.yaml": "wrong.yaml: baselines: found 3; valid: a list, each of it a text",
    "run pool.jsonl --config twice.yaml": "twice.yaml: not a readable YAML settings file: line 2, column 1: found the "
    "key 'seed' twice; valid: each name once",
    "run pool.jsonl --config unknwn.toml": "unknwn.toml: cannot be read: No such file or directory; valid: a settings "
    "file in YAML, TOML or JSON. Did you mean unknown.toml",
    "run pool.jsonl --preset papr": "--preset papr: no such preset; valid: paper, released, demo. Did you mean paper?",
    # strategies and their options
    "run pool.jsonl --scorer lenght": "no scorer named 'lenght'; installed: ",
    "run pool.jsonl --scorer Length": "Did you mean length?",
    "run pool.jsonl --selector tip --scorer length": "Did you mean top?",
    "run pool.jsonl --format alpca --scorer length": "Did you mean alpaca?",
    "run pool.jsonl --template alpca --scorer length": "Did you mean alpaca",
    "run pool.jsonl --scorer length -o scorer.unti=words": "length: unti: no such option (found 'words'); length takes "
    "unit. Did you mean unit?",
    "run pool.jsonl --scorer length --control none": "length: control: no such option (found 'none'); length takes "
    "unit; control is an option of --scorer icon",
    "export mine --to trll": "--to: found 'trll'; valid: ",
    "plugins lenth": "Did you mean length",
}

OF_BACKENDS = {
    "run pool.jsonl --backend lamacpp": "Did you mean llamacpp?",
    "run pool.jsonl --device cuda": "llamacpp: device: no such option (found 'cuda'); llama.cpp uses a GPU where it "
    "was built for one: -o backend.gpu_layers=0 for the processor alone, -1 (the default) for all layers on the GPU; "
    "devices are chosen with --backend torch",
    "run pool.jsonl --devices 0,1": "--devices cuda:0,cuda:1: llamacpp has no choice of devices; llama.cpp uses a GPU",
    "run pool.jsonl --dtype float16": "llamacpp: dtype: no such option (found 'float16'); the type of the weights is "
    "-o backend.precision=f16 here",
    "run pool.jsonl -o backend.gpu_layer=3": "Did you mean gpu_layers?",
    "run pool.jsonl -o backend.attention=flex": "attention is an option of --backend torch",
    "run pool.jsonl --backend torch -o backend.gpu_layers=3": "torch: gpu_layers: no such option (found 3); --device "
    "cuda or --device cpu says where torch works",
    "run pool.jsonl --backend torch -o backend.precision=f16": "the type of the weights is --dtype",
    "run pool.jsonl --backend torch -o backend.special_tokens=maybe": "torch: special_tokens: found 'maybe'; valid: "
    "true, false or auto",
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
    return tmp_path


def refused(command_line, folder, words, code=2):
    """What a command says that is refused with this code and leaves nothing."""
    before = sorted(folder.rglob("*"))
    done = command_line(*words.split(), code=code)
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


WRONG = [None, -1, 1.5, "x", [], [1], {}, {"a": 1}, True, 10**30, float("nan"), b"x"]


def said_by(action):
    """What an action says that is refused; empty where it is not."""
    try:
        action()
    except IconError as error:
        return str(error) if isinstance(error, ConfigError) else f"pydantic? {type(error)}: {error}"
    return ""


@pytest.mark.parametrize("name", [*RunConfig.model_fields, "colour"])
def test_no_wrong_value_of_any_setting_is_answered_in_the_words_of_a_library(name):
    for value in WRONG:
        said = said_by(partial(resolve, {name: value}))
        assert not FOREIGN.search(said), said
        assert not said or name in said


@pytest.mark.parametrize("kind", ["assessment", "scorer", "selector", "backend", "reader"])
def test_no_wrong_value_of_any_option_is_answered_in_the_words_of_a_library(kind):
    for strategy in default_plugins().strategies(kind).values():
        for option in [*strategy.options.model_fields, "colour"]:
            for value in WRONG:
                said = said_by(partial(strategy.validate, {option: value}))
                assert not FOREIGN.search(said), said
                assert not said or strategy.name in said
