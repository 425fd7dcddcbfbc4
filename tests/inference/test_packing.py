"""A pack's trie spells every target, evaluates shared tokens once, and stays within its limits."""

from hypothesis import given, settings
from hypothesis import strategies as st

from icon.inference import Branch, common_prefix, pack, predicting
from support.tiers import of_tier

many = settings(max_examples=of_tier(40, 300))
tokens = st.lists(st.integers(0, 2), min_size=1, max_size=12).map(tuple)


@st.composite
def branches(draw):
    drawn = draw(st.lists(tokens, min_size=1, max_size=20))
    return [Branch(i, each, tuple(range(draw(st.integers(1, len(each)))))) for i, each in enumerate(drawn)]


limits = {"max_tokens": st.integers(1, 30), "max_branches": st.integers(1, 6)}


@many
@given(branches(), limits["max_tokens"], limits["max_branches"])
def test_every_branch_is_packed_once(given_branches, max_tokens, max_branches):
    packs = list(pack(given_branches, max_tokens=max_tokens, max_branches=max_branches))
    assert sorted(branch.index for each in packs for branch in each.branches) == list(range(len(given_branches)))


@many
@given(branches(), limits["max_tokens"], limits["max_branches"])
def test_a_path_spells_its_branch_with_parents_first(given_branches, max_tokens, max_branches):
    for each in pack(given_branches, max_tokens=max_tokens, max_branches=max_branches):
        for branch, path in zip(each.branches, each.paths, strict=True):
            assert tuple(each.token[node] for node in path) == branch.tokens
            assert [each.depth[node] for node in path] == list(range(len(path)))
            assert path == sorted(set(path))


@many
@given(branches(), limits["max_tokens"], limits["max_branches"])
def test_limits_hold_but_for_a_single_long_branch(given_branches, max_tokens, max_branches):
    for each in pack(given_branches, max_tokens=max_tokens, max_branches=max_branches):
        assert len(each.branches) <= max_branches
        assert len(each.token) <= max_tokens or len(each.branches) == 1


@many
@given(branches())
def test_each_distinct_prefix_is_one_node(given_branches):
    (each,) = pack(given_branches, max_tokens=10_000, max_branches=100)
    prefixes = {branch.tokens[:end] for branch in given_branches for end in range(1, len(branch.tokens) + 1)}
    assert len(each.token) == len(prefixes)


@many
@given(branches())
def test_a_node_stands_on_exactly_the_branches_through_it(given_branches):
    (each,) = pack(given_branches, max_tokens=10_000, max_branches=100)
    for node in range(len(each.token)):
        through = [place for place, path in enumerate(each.paths) if node in path]
        assert through == list(range(each.first[node], each.first[node] + each.count[node]))


@many
@given(branches())
def test_logits_are_wanted_exactly_where_a_response_token_is_predicted(given_branches):
    (each,) = pack(given_branches, max_tokens=10_000, max_branches=100)
    needed = {node for path, branch in zip(each.paths, each.branches, strict=True) for node in predicting(path, branch)}
    assert {node for node, wanted in enumerate(each.wanted) if wanted} == needed


@many
@given(branches(), st.randoms())
def test_the_order_given_does_not_change_the_packs(given_branches, random):
    shuffled = random.sample(given_branches, len(given_branches))
    one, other = (list(pack(each, max_tokens=9, max_branches=4)) for each in (given_branches, shuffled))
    assert one == other


def test_a_pack_by_hand():
    heading, ends = (7, 8), ((1,), (2, 3))
    (each,) = pack([Branch(i, heading + end, (9,)) for i, end in enumerate(ends)], max_tokens=5, max_branches=2)
    assert each.token == [7, 8, 1, 2, 3]
    assert each.first == [0, 0, 0, 1, 1]
    assert each.count == [2, 2, 1, 1, 1]
    assert each.wanted == [False, False, True, False, True]


def test_no_branches_give_no_pack():
    assert list(pack([], max_tokens=5, max_branches=5)) == []


def test_common_prefix_by_hand():
    assert common_prefix((1, 2, 3), (1, 2, 4, 5)) == 2
    assert common_prefix((1, 2), (1, 2, 3)) == 2
    assert common_prefix((1,), (2,)) == 0
