"""A judge that is a model of any of icon's backends: the more likely verdict letter is its choice."""

from __future__ import annotations

from hashlib import sha256

from icon.plugins import Backend, Template
from icon.samples import load_template
from icon.samples.templates.loading import opening_of
from icon.samples.text import with_blank
from icon.types import Message, Sample, Status, Target
from icon_validate.pairwise.question import LETTERS, Pair
from icon_validate.pairwise.score import Choice


class ModelJudge:
    """Compares the log-likelihoods of the letters A, B and C after the question.

    A question that the model cannot read, mostly one longer than its context, is `Choice.NONSENSE`. The question is
    put into the model's chat template where it has one.

    Args:
        backend: An open backend; it is closed with the judge.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.name = backend.describe().model
        chat = backend.chat_template()
        bos = backend.describe().bos
        self._template: Template = load_template("chat" if chat else "plain", chat, adds_bos=bos)

    def choose(self, pair: Pair) -> Choice:
        """The choice between the two answers: the letter with the largest log-likelihood, A before B before C."""
        targets = [self._target(pair.question, letter) for letter in LETTERS]
        scored = self.backend.score(opening_of(self._template), targets)
        if any(found.status is not Status.OK for found in scored):
            return Choice.NONSENSE
        likelihoods = {letter: sum(found.logprobs) for letter, found in zip(LETTERS, scored, strict=True)}
        return LETTERS[max(likelihoods, key=lambda letter: likelihoods[letter])]

    def _target(self, question: str, letter: str) -> Target:
        """The letter as it is read after the question; a blank at the end is the letter's where the two are joined."""
        target = self._template.target(_asked(question, letter))
        return Target(*with_blank(target.prompt, target.response, self.backend.tokenize))

    def close(self) -> None:
        """Close the backend."""
        self.backend.close()


def _asked(question: str, letter: str) -> Sample:
    name = sha256(f"{question}\n{letter}".encode()).hexdigest()[:16]
    return Sample(name, 0, (Message("user", question),), letter)
