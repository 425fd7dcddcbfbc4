// The table of samples, a page at a time, and what stays as it was when it is drawn anew.

let drawnRows = "";

function startPager() {
  // A button that can do nothing more says so and keeps the keyboard's focus: a disabled one would lose it.
  const turn = (id, to) => byId(id).addEventListener("click", () => {
    if (byId(id).getAttribute("aria-disabled") === "true") return;
    view.page = to();
    drawRows();
  });
  turn("rows-first", () => 0);
  turn("rows-previous", () => view.page - 1);
  turn("rows-next", () => view.page + 1);
  turn("rows-last", () => pageCount() - 1);
  byId("rows-page").addEventListener("change", () => { view.page = Number(byId("rows-page").value) - 1; drawRows(); });
}

function perPage() {
  return Number(byId("rows-per-page").value);
}

function pageCount() {
  return Math.max(1, Math.ceil(view.places.length / perPage()));
}

function drawRows() {
  const pages = pageCount();
  view.page = Math.min(pages - 1, Math.max(0, Math.floor(view.page) || 0));
  const start = view.page * perPage();
  const shown = view.places.slice(start, start + perPage());
  const searching = view.searching ? ", still looking" : "";
  say("rows-told", view.places.length ? `${count(view.places.length)} of ${plural(columns.row.length, "row", "rows")}${searching}, ${count(start + 1)} to ${count(start + shown.length)} shown.` : `No row matches${searching}.`);
  drawShown(shown);
  Object.assign(byId("rows-page"), { value: view.page + 1, max: pages });
  say("rows-pages", `of ${count(pages)}`);
  for (const id of ["rows-first", "rows-previous"]) byId(id).setAttribute("aria-disabled", view.page === 0);
  for (const id of ["rows-last", "rows-next"]) byId(id).setAttribute("aria-disabled", view.page === pages - 1);
}

// The rows as a table, only where they or their order differ from those shown.
function drawShown(shown) {
  const wanted = JSON.stringify([view.sort, view.up, shown]);
  if (wanted === drawnRows) return;
  drawnRows = wanted;
  const extra = sortFields().find(({ key }) => key === view.sort);
  const keys = sortFields().map(({ key }) => key);
  const sort = { key: view.sort, up: view.up, keys, by: (key) => sortRows(key, key === view.sort ? !view.up : key === "rank" || key === "row") };
  keepingState(byId("rows-table"), (host) => drawTable(host, shown, "Samples", { extra, sort }));
}

// Draws a table anew: rows that were open and are still there stay open, and the keyboard's focus stays where it was.
function keepingState(host, draw) {
  const open = new Map([...host.querySelectorAll("tr.detail")].map((detail) => [detail.previousElementSibling.dataset.place, detail]));
  const focused = host.contains(document.activeElement) ? document.activeElement : null;
  const heading = focused && focused.dataset.sort;
  const place = focused && focused.closest("tr[data-place]") && focused.closest("tr[data-place]").dataset.place;
  draw(host);
  for (const row of host.querySelectorAll("tr[data-place]")) {
    const detail = open.get(row.dataset.place);
    if (!detail) continue;
    row.after(detail);
    detail.cells[0].colSpan = widthOf(row);
    row.querySelector("button").setAttribute("aria-expanded", "true");
  }
  if (!focused) return;
  const again = [...host.querySelectorAll("th button")].find((each) => each.dataset.sort === heading) || host.querySelector(`tr[data-place="${place}"] button`);
  if (host.contains(focused)) focused.focus({ preventScroll: true }); // it is in a row that stayed open
  else if (again) again.focus({ preventScroll: true });
}

// Brings a row up in the table, opened, whatever was filtered before.
async function showInTable(place) {
  stopSearch();
  byId("rows-search").value = "";
  Object.assign(view, { matches: null, searching: false });
  choose("all");
  view.page = Math.floor(view.places.indexOf(place) / perPage());
  drawRows();
  const button = byId("rows-table").querySelector(`tr[data-place="${place}"] button`);
  if (button.getAttribute("aria-expanded") !== "true") button.click();
  button.focus({ preventScroll: true });
  button.scrollIntoView({ block: "center" });
}
