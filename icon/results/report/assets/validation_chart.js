// The arms of a validation, each with how much better than the mean random draw it is.

function startValidation() {
  const found = charts.validation;
  if (!found) return;
  plot("validation-plot", validationPlot);
  byId("validation-plot").style.height = `${110 + 34 * (found.name.length + 1)}px`;
  say("validation-caption", `Bars: intervals over draws and judge samples together. The lowest line has the ${plural(found.n_draws, "random draw", "random draws")} themselves, as far as each lies from their mean, which is the line at 0.`);
}

function validationPlot() {
  const { name, difference, low, high, is_selection, draws } = charts.validation;
  const last = name.length;
  const ends = [...low, ...high, ...draws, 0];
  const spare = 0.04 * (Math.max(...ends) - Math.min(...ends));
  const places = name.map((_, place) => place);
  const bars = (chosen, tone) => {
    const own = places.filter((place) => Boolean(is_selection[place]) === chosen);
    return {
      type: "scatter", mode: "lines", x: own.flatMap((at) => [low[at], high[at], null]), y: own.flatMap((at) => [at, at, null]),
      line: { color: colour(tone), width: 1.6 }, hoverinfo: "skip", showlegend: false,
    };
  };
  const part = (chosen, label, tone, symbol) => {
    const own = places.filter((place) => Boolean(is_selection[place]) === chosen);
    return {
      type: "scatter", mode: "markers", name: label, x: own.map((at) => difference[at]), y: own, marker: { color: colour(tone), symbol, size: 9 },
      hovertemplate: "%{x:.4f} nats per token<extra></extra>",
    };
  };
  const drawn = {
    type: "scatter", mode: "markers", name: "random draws", x: draws, y: draws.map(() => last), marker: { color: colour("grey"), symbol: "line-ns-open", size: 12 },
    hovertemplate: "%{x:.4f} nats per token<extra></extra>",
  };
  return {
    label: `How much better than the mean random draw ${plural(last, "arm is", "arms are")}, with intervals`,
    traces: [bars(true, "accent"), bars(false, "soft"), part(true, "selection", "accent", "diamond"), part(false, "other arms", "soft", "circle-open"), drawn],
    layout: {
      margin: { ...MARGIN, l: 120, t: 34 }, xaxis: axis("better than the mean random draw, nats per token", { range: [Math.min(...ends) - spare, Math.max(...ends) + spare] }),
      yaxis: axis("", { tickvals: [...places, last], ticktext: [...name, "random draws"], range: [last + 0.6, -0.6], gridcolor: "rgba(0,0,0,0)" }),
      shapes: [{ type: "line", yref: "paper", y0: 0, y1: 1, x0: 0, x1: 0, line: { color: colour("ink"), width: 1, dash: "dash" } }],
    },
  };
}
