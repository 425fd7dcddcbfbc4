"""Stage 1, assessment set construction: the tasks that represent what the model should become good at."""
