"""One BOS, and the tokens that the whole text has, for every kind of tokenizer.

The reference is transformers: `tokenizer.apply_chat_template(tokenize=True)` for a chat template, and the tokenizer
itself on the whole text for a text template. What the model would read is recorded from an engine that evaluates
nothing.
"""

from __future__ import annotations

import hashlib
from functools import partial

import numpy as np
import pytest
from tokenizers import AddedToken

from icon.inference import score
from icon.samples import load_template
from icon.samples.templates.loading import opening_of
from icon.samples.text import with_blank
from icon.types import ChatTemplate, Message, Sample, Target
from icon_torch.vocabulary import Vocabulary
from support.tiny_tokenizers import byte_level, sentencepiece

TURNS = "<|user|>{}<|end|><|assistant|>"
SPECIAL = ("<|user|>", "<|end|>", "<|assistant|>", "[INST]", "[/INST]")
KINDS = {
    "llama-3": partial(byte_level, special=SPECIAL),
    "gemma": partial(sentencepiece, blank="none", bos="<bos>", special=SPECIAL),
    "llama-2": partial(sentencepiece, blank="every", special=SPECIAL),
    "mistral": partial(sentencepiece, blank="first", special=SPECIAL),
    "unigram": partial(sentencepiece, blank="every", kind="unigram", special=SPECIAL),
}
TEMPLATES = {
    "special": (
        "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
    ),
    "lines": (
        "{% for m in messages %}{{ m.role + ':\n' + m.content + '\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant:\n' }}{% endif %}"
    ),
    "brackets": (
        "{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]' }}"
        "{% else %}{{ ' ' + m.content + eos_token }}{% endif %}{% endfor %}"
    ),
    "plain brackets": (
        "{% for m in messages %}{% if m.role == 'user' %}{{ 'INST ' + m.content + ' /INST' }}"
        "{% else %}{{ ' ' + m.content + eos_token }}{% endif %}{% endfor %}"
    ),
}
SAMPLE = Sample("s", 0, (Message("user", "the task is"),), "Paris is the one.")
SHOWN = Sample("t", 1, (Message("user", "is it the"),), "It is.")


class Recording:
    """An engine that keeps what it is asked to read."""

    context_length, pack_tokens, max_branches = 4096, 4096, 64

    def __init__(self):
        self.read = []

    def start(self, shared, *, wipe=False):
        self.shared = list(shared)

    def logprobs(self, pack):
        for branch in pack.branches:
            self.read.append(([*self.shared, *branch.tokens, branch.response[-1]], list(branch.response)))
        return [np.zeros(len(branch.response)) for branch in pack.branches]

    def shrink(self):
        return False


def read(vocabulary, context, target):
    """The whole sequence and the response's tokens."""
    engine = Recording()
    prompt, response = with_blank(target.prompt, target.response, vocabulary.tokenize)
    score(vocabulary, engine, context, [Target(prompt, response)])
    return engine.read[0]


def opened(tokenizer, source):
    """The vocabulary, and the chat template as a run loads it."""
    tokenizer.chat_template = source
    vocabulary = Vocabulary(tokenizer, special_tokens=True)
    chat = ChatTemplate(source, tokenizer.bos_token or "", tokenizer.eos_token)
    return vocabulary, load_template("chat", chat, adds_bos=vocabulary.adds_bos)


def reference(tokenizer, sample, *, response=True):
    chat = [{"role": turn.role, "content": turn.content} for turn in sample.messages]
    chat += [{"role": "assistant", "content": sample.response}] if response else []
    return list(tokenizer.apply_chat_template(chat, tokenize=True, return_dict=False))


def without_bos(tokenizer, ids):
    ids = list(ids)
    while ids and ids[0] == tokenizer.bos_token_id:
        del ids[0]
    return ids


