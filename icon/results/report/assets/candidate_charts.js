// Charts with a point for each candidate: margins against the cut, score and length, likeness of texts.

function startPoints() {
  if (charts.certainty) plot("certainty-plot", marginPlot);
  if (charts.length) plot("length-plot", lengthPlot);
  if (charts.map) plot("map-plot", mapPlot);
}

function marginPlot() {
  const points = pointsOf(charts.certainty, ["rank", "margin", "low", "high"]);
  const bars = (chosen, stroke) => Plot.ruleX(points.filter((point) => point.selected === chosen && point.low !== null), { x: "rank", y1: "low", y2: "high", stroke, strokeWidth: 1.3 });
  return {
    label: `Margins of ${count(points.length)} candidates against the cut, with their intervals`,
    x: { label: "rank by score" }, y: { label: "margin", grid: true, nice: true },
    marks: [
      Plot.ruleY([0], { stroke: "var(--ink)", strokeDasharray: "4 3" }), bars(true, "var(--accent)"), bars(false, "var(--soft)"),
      ...pointMarks(points.filter((point) => point.margin !== null), ({ margin, rank }) => [`rank ${count(rank)}`, `margin ${measured(margin)}`], "rank", "margin"),
    ],
  };
}

function lengthPlot(width) {
  const { points, density } = charts.length;
  const cells = density ? density.counts.flatMap((row, up) => row.map((n, at) => ({ n, x1: 10 ** density.x[at], x2: 10 ** density.x[at + 1], y1: density.y[up], y2: density.y[up + 1] }))).filter(({ n }) => n) : [];
  return {
    label: `Score against response length, ${count(points.x.length)} points`,
    x: { type: "log", label: "characters of the response", ticks: width < 600 ? 4 : 8, tickFormat: count }, y: { label: "score", grid: true },
    opacity: { type: "log", range: [0.1, 0.9], legend: false },
    marks: [
      Plot.rect(cells, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "var(--bar)", fillOpacity: "n" }),
      ...pointMarks(pointsOf(points, ["x", "y"]), ({ x, y }) => [plural(x, "character", "characters"), `score ${measured(y)}`]),
    ],
  };
}

function mapPlot() {
  const domain = [-1.03, 1.03];
  return {
    label: `Map of ${count(charts.map.x.length)} candidates by the likeness of their texts`,
    x: { axis: null, domain }, y: { axis: null, domain }, marginLeft: 10, marginRight: 10, marginTop: 10, marginBottom: 10,
    marks: pointMarks(pointsOf(charts.map, ["x", "y"]), () => []),
  };
}
