// The histogram with the threshold on it, the slider below it, and what is said of the threshold.

function startCut() {
  if (!charts.histogram) return;
  plot("cut-plot", cutPlot);
  if (threshold.value === null) return;
  const { edges } = charts.histogram;
  const [low, high] = [edges[0], edges[edges.length - 1]];
  startInputs(low, high, niceStep((high - low) / 200));
  let waiting = false;
  threshold.listeners.push(() => {
    sayCut();
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw("cut-plot", true); });
  });
  setOwnCut();
}

function cutPlot() {
  const { edges, counts } = charts.histogram;
  const last = edges.length - 2;
  const { kept: total } = threshold.value === null ? { kept: 0 } : keptNow();
  const keptFrom = (edge) => (threshold.value === null || edge <= threshold.value ? total : Math.min(total, atOrAbove(columns.ranked, edge)));
  const bars = counts.map((n, bin) => {
    const above = keptFrom(bin === 0 ? -Infinity : edges[bin]);
    const kept = Math.max(0, Math.min(n, above - (bin === last ? 0 : keptFrom(edges[bin + 1]))));
    return { low: edges[bin], high: edges[bin + 1], kept, n };
  });
  const bar = (from, to, fill) => Plot.rectY(bars, { x1: "low", x2: "high", y1: from, y2: to, fill, inset: 0.5, title: ({ kept, n }) => `${count(kept)} of ${count(n)} kept` });
  return {
    label: `Histogram of ${count(columns.ranked.n)} ranked candidates`,
    x: { domain: [edges[0], edges[last + 1]], label: charts.by === "score" ? `score (${charts.scorer})` : "probability" },
    y: { label: "candidates", grid: true, nice: true },
    marks: [bar(0, "kept", "var(--accent)"), bar("kept", "n", "var(--bar)"), Plot.ruleY([0], { stroke: "var(--grey)" }),
      ...(threshold.value === null ? [] : [Plot.ruleX([Math.min(edges[last + 1], Math.max(edges[0], threshold.value))], { stroke: "var(--ink)", strokeWidth: 2 })])],
  };
}

function sayCut() {
  const now = keptNow();
  const { kept, enter, leave, share } = now;
  say("cut-told", element("strong", { id: "cut-kept" }, count(kept)), ` of ${count(columns.ranked.n)} ranked candidates kept (${percent(share)}). Against the run's selection ${count(enter)} would enter and ${count(leave)} would leave.${tiesTold(now)}`);
  say("cut-command", `${charts.command} ${kept}`);
  byId("cut-real").hidden = kept === 0 || isOwnCut(); // a selection of nothing is refused, and the run's own is made
  byId("cut-none").hidden = kept > 0;
  byId("cut-handle").setAttribute("aria-valuetext", `${measured(threshold.value)}: ${count(kept)} kept`);
  const shown = { "cut-handle": threshold.value, "cut-value": Number(threshold.value.toPrecision(8)), "cut-count": kept, "cut-share": Number((100 * share).toFixed(2)) };
  for (const [id, value] of Object.entries(shown)) if (document.activeElement !== byId(id) || id === "cut-handle") byId(id).value = value;
}

function startInputs(low, high, step) {
  const typed = (id, apply) => {
    const input = byId(id);
    input.addEventListener("input", () => { if (input.value !== "") apply(Number(input.value)); });
    input.addEventListener("change", sayCut);
  };
  Object.assign(byId("cut-handle"), { min: low, max: high, step });
  byId("cut-value").step = step;
  typed("cut-handle", setThreshold);
  typed("cut-value", setThreshold);
  typed("cut-count", setCount);
  typed("cut-share", (share) => setCount((share / 100) * columns.ranked.n));
  byId("cut-reset").addEventListener("click", setOwnCut);
}

// 1, 2 or 5 times a power of ten, near a number.
function niceStep(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((power * [1, 2, 5, 10].find((digit) => digit * power >= value)).toPrecision(1));
}
