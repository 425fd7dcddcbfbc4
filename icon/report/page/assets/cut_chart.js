// The histogram with the threshold on it, to drag, to move by keys, or to type.

function startCut() {
  if (!charts.histogram || threshold.value === null) return;
  const { edges } = charts.histogram;
  const low = edges[0];
  const high = edges[edges.length - 1];
  const step = niceStep((high - low) / 200);
  plot("cut-plot", cutPlot);
  startHandle(low, high, step);
  startInputs(step);
  let waiting = false;
  threshold.listeners.push(() => {
    tellCut();
    placeHandle(low, high);
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; drawPlot("cut-plot"); });
  });
  addEventListener("resize", () => placeHandle(low, high));
  const { below, above } = charts.histogram;
  const beyond = below + above ? ` ${plural(below + above, "value lies", "values lie")} beyond the axis and are counted in the outermost bars.` : "";
  const stride = columns.ranked.stride > 1 ? ` Counts are right to ${count(columns.ranked.stride)}.` : "";
  say("cut-caption", `${count(columns.ranked.n)} ranked candidates in ${count(edges.length - 1)} equal bins.${beyond}${stride}`);
  setThreshold(charts.cut);
}

function cutPlot() {
  const { edges, counts } = charts.histogram;
  const last = edges.length - 2;
  const kept = counts.map((n, bin) => {
    const above = atOrAbove(columns.ranked, Math.max(threshold.value, bin === 0 ? -Infinity : edges[bin]));
    return Math.max(0, Math.min(n, above - (bin === last ? 0 : atOrAbove(columns.ranked, Math.max(threshold.value, edges[bin + 1])))));
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
  const { kept, enter, leave, share } = keptBy(threshold.value);
  const within = withinMargin(threshold.value);
  const text = ` of ${count(columns.ranked.n)} ranked candidates kept (${percent(share)}). Against the run's selection ${count(enter)} would enter and ${count(leave)} would leave.`;
  const margin = within === null ? "" : ` ${count(within)}${isPart() ? " of the rows on this page" : ""} lie ${charts.race ? "closer to the line than their own margin, so either side is possible" : "within 1.96 standard errors of the line"}.`;
  say("cut-told", element("strong", { id: "cut-kept" }, count(kept)), text + margin);
  say("cut-command", `${charts.command} ${Math.max(1, kept)}`);
  const handle = byId("cut-handle");
  handle.setAttribute("aria-valuenow", Number(threshold.value.toPrecision(8)));
  handle.setAttribute("aria-valuetext", `${measured(threshold.value)}: ${count(kept)} kept`);
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
  typed("cut-count", (n) => setThreshold(valueThatKeeps(n)));
  typed("cut-share", (share) => setThreshold(valueThatKeeps(Math.round((share / 100) * columns.ranked.n))));
  byId("cut-reset").addEventListener("click", () => setThreshold(charts.cut));
}

function placeHandle(low, high) {
  const width = byId("cut-plot").clientWidth - MARGIN.l - MARGIN.r;
  const share = Math.min(1, Math.max(0, (threshold.value - low) / (high - low)));
  byId("cut-handle").style.left = `${MARGIN.l + share * width}px`;
}

function startHandle(low, high, step) {
  const handle = byId("cut-handle");
  const area = handle.parentElement;
  handle.setAttribute("aria-valuemin", low);
  handle.setAttribute("aria-valuemax", high);
  const snap = (value) => Math.min(high, Math.max(low, Number((Math.round(value / step) * step).toPrecision(12))));
  const at = (event) => {
    const box = byId("cut-plot").getBoundingClientRect();
    return snap(low + ((event.clientX - box.left - MARGIN.l) / (box.width - MARGIN.l - MARGIN.r)) * (high - low));
  };
  area.addEventListener("pointerdown", (event) => {
    const onHandle = handle.contains(event.target);
    if (event.button !== 0 || (event.pointerType !== "mouse" && !onHandle)) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    if (!onHandle) setThreshold(at(event));
  });
  handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) setThreshold(at(event)); });
  const keys = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
  handle.addEventListener("keydown", (event) => {
    if (event.key in keys) setThreshold(snap(threshold.value + keys[event.key] * step));
    else if (event.key === "Home") setThreshold(low);
    else if (event.key === "End") setThreshold(high);
    else return;
    event.preventDefault();
  });
}

// 1, 2 or 5 times a power of ten, near a number.
function niceStep(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((power * [1, 2, 5, 10].find((each) => each * power >= value)).toPrecision(1));
}
