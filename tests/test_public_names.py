"""Public names are pinned, plugins use public modules only, and an underscored module is its package's own."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import icon
from icon import _HOME

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "icon": {
        *("AbilityError", "BackendError", "BadRowsError", "ConfigError", "IconError", "InputError", "InterruptedRun"),
        *("LeakError", "ModelNameError", "PluginError", "RunError", "TemplateError", "UnknownStrategyError"),
        *("UserError", "WrongRunError", "Contribution", "Message", "RunConfig", "RunResult", "Sample", "Status"),
        *("Settings", "Target", "TokenLogProbs", "as_dataset", "compare", "explain", "export"),
        *("load_backend", "load_run", "load_samples", "load_validation", "plan", "preview", "run", "score", "select"),
        *("verify", "write_report"),
    },
    "icon.api": {
        *("RunResult", "Settings", "as_dataset", "compare", "explain", "export", "load_backend", "load_run"),
        *("load_samples", "load_validation", "plan", "preview", "run", "score", "select", "verify", "write_report"),
    },
    "icon.plugins": {
        *("AssessmentBuilder", "AssessmentTask", "Backend", "BudgetSpent", "CandidateMeasured", "ComparingScorer"),
        *("ContextScorer", "Contexts", "Continuing", "ContributionScorer", "Embedder", "Event", "GroupScorer"),
        *("Narrowed", "Narrowing", "Noting", "Options"),
        *("Block", "DescribedModel", "Executor", "PartResult", "PartTask"),
        *("WorkerMeasured", "WorkerSettings"),
        *("PassesMeasured", "Reader", "Reference", "RunFinished", "RunStarted", "RunView", "ScoringTask", "Section"),
        *("SelectionTask", "Selector", "StageFinished", "StageProgressed", "StageStarted", "Strategy", "Template"),
        *("TogetherScorer", "Warned", "WarningScorer"),
        "hookimpl",
    },
    "icon.types": {
        *("BackendInfo", "Budget", "ChatTemplate", "Contribution", "Decision", "Keep", "Measurement", "Message"),
        *("Meter", "Pooling", "Role", "RowStatus", "Sample", "ScoreRow", "Selection", "Status", "Target"),
        *("TokenLogProbs", "parse_budget", "part_of"),
    },
    "icon.scorers": {
        *("AloneScorer", "IconOptions", "IconScorer", "LengthOptions", "LengthScorer", "Outcome", "PplOptions"),
        *(
            "NuggetsScorer",
            "PplScorer",
            "RandomScorer",
            "RatioScorer",
            "Rendered",
            "ReverseOptions",
            "ReverseScorer",
            "TooLong",
        ),
        *("backend_of", "contribution"),
        *("contributions", "known_pass", "ppl", "render_demonstration", "render_target", "response_outcomes"),
        *("outcomes_given", "score_given", "score_pairs", "score_responses"),
    },
    "icon.selection": {
        *("FEWEST", "CascadeOptions", "CascadeSelector", "ClassifierOptions", "ClassifierSelector"),
        *("DropWorstOptions", "DropWorstSelector"),
        *("TopOptions", "TopSelector", "against_top", "by_score", "chance_warnings", "checked_scores"),
        *("decide", "embedder_of", "embedding", "label_warnings", "not_scored", "response_words"),
        *("scarcity_warnings", "tie_warnings"),
    },
    "icon.samples": {
        *("FieldFault", "builtin_readers", "check_special_tokens", "content_id", "cut_to_tokens", "load_samples"),
        *("load_template", "make_sample", "optional_text", "reader_strategies", "required_text", "single_turn"),
        *("template_digest", "words"),
    },
    "icon.inference": {
        *("EMBEDDED", "GGUF_NAME", "Branch", "Engine", "OutOfMemoryError", "Pack", "Vocabulary", "common_prefix"),
        *("branch_weights", "embedded", "hub_file", "make_branch", "pack", "predicting", "score", "shards"),
        *("sleeping_threads", "token_branches", "usable_cores", "weights", "weights_digest", "weights_size"),
    },
    "icon.testing": {"BackendSuite", "ExecutorSuite", "FakeBackend", "FaultyBackend", "ScorerSuite", "SelectorSuite"},
}
"""What the public packages offer; a name that goes breaks the plugins and programs of others."""

PUBLIC = {*NAMES, "icon.errors", "icon.config"}
"""What plugins may import from, as docs/architecture.md has it."""

VALIDATE = {
    "icon.assessment.leak": "judge samples are guarded as an assessment set is",
    "icon.cli": "icon validate is a command of the project, printed as the others are",
    "icon.pipeline.measuring": "its shares are those of icon score",
    "icon.pipeline.processes": "its processes are those of icon score",
    "icon.plugins.strategies": "it builds the backend of a run as a run does",
    "icon.results.report": "it draws the report again, with the verdict",
    "icon.results.validated": "it says what every other place says of a validation",
    "icon.results.wording": "it says it in the same words",
    "icon.runs.files": "it reads the assessment set and the judge samples of a run",
    "icon.runs.lock": "one validation of a run at a time, as one writer of a run",
    "icon.runs.pool": "it reads the pool of a run",
    "icon.runs.run": "it works on a run",
    "icon.runs.scores": "it reads the rows of a run",
    "icon.runs.sealed": "its files have their checksum as the core's have",
    "icon.runs.validation": "it keeps its arms in the store of the core",
    "icon.samples.making": "requests of a pairwise judge have ids as samples have",
    "icon.samples.records": "requests of a pairwise judge are read as a pool is",
    "icon.samples.templates.loading": "it renders with the run's template",
    "icon.validation.arms": "the core decides what is trained on",
    "icon.validation.losses": "the core names what a judge sees",
    "icon.validation.records": "the core names what a verdict says",
    "icon.validation.statistics": "the core judges",
}
"""Modules that icon-validate imports from: half of the validation is in the core, and needs no model."""

FURTHER = {
    **VALIDATE,
    "icon.network": "what needs the network says why it is not reached",
    "icon.trust": "code that comes with a model runs only if the user allowed it",
    "icon.assessment.draw": "balanced allocates its places as the assessment set does, by largest remainder",
    "icon.inference.cache": "backends keep converted models in the one cache of models",
    "icon.inference.following": "the backends read a text after another one in the same way",
    "icon.inference.gguf_header": "torch reads a GGUF file's header where transformers leaves parts of it out",
    "icon.inference.model_files": "the backends explain a model that cannot be opened in the same words",
    "icon.inference.processor": "backends describe the processor in the same words",
    "icon.inference.scoring": "training and gradients read the tokens that scores are computed from",
    "icon.inference.watching": "llama.cpp ends a pass that is under way when the time of a budget is over",
    "icon.pipeline.executors.assigning": "ray decides who measures what as the executor of this machine does",
    "icon.pipeline.executors.failing": "errors of workers travel as the same records with every executor",
    "icon.pipeline.executors.worker": "an actor of ray is a worker",
    "icon.runs.manifest": "the checkpoints of lora refuse another run's settings as a run directory does",
    "icon.runs.parts": "parts in a store of ray have the names that they have in a run",
    "icon.runs.tables": "parts in a store of ray are read as those of a run are",
    "icon.runs.writing": "the checkpoints and texts of lora are written as safely as a run's files",
    "icon.samples.text": "a blank at a prompt's end is the response's wherever one is read",
    "icon.scorers.passes": "less says in the same words that skip_tokens leaves nothing of a response",
    "icon.scorers.round_robin": "rds and less rank in the same way, target by target",
    "icon.selection.learning": "selectors that learn from scores share the classifier's features and estimator",
}
"""Further modules that the project's own plugins import from, each with its reason."""

