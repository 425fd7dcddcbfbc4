"""Prompts and responses as training and generation have them: the form of the run, or the model's chat template."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from icon.config import parse_keep
from icon.errors import RunError
from icon.plugins import Template
from icon.types import Message, Sample
from paper import results
from paper.cells import Cell, Places
from paper.selecting import ids
from paper.settings import Chain

CHAT = "chat"


def form(chain: Chain, model: str) -> str:
    """Name of the prompt form: the chain's own, or the run's; `auto` is the model's chat template where it has one."""
    from icon import load_run

    name = chain.template or load_run(Places(chain.work).run(model)).config.template
    if name != "auto":
        return name
    from transformers import AutoTokenizer

    return CHAT if AutoTokenizer.from_pretrained(chain.weights(model)).chat_template else "alpaca"


def training_row(sample: Sample, template: Template | None) -> dict[str, Any]:
    """Prompt and completion for TRL: texts by a template, or turns for the chat template (None)."""
    if template is None:
        return {"prompt": turns(sample), "completion": [{"role": "assistant", "content": sample.response}]}
    target = template.target(sample)
    return {"prompt": target.prompt, "completion": target.response}


def turns(sample: Sample) -> list[dict[str, str]]:
    """The prompt as turns; a passage follows the user's turn after a blank line."""
    found = [{"role": message.role, "content": message.content} for message in sample.messages]
    if sample.passage:
        found[-1]["content"] += f"\n\n{sample.passage}"
    return found


def instruction_prompt(instruction: str, passage: str, template: Template | None, tokenizer: Any) -> str:
    """The text that a model is to go on from, to answer an instruction."""
    sample = Sample("", 0, (Message("user", instruction),), "", passage)
    if template is None:
        return str(tokenizer.apply_chat_template(turns(sample), tokenize=False, add_generation_prompt=True))
    return template.target(sample).prompt


def template_of(name: str) -> Template | None:
    """The template of that name; None for the model's chat template."""
    from icon.samples import load_template

    return None if name == CHAT else load_template(name)


def record_settings(chain: Chain, cell: Cell) -> Mapping[str, object]:
    """What decides the records of a cell, beside the run."""
    return {"share": cell.share, "arm": cell.arm, "draw": cell.draw, "seed": chain.seed, "labels": chain.labels}


def cell_ids(chain: Chain, cell: Cell) -> list[str]:
    """The ids that a cell is trained on, in the order of the pool.

    A random draw has as many records as the selection of its share, from the candidates that could have been selected;
    it depends on seed, share and number alone, so models with the same pool have the same draws.

    Raises:
        RunError: The stage select has not come so far.
    """
    places = Places(chain.work)
    eligible = ids(places.eligible(cell.model))
    if cell.arm == "full":
        return eligible
    chosen = set(ids(places.choice(cell.model, cell.share)))
    if cell.arm == "random":
        chosen = set(random.Random(f"{chain.seed}/{cell.share}/{cell.draw}").sample(eligible, len(chosen)))
    if cell.arm == "longest":
        pool = samples(chain, cell.model)
        chosen = set(sorted(eligible, key=lambda id_: (-len(pool[id_].response), id_))[: len(chosen)])
    return [id_ for id_ in eligible if id_ in chosen]


def write_records(chain: Chain, cell: Cell) -> int:
    """Write what the cell is trained on; returns how many records.

    Raises:
        RunError: The pool is not the run's any more.
    """
    pool, template = samples(chain, cell.model), template_of(form(chain, cell.model))
    chosen = cell_ids(chain, cell)
    if missing := [id_ for id_ in chosen if id_ not in pool]:
        raise RunError(f"the pool of {cell.model} has no record {missing[0]} any more: it changed since the run")
    rows = [{"id": id_, **training_row(pool[id_], template)} for id_ in chosen]
    path = Places(chain.work).records(cell)
    path.unlink(missing_ok=True)
    results.append_lines(path, rows, 0)
    return len(rows)


def samples(chain: Chain, model: str) -> dict[str, Sample]:
    """The samples of a run's pool by their ids."""
    from icon import load_run, load_samples

    config = load_run(Places(chain.work).run(model)).config
    read = load_samples(
        config.pool,
        format=config.format,
        columns=config.columns or None,
        group_field=config.group_field,
        every_turn=config.turns == "every",
        on_bad_row=config.on_bad_row,
        split=config.split,
    )
    return {sample.id: sample for sample in read}


def expected_records(cell: Cell, n: int) -> int:
    """How many records the cell will have of a pool of n, before anything is selected."""
    return parse_keep(cell.share).of(n) if cell.share else n
