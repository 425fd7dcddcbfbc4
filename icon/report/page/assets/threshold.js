// The threshold of this view: one value, whoever moves it, and what it would keep.

const threshold = { value: charts.cut, listeners: [] };

function setThreshold(value) {
  if (!Number.isFinite(value)) return;
  threshold.value = value;
  for (const listener of threshold.listeners) listener();
}

// How many of these sorted values are at or above a value; right to `stride` where only every stride-th is here.
function atOrAbove(sorted, value) {
  let low = 0;
  let high = sorted.values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted.values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? sorted.n : (sorted.values.length - low) * sorted.stride;
}

// The value that keeps so many; more where values tie.
function valueThatKeeps(n) {
  const { values, stride } = columns.ranked;
  const place = values.length - Math.round(Math.min(n, columns.ranked.n) / stride);
  if (n <= 0 || place >= values.length) return values[values.length - 1] + Math.max(1e-9, Math.abs(values[values.length - 1]) * 1e-9);
  return values[Math.max(0, place)];
}

function keptBy(value) {
  const kept = atOrAbove(columns.ranked, value);
  const stay = atOrAbove(columns.chosen, value);
  return { kept, enter: Math.max(0, kept - stay), leave: columns.chosen.n - stay, share: kept / Math.max(1, columns.ranked.n) };
}

// Rows whose score may lie on either side, by their own margin; null where no row has one.
function withinMargin(value) {
  if (charts.by !== "score" || columns.reach.every((each) => each === null)) return null;
  let found = 0;
  for (let place = 0; place < columns.value.length; place += 1) {
    const reach = columns.reach[place];
    if (reach !== null && columns.value[place] !== null && Math.abs(columns.value[place] - value) <= reach) found += 1;
  }
  return found;
}
