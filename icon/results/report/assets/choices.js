// What the table of samples can show: every row, lists of odd ones, rows of a status, and what the threshold moves.

const AROUND = 20;

// Each choice: key, title, the heading it stands under, a sentence on it, and either a test of places or the places.
function choices() {
  const status = (name) => (place) => columns.statuses[columns.status[place]] === name;
  const offered = [{ key: "all", title: "all rows", test: () => true }];
  const add = (under, key, title, more) => offered.push({ key, title, under, ...more });
  add("Decision", "selected", "selected", { test: (place) => columns.selected[place] === 1 });
  add("Decision", "dropped", "ranked, not selected", { test: (place) => columns.selected[place] === 0 && columns.rank[place] !== null });
  for (const [at, { title, how, rows }] of charts.lists.entries()) add("To look at", `list ${at}`, title, { how, places: () => rows });
  if (threshold.value !== null) {
    add("To look at", "around", "Around the threshold", { how: `The ${AROUND} nearest to the threshold: here a little more or less decides.`, places: nearestRows });
    const moved = (keeps, kept, selected) => (place) => keeps(place) === kept && columns.selected[place] === selected;
    add("At the threshold set above", "enter", "would enter", { test: (place, keeps) => moved(keeps, true, 0)(place) });
    add("At the threshold set above", "leave", "would leave", { test: (place, keeps) => moved(keeps, false, 1)(place) });
  }
  for (const [at, name] of columns.statuses.entries()) {
    if (columns.status.includes(at)) add("Status", name, columns.status_words[at], { test: status(name) });
  }
  return offered;
}

// The rows nearest to the threshold, the highest first.
function nearestRows() {
  const known = columns.value.flatMap((value, place) => (value === null ? [] : [[Math.abs(value - threshold.value), place]]));
  const nearest = known.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, AROUND).map(([, place]) => place);
  return nearest.sort((a, b) => columns.value[b] - columns.value[a] || a - b);
}

function startChoices(select) {
  const groups = new Map();
  for (const { key, title, under } of choices()) {
    const option = element("option", { value: key }, title);
    if (!under) select.append(option);
    else {
      if (!groups.has(under)) groups.set(under, select.appendChild(element("optgroup", { label: under })));
      groups.get(under).append(option);
    }
  }
}
