"""The actors of an executor: asked of Ray, replaced where they die, left out where they cannot open the model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ray
from ray.exceptions import RayError, RayTaskError

from icon.errors import ExecutorError, IconError
from icon.pipeline.executors.failing import Failure

if TYPE_CHECKING:
    from icon.plugins import DescribedModel

MOST_STARTS = 3
"""How many actors in a row may die in a worker's place before they have the model."""

LOOK_SECONDS = 0.5
"""How long one wait for answers takes at most, so that Ctrl-C is noticed."""

LONG_SECONDS = 30.0
"""Waiting for Ray to start the first actor that takes longer is noted once."""

Question = Literal["hello", "describe", "confirm", "measure"]


@dataclass(eq=False)
class Member:
    """A worker: an actor, or the one in its place after that died.

    Attributes:
        key: Its number as text: the name that stays the same.
        actor: Ray's handle of the present actor.
        name: What people call the present actor, as node and process; before it has said so, its number.
        runs: Whether Ray has started the present actor.
        model: The model that it has opened; None before.
        asked: How many of its answers are awaited.
        failed_starts: How many actors in a row died before they had the model.
    """

    key: str
    actor: Any
    name: str
    runs: bool = False
    model: DescribedModel | None = None
    asked: int = 0
    failed_starts: int = 0

    @property
    def is_free(self) -> bool:
        """Whether it has its model and nothing to do."""
        return self.model is not None and not self.asked

    @property
    def is_measuring(self) -> bool:
        """Whether it has its model and a task."""
        return self.model is not None and bool(self.asked)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question to an actor.

    Attributes:
        member: The worker.
        about: What the question was about, such as the label of a task.
        round: The round in which it was asked.
        value: What the actor answered; None where it died.
        died: Why it died; "" where it answered.
    """

    member: Member
    about: str
    round: int
    value: Any = None
    died: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    member: Member
    actor: Any
    question: Question
    about: str
    round: int


class Crew:
    """The workers of a run.

    Ray's own retries are not used: they would give a task back to the actor that died of it, and wait for that one.

    Args:
        size: How many workers.
        make: Asks Ray for an actor; returns its handle at once.
        note: Takes a sentence per event that a reader of the run should know.
        wait: Seconds to wait for Ray to start any worker.
    """

    def __init__(self, size: int, make: Callable[[], Any], note: Callable[[str], None], wait: float) -> None:
        self._make, self._note, self._wait = make, note, wait
        self._patient_since, self._noted = time.monotonic(), False
        self._asked: dict[Any, _Asked] = {}
        self._errors: dict[str, Failure | str] = {}
        self._built = False
        self.round = 0
        self.members = [Member(str(number), None, str(number)) for number in range(1, size + 1)]
        for member in self.members:
            self._start(member)

    def ask(self, member: Member, question: Question, *arguments: Any, about: str = "") -> None:
        """Put a question to a worker; its answer comes from `answers`."""
        reference = getattr(member.actor, question).remote(*arguments)
        member.asked += 1
        self._asked[reference] = _Asked(member, member.actor, question, about, self.round)

    def answers(self) -> Iterator[Answer]:
        """Results of tasks, and deaths, that came to be known since the last look; waits a moment for one.

        Raises:
            IconError: Nobody is left.
        """
        if not self.members:
            raise self._nobody_left()
        if not ray.wait(list(self._asked), num_returns=1, timeout=LOOK_SECONDS)[0]:
            self._be_patient()
            return
        came, _ = ray.wait(list(self._asked), num_returns=len(self._asked), timeout=0)
        for reference in came:
            asked = self._asked.pop(reference)
            if asked.actor is not asked.member.actor:
                continue  # of an actor that was replaced
            asked.member.asked -= 1
            yield from self._taken(asked, *_outcome(reference))

    def close(self) -> None:
        """End all actors; safe to call twice."""
        for member in self.members:
            self._end(member)
        self.members = []
        self._asked.clear()

    def _taken(self, asked: _Asked, value: Any, died: str) -> Iterator[Answer]:
        member = asked.member
        if not died and isinstance(value, Failure) and not value.is_icon:
            died = value.reason
        if died:
            self._replace(member, died)
            yield Answer(member, asked.about, asked.round, died=died)
        elif asked.question == "hello":
            member.name, member.runs = value, True
        elif isinstance(value, Failure) and asked.question != "measure":
            self._leave_out(member, value)
        elif asked.question == "describe":
            member.model, member.failed_starts, self._built = value, 0, True
        elif asked.question == "measure":
            yield Answer(member, asked.about, asked.round, value)

    def _start(self, member: Member) -> None:
        member.actor, member.name = self._make(), member.key
        member.runs, member.model, member.asked = False, None, 0
        self.ask(member, "hello")
        self.ask(member, "describe")

    def _replace(self, member: Member, reason: str) -> None:
        """Put another actor in the place of one that died."""
        member.failed_starts += member.model is None
        if member.failed_starts >= MOST_STARTS:
            self._leave_out(member, f"it was lost {MOST_STARTS} times while it started: {reason}")
            return
        self._note(f"the worker {member.name} was lost ({reason}); another one took its place")
        self._end(member)
        self._start(member)

    def _leave_out(self, member: Member, error: Failure | str) -> None:
        self._end(member)
        self.members.remove(member)
        self._errors[member.name] = error
        if self.members:
            self._note(f"the worker {member.name} cannot work: {_text(error)}; the others go on without it")

    def _end(self, member: Member) -> None:
        ray.kill(member.actor)
        member.actor, member.model = None, None

    def _be_patient(self) -> None:
        """Note a long wait for Ray to start anybody, and end one that is too long.

        Raises:
            ExecutorError: Nobody was started for so long.
        """
        if any(member.runs for member in self.members):
            self._patient_since, self._noted = time.monotonic(), False
            return
        waited = time.monotonic() - self._patient_since
        if waited > self._wait:
            raise ExecutorError(
                f"executor ray: Ray has started no worker within {self._wait:g} seconds (executor.wait); `ray status` "
                "shows what is free and what is asked for. Finished parts are kept, and the same command goes on"
            )
        if waited > LONG_SECONDS and not self._noted:
            self._note("executor ray: still waiting for Ray to start a worker; `ray status` shows what is free")
            self._noted = True

    def _nobody_left(self) -> IconError:
        first = next(iter(self._errors.items()))
        if not self._built and isinstance(first[1], Failure):
            return first[1].error(first[0])
        each = "; ".join(f"worker {name}: {_text(error)}" for name, error in self._errors.items())
        return ExecutorError(f"executor ray: no worker is left: {each}")


def _text(error: Failure | str) -> str:
    return error if isinstance(error, str) else error.reason


def _outcome(reference: Any) -> tuple[Any, str]:
    """The answer of an actor, or why there is none."""
    try:
        return ray.get(reference), ""
    except RayTaskError as error:  # raised outside of `attempt`: it cannot go on, whatever it was
        return None, f"{type(error.cause).__name__}: {error.cause}"
    except RayError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return None, lines[0].rstrip(".") if lines else type(error).__name__
