// The table of all rows: what is looked for, which rows pass, and in what order.

const view = { filter: "all", sort: "rank", up: true, page: 0, matches: null, searching: false, places: [] };

function filters() {
  const status = (name) => (place) => columns.statuses[columns.status[place]] === name;
  const offered = [
    ["all", "all rows", () => () => true],
    ["selected", "selected", () => (place) => columns.selected[place] === 1],
    ["dropped", "ranked, not selected", () => (place) => columns.selected[place] === 0 && columns.rank[place] !== null],
  ];
  if (threshold.value !== null) {
    const moved = (kept, selected) => () => {
      const keeps = keptTest();
      return (place) => keeps(place) === kept && columns.selected[place] === selected;
    };
    offered.push(["enter", "would enter at the threshold above", moved(true, 0)], ["leave", "would leave at the threshold above", moved(false, 1)]);
  }
  for (const [at, name] of columns.statuses.entries()) {
    if (columns.status.includes(at)) offered.push([name, `status: ${STATUS_WORDS[name]}`, () => status(name)]);
  }
  return offered;
}

function sortFields() {
  const plain = { rank: "rank", row: "row", score: "score", standard_error: "standard error", log_gain: "log-gain", consistency: "consistency", coverage: "coverage", probability: "probability", length: "length of the response", assessed: "tasks assessed" };
  const found = Object.entries(plain).filter(([key]) => columns[key]).map(([key, title]) => ({ key, title, value: (place) => columns[key][place] }));
  return [...found, ...Object.entries(columns.baselines).map(([name, values]) => ({ key: `baseline ${name}`, title: `baseline ${name}`, value: (place) => values[place] }))];
}

function startRows() {
  for (const [key, title] of filters()) byId("rows-filter").append(element("option", { value: key }, title));
  for (const { key, title } of sortFields()) byId("rows-sort").append(element("option", { value: key }, title));
  byId("rows-form").addEventListener("submit", (event) => event.preventDefault());
  byId("rows-filter").addEventListener("change", () => { view.filter = byId("rows-filter").value; arrange(); });
  byId("rows-sort").addEventListener("change", () => sortRows(byId("rows-sort").value, byId("rows-sort").value === "rank"));
  byId("rows-order").addEventListener("change", () => sortRows(view.sort, byId("rows-order").value === "up"));
  let waiting = 0;
  byId("rows-search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(startSearch, 200);
  });
  startPager();
  threshold.listeners.push(() => { if (view.filter === "enter" || view.filter === "leave") arrange(); });
  arrange();
}

async function startSearch() {
  const words = byId("rows-search").value.trim();
  stopSearch();
  Object.assign(view, { matches: null, searching: Boolean(words), page: 0 });
  if (!words) {
    arrange();
    return;
  }
  let drawn = 0;
  await search(words, (places, done) => {
    view.matches = places;
    view.searching = !done;
    if (done || performance.now() - drawn > 300) {
      arrange(view.page); // the reader may have turned the page already, or opened a row
      drawn = performance.now();
    }
  });
}

function sortRows(key, up) {
  Object.assign(view, { sort: key, up });
  byId("rows-sort").value = key;
  byId("rows-order").value = up ? "up" : "down";
  arrange();
}

function arrange(page = 0) {
  const passes = filters().find(([key]) => key === view.filter)[2]();
  const places = [];
  for (let place = 0; place < columns.row.length; place += 1) {
    if ((!view.matches || view.matches.has(place)) && !(view.searching && !view.matches) && passes(place)) places.push(place);
  }
  const { value } = sortFields().find((each) => each.key === view.sort);
  const direction = view.up ? 1 : -1;
  places.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === y) return a - b;
    return x === null ? 1 : y === null ? -1 : direction * (x - y);
  });
  Object.assign(view, { places, page });
  drawRows();
}
