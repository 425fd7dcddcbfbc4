// What all charts look like: axes, colours, points, and how a point names its row.

const MARGIN = { l: 52, r: 14, t: 10, b: 40 };

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

// Points of the pool and of the selection: distinguished by shape and fill as well as by colour.
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
