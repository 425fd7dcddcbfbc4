// Best, worst and unusual candidates, and those around the threshold.

const AROUND = 20;

function startLists() {
  const host = byId("lists");
  for (const list of charts.lists) {
    const table = element("div", {});
    host.append(element("h3", {}, list.title), element("p", {}, list.how), table);
    if (list.rows.length) drawTable(table, list.rows, list.title);
    else table.append(element("p", { class: "empty" }, "Nobody is on this list."));
  }
  let waiting = 0;
  threshold.listeners.push(() => {
    clearTimeout(waiting);
    waiting = setTimeout(drawMargin, 150);
  });
  drawMargin();
}

// The rows nearest to the threshold, the highest first; moved rows say so in their decision once the run is made anew.
function drawMargin() {
  if (threshold.value === null) {
    say("margin-how", columns.ranked.n ? "There is no threshold: no selected record has a value of its own here." : "No candidate is ranked.");
    return;
  }
  const known = columns.value.flatMap((value, place) => (value === null ? [] : [[Math.abs(value - threshold.value), place]]));
  const nearest = known.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, AROUND).map(([, place]) => place);
  nearest.sort((a, b) => columns.value[b] - columns.value[a] || a - b);
  const what = charts.by === "score" ? "score" : "probability";
  say("margin-how", `The ${count(nearest.length)} candidates whose ${what} is nearest to the threshold of ${measured(threshold.value)} chosen above: here a little more or less decides.`);
  const extra = charts.by === "probability" ? { key: "value", title: "Probability", value: (place) => columns.value[place] } : null;
  keepingState(byId("margin"), (host) => drawTable(host, nearest, "Around the threshold", { extra }));
}
