// Drawing with plotly: one look for all charts, drawn again when the theme changes. No text from data is handed to it.

const MARGIN = { l: 52, r: 14, t: 10, b: 40 };
const plots = new Map();

// build() gives { traces, layout, label }; label is what a screen reader says of the picture.
function plot(id, build) {
  if (!byId(id)) return;
  plots.set(id, build);
  drawPlot(id);
}

function drawPlot(id) {
  const { traces, layout, label } = plots.get(id)();
  const host = byId(id);
  host.setAttribute("aria-label", label);
  Plotly.react(host, traces, withLook(layout), { displayModeBar: false, responsive: true, showTips: false });
}

function redrawPlots() {
  for (const id of plots.keys()) drawPlot(id);
}

function axis(title, more) {
  return {
    title: { text: title, font: { size: 13 }, standoff: 8 }, gridcolor: colour("line"), linecolor: colour("grey"), zeroline: false,
    ticks: "outside", ticklen: 4, tickcolor: colour("grey"), fixedrange: true, ...more,
  };
}

function withLook(layout) {
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: MARGIN, dragmode: false, hovermode: "closest",
    font: { family: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", size: 12, color: colour("soft") },
    hoverlabel: { bgcolor: colour("raised"), bordercolor: colour("grey"), font: { color: colour("ink") } },
    legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", font: { color: colour("ink") } },
    ...layout,
  };
}

// Row and turn of every point, and how a hover shows them.
function pointNames({ row, turn }) {
  return row.map((each, place) => [each, turn[place]]);
}

function shownName() {
  return `row %{customdata[0]}${columns.turn ? ", turn %{customdata[1]}" : ""}`;
}

// Points of the pool and of the selection: told apart by shape and fill as well as by colour.
function pointTraces(points, hovertemplate) {
  const part = (chosen) => points.selected.flatMap((each, place) => (Boolean(each) === chosen ? [place] : []));
  const trace = (chosen, name, marker) => {
    const places = part(chosen);
    const of = (values) => places.map((place) => values[place]);
    return { type: "scatter", mode: "markers", name, x: of(points.x), y: of(points.y), customdata: of(pointNames(points)), marker, hovertemplate };
  };
  return [
    trace(false, "not selected", { symbol: "circle-open", size: 6, color: colour("grey"), line: { width: 1.3, color: colour("grey") } }),
    trace(true, "selected", { symbol: "diamond", size: 8, color: colour("accent"), line: { width: 1, color: colour("paper") } }),
  ];
}

function opensRows(id) {
  const host = byId(id);
  if (host && host.on) host.on("plotly_click", (event) => {
    const place = placeOf(...event.points[0].customdata);
    if (place !== undefined) showInTable(place);
  });
}