@pytest.mark.parametrize("form", TEMPLATES)
@pytest.mark.parametrize("writes", [True, False], ids=["template writes it", "template does not"])
@pytest.mark.parametrize("adds", [True, False], ids=["tokenizer adds it", "tokenizer does not"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_has_one_bos_and_the_tokens_of_the_rendered_conversation(kind, adds, writes, form):
    tokenizer = KINDS[kind](adds=adds)
    vocabulary, template = opened(tokenizer, ("{{ bos_token }}" if writes else "") + TEMPLATES[form])
    sequence, response = read(vocabulary, opening_of(template), template.target(SAMPLE))
    bos = tokenizer.bos_token_id
    assert sequence.count(bos) == (adds or writes)
    assert (sequence[0] == bos) == (adds or writes)
    start = 1 if adds or writes else 0
    whole = without_bos(tokenizer, reference(tokenizer, SAMPLE))
    if kind == "mistral" and adds and writes:  # a BOS that is added is no text: the first word has its blank
        text = tokenizer.decode(reference(tokenizer, SAMPLE)).removeprefix("<s>")
        whole = without_bos(tokenizer, tokenizer(text).input_ids)
    assert sequence[start:] == whole[: len(sequence) - start]
    assert tokenizer.decode(response).strip() == SAMPLE.response


@pytest.mark.parametrize("writes", [True, False], ids=["template writes it", "template does not"])
@pytest.mark.parametrize("adds", [True, False], ids=["tokenizer adds it", "tokenizer does not"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_task_after_a_demonstration_has_one_bos_in_all(kind, adds, writes):
    tokenizer = KINDS[kind](adds=adds)
    vocabulary, template = opened(tokenizer, ("{{ bos_token }}" if writes else "") + TEMPLATES["special"])
    context = opening_of(template) + template.demonstration(SHOWN)
    sequence, _ = read(vocabulary, context, template.target(SAMPLE))
    assert sequence.count(tokenizer.bos_token_id) == (adds or writes)
    shown = without_bos(tokenizer, reference(tokenizer, SHOWN))
    start = 1 if adds or writes else 0
    assert sequence[start : start + len(shown)] == shown


@pytest.mark.parametrize("adds", [True, False])
def test_a_bos_that_marks_every_turn_is_not_doubled(adds):
    tokenizer = byte_level(bos="<|im_start|>", adds=adds, special=("<|im_end|>",))
    source = (
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    )
    vocabulary, template = opened(tokenizer, source)
    alone, _ = read(vocabulary, opening_of(template), template.target(SAMPLE))
    whole = reference(tokenizer, SAMPLE)
    assert alone == whole[: len(alone)]
    assert alone.count(tokenizer.bos_token_id) == 2
    context = template.demonstration(SHOWN)
    after, _ = read(vocabulary, opening_of(template) + context, template.target(SAMPLE))
    assert after == reference(tokenizer, SHOWN) + alone


@pytest.mark.parametrize("kind", KINDS)
def test_a_tokenizer_without_bos_has_none(kind):
    tokenizer = KINDS[kind](bos="", adds=False)
    vocabulary, template = opened(tokenizer, "{{ bos_token }}" + TEMPLATES["special"])
    sequence, _ = read(vocabulary, opening_of(template), template.target(SAMPLE))
    assert sequence == reference(tokenizer, SAMPLE)[: len(sequence)]
    assert opening_of(template) == ""


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("the task is\n", " Paris is."),
        ("the task is\n", "Paris is."),
        ("the task is", " Paris is."),
        ("the task is ", "Paris is."),
        ("the task:\n\n", "\n\nParis"),
        ("the task: ", "  Paris"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_prompt_and_response_have_the_tokens_of_the_text_that_they_make(kind, prompt, response):
    """So `the task is` and ` Paris` have one blank between them, not a second one that the tokenizer adds."""
    tokenizer = KINDS[kind](adds=True)
    vocabulary = Vocabulary(tokenizer, special_tokens=False)
    sequence, scored = read(vocabulary, "", Target(prompt, response))
    assert sequence == list(tokenizer(prompt + response).input_ids)
    assert tokenizer.decode(scored).strip() == response.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_a_response_by_itself_has_the_same_tokens_as_after_its_prompt(kind):
    tokenizer = KINDS[kind](adds=True)
    vocabulary = Vocabulary(tokenizer, special_tokens=False)
    for response in (" Paris is.", "Paris is."):
        after, alone = (read(vocabulary, "", Target(prompt, response))[1] for prompt in ("the task is\n", ""))
        assert after == alone == vocabulary.tokenize(response)


@pytest.mark.parametrize("kind", KINDS)
def test_a_special_token_that_takes_in_the_line_break_after_it_does_so_before_a_response(kind):
    """As Phi 3's do: the response follows the token itself, and with SentencePiece it has a blank."""
    tokenizer = KINDS[kind](adds=True)
    wide = AddedToken("<|assistant|>", special=True, normalized=False, rstrip=True)
    tokenizer.backend_tokenizer.add_special_tokens([wide])
    form = TEMPLATES["special"].replace("'|>'", "'|>\n'").replace("assistant|>'", "assistant|>\n'")
    vocabulary, template = opened(tokenizer, form)
    sequence, response = read(vocabulary, opening_of(template), template.target(SAMPLE))
    whole = reference(tokenizer, SAMPLE)
    assert sequence[1:] == whole[: len(sequence) - 1]
    assert sequence[-len(response) - 1] == tokenizer.convert_tokens_to_ids("<|assistant|>")


@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_that_puts_blanks_in_front_has_a_digest_of_its_own(kind):
    """Its tokens changed since earlier versions, so parts that those measured are not taken for this version's."""
    tokenizer = KINDS[kind](adds=True)
    vocabulary = Vocabulary(tokenizer, special_tokens=False)
    earlier = repr((True, tokenizer.bos_token_id, tokenizer.backend_tokenizer.to_str()))
    changed = vocabulary.digest != hashlib.sha256(earlier.encode()).hexdigest()
    assert changed == (kind in ("llama-2", "mistral", "unigram"))
