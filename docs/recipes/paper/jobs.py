"""The jobs of the chain: a stage of a model or of a cell, whether it is done, and what does it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from icon.errors import ConfigError
from paper import answers, benchmarks, pairwise, results, selecting, texts, training
from paper.cells import Cell, Places, cells
from paper.settings import Chain

STAGES = ("run", "select", "train", "tasks", "answers", "judge")


@dataclass(frozen=True, slots=True)
class Job:
    """A stage of a model (`run`, `select`) or of one of its cells.

    Attributes:
        stage: One of `STAGES`.
        model: The model's name.
        what: The share of `select`, or the cell's name; empty for `run`.
        cell: The cell; None for `run` and `select`.
    """

    stage: str
    model: str
    what: str = ""
    cell: Cell | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.stage, self.model, self.what) if part)

    def done(self, chain: Chain) -> bool:
        """Whether its results are there, with these settings.

        Raises:
            ConfigError: They are there with other settings.
        """
        places, cell = Places(chain.work), self.cell
        if self.stage == "run":
            selecting.check_run(chain, self.model)
            return selecting.run_is_done(places.run(self.model)) or _all_chosen(chain, self.model)
        if cell is None:
            path = places.choice(self.model, self.what)
            return (
                results.done(path, selecting.choice_settings(chain, self.what)) and places.eligible(self.model).exists()
            )
        if self.stage == "train":
            return results.done(places.result(cell, "train"), training.training_settings(chain, cell))
        if self.stage == "tasks":
            return all(
                results.done(places.result(cell, "tasks", name), benchmarks.task_settings(chain, cell, benchmark))
                for name, benchmark in benchmarks.harness_benchmarks(chain).items()
            )
        if self.stage == "answers":
            return all(
                results.done(places.result(cell, "answers", name), answers.answer_settings(chain, cell, pairs))
                for name, pairs in chain.pairwise.items()
            )
        return all(
            results.done(places.result(cell, "judged", name), pairwise.judge_settings(chain, cell, name))
            for name in chain.pairwise
            if pairwise.is_judged(chain, cell, name)
        )

    def perform(self, chain: Chain, *, here: bool = False) -> None:
        """Do it in this process, or go on with it; `here` says that icon's own commands run in it too.

        Raises:
            icon.IconError: It cannot be done; what is finished is kept.
        """
        if self.stage == "run":
            selecting.run(chain, self.model, here=here)
        elif self.cell is None:
            selecting.select(chain, self.model, self.what, here=here)
        else:
            of_cell = {
                "train": training.train,
                "tasks": benchmarks.measure,
                "answers": answers.answer,
                "judge": pairwise.judge,
            }
            of_cell[self.stage](chain, self.cell)


def _all_chosen(chain: Chain, model: str) -> bool:
    """`icon select` that was killed leaves an unfinished run; it is needed no more once all is selected."""
    return all(Places(chain.work).choice(model, share).exists() for share in chain.shares)


def choosing(chain: Chain) -> Iterator[Job]:
    """The jobs that are done first, one after the other."""
    for model in chain.models:
        yield Job("run", model)
        yield from (Job("select", model, share) for share in chain.shares)


def of_cells(chain: Chain) -> Iterator[list[Job]]:
    """The jobs of each cell up to its answers, in their order; cells do not wait for one another."""
    for model in chain.models:
        for cell in cells(chain, model):
            stages = ("tasks", "answers") if cell.arm == "base" else ("train", "tasks", "answers")
            yield [Job(stage, model, cell.name, cell) for stage in stages]


def judging(chain: Chain) -> Iterator[Job]:
    """The jobs that need the answers of two cells."""
    for model in chain.models:
        yield from (Job("judge", model, cell.name, cell) for cell in cells(chain, model))


def to_do(chain: Chain, jobs: list[Job]) -> list[Job]:
    """The jobs of a cell that are not done; its training again where its weights were deleted and are needed.

    Raises:
        ConfigError: Results are there with other settings.
    """
    missing = [job for job in jobs if not job.done(chain)]
    first = jobs[0]
    assert first.cell is not None  # these are jobs of a cell
    if missing and first.stage == "train" and not Places(chain.work).weights(first.cell).exists():
        return [first, *(job for job in missing if job is not first)]
    return missing


def tidy(chain: Chain, jobs: list[Job]) -> None:
    """Delete the weights of a cell whose jobs are all done, if the settings say so."""
    cell = jobs[0].cell
    if cell is not None and not chain.keep_models:
        shutil.rmtree(Places(chain.work).weights(cell), ignore_errors=True)


def by_name(chain: Chain, name: str) -> Job:
    """The job of that name.

    Raises:
        ConfigError: There is none.
    """
    every = [*choosing(chain), *(job for group in of_cells(chain) for job in group), *judging(chain)]
    found = {str(job): job for job in every}
    if name not in found:
        raise ConfigError(f"no job named {name!r}; valid: {', '.join(found)}")
    return found[name]


def n_records(chain: Chain, cell: Cell, pool: int) -> int:
    """How many records a cell has, by the selection if there is one, else by the share."""
    places = Places(chain.work)
    counted = places.choice(cell.model, cell.share) if cell.share else places.eligible(cell.model)
    found = results.read(counted)
    return len(found["ids"]) if found else texts.expected_records(cell, pool)
