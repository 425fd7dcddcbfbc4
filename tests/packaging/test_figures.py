"""What nox prints at its end: times and coverage, added up as by hand."""

import importlib.util
import json

import pytest

from support.distributions import ROOT

pytest_plugins = ["pytester"]


@pytest.fixture(scope="module")
def figures():
    spec = importlib.util.spec_from_file_location("figures", ROOT / ".ci/figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def results(pytester, tmp_path):
    """Results as pytest itself writes them, one test failing."""
    pytester.makepyfile(
        test_slow="import time\ndef test_one(): time.sleep(0.3)\ndef test_two(): time.sleep(0.2); assert False",
        test_quick="def test_three(): pass",
    )
    written = [f"--junitxml={tmp_path / 'found.xml'}", "--override-ini=junit_family=xunit1"]
    pytester.runpytest_inprocess(*written, "-p", "no:xdist", "-p", "no:cacheprovider").assert_outcomes(
        passed=2, failed=1
    )
    return tmp_path / "found.xml"


def test_the_slowest_tests_and_files_come_first_also_of_a_run_that_failed(figures, results):
    lines = [line.split() for line in figures.times({"lint": 1.25, "tests": 600}, [results], n=2).splitlines() if line]
    assert lines[:3] == [["seconds", "per", "session"], ["1.2", "lint"], ["600.0", "tests"]]
    assert lines[3] == ["the", "2", "slowest", "tests"]
    assert [line[1] for line in lines[4:6]] == ["test_slow.py::test_one", "test_slow.py::test_two"]
    assert lines[6] == ["the", "2", "slowest", "files"]
    assert [line[1] for line in lines[7:]] == ["test_slow.py", "test_quick.py"]
    assert 0.5 <= float(lines[7][0]) < 5
    assert float(lines[4][0]) >= 0.3


def test_a_run_without_results_shows_the_sessions_alone(figures, tmp_path):
    assert figures.times({"lint": 2}, [tmp_path / "none.xml"]) == "\nseconds per session\n     2.0  lint\n"


def test_coverage_is_added_up_per_package_lines_and_branches_apart(figures, tmp_path):
    def file(lines, of_lines, branches, of_branches):
        names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
        return {"summary": dict(zip(names, (lines, of_lines, branches, of_branches), strict=True))}

    found = {
        "icon/a.py": file(9, 10, 1, 2),
        "icon/deep/b.py": file(0, 10, 0, 2),
        "plugins/ifd/icon_ifd/c.py": file(20, 20, 0, 0),
    }
    (tmp_path / "coverage.json").write_text(json.dumps({"files": found}))
    rows = [line.split() for line in figures.coverage(tmp_path / "coverage.json").splitlines()[2:]]
    assert rows == [["icon", "45.0%", "25.0%"], ["icon_ifd", "100.0%", "-"], ["total", "72.5%", "25.0%"]]