FURTHER_IN_TESTS = {
    "icon.pipeline.builtin": "a test builds the plugins of a run: icon's own and the one that is tested",
    "icon.plugins.manager": "a test builds the plugins of a run: icon's own and the one that is tested",
    "icon.pipeline.measuring": "a test of workers cuts parts small enough for all of them to have some",
    "icon.testing.executor_suite": "a test of workers makes the runs of the conformance suite, and compares them",
    "icon.testing.cases": "tests compare with the numbers of the conformance suites' own samples",
    "icon.runs.directory": "a test of a whole run reads its directory",
    "icon.runs.scores": "a test of a whole run reads its scores",
}

SOURCES = [*sorted(ROOT.glob("plugins/*/icon_*/**/*.py")), *sorted(ROOT.glob("backends/*/icon_*/**/*.py"))]
TESTS = [*sorted(ROOT.glob("plugins/*/tests/**/*.py")), *sorted(ROOT.glob("backends/*/tests/**/*.py"))]
TEMPLATES = sorted((ROOT / "plugins/template").rglob("*.py.jinja"))
HOW_TO = ROOT / "docs/how-to/write-a-plugin.md"


def path_of(file):
    return str(file.relative_to(ROOT))


def is_module(name):
    place = ROOT / name.replace(".", "/")
    return place.is_dir() or place.with_suffix(".py").is_file()


