"""Template `auto` is the model's own chat template where it has one, else `alpaca`, and opens no model for nothing."""

import json

import pytest

import icon
from icon.runs.manifest import load_manifest
from icon.testing import FakeBackend
from icon.types import ChatTemplate
from support import tiny_model

CHAT = ChatTemplate(tiny_model.CHAT_TEMPLATE, "", "<|im_end|>")


def write(path, records):
    path.write_text("".join(json.dumps({"instruction": x, "output": y}) + "\n" for x, y in records))
    return path


@pytest.fixture
def given(tmp_path):
    pool = write(tmp_path / "pool.jsonl", [("Name a colour.", "Blue."), ("Add 2 and 2.", "It is 4.")])
    tasks = write(tmp_path / "tasks.jsonl", [("Which colour has grass?", "Grass is green.")])
    more = {"template": "auto", "selector": "top", "keep": 1, "baselines": ("length",), "report": False}
    return {"pool": pool, "assessment": tasks, "out": tmp_path / "run", **more}


def manifest_of(given):
    return load_manifest(given["out"] / "run.json")


@pytest.mark.model
@pytest.mark.parametrize(("chat_template", "name"), [(tiny_model.CHAT_TEMPLATE, "chat"), (None, "alpaca")])
def test_the_model_decides_and_its_special_tokens_are_read_only_for_its_own_template(
    given, tmp_path, chat_template, name
):
    pytest.importorskip("icon_llamacpp")
    model = tiny_model.write_gguf(tmp_path / "model.gguf", chat_template=chat_template)
    options = {"model": str(model), "precision": "as-is"}
    icon.run(**given, backend="llamacpp", backend_options=options)
    manifest = manifest_of(given)
    assert (manifest.config.template, manifest.inputs.template.name) == ("auto", name)
    assert manifest.model.settings["special_tokens"] is (name == "chat")
    by_name = icon.run(
        **{**given, "template": name, "out": tmp_path / "named"}, backend="llamacpp", backend_options=options
    )
    found = icon.load_run(given["out"])
    assert [row.score for row in found.rows] == [row.score for row in by_name.rows]
    assert f"template {name}" in dict(icon.results.wording.facts(manifest))["model"]


@pytest.mark.parametrize(("chat", "name"), [(CHAT, "chat"), (None, "alpaca")])
def test_a_backend_that_was_given_decides(given, chat, name):
    icon.run(**given, backend=FakeBackend(chat_template=chat))
    assert manifest_of(given).inputs.template.name == name


def test_a_run_that_goes_on_with_another_chat_template_is_refused(given):
    icon.run(**given, backend=FakeBackend(chat_template=CHAT))
    for part in (given["out"] / "contributions").glob("*.parquet"):
        part.unlink()
    with pytest.raises(icon.ConfigError, match="template"):
        icon.run(**given, backend=FakeBackend())


def test_without_a_scorer_that_needs_the_model_none_is_opened_and_no_template_recorded(given):
    icon.run(**given, scorer="length", backend="llamacpp", backend_options={"model": "no-such-file.gguf"})
    manifest = manifest_of(given)
    assert (manifest.model, manifest.inputs.template) == (None, None)


def test_a_scorer_that_needs_the_model_may_join_later(given):
    given["assessment_size"] = 1
    icon.run(**given, scorer="length", backend=FakeBackend(chat_template=CHAT))
    assert manifest_of(given).inputs.template is None
    icon.run(**{**given, "baselines": ("ppl",)}, scorer="length", backend=FakeBackend(chat_template=CHAT))
    assert manifest_of(given).inputs.template.name == "chat"


def test_score_and_run_choose_alike(given):
    for chat in (CHAT, None):
        backend = FakeBackend(chat_template=chat)
        pool, tasks = icon.load_samples(given["pool"]), icon.load_samples(given["assessment"])
        auto, named = (
            icon.score(pool, tasks, backend=backend, template=name) for name in ("auto", "chat" if chat else "alpaca")
        )
        assert [one.score for one in auto] == [one.score for one in named]


def test_responses_that_the_chat_template_trims_are_scored_and_that_is_said_once(given):
    trims = ChatTemplate(tiny_model.CHAT_TEMPLATE.replace("message['content']", "message['content'] | trim"), "", "")
    write(given["pool"], [("Name a colour.", "Blue.\n"), ("Add 2 and 2.", " It is 4."), ("Add 1 and 1.", "It is 2. ")])
    write(given["assessment"], [("Which colour has grass?", "Grass is green.\n\n"), ("And the sky?", "\tIt is blue.")])
    icon.run(**given, backend=FakeBackend(chat_template=trims))
    assert [row.status for row in icon.load_run(given["out"]).rows] == ["scored"] * 3
    said = [text for texts in manifest_of(given).warnings.values() for text in texts if "white space" in text]
    assert said == [
        "the model's chat template leaves out white space at the ends of a response: the trimmed text is scored"
    ]


def test_a_bos_that_only_the_chat_template_writes_is_read_once_by_every_pass(given):
    read = []

    class Listening(FakeBackend):
        def score(self, context, targets):
            read.extend(context + target.prompt for target in targets)
            return super().score(context, targets)

    source = "{{ bos_token }}" + tiny_model.CHAT_TEMPLATE
    given["baselines"] = ("ppl",)
    icon.run(**given, backend=Listening(chat_template=ChatTemplate(source, "<s>", "</s>")))
    assert len(read) >= 5  # NLL(S) and NLL(y given x), and each candidate in front of the task
    assert all(text.startswith("<s>") and text.count("<s>") == 1 for text in read)
