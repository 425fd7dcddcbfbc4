"""Stage `answers`: what a cell's model says to the instructions of the pairwise sets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from icon.errors import InputError
from paper import results
from paper.benchmarks import trained, weights
from paper.cells import Cell, Places
from paper.sections import PairSet
from paper.settings import Chain
from paper.texts import form, instruction_prompt, template_of


def instructions(chain: Chain, name: str) -> list[dict[str, str]]:
    """The instructions of a set: `instruction`, `passage` and, where it is needed, `reference`.

    Raises:
        InputError: The file cannot be read, lacks a field, or has another number of instructions than it should.
    """
    pairs = chain.pairwise[name]
    path = chain.folder / pairs.file
    found = []
    for row, record in enumerate(_records(path)):
        one = {"instruction": _field(record, pairs.instruction), "passage": _field(record, pairs.passage) or ""}
        if pairs.against == "reference":
            one["reference"] = _field(record, pairs.reference)
        if absent := [key for key, text in one.items() if text is None]:
            field = getattr(pairs, absent[0])
            raise InputError(f"{path}: row {row}: no text in field {field!r}; pairwise.{name} can name another one")
        found.append({key: str(text) for key, text in one.items()})
    if pairs.n is not None and len(found) != pairs.n:
        raise InputError(f"{path}: found {len(found)} instructions; pairwise.{name}.n says {pairs.n}")
    return found


def _records(path: Path) -> list[Any]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            return list(json.loads(text))
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: not a readable file of JSON records: {error}") from None


def _field(record: Any, path: str) -> str | None:
    """The text at a path such as `instances.0.input`; None where there is none."""
    for step in path.split("."):
        try:
            record = record[int(step)] if isinstance(record, list) else record[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return record if isinstance(record, str) else None


def answer_settings(chain: Chain, cell: Cell, pairs: PairSet) -> Mapping[str, object]:
    """What decides the answers to a set."""
    given = pairs.model_dump(include={"file", "n", "instruction", "passage"})
    how = {"template": chain.template, "answer_tokens": chain.answer_tokens}
    return {**given, **how, "trained": trained(chain, cell)}


def answer(chain: Chain, cell: Cell) -> None:
    """Answer the sets of a cell that are not answered yet, from the first instruction without an answer.

    Raises:
        InputError: A set cannot be read.
    """
    places = Places(chain.work)
    open_sets = {
        name: instructions(chain, name)
        for name, pairs in chain.pairwise.items()
        if not results.done(places.result(cell, "answers", name), answer_settings(chain, cell, pairs))
    }
    if not open_sets:
        return
    writer = _Writer(chain, cell)
    for name, asked in open_sets.items():
        path = places.result(cell, "answers", name)
        lines = path.with_suffix(".jsonl")
        settings = answer_settings(chain, cell, chain.pairwise[name])
        results.done(path.with_suffix(".settings.json"), settings)
        results.write(path.with_suffix(".settings.json"), settings, {})
        kept = len(results.read_lines(lines))
        for start in range(kept, len(asked), chain.answer_batch):
            texts = writer.answers(asked[start : start + chain.answer_batch])
            results.append_lines(lines, [{"answer": text} for text in texts], start)
        results.write(path, settings, {"answers": [line["answer"] for line in results.read_lines(lines)]})


class _Writer:
    """An open model that answers instructions greedily."""

    def __init__(self, chain: Chain, cell: Cell) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        where = weights(chain, cell)
        self.template = template_of(form(chain, cell.model))
        self.tokenizer = AutoTokenizer.from_pretrained(where, padding_side="left")
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = torch.bfloat16 if device == "cuda" else torch.float32
        model: Any = AutoModelForCausalLM.from_pretrained(where, dtype=dtype)
        self.model = model.to(device).eval()
        self.most = chain.answer_tokens

    def answers(self, asked: Sequence[Mapping[str, str]]) -> list[str]:
        """One answer per instruction, without blanks around it."""
        import torch

        prompts = [
            instruction_prompt(one["instruction"], one["passage"], self.template, self.tokenizer) for one in asked
        ]
        tokens = self.tokenizer(
            prompts, return_tensors="pt", padding=True, add_special_tokens=self.template is not None
        )
        tokens = tokens.to(self.model.device)
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=tokens["input_ids"],
                attention_mask=tokens["attention_mask"],
                max_new_tokens=self.most,
                do_sample=False,
                pad_token_id=self.tokenizer.pad_token_id,
            )
        new = made[:, tokens["input_ids"].shape[1] :]
        return [text.strip() for text in self.tokenizer.batch_decode(new, skip_special_tokens=True)]
