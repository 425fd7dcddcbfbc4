"""Hand-made run.json records for tests of what is drawn from them."""

from __future__ import annotations

from dataclasses import replace

from icon.config import resolve
from icon.runs.manifest import Manifest
from icon.runs.model_record import ModelRecord

MODEL = ModelRecord(
    backend="fake",
    model="fake",
    digest="d",
    precision="none",
    tokenizer_digest="t",
    context_length=64,
    bos=False,
    device="cpu",
)


def manifest(n_candidates, n_selected, keep, **config):
    """run.json of a run that scored all of its candidates with icon and chose with top."""
    data = {
        "config": resolve({"pool": "pool.jsonl", **config}).model_dump(mode="json"),
        "model": MODEL.model_dump(mode="json"),
        "versions": {"icon-select": "0.1.0"},
        "stages": {
            "assess": {"samples": 4, "digest": "abc"},
            "select": {
                "selector": "top",
                "keep": keep,
                "records_selected": n_selected,
                "records_dropped": n_candidates - n_selected,
            },
        },
        "results": {
            "scorer": "icon",
            "rows": {"scored": n_candidates},
            "keep": keep,
            "candidates": n_candidates,
            "selected": n_selected,
            "assessment": {"samples": 4, "groups": {"a": 2, "b": 2}},
            "selection_quality": {},
            "reliability": {"half": 0.5, "full": 0.667, "splits": 20},
        },
        "times": {
            "total_seconds": 3.0,
            "tokens_evaluated": 100,
            "tokens_per_second": 50.0,
            "seconds": {"scoring": 2.0},
        },
        "status": "done",
    }
    return Manifest.model_validate(data)


def with_summary(page, **changes):
    """The page with another closing summary."""
    summary = type(page.summary).model_validate(page.summary.model_dump(mode="json") | changes)
    return replace(page, manifest=page.manifest.updated(results=summary))


def with_choice(page, **changes):
    """The page of a run that chose in another way."""
    stages = page.manifest.stages.model_copy(update={"select": page.chosen.model_copy(update=changes)})
    return replace(page, manifest=page.manifest.updated(stages=stages))
