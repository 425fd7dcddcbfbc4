"""The files that run the checks agree: what CI, the hooks before a commit and the noxfile name is one and the same."""

import ast
import re

import pytest

from support.distributions import FOLDERS, ROOT

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
NOXFILE, TOOLS = (ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in ("noxfile.py", ".ci/tools.py"))


def decorated_with_session(function):
    return any("nox.session" in ast.unparse(decorator) for decorator in function.decorator_list)


def sessions():
    return {node.name for node in NOXFILE.body if isinstance(node, ast.FunctionDef) and decorated_with_session(node)}


def literals():
    return {node.value for node in ast.walk(TOOLS) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def default_sessions():
    assigned = [node for node in NOXFILE.body if isinstance(node, ast.Assign)]
    (value,) = (node.value for node in assigned if ast.unparse(node.targets[0]) == "nox.options.sessions")
    return set(ast.literal_eval(value))


@pytest.fixture(scope="module")
def jobs():
    return yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]


def test_the_workflow_runs_sessions_that_exist_and_every_default_one(jobs):
    entries = jobs["nox"]["strategy"]["matrix"]["include"]
    run = {name for entry in entries for name in entry["sessions"].split()}
    assert run <= sessions()
    assert run >= default_sessions() | {"coverage", "lowest"}
    assert default_sessions() <= sessions()


def test_the_workflow_tests_the_supported_versions_of_python(jobs):
    entries = jobs["nox"]["strategy"]["matrix"]["include"]
    tested = {entry["python"] for entry in entries if {"tests", "coverage"} & set(entry["sessions"].split())}
    assert tested == {"3.11", "3.12", "3.13"}
    oldest = re.search(r'requires-python = ">=(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    assert min(tested) == oldest
    assert {entry["python"] for entry in entries if entry["sessions"] == "lowest"} == {oldest}


def test_the_long_tier_is_run_somewhere(jobs):
    assert "nox -s tests -- --full" in [step.get("run") for step in jobs["full"]["steps"]]


def test_hooks_before_a_commit_take_the_versions_of_the_sessions():
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    asked = {line for hook in repository["hooks"] for line in hook["additional_dependencies"]}
    assert len(asked) == 2
    assert asked <= literals()


def test_every_distribution_is_in_the_sessions_and_in_the_tools_settings():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for folder in (folder.relative_to(ROOT) for folder in FOLDERS if folder != ROOT):
        assert {str(folder), folder.name} & literals(), f".ci/tools.py: {folder}"
        package = f"icon_{folder.name}"
        assert f'"{folder}/tests"' in project, f"pytest's testpaths: {folder}"
        assert f'"{folder}/{package}"' in project, f"mypy's files: {folder}"
        sources = project[project.index("source_pkgs") :].splitlines()[0]
        assert f'"{package}"' in sources, f"coverage's source_pkgs: {package}"


def test_the_files_that_start_first_exist():
    conftest = ast.parse((ROOT / "tests/conftest.py").read_text(encoding="utf-8"))
    assigned = [node for node in conftest.body if isinstance(node, ast.Assign)]
    (files,) = (ast.literal_eval(node.value) for node in assigned if ast.unparse(node.targets[0]) == "LONG_FILES")
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert len(set(files)) == len(files)


def test_the_table_of_properties_names_files_that_exist():
    text = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|backends|plugins|\.ci|\.github)/[\w./-]+)`", text)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []
