// Drawing with Observable Plot, and parts that fold. A chart is drawn once it has a width, and anew when that changes.

const drawings = new Map();
const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => draw(target.id)));

// build(width) gives Plot's options and a label, which is what a screen reader says of the picture.
function plot(id, build) {
  if (!byId(id)) return;
  drawings.set(id, { build, width: 0 });
  sizes.observe(byId(id));
}

function draw(id, again = false) {
  const host = byId(id);
  const drawing = drawings.get(id);
  const width = host.clientWidth;
  if (!width || (width === drawing.width && !again)) return;
  drawing.width = width;
  const { label, ...options } = drawing.build(width);
  const style = { background: "none", color: "var(--soft)", fontFamily: "inherit", fontSize: "12px", overflow: "visible" };
  const made = Plot.plot({ width, height: host.clientHeight, marginLeft: MARGIN.l, marginRight: MARGIN.r, marginTop: 24, marginBottom: 38, style, ...options });
  made.addEventListener("click", () => openPoint(made.value));
  host.setAttribute("aria-label", label);
  host.replaceChildren(made);
}

const MARGIN = { l: 56, r: 14 };

function openPoint(point) {
  const place = point && point.row !== undefined ? placeOf(point.row, point.turn) : undefined;
  if (place !== undefined) showInTable(place);
}

// The rows of a block of columns, as Plot takes them.
function pointsOf(block, names) {
  return block.row.map((row, at) => ({ row, turn: block.turn[at], selected: Boolean(block.selected[at]), ...Object.fromEntries(names.map((name) => [name, block[name][at]])) }));
}

// Points of the pool and of the selection: distinguished by shape and fill as well as by colour; each says its row.
function pointMarks(points, says, x = "x", y = "y") {
  const title = (point) => [`row ${point.row}${columns.turn ? `, turn ${point.turn}` : ""}`, ...says(point)].join("\n");
  return [
    Plot.dot(points.filter((point) => !point.selected), { x, y, r: 3, stroke: "var(--grey)", strokeWidth: 1.3, className: "points" }),
    Plot.dot(points.filter((point) => point.selected), { x, y, r: 4.5, symbol: "diamond", fill: "var(--accent)", stroke: "var(--paper)", className: "chosen points" }),
    Plot.tip(points, Plot.pointer({ x, y, title, fill: "var(--raised)", stroke: "var(--grey)" })),
  ];
}

// A link to a folded part opens it; on paper all are open.
function startFolds() {
  const open = () => {
    const part = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    const fold = part && part.querySelector("details");
    if (fold) fold.open = true;
  };
  addEventListener("hashchange", open);
  open();
  const closed = [];
  addEventListener("beforeprint", () => {
    closed.push(...document.querySelectorAll("details:not([open])"));
    for (const fold of closed) fold.open = true;
    for (const id of drawings.keys()) draw(id);
  });
  addEventListener("afterprint", () => { for (const fold of closed.splice(0)) fold.open = false; });
}

// A table that is wider than its place says that it scrolls.
function startScrollHints() {
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) target.classList.toggle("scrolls", target.scrollWidth > target.clientWidth + 1);
  });
  for (const host of document.querySelectorAll(".scroll")) watch.observe(host);
}
