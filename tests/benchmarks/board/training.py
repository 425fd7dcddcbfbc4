"""Arms of the board: what is trained on, for how long, and what the judge says; kept as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from board.conditions import KEPT, Pool
from board.rules import ADDED, NAMES
from board.scoring import append
from icon.plugins import Template
from icon_torch.backend import TorchBackend
from icon_validate.encoding import Encoded, encode
from icon_validate.schedule import Order, steps_order, tokens_order
from icon_validate.top_blocks import Settings, TopBlocks

N_DRAWS = 12
"""Random draws per pool."""

EPOCHS, STEP = 3, 6
"""Passes over the kept records at equal steps, and records per optimiser step: 9 steps."""

SETTINGS = Settings(blocks=4, learning_rate=1e-4)

SAME_POOLS = {"other": "clean"}
"""Conditions with the candidates of another one: an arm of the same records is trained once, and judged for both."""

BUDGETS = ("tokens", "steps")
"""What is equal between the arms of a pool."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One training: a condition, a pool, what is equal between arms, and whose choice."""

    condition: str
    pool: int
    budget: str
    name: str

    @property
    def seed(self) -> int:
        """Seed of its order and of what it draws: the same for both budgets, and for conditions with the same pools."""
        pools = SAME_POOLS.get(self.condition, self.condition)
        digest = blake2b(f"{pools}/{self.pool}/{self.name}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big")


def arms(condition: str, pool: int, budget: str) -> list[Arm]:
    """The arms of a pool: the bare model, the draws, the rules; at equal tokens those of later boards as well."""
    rules = (*NAMES, *ADDED) if budget == "tokens" else NAMES
    names = ("bare", *(f"random {number:02}" for number in range(N_DRAWS)), *rules)
    return [Arm(condition, pool, budget, name) for name in names]


class Results:
    """One JSON lines file: a line per arm.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[Arm, dict[str, float]]:
        """What is done, by arm; a line that was cut off by a kill is left out, and trained again."""
        found = {}
        for line in self._lines():
            arm = Arm(*(line.pop(name) for name in ("condition", "pool", "budget", "arm")))
            found[arm] = line
        return found

    def add(self, arm: Arm, figures: dict[str, float]) -> None:
        """Append an arm."""
        head = {"condition": arm.condition, "pool": arm.pool, "budget": arm.budget, "arm": arm.name}
        append(self.path, [head | figures])

    def _lines(self) -> Iterator[dict[str, object]]:
        if not self.path.exists():
            return
        for line in self.path.read_text("utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue


class Training:
    """Trains arms of one pool.

    Args:
        pool: The pool.
        backend: The model, which is trained in place and restored.
        template: The prompt form.
        others: Pools of other conditions with the same candidates, whose judges are asked as well.
    """

    def __init__(self, pool: Pool, backend: TorchBackend, template: Template, others: Sequence[Pool] = ()) -> None:
        self._pool = pool
        self._trainer = TopBlocks(backend.model, SETTINGS)
        judges = {one.condition: one.judge for one in (pool, *others)}
        samples = [*pool.candidates, *(sample for judge in judges.values() for sample in judge)]
        encoded, notes = encode(samples, template, backend, 512)
        assert not notes, notes
        self._encoded = {one.id: one for one in encoded}
        self._judges = {name: [self._encoded[one.id] for one in judge] for name, judge in judges.items()}
        self._mean_tokens = float(np.mean([len(self._encoded[one.id].ids) for one in pool.candidates]))

    def random_ids(self, arm: Arm) -> list[str]:
        """The records of a random draw."""
        ids = sorted(one.id for one in self._pool.candidates)
        return sorted(str(id_) for id_ in np.random.default_rng(arm.seed).choice(ids, KEPT, replace=False))

    def figures(self, arm: Arm, ids: Sequence[str]) -> dict[str, dict[str, float]]:
        """Train an arm on these records and judge it.

        Returns:
            By condition, as the judges differ: means over the judge samples of nats per token.
        """
        if arm.name == "bare":
            return {name: _judged(self._trainer.token_losses(judge)) for name, judge in self._judges.items()}
        records = [self._encoded[id_] for id_ in ids]
        order = self._order(arm, records)
        with self._trainer.train(records, order) as trained:
            judged = {name: _judged(trained.token_losses(judge)) for name, judge in self._judges.items()}
        counts = {
            "tokens": sum(len(records[place].ids) for step in order for place in step),
            "response_tokens": sum(one.n_response for one in records),
        }
        return {name: figures | counts for name, figures in judged.items()}

    def _order(self, arm: Arm, records: Sequence[Encoded]) -> Order:
        if arm.budget == "steps":
            return steps_order(len(records), EPOCHS * KEPT // STEP, STEP, arm.seed)
        total = round(EPOCHS * KEPT * self._mean_tokens)
        return tokens_order([len(one.ids) for one in records], total, STEP, arm.seed)


def _judged(losses: Sequence[np.ndarray]) -> dict[str, float]:
    """NLL of the first token, of the second, of the rest per token, and of all tokens; means over samples."""
    return {
        "first": round(float(np.mean([one[0] for one in losses])), 6),
        "second": round(float(np.mean([one[1] for one in losses])), 6),
        "rest": round(float(np.mean([one[2:].mean() for one in losses])), 6),
        "all": round(float(np.mean([one.mean() for one in losses])), 6),
    }
