"""Every check of the project; `nox` runs what CI runs."""

import os
import shutil
from pathlib import Path

import nox

nox.options.sessions = ["lint", "imports", "types", "docs", "tests"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True

SCORERS = ["ifd", "superfiltering", "nuggets", "selectit", "rds"]
SELECTORS = ["diverse", "balanced"]
PACKAGES = [
    ".",
    "./backends/llamacpp[embedded]",
    "./backends/torch[embedded]",
    *(f"./plugins/{name}" for name in SCORERS + SELECTORS),
]
EXAMPLE = "./tests/example_plugin"
TORCH = "torch==2.13.0"
HARNESS = "lm-eval>=0.4.13"
"""An independent computation of the same log-likelihoods."""

RUFF = "ruff==0.17.6"
TEST_TOOLS = ["pytest>=8", "pytest-xdist>=3.7", "hypothesis>=6.100", "copier>=9", RUFF, "playwright>=1.50", "trl>=0.20"]
SIDE_BY_SIDE = ["--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder"]
"""Tests in several processes, a file in one of them: what it sets up once is set up once. The longest come first."""
SITE_TOOLS = ["mkdocs-material>=9.6,<10", "mkdocstrings[python]>=1.0,<2", "pyyaml", RUFF]


def install(session, *tools):
    """Install the project's distributions as a user would, and the session's tools.

    torch comes first and pinned: what is built for a CPU satisfies everything that asks for torch later.
    """
    session.install(TORCH)
    session.install(*PACKAGES, EXAMPLE, *tools)


def install_browser(session):
    """Chromium for the tests of the report, on a machine of its own (CI is set, Debian, root); elsewhere it is yours.

    Without one those tests skip, saying so, and so they do where it cannot be installed.
    """
    if os.environ.get("CI") and shutil.which("apt-get") and os.geteuid() == 0 and not shutil.which("chromium"):
        anyhow = {"external": True, "success_codes": range(256), "silent": True}
        session.run("apt-get", "update", **anyhow)
        session.run("apt-get", "install", "-y", "--no-install-recommends", "chromium", **anyhow)


@nox.session
def lint(session):
    """Style and formatting."""
    session.install(RUFF)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def imports(session):
    """The layers, kept by import-linter."""
    session.install(".", "import-linter>=2.1")
    session.run("lint-imports")


@nox.session
def types(session):
    """Strict types."""
    install(session, "mypy==2.4.1", "pandas-stubs", *TEST_TOOLS)
    session.run("mypy")


@nox.session
def tests(session):
    """The core, every backend and every plugin, with the real model."""
    install_browser(session)
    install(session, *TEST_TOOLS, HARNESS)
    session.run("pytest", *SIDE_BY_SIDE, *session.posargs)


@nox.session
def docs(session):
    """The documentation site into site/, warnings being errors, and what can be tested of it without a model."""
    session.install(".", "pytest>=8", *SITE_TOOLS)
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    session.run("mkdocs", "build", "--strict", "--quiet", "--config-file", "docs/website/mkdocs.yml", env=quiet)
    built = {"ICON_BUILT_SITE": os.path.abspath("site")}  # noqa: PTH100  as text, for the environment
    session.run("pytest", "tests/docs", "-m", "not model", *session.posargs, env=built)


@nox.session
def bench(session):
    """Speeds as ratios within one process; tables go to bench-results/."""
    install(session, *TEST_TOOLS, HARNESS)
    folder = Path("bench-results")
    folder.mkdir(exist_ok=True)
    for script in sorted(Path("tests/benchmarks").glob("bench_*.py")):
        session.run("python", os.fspath(script), *session.posargs)


@nox.session
def gpu(session):
    """Speeds with a model of LLaMA-3.1-8B's shape, on a machine with a GPU; tables go to bench-results/."""
    install(session, *TEST_TOOLS)
    session.run("python", "tests/gpu/bench_llama8b.py", *session.posargs)


@nox.session
def build(session):
    """Wheels and source distributions of every package."""
    session.install("build")
    for package in (".", "backends/llamacpp", "backends/torch", *(f"plugins/{name}" for name in SCORERS + SELECTORS)):
        session.run("python", "-m", "build", "--outdir", "dist", package)
