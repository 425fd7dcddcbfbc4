"""Stage 0, samples: pools and assessment files read into samples, and samples rendered as the text that is scored."""

from icon.samples.formats import builtin_readers, reader_strategies

__all__ = ["builtin_readers", "reader_strategies"]
