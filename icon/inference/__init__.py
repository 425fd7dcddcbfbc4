"""Code that backends share: packing of targets, scoring, the model cache, model files, the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.inference.model_files import EMBEDDED, GGUF_NAME, embedded, hub_file
    from icon.inference.packing import Branch, Pack, common_prefix, pack, predicting
    from icon.inference.pooling import branch_weights, token_branches, weights
    from icon.inference.processor import sleeping_threads, usable_cores
    from icon.inference.scoring import Engine, OutOfMemoryError, Vocabulary, make_branch, score
    from icon.inference.split_files import shards, weights_digest, weights_size

__all__ = [
    "EMBEDDED",
    "GGUF_NAME",
    "Branch",
    "Engine",
    "OutOfMemoryError",
    "Pack",
    "Vocabulary",
    "branch_weights",
    "common_prefix",
    "embedded",
    "hub_file",
    "make_branch",
    "pack",
    "predicting",
    "score",
    "shards",
    "sleeping_threads",
    "token_branches",
    "usable_cores",
    "weights",
    "weights_digest",
    "weights_size",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "model_files": ["EMBEDDED", "GGUF_NAME", "embedded", "hub_file"],
            "packing": ["Branch", "Pack", "common_prefix", "pack", "predicting"],
            "pooling": ["branch_weights", "token_branches", "weights"],
            "processor": ["sleeping_threads", "usable_cores"],
            "scoring": [
                "Engine",
                "OutOfMemoryError",
                "Vocabulary",
                "make_branch",
                "score",
            ],
            "split_files": ["shards", "weights_digest", "weights_size"],
        },
    )
