// What the threshold keeps, against the run's own selection, and among candidates that tie at its value.

// kept of n; at the threshold's own value: tied, of whom `taken` are kept and the run kept `chosen`.
function keptNow() {
  const { ranked, chosen } = columns;
  const [above, chosenAbove] = [ranked, chosen].map((each) => atOrAbove(each, threshold.value, true));
  const tied = atOrAbove(ranked, threshold.value) - above;
  const chosenTied = atOrAbove(chosen, threshold.value) - chosenAbove;
  const taken = threshold.count === null ? tied : Math.min(tied, Math.max(0, threshold.count - above));
  const kept = threshold.count === null ? above + tied : threshold.count;
  const stay = charts.is_a_cut && isOwnCut() ? chosen.n : chosenAbove + stayingTied(tied, taken, chosenTied);
  return { kept, tied, taken, chosenTied, enter: Math.max(0, kept - stay), leave: chosen.n - stay, share: kept / Math.max(1, ranked.n) };
}

// How many of the selected ones at the threshold's value stay. A selection that is a cut has the first of them.
function stayingTied(tied, taken, chosenTied) {
  if (taken === tied) return chosenTied;
  if (charts.is_a_cut || isPart()) return Math.min(taken, chosenTied);
  return tiedPlaces().slice(0, taken).filter((place) => columns.selected[place]).length;
}

// The rows at the threshold's value, in the order in which the command takes them: the run's own ranks, or else ids.
function tiedPlaces() {
  const places = columns.value.flatMap((value, place) => (value === threshold.value ? [place] : []));
  if (charts.is_a_cut) return places;
  return places.sort((a, b) => (columns.id[a] < columns.id[b] ? -1 : 1));
}

// A test of rows: which of them the threshold keeps.
function keptTest() {
  if (threshold.value === null) return () => false;
  if (charts.is_a_cut && isOwnCut()) return (place) => columns.selected[place] === 1 && columns.value[place] !== null;
  const { tied, taken } = keptNow();
  const first = taken < tied ? new Set(tiedPlaces().slice(0, taken)) : null;
  return (place) => {
    const value = columns.value[place];
    if (value === null) return false;
    return value === threshold.value && first ? first.has(place) : value >= threshold.value;
  };
}

// What to say of candidates that share the threshold's value; nothing where they are all kept or all dropped.
function tiesTold({ tied, taken, chosenTied }) {
  if (tied <= columns.ranked.stride) return "";
  const tell = `${count(tied)} candidates tie at this value`;
  if (taken < tied && !isOwnCut()) return ` ${tell}; this count keeps ${count(taken)} of them, as ${charts.is_a_cut ? "the run's order" : "the order of their ids"} decides.`;
  return chosenTied && chosenTied < tied ? ` ${tell}; the run kept ${count(chosenTied)} of them.` : "";
}
