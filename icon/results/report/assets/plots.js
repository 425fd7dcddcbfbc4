// Drawing with plotly, each chart when it is needed. No text from data is handed to it.
//
// plotly is most of what a browser has to do for this page. So a chart is drawn at once where it is in sight, else when
// it comes near or while there is nothing else to do, and all are drawn before printing.

const plots = new Map();
const undrawn = new Map();

const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) drawFirst(target.id);
}, { rootMargin: "50% 0px" });

// build() gives { traces, layout, label }; label is what a screen reader says of the picture; after() is called once drawn.
function plot(id, build, after = () => {}) {
  const host = byId(id);
  if (!host) return;
  plots.set(id, build);
  undrawn.set(id, after);
  const { top, bottom } = host.getBoundingClientRect();
  if (top < innerHeight && bottom > 0) drawFirst(id);
  else watcher.observe(host);
}

// plotly's script is in the page as text; the page's policy names its hash, so that it and no other may run.
function needPlotly() {
  if (window.Plotly) return;
  const script = element("script", {}, byId("plotly").textContent);
  document.head.append(script);
  script.remove();
}

function drawFirst(id) {
  const after = undrawn.get(id);
  if (!after) return;
  undrawn.delete(id);
  watcher.unobserve(byId(id));
  drawPlot(id);
  after();
}

function drawPlot(id) {
  needPlotly();
  const { traces, layout, label } = plots.get(id)();
  const host = byId(id);
  host.setAttribute("aria-label", label);
  Plotly.react(host, traces, withLook(layout), { displayModeBar: false, responsive: true, showTips: false });
}

// Draws a chart anew that is drawn already; another one will be as things are then.
function redrawPlot(id) {
  if (plots.has(id) && !undrawn.has(id)) drawPlot(id);
}

function redrawPlots() {
  for (const id of plots.keys()) redrawPlot(id);
}

function drawAllPlots() {
  for (const id of [...undrawn.keys()]) drawFirst(id);
}

// The charts that are out of sight, one at a time, and not before the reader had a moment to begin.
function drawWhenIdle(pause = 1500) {
  if (!undrawn.size) return;
  const idle = window.requestIdleCallback || ((call) => call());
  setTimeout(() => idle(() => {
    const [id] = undrawn.keys();
    if (id) drawFirst(id);
    drawWhenIdle(200);
  }), pause);
}

function opensRows(id) {
  byId(id).on("plotly_click", (event) => {
    const place = placeOf(...event.points[0].customdata);
    if (place !== undefined) showInTable(place);
  });
}
