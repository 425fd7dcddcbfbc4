// Charts of sides: difficulty of the selected candidates against the others, and the arms of a validation.

function startShares() {
  if (charts.difficulty) plot("difficulty-plot", difficultyPlot);
  if (!charts.validation) return;
  byId("validation-plot").style.height = `${80 + 34 * (charts.validation.name.length + 1)}px`;
  plot("validation-plot", validationPlot);
}

function difficultyPlot() {
  const { edges, selected, rest } = charts.difficulty;
  const outline = (shares, more) => Plot.lineY(edges.map((edge, at) => [edge, shares[Math.min(at, shares.length - 1)]]), { curve: "step-after", strokeWidth: 2, ...more });
  return {
    label: "Shares of selected and other candidates by IFD",
    x: { label: "IFD" }, y: { label: "share of its side", grid: true, tickFormat: "~%", zero: true },
    marks: [outline(rest, { stroke: "var(--soft)", strokeDasharray: "2 3" }), outline(selected, { stroke: "var(--accent)" })],
  };
}

function validationPlot() {
  const { name, difference, low, high, is_selection, draws } = charts.validation;
  const arms = name.map((arm, at) => ({ name: arm, difference: difference[at], low: low[at], high: high[at], own: Boolean(is_selection[at]) }));
  const random = draws.map((difference) => ({ name: "random draws", difference }));
  const tone = ({ own }) => (own ? "var(--accent)" : "var(--soft)");
  const says = ({ difference }) => `${measured(difference)} nats per token`;
  return {
    label: `How much better than the mean random draw ${plural(arms.length, "arm is", "arms are")}, with intervals`,
    marginLeft: 120, x: { label: "better than the mean random draw, nats per token" }, y: { type: "band", domain: [...name, "random draws"], label: null },
    marks: [
      Plot.ruleX([0], { stroke: "var(--ink)", strokeDasharray: "4 3" }), Plot.ruleY(arms, { y: "name", x1: "low", x2: "high", stroke: tone, strokeWidth: 1.6 }),
      Plot.dot(arms, { x: "difference", y: "name", r: 4.5, symbol: ({ own }) => (own ? "diamond" : "circle"), fill: tone, title: says }),
      Plot.tickX(random, { x: "difference", y: "name", stroke: "var(--grey)", inset: 2, title: says }),
    ],
    symbol: { type: "identity" },
  };
}
