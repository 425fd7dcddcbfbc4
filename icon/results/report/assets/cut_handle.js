// The line on the histogram: to drag, or to move by keys.

// The reported value is within the ends of the slider, as the line is; the text says the real one.
function tellHandle(kept) {
  const handle = byId("cut-handle");
  const [low, high] = ["aria-valuemin", "aria-valuemax"].map((name) => Number(handle.getAttribute(name)));
  handle.setAttribute("aria-valuenow", Math.min(high, Math.max(low, Number(threshold.value.toPrecision(8)))));
  handle.setAttribute("aria-valuetext", `${measured(threshold.value)}: ${count(kept)} kept`);
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
