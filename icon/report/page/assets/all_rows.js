// The table of all rows: search, filter, sort, pages.

const PER_PAGE = 50;
const view = { filter: "all", sort: "rank", up: true, page: 0, matches: null, searching: false, places: [] };

function filters() {
  const status = (name) => (place) => columns.statuses[columns.status[place]] === name;
  const kept = (place) => columns.value[place] !== null && threshold.value !== null && columns.value[place] >= threshold.value;
  const offered = [
    ["all", "all rows", () => true],
    ["selected", "selected", (place) => columns.selected[place] === 1],
    ["dropped", "ranked, not selected", (place) => columns.selected[place] === 0 && columns.rank[place] !== null],
    ["enter", "would enter at the threshold above", (place) => kept(place) && !columns.selected[place]],
    ["leave", "would leave at the threshold above", (place) => !kept(place) && columns.selected[place] === 1],
  ];
  for (const [at, name] of columns.statuses.entries()) {
    if (columns.status.includes(at)) offered.push([name, `status: ${STATUS_WORDS[name]}`, status(name)]);
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
  const turn = (id, to) => byId(id).addEventListener("click", () => { view.page = to(); drawRows(); });
  turn("rows-first", () => 0);
  turn("rows-previous", () => view.page - 1);
  turn("rows-next", () => view.page + 1);
  turn("rows-last", () => pageCount() - 1);
  byId("rows-page").addEventListener("change", () => { view.page = Number(byId("rows-page").value) - 1; drawRows(); });
  threshold.listeners.push(() => { if (view.filter === "enter" || view.filter === "leave") arrange(); });
  arrange();
}

async function startSearch() {
  const words = byId("rows-search").value.trim();
  stopSearch();
  view.matches = null;
  view.searching = Boolean(words);
  if (!words) {
    arrange();
    return;
  }
  let drawn = 0;
  await search(words, (places, done) => {
    view.matches = places;
    view.searching = !done;
    if (done || performance.now() - drawn > 300) {
      arrange();
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

function arrange() {
  const passes = filters().find(([key]) => key === view.filter)[2];
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
  view.places = places;
  view.page = 0;
  drawRows();
}

function pageCount() {
  return Math.max(1, Math.ceil(view.places.length / PER_PAGE));
}

function drawRows() {
  const pages = pageCount();
  view.page = Math.min(pages - 1, Math.max(0, Math.floor(view.page) || 0));
  const start = view.page * PER_PAGE;
  const shown = view.places.slice(start, start + PER_PAGE);
  const searching = view.searching ? ", still looking" : "";
  say("rows-told", view.places.length ? `${count(view.places.length)} of ${plural(columns.row.length, "row", "rows")}${searching}, ${count(start + 1)} to ${count(start + shown.length)} shown.` : `No row matches${searching}.`);
  const extra = sortFields().find((each) => each.key === view.sort);
  const keys = sortFields().map((each) => each.key);
  const sort = { key: view.sort, up: view.up, keys, by: (key) => sortRows(key, key === view.sort ? !view.up : key === "rank" || key === "row") };
  drawTable(byId("rows-table"), shown, "All rows", { extra, sort });
  Object.assign(byId("rows-page"), { value: view.page + 1, max: pages });
  say("rows-pages", `of ${count(pages)}`);
  byId("rows-first").disabled = byId("rows-previous").disabled = view.page === 0;
  byId("rows-last").disabled = byId("rows-next").disabled = view.page === pages - 1;
}

// Brings a row up in the table, opened, whatever was filtered before.
async function showInTable(place) {
  stopSearch();
  byId("rows-search").value = "";
  byId("rows-filter").value = "all";
  Object.assign(view, { filter: "all", matches: null, searching: false });
  arrange();
  view.page = Math.floor(view.places.indexOf(place) / PER_PAGE);
  drawRows();
  const button = byId("rows-table").querySelector(`tr[data-place="${place}"] button`);
  button.click();
  button.focus({ preventScroll: true });
  button.scrollIntoView({ block: "center" });
}
