"""Whatever ends while a run is measured on a cluster of two nodes, its files are those of one process in the end."""

import os
import signal

import pytest

from icon.pipeline import measuring
from icon.testing.executor_suite import RACE, ExecutorSuite, Watching, contents
from icon_ray.executor import RayExecutor
from icon_ray.options import RayOptions
from support.tiers import FULL

ray = pytest.importorskip("ray", reason="Ray is not installed")
pytestmark = pytest.mark.skipif(not FULL, reason="starts a cluster of three raylets per test: the long tier has it")

SLOW = {"backend_options": {"seconds": 0.03}}


@pytest.fixture
def cluster():
    """A head without room for workers, which the driver joins, and two nodes with room for one each."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": 80 * 2**20})
    made.nodes = [
        made.add_node(num_cpus=1, object_store_memory=80 * 2**20, resources={name: 1}) for name in ("left", "right")
    ]
    yield made
    ray.shutdown()
    made.shutdown()


class TestFaults:
    material, perform, one = ExecutorSuite.material, ExecutorSuite.perform, ExecutorSuite.one

    @pytest.fixture(autouse=True)
    def small_parts(self, monkeypatch):
        """Parts of a few candidates, so that both workers measure each slice."""
        monkeypatch.setattr(measuring, "TOKENS_PER_PART", 300)

    def executor(self, cluster, **options):
        return RayExecutor(RayOptions(address=cluster.address, wait=180, **options))

    def same_but_for_warnings(self, many, one):
        """Whether the files are those of one process; gives the warnings of the measuring."""
        found, expected = contents(many), contents(one)
        expected["run.json"].pop("warnings")
        warned = found["run.json"].pop("warnings")["score"]
        assert found == expected
        return warned

    def test_two_nodes_come_to_the_files_of_one_process(self, perform, one, cluster, tmp_path):
        executor, used = self.executor(cluster), set()

        def look():
            used.update(member.key for member in executor.members if member.is_measuring)

        many = perform(tmp_path / "many", executor, Watching(tuple(range(200)), look), **RACE, **SLOW)
        assert contents(many) == contents(one(**RACE, **SLOW))
        assert used == {"1", "2"}

    def test_a_worker_killed_five_times_changes_nothing_but_warnings(self, perform, one, cluster, tmp_path):
        executor, killed = self.executor(cluster), set()

        def kill():
            (first, *_) = [member for member in executor.members if member.is_measuring]
            killed.add(first.name)
            os.kill(int(first.name.rpartition("/")[2]), signal.SIGKILL)

        many = perform(tmp_path / "many", executor, Watching((4, 12, 20, 28, 36), kill), **RACE, **SLOW)
        warned = self.same_but_for_warnings(many, one(**RACE, **SLOW))
        assert len(killed) == 5
        assert sum("was lost" in line for line in warned) == 5, warned

    def test_a_node_whose_raylet_is_killed_changes_nothing_but_warnings(self, perform, one, cluster, tmp_path):
        executor = self.executor(cluster)

        def end():
            cluster.remove_node(cluster.nodes.pop(), allow_graceful=False)

        many = perform(tmp_path / "many", executor, Watching((6,), end), **RACE, **SLOW)
        assert any("was lost" in line for line in self.same_but_for_warnings(many, one(**RACE, **SLOW)))
