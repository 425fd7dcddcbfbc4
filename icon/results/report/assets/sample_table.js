// A table of rows, each of which opens to its whole text.

function statusOf(place) {
  const at = columns.status[place];
  const [name, words] = [columns.statuses[at], columns.status_words[at]];
  if (columns.selected[place]) return name === "scored" ? "selected" : `selected, ${words}`;
  return name === "scored" && charts.selected ? "dropped" : words;
}

// Columns of a table: key, heading, classes, and the text of a place.
function tableColumns(extra) {
  const number = (name) => (place) => measured(columns[name] ? columns[name][place] : null);
  const shown = [
    { key: "row", title: "Row", col: "open" },
    { key: "rank", title: "Rank", col: "small wide-only", text: (place) => (columns.rank[place] === null ? "–" : count(columns.rank[place])) },
    { key: "score", title: "Score", col: "small", text: number("score") },
  ];
  if (columns.standard_error) shown.push({ key: "standard_error", title: "± s.e.", col: "small wide-only", text: number("standard_error") });
  if (extra && !shown.some((each) => each.key === extra.key)) shown.push({ key: extra.key, title: extra.title, col: "small", text: (place) => measured(extra.value(place)) });
  if (!extra || extra.key !== "length") shown.push({ key: "length", title: "Length", col: "small wide-only", text: (place) => (columns.length[place] === null ? "–" : count(columns.length[place])) });
  shown.push({ key: "status", title: "Status", col: "middle wide-only", text: statusOf, words: true });
  shown.push({ key: "prompt", title: "Prompt", col: "", text: (place) => columns.prompt[place], words: true });
  shown.push({ key: "response", title: "Response", col: "wide-only", text: (place) => columns.response[place], words: true });
  return shown;
}

// sort: { key, up, by(key) } makes headings into buttons; without it they are plain.
function drawTable(host, places, caption, { extra = null, sort = null } = {}) {
  const shown = tableColumns(extra);
  const group = element("colgroup", {}, ...shown.map((each) => element("col", { class: each.col })));
  const head = element("tr", {}, ...shown.map((each) => heading(each, sort)));
  const body = element("tbody", {}, ...places.map((place) => tableRow(place, shown)));
  host.replaceChildren(element("table", { class: "rows" }, element("caption", { class: "visually-hidden" }, caption), group, element("thead", {}, head), body));
}

function cellClass(column) {
  const wide = column.col.includes("wide-only") ? " wide-only" : "";
  return (column.words || !column.text ? "" : "number") + wide;
}

function heading(column, sort) {
  const made = element("th", { scope: "col", class: cellClass(column) });
  if (!sort || !sort.keys.includes(column.key)) {
    made.append(column.title);
    return made;
  }
  if (sort.key === column.key) made.setAttribute("aria-sort", sort.up ? "ascending" : "descending");
  const button = element("button", { type: "button", "data-sort": column.key }, column.title + (sort.key === column.key ? (sort.up ? " ↑" : " ↓") : ""));
  button.addEventListener("click", () => sort.by(column.key));
  made.append(button);
  return made;
}

function tableRow(place, shown) {
  // Where there is no room for the column of the status, the word is under the number: a colour alone says too little.
  const word = columns.selected[place] ? [element("span", { class: "narrow-only" }, "selected")] : [];
  const button = element("button", { type: "button", "aria-expanded": "false", "aria-label": `row ${columns.row[place]}, ${statusOf(place)}, open` }, columns.row[place], ...word);
  const cells = shown.map((each) => (each.text ? element("td", { class: cellClass(each) }, each.words ? element("div", { class: "cut" }, each.text(place)) : each.text(place)) : element("td", {}, button)));
  const row = element("tr", { class: columns.selected[place] ? "kept" : null, "data-place": place }, ...cells);
  button.addEventListener("click", () => toggleRow(row, button, place));
  return row;
}

// As many columns as are shown: one too many would be a column of its own.
function widthOf(row) {
  return [...row.cells].filter((cell) => getComputedStyle(cell).display !== "none").length;
}

addEventListener("resize", () => {
  for (const detail of document.querySelectorAll("tr.detail")) detail.cells[0].colSpan = widthOf(detail.previousElementSibling);
});

async function toggleRow(row, button, place) {
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    if (row.nextElementSibling && row.nextElementSibling.matches(".detail")) row.nextElementSibling.remove();
    return;
  }
  const cell = element("td", { colspan: widthOf(row) }, "…");
  row.after(element("tr", { class: "detail" }, cell));
  cell.replaceChildren(...(await rowDetail(place)));
}
