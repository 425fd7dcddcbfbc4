"""What `BackendSuite` asks a backend to score: a context and targets in several scripts and lengths."""

from icon.types import Target

CONTEXT = "### Instruction:\nName a river in France.\n\n### Response:The Loire is a river in France.\n\n\n"
HEADING = "### Instruction:\n"
TARGETS = [
    Target(HEADING + "Name a river in Spain.\n\n### Response:", "The Ebro is a river in Spain."),
    Target(HEADING + "Name a river in Spain.\n\n### Response:", "The Tagus."),
    Target(HEADING + "Add 17 and 25.\n\n### Response:", "17 + 25 = 42"),
    Target("Grüße aus Köln, 你好, 😀:", " señor, naïve café 😀 ﷽"),
    Target("", "Right behind the context."),
    Target(HEADING + "Count.\n\n### Response:", " ".join(str(number) for number in range(30))),
]
BEHIND_NOTHING = [target for target in TARGETS if target.prompt]
