"""icon: selects the instruction-tuning samples that a language model learns most from, without a gradient."""

__version__ = "0.1.0"
