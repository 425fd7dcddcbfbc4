// The threshold of this view: one value, whoever moves it, and what it would keep.

const threshold = { value: charts.cut, listeners: [] };

function setThreshold(value) {
  if (!Number.isFinite(value)) return;
  threshold.value = value;
  for (const listener of threshold.listeners) listener();
}

// The place of the first of these ascending values that is at or above a value.
function firstAtOrAbove(values, value) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// How many of these sorted values are at or above a value; right to `stride` where only every stride-th is here.
function atOrAbove(sorted, value) {
  const low = firstAtOrAbove(sorted.values, value);
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

// Halfway between the last value kept and the first one dropped, where a race cuts; null where all or none are kept.
function halfway(value) {
  const { values } = columns.ranked;
  const first = firstAtOrAbove(values, value);
  return first === 0 || first === values.length ? null : (values[first - 1] + values[first]) / 2;
}

// Rows of this page whose score may lie on either side, by their own margin; null where no row has one.
function withinMargin(value) {
  const { reach, unsure } = columns;
  if (charts.by !== "score" || (!unsure && reach.every((each) => each === null))) return null;
  const line = charts.race ? halfway(value) : value;
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

// Whether some ranked rows are not on this page, so that what is counted over its rows is not of all of them.
function isPart() {
  return columns.value.filter((each) => each !== null).length < columns.ranked.n;
}
