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

// Halfway between the last value kept and the first one dropped; null where all or none are kept.
function halfway() {
  const { values, stride } = columns.ranked;
  const first = values.length - Math.round(keptNow().kept / stride);
  return first <= 0 || first >= values.length ? null : (values[first - 1] + values[first]) / 2;
}

// Rows of this page whose score may lie on either side, by their own margin; null where no row has one.
function withinMargin() {
  const { reach, unsure } = columns;
  if (charts.by !== "score" || (!unsure && reach.every((each) => each === null))) return null;
  const line = halfway();
  if (line === null) return 0;
  const centre = columns.centre || columns.value;
  let found = 0;
  for (let place = 0; place < reach.length; place += 1) {
    if (unsure && unsure[place]) found += 1;
    else if (reach[place] === null || columns.value[place] === null || (charts.race && reach[place] === 0)) continue;
    else if (Math.abs(centre[place] - line) <= reach[place]) found += 1;
  }
  return found;
}
