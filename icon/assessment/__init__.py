"""Stage 1, assessment set construction: which tasks stand for what the model should become good at."""
