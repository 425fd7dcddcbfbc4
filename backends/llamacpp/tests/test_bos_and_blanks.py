"""One BOS, and the tokens that the whole text has, under llama.cpp; the reference is `llama_cpp.Llama.tokenize`."""

import hashlib
from functools import cache

import pytest

from icon.samples import load_template
from icon.samples.templates.loading import opening_of, template_of_model
from icon.types import ChatTemplate, Message, Sample, Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions
from support import tiny_model

pytestmark = pytest.mark.model

TURNS = (
    "{% for m in messages %}{{ '[' + m.role + ']\n' + m.content + eos_token + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '[assistant]\n' }}{% endif %}"
)
SAMPLE = Sample("s", 0, (Message("user", "Which city?"),), "Paris.")
SHOWN = Sample("t", 1, (Message("user", "Which one?"),), "That one.")
RENDERED = "[user]\nWhich city?</s>\n[assistant]\nParis."


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Opens the tiny model with a SentencePiece vocabulary, and llama-cpp-python's own class on the same file."""
    import llama_cpp

    folder, every = tmp_path_factory.mktemp("spm"), []

    @cache
    def open_(*, adds, writes, blank=True, special=True):
        vocabulary = tiny_model.sentencepiece(adds_bos=adds, blank=blank)
        source = ("{{ bos_token }}" if writes else "") + TURNS
        path = folder / f"{adds}-{writes}-{blank}.gguf"
        tiny_model.write_gguf(path, chat_template=source, vocabulary=vocabulary)
        backend = LlamaCppBackend(
            LlamaCppOptions(model=str(path), precision="as-is", threads=1, special_tokens=special)
        )
        reference = llama_cpp.Llama(
            str(path), n_ctx=512, n_threads=1, n_threads_batch=1, logits_all=True, verbose=False
        )
        every.extend((backend, reference))
        return backend, reference

    yield open_
    for model in every:
        model.close()


def nll(reference, ids, n_scored):
    """Mean of -log p of the last tokens, by llama-cpp-python's own pass, whose cache is in half precision."""
    import numpy as np

    reference.reset()
    reference.eval(ids)
    logits = np.asarray(reference.scores[: len(ids)], dtype=np.float64)
    logprobs = (
        logits
        - np.log(np.exp(logits - logits.max(-1, keepdims=True)).sum(-1, keepdims=True))
        - logits.max(-1, keepdims=True)
    )
    return -sum(logprobs[place - 1, ids[place]] for place in range(len(ids) - n_scored, len(ids))) / n_scored


@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("adds", [True, False])
def test_the_number_is_that_of_the_rendered_text_with_one_bos(opened, adds, writes, blank):
    backend, reference = opened(adds=adds, writes=writes, blank=blank)
    template = template_of_model("chat", backend)
    (found,) = backend.score(opening_of(template), [template.target(SAMPLE)])
    text = ("<s>" if writes else "") + RENDERED
    ids = reference.tokenize(text.encode(), add_bos=adds and not writes, special=True)
    assert ids.count(1) == (adds or writes)
    assert ids[-len(found.token_ids) :] == list(found.token_ids)
    if adds or writes:
        assert found.nll == pytest.approx(nll(reference, ids, len(found.token_ids)), abs=3e-3)


def test_a_lost_bos_is_another_number(opened):
    backend, _ = opened(adds=False, writes=True)
    template = template_of_model("chat", backend)
    lost = load_template("chat", ChatTemplate(backend.chat_template().source, "<s>", "</s>"), adds_bos=True)
    (right,) = backend.score(opening_of(template), [template.target(SAMPLE)])
    (wrong,) = backend.score("", [lost.target(SAMPLE)])
    assert abs(right.nll - wrong.nll) > 0.01


def test_a_demonstration_brings_no_second_bos(opened):
    for adds, writes in ((True, True), (False, True), (True, False)):
        backend, reference = opened(adds=adds, writes=writes)
        template = template_of_model("chat", backend)
        context = opening_of(template) + template.demonstration(SHOWN)
        (found,) = backend.score(context, [template.target(SAMPLE)])
        text = "<s>[user]\nWhich one?</s>\n[assistant]\nThat one.</s>\n" + RENDERED
        ids = reference.tokenize(text.encode(), add_bos=False, special=True)
        assert ids.count(1) == 1
        assert found.nll == pytest.approx(nll(reference, ids, len(found.token_ids)), abs=3e-3)


@pytest.mark.parametrize("response", [" Paris.", "Paris.", "  Paris."])
@pytest.mark.parametrize("prompt", ["The capital of France is\n", "The capital of France is", "The capital: "])
def test_a_response_has_the_blanks_of_its_text_and_no_other(opened, prompt, response):
    from icon.samples.text import with_blank

    backend, reference = opened(adds=True, writes=False, special=False)
    target = Target(*with_blank(prompt, response, backend.tokenize))
    (found,) = backend.score("", [target])
    ids = reference.tokenize((prompt + response).encode(), add_bos=True, special=False)
    assert ids[-len(found.token_ids) :] == list(found.token_ids)
    assert "".join(backend.token_pieces(found.token_ids)) == target.response
    assert found.nll == pytest.approx(nll(reference, ids, len(found.token_ids)), abs=3e-3)


@pytest.mark.parametrize("adds", [True, False])
def test_a_file_without_a_bos_has_no_word_in_its_place(tmp_path, adds):
    def without(writer):
        tiny_model.byte_level(writer)
        del writer.kv_data[0]["tokenizer.ggml.bos_token_id"]
        del writer.kv_data[0]["tokenizer.ggml.eos_token_id"]
        writer.kv_data[0]["tokenizer.ggml.add_bos_token"].value = adds

    path = tiny_model.write_gguf(tmp_path / "none.gguf", vocabulary=without)
    with LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is", threads=1)) as backend:
        chat = backend.chat_template()
        assert (chat.bos_token, chat.eos_token) == ("", "")
        assert not backend.describe().bos
        (alone,) = backend.score("", [Target("", "P")])
        assert alone.reason.endswith("context and prompt are empty and the model has no BOS token")


def test_an_embedding_is_the_same_whether_tokenizer_or_text_brings_the_bos(opened):
    """The tokenizer's own is read and not averaged, as `test_embedding.py` compares with llama.cpp's pooling."""
    adding, bringing = opened(adds=True, writes=False)[0], opened(adds=False, writes=True)[0]
    (wanted,), (found,) = adding.embed([RENDERED]), bringing.embed(["<s>" + RENDERED])
    assert found.tolist() == pytest.approx(wanted.tolist(), abs=1e-4)


def test_a_vocabulary_that_puts_blanks_in_front_has_a_digest_of_its_own(opened):
    """Its tokens changed since earlier versions, so parts that those measured are not taken for this version's."""
    for blank in (True, False):
        backend, _ = opened(adds=True, writes=False, blank=blank)
        vocabulary = backend._vocabulary
        assert (vocabulary.digest != earlier_digest(vocabulary)) == blank


def earlier_digest(vocabulary):
    """The digest of before tokens depended on what precedes a text."""
    api, vocab = vocabulary._api, vocabulary._vocab
    digest = hashlib.sha256(
        repr((vocabulary.adds_bos, api.llama_vocab_bos(vocab), vocabulary.eos, api.llama_vocab_type(vocab))).encode()
    )
    for token in range(vocabulary._n_tokens):
        digest.update(api.llama_vocab_get_text(vocab, token) or b"")
        digest.update(b"\0%d\0" % api.llama_vocab_get_attr(vocab, token))
    return digest.hexdigest()
