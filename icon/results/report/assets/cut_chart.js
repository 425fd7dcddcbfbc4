// The histogram with the threshold on it, and what is said of the threshold.

function startCut() {
  if (!charts.histogram) return;
  const { edges, below, above } = charts.histogram;
  plot("cut-plot", cutPlot);
  const beyond = below + above ? ` ${plural(below + above, "value lies", "values lie")} beyond the axis and are counted in the outermost bars.` : "";
  const stride = columns.ranked.stride > 1 ? ` Counts are right to ${count(columns.ranked.stride)}.` : "";
  say("cut-caption", `${count(columns.ranked.n)} ranked candidates in ${count(edges.length - 1)} equal bins.${beyond}${stride}`);
  if (threshold.value === null) return;
  const low = edges[0];
  const high = edges[edges.length - 1];
  const step = niceStep((high - low) / 200);
  startHandle(low, high, step);
  startInputs(step);
  let waiting = false;
  threshold.listeners.push(() => {
    tellCut();
    placeHandle(low, high);
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; redrawPlot("cut-plot"); });
  });
  addEventListener("resize", () => placeHandle(low, high));
  setOwnCut();
}

function cutPlot() {
  const { edges, counts } = charts.histogram;
  const last = edges.length - 2;
  const { kept: total } = threshold.value === null ? { kept: 0 } : keptNow();
  const keptFrom = (edge) => (threshold.value === null || edge <= threshold.value ? total : Math.min(total, atOrAbove(columns.ranked, edge)));
  const kept = counts.map((n, bin) => {
    const above = keptFrom(bin === 0 ? -Infinity : edges[bin]);
    return Math.max(0, Math.min(n, above - (bin === last ? 0 : keptFrom(edges[bin + 1]))));
  });
  const middle = counts.map((_, bin) => (edges[bin] + edges[bin + 1]) / 2);
  const width = (edges[1] - edges[0]) * 0.92;
  const bars = (name, y, tone) => ({
    type: "bar", name, x: middle, y, width, marker: { color: colour(tone) }, hovertemplate: `%{y:,} ${name}<extra></extra>`,
  });
  return {
    label: `Histogram of ${count(columns.ranked.n)} ranked candidates`,
    traces: [bars("kept", kept, "accent"), bars("not kept", counts.map((n, bin) => n - kept[bin]), "bar")],
    layout: {
      barmode: "stack", showlegend: false,
      xaxis: axis(charts.by === "score" ? `score (${plainName(charts.scorer)})` : "probability", { range: [edges[0], edges[last + 1]], tick0: 0, dtick: niceStep((edges[last + 1] - edges[0]) / (byId("cut-plot").clientWidth < 600 ? 4 : 8)) }),
      yaxis: axis("candidates", { rangemode: "tozero" }),
    },
  };
}

// plotly reads some markup in its labels: letters, digits and a few signs are all that a scorer's name may show there.
function plainName(text) {
  return text.replace(/[^\w .+-]/g, "");
}

function tellCut() {
  const now = keptNow();
  const { kept, enter, leave, share } = now;
  const within = withinMargin();
  const text = ` of ${count(columns.ranked.n)} ranked candidates kept (${percent(share)}). Against the run's selection ${count(enter)} would enter and ${count(leave)} would leave.`;
  const margin = within === null ? "" : ` ${count(within)}${isPart() ? " of the rows on this page" : ""} lie ${charts.race ? "closer to the line than their own margin, so either side is possible" : "within 1.96 standard errors of the line"}.`;
  say("cut-told", element("strong", { id: "cut-kept" }, count(kept)), text + tiesTold(now) + margin);
  say("cut-command", `${charts.command} ${kept}`);
  byId("cut-real").hidden = kept === 0; // a selection of nothing is refused
  byId("cut-none").hidden = kept > 0;
  tellHandle(kept);
  const shown = { "cut-value": Number(threshold.value.toPrecision(8)), "cut-count": kept, "cut-share": Number((100 * share).toFixed(2)) };
  for (const [id, value] of Object.entries(shown)) if (document.activeElement !== byId(id)) byId(id).value = value;
}

function startInputs(step) {
  const typed = (id, apply) => {
    const input = byId(id);
    input.addEventListener("input", () => { if (input.value !== "") apply(Number(input.value)); });
    input.addEventListener("change", tellCut);
  };
  byId("cut-value").step = step;
  typed("cut-value", setThreshold);
  typed("cut-count", setCount);
  typed("cut-share", (share) => setCount((share / 100) * columns.ranked.n));
  byId("cut-reset").addEventListener("click", setOwnCut);
}

// 1, 2 or 5 times a power of ten, near a number.
function niceStep(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((power * [1, 2, 5, 10].find((each) => each * power >= value)).toPrecision(1));
}
