// Task groups by clusters of candidates, as a table: its names come from data and stay text.

const STRONGEST = 50;

function startHeat() {
  const heat = charts.heat;
  if (!heat) return;
  const head = element("tr", {}, element("th", { scope: "col" }, "Tasks"), ...heat.clusters.map((name, at) =>
    element("th", { scope: "col" }, name, element("small", {}, plural(heat.sizes[at], "candidate", "candidates")))));
  const apart = heat.means.flatMap((row, at) => row.map((value) => (value === null ? 0 : Math.abs(value - heat.overall[at]))));
  const most = Math.max(...apart, 1e-12);
  const rows = heat.means.map((row, at) => element("tr", {}, element("th", { scope: "row" }, heat.groups[at]), ...row.map((value) => cell(value, heat.overall[at], most))));
  byId("heat").replaceChildren(element("caption", { class: "visually-hidden" }, "Mean contribution by task group and cluster"), element("thead", {}, head), element("tbody", {}, ...rows));
  const swatch = (tone) => {
    const made = element("span", { class: "swatch", "aria-hidden": "true" });
    made.style.backgroundColor = shade(tone, STRONGEST);
    return made;
  };
  say("heat-legend", swatch("up"), "above the mean of its row", swatch("down"), "below it");
  const drawn = charts.scored_shown < charts.scored ? `${count(charts.scored_shown)} of ${count(charts.scored)} scored candidates, drawn at random` : `${count(charts.scored)} scored candidates`;
  const more = heat.more ? ` ${plural(heat.more, "more group is", "more groups are")} not shown.` : "";
  say("heat-caption", `${drawn}. Clusters: k-means over TF-IDF and a truncated SVD of prompt and response. A cluster of few candidates can stand out by chance.${more}`);
}

function cell(value, overall, most) {
  if (value === null) return element("td", { class: "quiet" }, "–");
  const apart = value - overall;
  const made = element("td", { title: `${apart >= 0 ? "+" : "−"}${measured(Math.abs(apart), 3)} against the mean of the row` }, value.toFixed(3).replace("-", "−"));
  made.style.backgroundColor = shade(apart >= 0 ? "up" : "down", Math.round((STRONGEST * Math.abs(apart)) / most));
  return made;
}

function shade(tone, share) {
  return `color-mix(in srgb, var(--${tone}) ${share}%, transparent)`;
}