def imported(text):
    """Modules of icon that a program imports, each with the names from it; a submodule is a module, not a name."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                offered = alias.name in NAMES.get(node.module, ())
                found.add((whole, "") if is_module(whole) and not offered else (node.module, alias.name))
    return {(module, name) for module, name in found if module.partition(".")[0] == "icon"}


def beyond(text, allowed):
    """Imports of modules that are not allowed, and of names that a public package does not list."""
    return sorted(
        f"{module} {name}".strip()
        for module, name in imported(text)
        if module not in allowed or (name and module in NAMES and name not in NAMES[module])
    )


@pytest.mark.parametrize("package", NAMES)
def test_public_names_are_pinned_and_importable(package):
    module = import_module(package)
    assert set(module.__all__) == NAMES[package]
    assert len(module.__all__) == len(NAMES[package])
    for name in module.__all__:
        assert getattr(module, name) is not None


def test_the_names_of_icon_are_sorted_and_each_has_its_home():
    assert icon.__all__ == sorted(_HOME)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(icon, "scores")


@pytest.mark.parametrize("file", SOURCES, ids=path_of)
def test_a_plugin_of_the_project_imports_from_public_modules(file):
    assert beyond(file.read_text(encoding="utf-8"), {*PUBLIC, *FURTHER}) == []


@pytest.mark.parametrize("file", TESTS, ids=path_of)
def test_a_plugin_s_tests_import_from_public_modules(file):
    assert beyond(file.read_text(encoding="utf-8"), {*PUBLIC, *FURTHER, *FURTHER_IN_TESTS}) == []


@pytest.mark.parametrize("file", TEMPLATES, ids=path_of)
def test_the_template_imports_from_public_modules_alone(file):
    text = re.sub(r"\{\{.*?\}\}", "x", re.sub(r"\{%.*?%\}", "", file.read_text(encoding="utf-8")))
    assert beyond(text, PUBLIC) == []


def test_the_how_to_on_plugins_imports_from_public_modules_alone():
    blocks = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    assert [beyond(block, PUBLIC) for block in blocks] == [[] for _ in blocks]


def test_no_allowed_module_has_an_underscore_and_each_is_used():
    allowed = {*PUBLIC, *FURTHER, *FURTHER_IN_TESTS}
    assert not [name for name in allowed if "._" in name]
    sources = {module for file in SOURCES for module, _ in imported(file.read_text(encoding="utf-8"))}
    tests = {module for file in TESTS for module, _ in imported(file.read_text(encoding="utf-8"))}
    assert FURTHER.keys() - sources == set()
    assert FURTHER_IN_TESTS.keys() - tests == set()


def test_a_module_with_an_underscore_is_imported_only_inside_its_package():
    wrong = []
    for file in sorted((ROOT / "icon").rglob("*.py")):
        package = ".".join(file.relative_to(ROOT).parent.parts)
        for module, _ in imported(file.read_text(encoding="utf-8")):
            owner, separator, _ = module.partition("._")
            if separator and not f"{package}.".startswith(f"{owner}."):
                wrong.append(f"{path_of(file)} imports {module}")
    assert wrong == []
