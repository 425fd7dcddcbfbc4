// The candidates around the cut, each with how far its score may be off.

function startCertainty() {
  const found = charts.certainty;
  if (!found) return;
  plot("certainty-plot", certaintyPlot);
  opensRows("certainty-plot");
  const bars = found.kind === "race" ? "the interval of the race, valid however often it looked" : "1.96 standard errors to either side";
  say("certainty-told", `For ${count(found.crossing)} of ${count(found.n)} candidates with an interval the cut lies within it.`);
  const shared = found.kind === "race" ? "" : " Part of a standard error is shared by all candidates, since they were measured on the same tasks: their order is surer than the bars alone would say.";
  say("certainty-caption", `Ranks ${count(found.rank[0])} to ${count(found.rank[found.rank.length - 1])} by score, around the ${count(found.kept)} that the share to keep makes. Bars: ${bars}. The line is the score of the last one kept.${shared}`);
}

function certaintyPlot() {
  const { rank, score, low, high, row, selected, cut } = charts.certainty;
  const part = (chosen, name, tone, symbol) => {
    const places = selected.flatMap((each, place) => (Boolean(each) === chosen ? [place] : []));
    return {
      type: "scatter", mode: "markers", name, x: places.map((at) => rank[at]), y: places.map((at) => score[at]), customdata: places.map((at) => row[at]),
      marker: { color: colour(tone), symbol, size: 7 }, hovertemplate: "row %{customdata}, rank %{x}<br>score %{y:.4f}<extra></extra>",
      error_y: {
        type: "data", symmetric: false, color: colour(tone), thickness: 1.2, width: 2,
        array: places.map((at) => (high[at] === null ? 0 : high[at] - score[at])), arrayminus: places.map((at) => (low[at] === null ? 0 : score[at] - low[at])),
      },
    };
  };
  return {
    label: `Scores of ${count(rank.length)} candidates around the cut with their intervals`,
    traces: [part(true, "selected", "accent", "diamond"), part(false, "not selected", "soft", "circle-open")],
    layout: {
      margin: { ...MARGIN, t: 34 }, xaxis: axis("rank by score"), yaxis: axis("score"),
      shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: cut, y1: cut, line: { color: colour("ink"), width: 1, dash: "dash" } }],
    },
  };
}
