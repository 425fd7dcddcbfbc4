"""What backends have in common: targets packed behind a shared context, the model cache, the processor."""
