// Like texts beside each other, the selection among the pool, and its diversity as a number.

function startMap() {
  if (charts.diversity) tellDiversity();
  if (!charts.map) return;
  plot("map-plot", mapPlot, () => opensRows("map-plot"));
  const { method, x } = charts.map;
  const drawn = x.length < charts.candidates ? `${count(x.length)} of ${count(charts.candidates)} candidates, drawn at random` : `All ${count(charts.candidates)} candidates`;
  say("map-caption", `${drawn}. Made from ${method}. Near points are like texts; the axes mean nothing, and neither do sizes of clumps or gaps between them. Select a point to read it in the table below.`);
}

function mapPlot() {
  const bare = { showgrid: false, showticklabels: false, ticks: "", showline: false };
  return {
    label: `Map of ${count(charts.map.x.length)} candidates by the likeness of their texts`,
    traces: pointTraces(charts.map, `${shownName()}<extra></extra>`),
    layout: {
      margin: { l: 10, r: 10, t: 34, b: 10 },
      xaxis: { ...axis(""), ...bare },
      yaxis: { ...axis(""), ...bare, scaleanchor: "x" },
    },
  };
}

function tellDiversity() {
  const { selected, random, low, high, n, draws } = charts.diversity;
  const verdict = selected < low ? "That is less varied than 19 of 20 random selections: like texts were chosen together."
    : selected > high ? "That is more varied than 19 of 20 random selections." : "That is what a random selection would show.";
  say("diversity-told", `Two selected texts differ by ${selected.toFixed(4)} in the mean (cosine distance of TF-IDF, 0 the same words, 1 no word in common), over ${count(n)} selected candidates. ${count(draws)} random selections of the same size give ${random.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)} in nine of ten). ${verdict}`);
}
