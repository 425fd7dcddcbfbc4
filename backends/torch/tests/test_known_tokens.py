"""Tokens beyond the model's embedding: another model's tokenizer is refused, a text with an added one has a reason."""

import json
import shutil

import pytest
from transformers import AutoTokenizer

from icon.errors import BackendError, ModelNameError
from icon.types import Message, Sample, Status, Target
from icon_torch.backend import TorchBackend
from icon_torch.lora.texts import Reader
from icon_torch.options import TorchOptions
from support import tiny_model

EXTRA, N = "<extra>", tiny_model.VOCABULARY


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """The tiny model, whose tokenizer got a token that the model never learned."""
    folder = tmp_path_factory.mktemp("added") / "model"
    shutil.copytree(tiny_model.transformers_folder(), folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([EXTRA])
    tokenizer.save_pretrained(folder)
    with TorchBackend(TorchOptions(model=str(folder), device="cpu", threads=1)) as backend:
        yield backend


def test_a_text_with_such_a_token_has_a_reason_and_harms_nobody(added):
    plain = Target("Question:", " answer")
    targets = [plain, Target(f"Question {EXTRA}", " answer"), Target("Question:", f" {EXTRA}")]
    found = added.score("A context.", targets)
    assert [each.status for each in found] == [Status.OK, Status.FAILED, Status.FAILED]
    for each in found[1:]:
        assert each.reason == f"token '{EXTRA}' ({N}) is none of the model's {N}: it was added to the tokenizer alone"
    assert found[0] == added.score("A context.", [plain])[0]
    assert added.score_alone("A context.", targets[1]).status is Status.FAILED


def test_a_context_with_such_a_token_gives_no_number(added):
    (found,) = added.score(f"A {EXTRA} context.", [Target("a", "b")])
    assert (found.status, found.logprobs) == (Status.FAILED, ())
    assert found.reason.startswith("the context: token")


def test_counting_and_showing_go_on(added):
    ids = added.tokenize(f"a {EXTRA}")
    assert ids[-1] == N
    assert added.token_pieces(ids)[-1] == EXTRA


def test_embedding_and_training_say_which_token_it_is(added):
    with pytest.raises(BackendError, match=rf"cannot be embedded: token '<extra>' \({N}\)"):
        added.embed(["plain", f"with {EXTRA}"])
    sample = Sample("candidate-7", 7, (Message("user", f"Say {EXTRA}."),), "Said.")
    with pytest.raises(BackendError, match=rf"candidate candidate-7: its text has token {N}, which is none of .* {N}"):
        Reader(added, 64).read([sample])


def changed(folder, change):
    """The tiny model beside a tokenizer that was changed."""
    shutil.copytree(tiny_model.transformers_folder(), folder)
    path = folder / "tokenizer.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return folder


def test_the_tokenizer_of_another_model_is_refused_at_loading(tmp_path):
    def enlarge(data):
        data["model"]["vocab"] |= {f"word{n}": N + n for n in range(40)}

    with pytest.raises(ModelNameError) as raised:
        TorchBackend(TorchOptions(model=str(changed(tmp_path / "model", enlarge)), device="cpu"))
    assert f"its tokenizer has {N + 40} tokens and the model {N}" in str(raised.value)
    assert f"beyond it are 'word0' ({N}), 'word1' ({N + 1}), 'word2' ({N + 2}) and 37 more" in str(raised.value)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("has", [True, False])
def test_auto_reads_special_tokens_where_the_model_has_a_chat_template(tmp_path, has):
    model = tiny_model.write_gguf(tmp_path / "model.gguf", chat_template=tiny_model.CHAT_TEMPLATE if has else None)
    with TorchBackend(TorchOptions(model=str(model), special_tokens="auto")) as backend:
        assert (backend.chat_template() is not None) == has
        assert backend.describe().settings["special_tokens"] is has
        assert (len(backend.tokenize("<|im_start|>")) == 1) == has
