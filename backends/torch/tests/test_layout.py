"""A layout lets every token see its own path and nothing else, whatever the pack."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from icon.inference import Branch, pack
from icon_torch.layout import Layout

CPU = torch.device("cpu")
tokens = st.lists(st.integers(0, 2), min_size=1, max_size=8).map(tuple)
branches = st.lists(tokens, min_size=1, max_size=10).map(
    lambda drawn: [Branch(place, each, each[-1:]) for place, each in enumerate(drawn)]
)


def laid_out(given_branches, n_shared, n_cached):
    (trie,) = pack(given_branches, max_tokens=1000, max_branches=100)
    return trie, Layout([7] * n_shared, trie, n_cached=min(n_cached, n_shared), device=CPU)


def seen_by_definition(trie, layout, window):
    """Walks every branch's path token by token."""
    expected = torch.zeros(len(layout.tokens), layout.n_keys, dtype=torch.bool)
    for path in trie.paths:
        keys = [*range(layout.n_shared), *(layout.n_shared + node for node in path)]
        for place, key in enumerate(keys):
            row = key - (layout.n_keys - len(layout.tokens))
            if row >= 0:
                expected[row, keys[max(0, place + 1 - window) if window else 0 : place + 1]] = True
    return expected


def sees(window):
    """What a layer with a window sees, as transformers writes it: by two positions."""
    return None if window is None else lambda batch, head, row, key: row - key < window


@given(branches, st.integers(0, 3), st.integers(0, 3), st.sampled_from([None, 1, 2, 5]))
def test_a_row_sees_its_path_up_to_itself_within_the_window(given_branches, n_shared, n_cached, window):
    trie, layout = laid_out(given_branches, n_shared, n_cached)
    assert torch.equal(layout.visible(sees(window)), seen_by_definition(trie, layout, window))


@given(branches, st.integers(0, 3), st.integers(0, 3))
def test_spans_cover_every_row_once_and_end_with_their_own_keys(given_branches, n_shared, n_cached):
    _, layout = laid_out(given_branches, n_shared, n_cached)
    assert [row for span in layout.spans for row in range(span.start, span.end)] == list(range(len(layout.tokens)))
    seen = layout.visible()
    hidden = layout.n_keys - len(layout.tokens)
    for span in layout.spans:
        keys = torch.arange(span.n_keys) if span.keys is None else span.keys
        own = torch.arange(span.start, span.end) + hidden
        assert torch.equal(keys[len(keys) - len(own) :], own)
        assert torch.equal(seen[span.end - 1].nonzero()[:, 0], keys)


@given(branches, st.integers(0, 3))
def test_positions_restart_behind_the_context_in_every_branch(given_branches, n_shared):
    trie, layout = laid_out(given_branches, n_shared, n_cached=0)
    for path in trie.paths:
        rows = [layout.offset + node for node in path]
        assert layout.positions[rows].tolist() == list(range(n_shared, n_shared + len(path)))
        assert layout.tokens[rows].tolist() == [trie.token[node] for node in path]
