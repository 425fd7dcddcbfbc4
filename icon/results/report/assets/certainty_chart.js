// The candidates around the cut, each with how far its score may be off.

function startCertainty() {
  const found = charts.certainty;
  if (!found) return;
  plot("certainty-plot", certaintyPlot, () => opensRows("certainty-plot"));
  const race = found.kind === "race";
  const bars = race ? "the race's margins relative to the other candidates, valid however often it looked" : "1.96 standard errors to either side";
  const line = found.cut === null ? "All of them are kept, so no line parts them." : "The line is halfway between the last one kept and the first one dropped.";
  const unsure = found.unsure ? ` ${plural(found.unsure, "of them has", "of them have")} no margin yet: too little is measured.` : "";
  say("certainty-told", race ? `${count(found.crossing)} of ${count(found.n)} candidates may lie on either side of the cut.${unsure}` : `For ${count(found.crossing)} of ${count(found.n)} candidates with an interval the cut lies within it.`);
  const shared = race ? "" : " Part of a standard error is shared by all candidates, since they were measured on the same tasks: their order is surer than the bars alone would say.";
  say("certainty-caption", `Ranks ${count(found.rank[0])} to ${count(found.rank[found.rank.length - 1])} by score, around the ${count(found.kept)} that the share to keep makes. Bars: ${bars}. ${line}${shared}`);
}

function certaintyPlot() {
  const { rank, score, low, high, selected, cut } = charts.certainty;
  const names = pointNames(charts.certainty);
  // Lines of their own: a race's bar is around its centre, which need not be the score.
  const bars = (chosen, tone) => {
    const places = selected.flatMap((each, place) => (Boolean(each) === chosen && low[place] !== null ? [place] : []));
    return {
      type: "scatter", mode: "lines", x: places.flatMap((at) => [rank[at], rank[at], null]), y: places.flatMap((at) => [low[at], high[at], null]),
      line: { color: colour(tone), width: 1.2 }, hoverinfo: "skip", showlegend: false,
    };
  };
  const part = (chosen, name, tone, symbol) => {
    const places = selected.flatMap((each, place) => (Boolean(each) === chosen ? [place] : []));
    return {
      type: "scatter", mode: "markers", name, x: places.map((at) => rank[at]), y: places.map((at) => score[at]), customdata: places.map((at) => names[at]),
      marker: { color: colour(tone), symbol, size: 7 }, hovertemplate: `${shownName()}, rank %{x}<br>score %{y:.4f}<extra></extra>`,
    };
  };
  return {
    label: `Scores of ${count(rank.length)} candidates around the cut with their intervals`,
    traces: [bars(true, "accent"), bars(false, "soft"), part(true, "selected", "accent", "diamond"), part(false, "not selected", "soft", "circle-open")],
    layout: {
      margin: { ...MARGIN, t: 34 }, xaxis: axis("rank by score"), yaxis: axis("score"),
      shapes: cut === null ? [] : [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: cut, y1: cut, line: { color: colour("ink"), width: 1, dash: "dash" } }],
    },
  };
}
