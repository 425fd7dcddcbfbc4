"""Whether a selection teaches more than chance: the arms to train, their losses, and the verdict over them."""
