// IFD of the selected candidates against that of the others.

function startDifficulty() {
  const found = charts.difficulty;
  if (!found) return;
  plot("difficulty-plot", difficultyPlot);
  say("difficulty-told", `Median IFD ${measured(found.median_selected, 3)} over ${plural(found.n_selected, "selected candidate", "selected candidates")}, ${measured(found.median_rest, 3)} over ${count(found.n_rest)} others.`);
}

function difficultyPlot() {
  const { edges, selected, rest } = charts.difficulty;
  const outline = (name, shares, tone, dash) => ({
    type: "scatter", mode: "lines", name, x: edges, y: [...shares, shares[shares.length - 1]], line: { shape: "hv", color: colour(tone), width: 2, dash },
    hovertemplate: "%{y:.1%}<extra></extra>",
  });
  return {
    label: "Shares of selected and other candidates by IFD",
    traces: [outline("not selected", rest, "soft", "dot"), outline("selected", selected, "accent", "solid")],
    layout: { margin: { ...MARGIN, l: 66, t: 34 }, xaxis: axis("IFD"), yaxis: axis("share of its side", { tickformat: ".1~%", rangemode: "tozero" }) },
  };
}
