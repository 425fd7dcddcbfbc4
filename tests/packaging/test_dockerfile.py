"""The Dockerfile copies what is there, installs what the README does, and runs the demo as a user without rights."""

import json
import re
import tomllib

import pytest

from support.distributions import ROOT

LINES = re.sub(r" *\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
STEPS = [tuple(line.split(maxsplit=1)) for line in LINES if line and not line.startswith("#")]


def having(word):
    return [rest for step, rest in STEPS if step == word]


def test_what_it_copies_is_there_and_not_kept_out_by_dockerignore():
    copied = [word for rest in having("COPY") if "--from" not in rest for word in rest.split()[:-1]]
    assert {"icon", "backends/llamacpp", "pyproject.toml"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == allowed


def test_what_building_the_wheels_needs_is_copied():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {*build["project"]["license-files"], *build["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
    needed |= {part["path"] for part in build["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["fragments"]}
    copied = {word for rest in having("COPY") for word in rest.split()}
    assert needed <= copied


def test_it_installs_what_the_readme_installs():
    (command,) = re.findall(r"^pip install (.+) && icon run$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    (installs,) = [rest for rest in having("RUN") if "pip install" in rest]
    assert installs.endswith(f"pip install --no-cache-dir {command}")


def test_it_runs_the_demo_as_a_user_without_rights_and_signals_reach_it():
    assert json.loads(having("ENTRYPOINT")[0]) == ["icon"]
    assert json.loads(having("CMD")[0]) == ["run"]
    assert having("USER") == ["icon"]
    assert STEPS.index(("USER", "icon")) > max(place for place, (word, _) in enumerate(STEPS) if word == "RUN")


@pytest.mark.parametrize("line", having("RUN"))
def test_a_step_that_installs_system_packages_leaves_no_lists_behind(line):
    if "apt-get install" in line:
        assert "apt-get update &&" in line
        assert "--no-install-recommends" in line
        assert "rm -rf /var/lib/apt/lists/*" in line


def test_the_base_has_a_version_that_ci_tests():
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    for rest in having("FROM"):
        (version,) = re.findall(r"^python:(3\.\d+)-slim\b", rest)
        assert f'python: "{version}"' in workflow
