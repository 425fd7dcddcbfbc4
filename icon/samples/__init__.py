"""Stage 0, samples: reads pools and assessment files into samples, and renders samples as the text that is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.samples.formats.readers import builtin_readers, reader_strategies
    from icon.samples.load import load_samples
    from icon.samples.making import content_id, make_sample, single_turn
    from icon.samples.rows import FieldFault, optional_text, required_text
    from icon.samples.templates import check_special_tokens, load_template, template_digest
    from icon.samples.text import cut_to_tokens, words

__all__ = [
    "FieldFault",
    "builtin_readers",
    "check_special_tokens",
    "content_id",
    "cut_to_tokens",
    "load_samples",
    "load_template",
    "make_sample",
    "optional_text",
    "reader_strategies",
    "required_text",
    "single_turn",
    "template_digest",
    "words",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "formats.readers": ["builtin_readers", "reader_strategies"],
            "load": ["load_samples"],
            "making": ["content_id", "make_sample", "single_turn"],
            "rows": ["FieldFault", "optional_text", "required_text"],
            "templates": ["check_special_tokens", "load_template", "template_digest"],
            "text": ["cut_to_tokens", "words"],
        },
    )
