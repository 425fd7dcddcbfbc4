// The table of samples: what is looked for, which rows pass, and in what order.

const view = { filter: "all", sort: "rank", up: true, page: 0, matches: null, searching: false, places: [] };

function sortFields() {
  const plain = { rank: "rank", row: "row", score: "score", standard_error: "standard error", log_gain: "log-gain", consistency: "consistency", coverage: "coverage", probability: "probability", length: "length of the response", assessed: "tasks assessed" };
  const found = Object.entries(plain).filter(([key]) => columns[key]).map(([key, title]) => ({ key, title, value: (place) => columns[key][place] }));
  return [...found, ...Object.entries(columns.baselines).map(([name, values]) => ({ key: `baseline ${name}`, title: `baseline ${name}`, value: (place) => values[place] }))];
}

function startRows() {
  startChoices(byId("rows-filter"));
  byId("rows-sort").append(element("option", { value: "" }, "as listed"), ...sortFields().map(({ key, title }) => element("option", { value: key }, title)));
  byId("rows-form").addEventListener("submit", (event) => event.preventDefault());
  byId("rows-filter").addEventListener("change", () => choose(byId("rows-filter").value));
  byId("rows-sort").addEventListener("change", () => sortRows(byId("rows-sort").value, byId("rows-sort").value === "rank"));
  byId("rows-order").addEventListener("change", () => sortRows(view.sort, byId("rows-order").value === "up"));
  byId("rows-per-page").addEventListener("change", () => { view.page = 0; drawRows(); });
  let waiting = 0;
  byId("rows-search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(startSearch, 200);
  });
  startPager();
  const ranked = columns.rank.some((rank) => rank !== null);
  sortRows(ranked ? "rank" : "score", ranked);
  threshold.listeners.push(() => { if (["enter", "leave", "around"].includes(view.filter)) arrange(); });
}

// A list is shown in its own order until the reader sorts it.
function choose(key) {
  const listed = Boolean(choices().find((choice) => choice.key === key).places);
  view.filter = byId("rows-filter").value = key;
  if (listed || view.sort === "") sortRows(listed ? "" : "rank", true);
  else arrange();
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
  const { how, places: listed, test } = choices().find(({ key }) => key === view.filter);
  const keeps = keptTest();
  const every = listed ? listed() : [...columns.row.keys()].filter((place) => test(place, keeps));
  const places = every.filter((place) => (view.matches ? view.matches.has(place) : !view.searching));
  const field = sortFields().find(({ key }) => key === view.sort);
  const direction = view.up ? 1 : -1;
  if (field) places.sort((a, b) => {
    const [x, y] = [field.value(a), field.value(b)];
    if (x === y) return a - b;
    return x === null ? 1 : y === null ? -1 : direction * (x - y);
  });
  say("rows-how", how || "");
  Object.assign(view, { places, page });
  drawRows();
}
