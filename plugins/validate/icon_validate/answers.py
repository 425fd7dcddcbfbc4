"""Answers of trained models to a file of requests, and what a judge says of them beside those of the bare model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from icon.errors import BadRowsError, InputError, RowFault, RunError
from icon.inference.following import tokens_after, with_bos
from icon.plugins import Template
from icon.runs.sealed import opened_line, read_bounded, read_sealed, sealed_line, write_sealed
from icon.runs.validation import Table, ValidationStore
from icon.samples.making import content_id
from icon.samples.records import iter_records
from icon.samples.templates.loading import opening_of
from icon.types import Message, Sample
from icon.validation.arms import ArmSpec
from icon_torch.backend import TorchBackend
from icon_validate.pairwise.judges import PairJudge
from icon_validate.pairwise.question import Pair
from icon_validate.pairwise.score import Choice

FIELDS = ("instruction", "prompt", "question", "text", "request")
"""Fields that may hold a request; `input` beside `instruction` is its passage."""

SEALED = {"arm", "answers", "checksum"}
"""Fields of a file of answers; that of an older version has the answers alone."""


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests of a file.

    Attributes:
        samples: A sample per request, without a response.
        digest: Digest of the requests and of how they are answered; answers of others are never mixed with them.
    """

    samples: tuple[Sample, ...]
    digest: str


def read_requests(file: str, answer_tokens: int) -> Requests:
    """The requests of a file of any kind that icon reads, one per record.

    Raises:
        InputError: The file cannot be read or has no request.
        BadRowsError: Records have none.
    """
    samples: dict[str, Sample] = {}
    faults = []
    for record in iter_records(file):
        fields = record.fields or {}
        text = next((fields[name] for name in FIELDS if isinstance(fields.get(name), str) and fields[name].strip()), "")
        if not text:
            found = f"the fields {', '.join(sorted(fields)) or 'none'}"
            valid = f"a text in one of {', '.join(FIELDS)}"
            faults.append(record.fault or RowFault(record.row, record.where, "", found, valid))
            continue
        passage = fields.get("input") if isinstance(fields.get("input"), str) else ""
        messages = (Message("user", text),)
        id_ = content_id(messages, passage or "", "")
        samples.setdefault(id_, Sample(id_, record.row, messages, " ", passage=passage or ""))
    if faults:
        raise BadRowsError(file, faults)
    if not samples:
        raise InputError(f"{file}: found no request; valid: records with a text in one of {', '.join(FIELDS)}")
    digest = sha256(json.dumps([answer_tokens, sorted(samples)]).encode()).hexdigest()[:8]
    return Requests(tuple(samples.values()), digest)


class AnswerStore:
    """The answers of each arm and the judgments of them, in `validation/answers`."""

    def __init__(self, store: ValidationStore, requests: Requests) -> None:
        self.folder = store.folder / "answers"
        self.requests = requests
        self._store = store

    def path(self, table: Table, spec: ArmSpec) -> Path:
        """The file of an arm's answers."""
        return self.folder / f"{self._store.arm_path(table, spec).stem}-{self.requests.digest}.json"

    def read(self, table: Table, spec: ArmSpec) -> dict[str, str] | None:
        """Answers by id of their request; None where they are not made yet, or their file is damaged."""
        path = self.path(table, spec)
        if not path.exists():
            return None
        wanted = {sample.id for sample in self.requests.samples}
        try:
            found = read_sealed(path, "")
        except RunError:
            found = {}
        answers = (
            found["answers"] if found.keys() == SEALED and found["arm"] == path.stem else found
        )  # or an older file
        if isinstance(answers, dict) and answers.keys() == wanted:
            return answers
        self._store.set_aside(path)
        return None

    def write(self, table: Table, spec: ArmSpec, answers: Mapping[str, str]) -> None:
        """Write an arm's answers, all or none."""
        path = self.path(table, spec)
        write_sealed(path, {"arm": path.stem, "answers": dict(answers)})

    def judgments(self, table: Table, spec: ArmSpec, judge: str) -> Judgments:
        """The judgments of an arm by a judge, as far as they go.

        Args:
            table: How arms are made comparable.
            spec: The arm.
            judge: Everything that decides a judgment besides the arm's own answers.
        """
        name = sha256(judge.encode()).hexdigest()[:8]
        return Judgments(self.path(table, spec).with_suffix(f".by-{name}.jsonl"))


class Judgments:
    """Judgments in both orders by id of their request: a file to which each is appended as soon as it is made.

    Each line has a checksum; one that is damaged, or that a kill cut off, is judged again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known = dict(self._read())
        self._cut = path.exists() and not path.read_bytes().endswith(b"\n")  # a kill cut its last line off

    def add(self, id_: str, straight: Choice, swapped: Choice) -> None:
        """Keep the two judgments of a request."""
        self.known[id_] = (straight, swapped)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" * self._cut + sealed_line([id_, straight, swapped]) + "\n")
        self._cut = False

    def _read(self) -> Iterable[tuple[str, tuple[Choice, Choice]]]:
        if not self.path.exists():
            return
        for line in read_bounded(self.path).decode("utf-8", "replace").splitlines():
            values = opened_line(line, 3)
            with suppress(ValueError):  # of no choice
                if values is not None:
                    yield values[0], (Choice(values[1]), Choice(values[2]))


def answer(
    model: Any,
    backend: TorchBackend,
    template: Template,
    requests: Requests,
    longest: int,
    progress: Callable[[int, int], None],
) -> dict[str, str]:
    """The most likely answer of a model to every request, token by token (greedy), by id.

    An answer ends with the model's end of text, where the template would put the next text apart, or at `longest`
    tokens.

    Args:
        model: The trained model.
        backend: Its tokenizer.
        template: Renders the request.
        requests: The requests.
        longest: Most tokens of an answer.
        progress: Called with the number of answers made and their number in all.
    """
    answers = {}
    end = backend.tokenizer.eos_token_id
    for number, sample in enumerate(requests.samples, 1):
        # Without a blank at the end: the model says it itself, joined to its first word.
        text = opening_of(template) + template.target(sample).prompt.removesuffix(" ")
        prompt = with_bos(backend, tokens_after(backend, "", text))
        ids = torch.tensor([prompt], device=backend.device)
        with torch.no_grad():
            made = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=longest,
                do_sample=False,
                pad_token_id=0 if end is None else end,
            )
        text = str(backend.tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True))
        answers[sample.id] = (text.split(template.separator)[0] if template.separator else text).strip()
        progress(number, len(requests.samples))
    return answers


def judge_answers(
    judge: PairJudge,
    requests: Sequence[Sample],
    answers: Mapping[str, str],
    bare: Mapping[str, str],
    judgments: Judgments,
    progress: Callable[[int, int], None],
) -> None:
    """Let the judge compare an arm's answers with the bare model's, in both orders; known judgments stay.

    Equal answers are a tie, without asking.
    """
    for number, sample in enumerate(requests, 1):
        if sample.id not in judgments.known:
            pair = Pair(sample.prompt_text, answers[sample.id], bare[sample.id])
            if pair.first == pair.second:
                judgments.add(sample.id, Choice.TIE, Choice.TIE)
            else:
                judgments.add(sample.id, judge.choose(pair), judge.choose(pair.swapped()))
        progress(number, len(requests))
