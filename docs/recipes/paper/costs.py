"""The plan of the chain and its GPU hours, by arithmetic from assumptions that it prints."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from icon.errors import IconError
from paper import answers
from paper.cells import cells
from paper.jobs import STAGES, Job, choosing, judging, n_records, of_cells, to_do
from paper.sections import Training
from paper.settings import Chain

BYTES = {"mixed": 16, "float32": 16, "bfloat16": 8}
"""Bytes per weight while training: weights, gradients and AdamW's two moments, with float32 copies where there are."""

CHARACTERS_PER_TOKEN = 4.0


@dataclass(frozen=True, slots=True)
class Pool:
    """How many records a pool has, how many tokens one of them, and how that is known."""

    records: int
    tokens: float
    source: str


def pool_of(chain: Chain, model: str) -> Pool:
    """Counted in a local file of JSON lines, else as assumed in the settings."""
    path = Path(str(chain.run_settings(model).get("pool", "")))
    most = chain.training.max_tokens
    if path.is_file():
        try:
            from icon import load_samples

            texts = [sample.text for sample in load_samples(path)]
        except IconError:  # icon run will say what is wrong with it
            texts = []
        if texts:
            counts = [min(most, len(text) / CHARACTERS_PER_TOKEN) for text in texts]
            return Pool(len(counts), sum(counts) / len(counts), f"counted in {path}, 4 characters per token")
    return Pool(chain.gpu.pool_records, min(most, chain.gpu.record_tokens), "assumed in the settings, gpu.*")


def flops(chain: Chain, job: Job, pool: Pool) -> tuple[float, float]:
    """Operations of a job and the share of the peak at which they are done; 0 where the chain does not know them."""
    gpu, weights = chain.gpu, chain.models[job.model].parameters
    if job.stage == "run":
        return 2 * weights * (gpu.scoring_tokens or 0), gpu.scoring
    if job.cell is None or job.stage == "judge":
        return 0, 1
    if job.stage == "train":
        tokens = n_records(chain, job.cell, pool.records) * pool.tokens * chain.training.epochs
        return 6 * weights * tokens, gpu.training
    if job.stage == "tasks":
        found = chain.benchmarks.values()
        at_rate = sum(one.tokens for one in found) + sum(one.generated for one in found) * gpu.scoring / gpu.generating
        return 2 * weights * at_rate, gpu.scoring
    return 2 * weights * _instructions(chain) * gpu.answer_tokens, gpu.generating


def _instructions(chain: Chain) -> int:
    return sum(pairs.n or len(answers.instructions(chain, name)) for name, pairs in chain.pairwise.items())


def plan(chain: Chain) -> str:
    """What is done, what is left, and the hours of one GPU that it takes.

    Raises:
        ConfigError: Results are there with other settings.
    """
    pools = {model: pool_of(chain, model) for model in chain.models}
    hours: dict[tuple[str, str], float] = defaultdict(float)
    total: Counter[str] = Counter()
    left: Counter[str] = Counter()
    open_jobs = {str(job) for job in _left(chain)}
    for job in _every(chain):
        operations, share = flops(chain, job, pools[job.model])
        total[job.stage] += 1
        if str(job) in open_jobs:
            left[job.stage] += 1
            hours[job.model, job.stage] += operations / (share * chain.gpu.peak) / 3600
    lines = ["| stage | jobs left | of |", "| --- | --- | --- |"]
    lines += [f"| {stage} | {left[stage]} | {total[stage]} |" for stage in STAGES]
    lines += ["", *_hours(chain, hours), "", *_needs(chain), "", *_assumptions(chain, pools)]
    return "\n".join(lines) + "\n"


def _every(chain: Chain) -> list[Job]:
    return [*choosing(chain), *(job for group in of_cells(chain) for job in group), *judging(chain)]


def _left(chain: Chain) -> list[Job]:
    found = [job for job in [*choosing(chain), *judging(chain)] if not job.done(chain)]
    return found + [job for group in of_cells(chain) for job in to_do(chain, group)]


def _hours(chain: Chain, hours: dict[tuple[str, str], float]) -> list[str]:
    stages = ("run", "train", "tasks", "answers")
    lines = [f"| GPU hours left | {' | '.join(stages)} | all |", "| --- | --- | --- | --- | --- | --- |"]
    for model in chain.models:
        found = [hours[model, stage] for stage in stages]
        lines.append(f"| {model} | {' | '.join(f'{each:,.3g}' for each in found)} | {sum(found):,.3g} |")
    return [*lines, "", f"All: {sum(hours.values()):,.3g} hours of one GPU."]


def _needs(chain: Chain) -> list[str]:
    """Memory and disk per model, and the calls of the judge."""
    lines = []
    for name, model in chain.models.items():
        memory, size = (
            model.parameters * BYTES[chain.training.precision] / 1e9,
            model.parameters * _saved(chain.training),
        )
        n = sum(1 for cell in cells(chain, name) if cell.arm != "base")
        kept = (
            f"{n * size / 1e9:,.0f} GB for {n} models" if chain.keep_models else f"{size / 1e9:,.0f} GB for one model"
        )
        lines.append(f"{name}: {memory:,.0f} GB for weights, gradients and AdamW while training; on disk {kept}.")
    calls = 2 * sum(
        pairs.n or len(answers.instructions(chain, name))
        for job in judging(chain)
        for name, pairs in chain.pairwise.items()
        if job.cell is not None and pairs.against != job.cell.arm
    )
    return [*lines, f"Judge: {calls:,} calls in all, two per instruction."]


def _saved(training: Training) -> int:
    return 2 if training.precision == "bfloat16" else 4


def _assumptions(chain: Chain, pools: dict[str, Pool]) -> list[str]:
    gpu = chain.gpu
    scored = f"{gpu.scoring_tokens:,.3g} tokens" if gpu.scoring_tokens else "not counted: icon run --dry-run says it"
    lines = [
        "Assumptions:",
        f"- a GPU does {gpu.peak:.3g} operations per second at its peak; {gpu.training:.0%} of it in training, "
        f"{gpu.scoring:.0%} in scoring, {gpu.generating:.0%} in generating",
        f"- training: 6 x weights x tokens x {chain.training.epochs:g} epochs; computing activations twice, to save "
        "memory, adds a third and is not counted",
        "- scoring, benchmarks, answers: 2 x weights x tokens",
        f"- icon run: {scored}",
        f"- an answer has {gpu.answer_tokens:g} tokens; the tokens of benchmarks are those of the settings",
    ]
    for model, pool in pools.items():
        lines.append(f"- {model}: {pool.records:,} records of {pool.tokens:.0f} tokens ({pool.source})")
    return lines
