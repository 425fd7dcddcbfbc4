"""Turns samples into token ids of prompt and response; one that cannot be read has a status and a reason."""

from __future__ import annotations

from dataclasses import dataclass

from icon.errors import AbilityError, InputError, TemplateError
from icon.inference.scoring import sequence
from icon.plugins import ScoringTask
from icon.scorers import TooLong, render_target
from icon.scorers.passes import too_short
from icon.types import Sample, Status
from icon_torch.known_tokens import known_tokens
from icon_torch.lora.texts import TorchModel


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of a sample.

    Attributes:
        ids: Token ids of BOS where the model has one, primer, prompt and response.
        first: Place in `ids` of the first response token that counts; at least 1.
        note: What was truncated.
    """

    ids: tuple[int, ...]
    first: int
    note: str = ""

    @property
    def counted(self) -> int:
        """Number of response tokens that count."""
        return len(self.ids) - self.first


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a sample has no gradient."""

    status: Status
    reason: str


def model_of(task: ScoringTask) -> TorchModel:
    """The task's backend, whose model can be trained.

    Raises:
        AbilityError: It is not the torch backend.
    """
    backend = task.backend
    if isinstance(backend, TorchModel):
        return backend
    name = backend.describe().backend if backend is not None else "none"
    raise AbilityError(
        f"scorer less: it takes gradients of a model of the torch backend; found the backend {name}; valid: "
        "--backend torch, or a scorer without gradients such as rds"
    )


def encode(sample: Sample, task: ScoringTask) -> Encoded | Failure:
    """Primer, prompt and response as token ids, each tokenised by itself, as the run's NLLs are."""
    backend = model_of(task)
    try:
        target, note = render_target(sample, task)
        before, response = sequence(backend, task.primer, target)
    except TooLong as error:
        return Failure(Status.TOO_LONG, str(error))
    except (TemplateError, InputError) as error:
        return Failure(Status.FAILED, str(error))
    ids = (*before, *response)
    limit, n_known = backend.describe().context_length, known_tokens(backend.model)
    if not before or not response:
        return Failure(Status.FAILED, "nothing precedes the response, or the response has no token")
    if len(ids) > limit:
        return Failure(Status.TOO_LONG, f"prompt and response are {len(ids)} tokens; this backend reads {limit}")
    if max(ids) >= n_known:
        return Failure(Status.FAILED, f"token {max(ids)} is none of the model's {n_known:,}")
    if fault := too_short(len(response), task.skip_tokens):
        return Failure(Status.FAILED, fault)
    return Encoded(ids, len(before) + task.skip_tokens, note)
