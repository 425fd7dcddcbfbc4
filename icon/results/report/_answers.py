"""The answer of each part of the page in a sentence, which stands beside its heading while the part is folded."""

from __future__ import annotations

from icon.results import wording
from icon.results.report import _sentences
from icon.results.report._assets import Block
from icon.results.report._certainty import by_score, last_kept
from icon.results.report._threshold import PageInput, Ranking
from icon.results.wording import counted, sentence

MUCH = 0.25
"""Share of a score's variance from which on length is said to rule it."""


def cut(page: PageInput, rank: Ranking) -> str:
    """Where the selection ends."""
    if not page.manifest.has_selection:
        return "Nothing was selected."
    what = "score" if rank.by == "score" else "probability, given by a classifier from the text alone,"
    if rank.cut is None:
        return "No selected record has a value of its own."
    if rank.is_a_cut:
        ties = _tied(page) if rank.by == "score" else ""
        return f"What was selected has a {what} of {rank.cut:.4g} or more{ties}.".replace("-", "−")
    return f"The selector looked at more than the {what.rstrip(',')}: the selection is not everything above one value."


def _tied(page: PageInput) -> str:
    """How many others have the score of the last one kept; empty where none has."""
    tied, kept = wording.tied_at_cut(page.summary)
    if not tied:
        return ""
    others = counted(tied - kept, "other candidate")
    return (
        f"; {others} with the score of the last one kept {'is' if tied - kept == 1 else 'are'} not selected: ids decide"
    )


def passed_over(page: PageInput, rank: Ranking, kept: int) -> str | None:
    """Why candidates that are among the best by score were dropped; None where none was, or nothing was selected."""
    best = by_score(page.scored)[:kept]
    dropped = best.where(~best.selected)
    if not len(dropped) or not page.manifest.has_selection:
        return None
    if rank.by == "probability":
        why = "the selection is by a classifier's probability, given from the text alone, and not by the score"
    elif (dropped.numbers("score") == best.numbers("score")[-1]).all():
        why = "they tie with the last one kept, and their ids decide"
    else:
        why = f"the selector {page.chosen.selector} looks at more than the score"
    many = f"{len(dropped):,} of the best {len(best):,} by score"
    return sentence(f"{many} {'is' if len(dropped) == 1 else 'are'} not selected: {why}")


def equalised(page: PageInput) -> str | None:
    """Why a high score as measured may be dropped: scores are compared at equal length. None where they are not."""
    if page.summary.equal_length is None:
        return None
    return "Candidates are compared at equal length, so one whose raw score is high for its length alone ranks lower."


def length(chart: Block | None) -> str:
    """How much of the score the length explains."""
    if chart is None or chart["r_squared"] is None:
        return "Too little is known to say how far the score follows the length of the response."
    share = chart["r_squared"]
    correlation = "" if chart["spearman"] is None else f" (rank correlation {chart['spearman']:+.2f})".replace("-", "−")
    text = f"The logarithm of the response's length explains {share:.0%} of the variance of the score{correlation}"
    if share >= MUCH:
        return f"{text}, so a selection by it is to a good part one by length."
    return f"{text}."


def certainty(found: Block | None, *, selected: bool = True) -> str | None:
    """How many candidates are on their side of the cut by more than chance; None where no margin is known.

    Args:
        found: What `around_the_cut` gave.
        selected: Whether anything was selected; else it is the cut that the share to keep would make.
    """
    if found is None:
        return None
    if found["kind"] == "race":
        unsure = f", {found['unsure']:,} of them with too little measured for a margin" if found["unsure"] else ""
        return (
            f"By the race's margins {found['above']:,} of {counted(found['n'], 'candidate')} are above the cut, "
            f"{found['below']:,} below it, and {found['open']:,} may be on either side{unsure}."
        )
    last = last_kept(found, selected=selected)
    return (
        f"Of the {counted(found['n'], 'candidate')} nearest to the cut {found['above']:,} are better than {last} and "
        f"{found['below']:,} worse by more than chance in so many comparisons; {found['open']:,} may be on either side."
    )


def helps(heat: Block | None) -> str:
    """Where the largest mean contribution is."""
    if heat is None or len(heat["clusters"]) < 2:
        return "The texts are too few or too alike to be parted into clusters."
    cells = [
        (value, group, cluster)
        for group, row in zip(heat["groups"], heat["means"], strict=True)
        for cluster, value in zip(heat["clusters"], row, strict=True)
        if value is not None
    ]
    value, group, cluster = max(cells)
    to = f" for {group}" if heat["grouped"] else ""
    return f"Highest{to}: {cluster} ({value:.3f} in the mean).".replace("-", "−")


def diversity(found: Block | None) -> str:
    """How varied the selected texts are, compared with random selections of the same size."""
    if found is None:
        return "Not shown: it needs known texts, two selected candidates, and some that were not selected."
    verdict = "as varied as a random one"
    if found["selected"] < found["low"]:
        verdict = "less varied than 19 of 20 random ones, so like texts were chosen together"
    elif found["selected"] > found["high"]:
        verdict = "more varied than 19 of 20 random ones"
    return f"The selection is {verdict}."


def distances(found: Block) -> str:
    """The numbers behind it."""
    return (
        f"Two selected texts differ by {found['selected']:.4f} in the mean (cosine distance of TF-IDF: 0 the same "
        f"words, 1 no word in common), over {counted(found['n'], 'selected candidate')}; {found['draws']:,} random "
        f"selections of the same size give {found['random']:.4f} ({found['low']:.4f} to {found['high']:.4f} in nine "
        "of ten)."
    )


def difficulty(found: Block | None) -> str:
    """IFD of the selected candidates and of the others."""
    if found is None:
        return "Not measured for both selected and other candidates; --baseline ifd adds it."
    return (
        f"Median IFD {found['median_selected']:.3f} over {counted(found['n_selected'], 'selected candidate')}, "
        f"{found['median_rest']:.3f} over {found['n_rest']:,} others."
    )


def sources(page: PageInput) -> str:
    """How many of the selected candidates each source has, the largest number first, at most three of them."""
    ordered = sorted(page.summary.sources, key=lambda one: (-one.selected, one.source))
    shown = ", ".join(f"{one.selected:,} from {one.source or '(none)'}" for one in ordered[:3])
    more = f", the others from {counted(len(ordered) - 3, 'more source')}" if len(ordered) > 3 else ""
    return f"Selected: {shown}{more}."


def answers(page: PageInput, rank: Ranking, charts: Block, kept: int) -> Block:
    """The answers by the id of their part."""
    margins = certainty(charts["certainty"], selected=page.manifest.has_selection)
    return {
        "cut": cut(page, rank),
        "passed_over": [text for text in (passed_over(page, rank, kept), equalised(page)) if text],
        "length": length(charts["length"]),
        "certainty": margins or _sentences.reliability(page),
        "reliability": _sentences.reliability(page) if margins else None,
        "helps": helps(charts["heat"]),
        "diversity": diversity(charts["diversity"]),
        "difficulty": difficulty(charts["difficulty"]),
    }
