// The threshold of this view: one value, whoever moves it. Where a count was asked for, so many at or above it are kept.

const threshold = { value: charts.cut, count: null, listeners: [] };

function setThreshold(value, kept = null) {
  if (!Number.isFinite(value)) return;
  threshold.value = value;
  threshold.count = kept;
  for (const listener of threshold.listeners) listener();
}

// As many as a selection of this count keeps: of those that tie at its value it takes a part.
function setCount(n) {
  if (!Number.isFinite(n)) return;
  const kept = Math.max(0, Math.min(columns.ranked.n, Math.round(n)));
  setThreshold(valueThatKeeps(kept), kept);
}

// Where the run itself cut: the value alone would keep all that tie at it.
function setOwnCut() {
  setThreshold(charts.cut, columns.chosen.n);
}

function isOwnCut() {
  return threshold.value === charts.cut && threshold.count === columns.chosen.n;
}

// The place of the first of these ascending values that is at or above a value, or, with `beyond`, above it.
function firstAtOrAbove(values, value, beyond = false) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value || (beyond && values[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// How many of these sorted values are at or above a value; right to `stride` where only every stride-th is here.
function atOrAbove(sorted, value, beyond = false) {
  const low = firstAtOrAbove(sorted.values, value, beyond);
  return low === 0 ? sorted.n : (sorted.values.length - low) * sorted.stride;
}

// The lowest value among so many from the top; a little above the highest one where none is to be kept.
function valueThatKeeps(n) {
  const { values, stride } = columns.ranked;
  const place = values.length - Math.round(Math.min(n, columns.ranked.n) / stride);
  const highest = values[values.length - 1];
  if (n <= 0 || place >= values.length) return highest + Math.max(1e-9, Math.abs(highest) * 1e-9);
  return values[Math.max(0, place)];
}

// Whether some ranked rows are not on this page, so that what is counted over its rows is not of all of them.
function isPart() {
  return columns.value.filter((each) => each !== null).length < columns.ranked.n;
}
