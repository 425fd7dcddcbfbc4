// Score against the length of the response.

function startLength() {
  if (!charts.length) return;
  plot("length-plot", lengthPlot, () => opensRows("length-plot"));
  const { n, missing, points, density } = charts.length;
  const drawn = density ? ` ${count(points.x.length)} of them, drawn at random, are shown as points; the shade behind counts all of them.` : "";
  const left = missing ? ` ${count(missing)} more have no known text.` : "";
  say("length-caption", `${count(n)} scored candidates; length in characters, on a logarithmic axis.${drawn}${left}`);
}

// Ticks at 1, 2 and 5 times powers of ten that the values reach.
function logTicks(values) {
  const most = values.reduce((a, b) => Math.max(a, b), 1);
  const least = values.reduce((a, b) => Math.min(a, b), most);
  const ticks = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power)).filter((each) => each >= least / 2 && each <= most * 2);
  return { tickvals: ticks, ticktext: ticks.map(count) };
}

function lengthPlot() {
  const { points, density } = charts.length;
  const traces = pointTraces(points, `${shownName()}<br>%{x:,} characters<br>score %{y:.4f}<extra></extra>`);
  if (density) traces.unshift({
    type: "heatmap", x: density.x.map((each) => 10 ** each), y: density.y, z: density.counts.map((row) => row.map((n) => Math.log1p(n) || null)),
    colorscale: [[0, colour("paper")], [1, colour("bar")]], showscale: false, hoverinfo: "skip", zsmooth: false,
  });
  return {
    label: `Score against response length, ${count(points.x.length)} points`,
    traces,
    layout: { margin: { ...MARGIN, t: 34 }, xaxis: axis("characters of the response", { type: "log", ...logTicks(points.x) }), yaxis: axis("score") },
  };
}
