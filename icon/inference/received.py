"""What a backend returns, checked against its contract before any number of it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from weakref import WeakKeyDictionary

from icon.inference.following import tokens_after
from icon.inference.scoring import ROUNDING
from icon.inference.watching import model_call
from icon.plugins import Backend, Continuing, Reference
from icon.plugins.contract import broken, called, is_finite, is_list, shown
from icon.types import BackendInfo, ChatTemplate, Status, Target, TokenLogProbs

PROBE = "What is it? A text."
VALID_RESULT = "an icon.types.TokenLogProbs for each target, in order"
VALID_NUMBERS = "one natural logarithm per response token, finite and at most 0, or another status with its reason"

_counts: WeakKeyDictionary[Backend, dict[str, int]] = WeakKeyDictionary()
"""Numbers of tokens of responses, by each backend that a run has opened: those of an assessment set recur."""
MOST_COUNTS = 10_000


def scored(backend: Backend, context: str, targets: Sequence[Target], beginning: str = "") -> list[TokenLogProbs]:
    """Log-probabilities of the targets as `Backend.score` promises them.

    Args:
        backend: The backend.
        context: What the targets are conditioned on.
        targets: What to score.
        beginning: What other contexts begin with as well, for a backend that is `Continuing`; "" for nothing.

    Raises:
        PluginError: The backend breaks its contract, or raises an error that is none of icon's; it is named.
        OutOfTime: There is no time left for the call.
    """
    make: Callable[[], object]
    if beginning and isinstance(backend, Continuing):
        make = partial(backend.score_from, beginning, context, targets)
    else:
        make = partial(backend.score, context, targets)
    with model_call(context, targets):
        results: object = called(backend, "backend", "score", make)
    if not is_list(results):
        raise broken(backend, "backend", f"score gave {shown(results)}", VALID_RESULT)
    assert isinstance(results, Sequence)
    if len(results) != len(targets):
        found = f"score gave {len(results)} results for {len(targets)} targets"
        raise broken(backend, "backend", found, VALID_RESULT)
    return [_checked(backend, "score", target, result) for target, result in zip(targets, results, strict=True)]


def scored_alone(backend: Backend, context: str, target: Target) -> TokenLogProbs:
    """Log-probabilities of one target by a plain pass where the backend is a `Reference`, else by a call of its own.

    Raises:
        PluginError: As for `scored`.
    """
    if not isinstance(backend, Reference):
        return scored(backend, context, [target])[0]
    reference: Reference = backend
    result = called(backend, "backend", "score_alone", lambda: reference.score_alone(context, target))
    return _checked(backend, "score_alone", target, result)


def check_backend(backend: Backend) -> None:
    """Check, once it is open, what a backend says of itself and how it tokenises.

    From then on `scored` also compares the number of log-probabilities with that of the response's tokens.

    Raises:
        PluginError: Something has the wrong type.
    """
    info: object = called(backend, "backend", "describe", backend.describe)
    if not isinstance(info, BackendInfo):
        raise broken(backend, "backend", f"describe gave {shown(info)}", "an icon.types.BackendInfo")
    _token_ids(backend, PROBE)
    template: object = called(backend, "backend", "chat_template", backend.chat_template)
    if template is not None and not isinstance(template, ChatTemplate):
        raise broken(backend, "backend", f"chat_template gave {shown(template)}", "an icon.types.ChatTemplate, or None")
    spent: object = backend.tokens_evaluated
    if not isinstance(spent, int):
        raise broken(backend, "backend", f"tokens_evaluated is {shown(spent)}", "a whole number")
    with suppress(TypeError):  # it can be neither hashed nor referred to
        _counts.setdefault(backend, {})


def _checked(backend: Backend, method: str, target: Target, result: object) -> TokenLogProbs:
    """The result, where it is one: a status with a reason and no number, or OK with log-probabilities."""
    where = f"{method} gave, for the response {shown(target.response[:40])},"
    if not isinstance(result, TokenLogProbs):
        raise broken(backend, "backend", f"{where} {shown(result)}", VALID_RESULT)
    if result.status not in list(Status):
        raise broken(backend, "backend", f"{where} the status {shown(result.status)}", ", ".join(Status))
    if result.status != Status.OK:
        if len(result.logprobs) or not isinstance(result.reason, str) or not result.reason:
            found = f"{where} the status {result.status} with {len(result.logprobs)} numbers and the reason "
            raise broken(backend, "backend", found + shown(result.reason), "no number, and a reason in words")
        return result
    return _with_logprobs(backend, where, target, result)


def _with_logprobs(backend: Backend, where: str, target: Target, result: TokenLogProbs) -> TokenLogProbs:
    """The result with log-probabilities of all response tokens, rounding above 0 taken off."""
    logprobs = result.logprobs
    if not is_list(logprobs) or not is_list(result.token_ids):
        found = f"{where} {shown(logprobs)} for the tokens {shown(result.token_ids)}"
        raise broken(backend, "backend", found, VALID_NUMBERS)
    if not logprobs or len(logprobs) != len(result.token_ids):
        found = f"{where} {len(logprobs)} log-probabilities of {len(result.token_ids)} tokens"
        raise broken(backend, "backend", found, VALID_NUMBERS)
    if (expected := _expected(backend, target, len(logprobs))) != len(logprobs):
        found = f"{where} {len(logprobs)} log-probabilities, and by its tokenize it has {expected} tokens"
        raise broken(backend, "backend", found, VALID_NUMBERS)
    for place, number in enumerate(logprobs):
        if not is_finite(number) or number > ROUNDING:
            found = f"{where} the log-probability {shown(number)} of token {place}"
            raise broken(backend, "backend", found, VALID_NUMBERS)
    if max(logprobs) > 0 or any(type(number) is not float for number in logprobs):
        return replace(result, logprobs=tuple(min(float(number), 0.0) for number in logprobs))
    return result


def _expected(backend: Backend, target: Target, n: int) -> int:
    """The number of tokens of the response; of two readings, by itself and after its prompt, the one that n has."""
    try:
        counts = _counts[backend]
    except (KeyError, TypeError):
        return n
    if len(counts) > MOST_COUNTS:
        counts.clear()
    if target.response not in counts:
        counts[target.response] = len(_token_ids(backend, target.response))
    if counts[target.response] == n or not hasattr(backend, "tokenize_after"):
        return counts[target.response]
    return len(tokens_after(backend, target.prompt or "\n", target.response))


def _token_ids(backend: Backend, text: str) -> Sequence[int]:
    ids: object = called(backend, "backend", "tokenize", lambda: backend.tokenize(text))
    if not is_list(ids) or not all(is_finite(id_) and int(id_) == id_ for id_ in ids):  # type: ignore[attr-defined]
        raise broken(backend, "backend", f"tokenize gave {shown(ids)}", "a list of token ids")
    assert isinstance(ids, Sequence)
    return ids
