"""What the sessions work with: our distributions, the tools that check them, and words for pytest."""

SCORERS = ["ifd", "superfiltering", "selectit", "rds", "less"]
SELECTORS = ["diverse", "balanced"]
PLUGINS = [*SCORERS, *SELECTORS, "validate", "observers", "ray"]
DISTRIBUTIONS = [".", "backends/llamacpp", "backends/torch", *(f"plugins/{name}" for name in PLUGINS)]
EXAMPLE = "tests/example_plugin"
TORCH = "torch==2.13.0"
HARNESS = "lm-eval>=0.4.13"
"""An independent computation of the same log-likelihoods."""

RUFF = "ruff==0.17.6"
CHECK_TOOLS = [RUFF, "import-linter>=2.1"]
TYPE_TOOLS = ["mypy==2.4.1", "pandas-stubs"]
TEST_TOOLS = ["pytest>=8", "pytest-xdist>=3.7", "hypothesis>=6.100", "copier>=9", RUFF, "playwright>=1.50", "trl>=0.20"]
TEST_TOOLS += ["wandb>=0.21", "mlflow-skinny>=3.1", "trackio>=0.5"]
TEST_TOOLS += ["jsonschema>=4.20", "zstandard>=0.22", "nbclient>=0.10", "ipykernel>=6.29"]
LONG_TOOLS = ["moto[server]>=5", "s3fs"]
"""An object store on this machine, for the long tier."""
COVERAGE_TOOLS = ["pytest-cov>=7", "coverage>=7.10"]
SITE_TOOLS = ["mkdocs-material>=9.6,<10", "mkdocstrings[python]>=1.0,<2", "pyyaml"]
SUPPLY_TOOLS = ["build", "twine>=6.1", "pip-audit>=2.10", "cyclonedx-bom>=7"]
BUILD_TOOLS = ["hatchling>=1.26", "hatch-fancy-pypi-readme>=24.1", "editables>=0.5"]

CORE_TEST_TOOLS = ["pytest>=8", "hypothesis>=6.100", "pyyaml", "zstandard>=0.22"]

EVERY_TOOL = [*BUILD_TOOLS, *TYPE_TOOLS, *TEST_TOOLS, *COVERAGE_TOOLS, *SITE_TOOLS, HARNESS]
"""What the checks of everything need, beside what the distributions do."""

BEYOND_CORE = ["benchmarks", "docs", "gpu", "packaging", "recipes"]
BEYOND_CORE += [f"cli/test_{name}.py" for name in ("in_process", "preview", "race_options", "wrong_use")]
"""Tests that need a backend, a tool or the embedded model without being marked so."""

OTHER_BYTES = [
    f"--deselect=tests/runs/test_older_format.py::test_{name}"
    for name in (
        "the_same_command_goes_on_with_it",
        "a_lost_part_is_measured_again",
        "the_same_call_goes_on_with_the_one_of_a_model",
    )
]
"""Tests that compare stored Parquet files byte for byte; another pyarrow writes the same table in other bytes."""

SIDE_BY_SIDE = ["--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder"]
"""Tests in several processes, a file in one of them: what it sets up once is set up once. The longest come first."""
