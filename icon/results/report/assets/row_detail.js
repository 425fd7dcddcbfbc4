// One row in full: texts, scores, groups, decision, and its tokens where it was explained.

async function rowDetail(place) {
  const whole = await wholeRow(place);
  const parts = [element("dl", {}, ...figuresOf(place, whole))];
  const block = (title, text) => parts.push(element("h4", {}, title), element("pre", { tabindex: "0" }, text));
  const titles = { user: "Prompt", system: "System prompt", tools: "Tools", tool: "Result of a tool" };
  for (const [role, text] of whole.m || []) block(titles[role] || `Earlier turn (${role})`, text);
  if (whole.p) block(whole.l, whole.p);
  if (whole.r !== undefined) block("Response", whole.r);
  else parts.push(element("p", { class: "empty" }, "The text of this row is not known to this page."));
  const groups = whole.k || (whole.g || []).map((value, at) => [at, value]).filter(([, value]) => value !== null);
  if (groups.length) {
    const title = whole.k ? `Contribution by task group, the ${count(groups.length)} strongest` : "Contribution by task group";
    parts.push(element("h4", {}, title), element("dl", {}, ...groups.map(([at, value]) => pair(charts.groups[at], measured(value, 3)))));
  }
  const tokens = tokenViews(columns.id[place]);
  if (tokens.length) parts.push(element("h4", {}, "Token by token"), ...tokens);
  return parts;
}

function figuresOf(place, whole) {
  const at = (name) => (columns[name] ? columns[name][place] : null);
  const shown = [];
  const add = (name, value) => { if (value !== null && value !== undefined && value !== "") shown.push(pair(name, value)); };
  const number = (name, value) => add(name, value === null ? null : measured(value));
  number("Score", at("score"));
  number("Standard error", at("standard_error"));
  if (at("low") !== null) add("Interval of the mean itself", `${measured(at("low"))} to ${measured(at("high"))}`);
  number("Log-gain, nats per token", at("log_gain"));
  number("Consistency", at("consistency"));
  number("Coverage", at("coverage"));
  number("Stability", whole.s === undefined ? null : whole.s);
  number("Probability", at("probability"));
  add("Assessed on", at("assessed") ? plural(at("assessed"), "task", "tasks") : null);
  for (const [name, values] of Object.entries(columns.baselines)) number(`Baseline ${name}`, values[place]);
  add("Id", at("id"));
  const full = (name, value) => { if (value) shown.push(element("div", { class: "full" }, element("dt", {}, name), element("dd", {}, value))); };
  full("Decision", whole.d);
  full("Record", `${whole.f ? `${whole.f}, line ${count(whole.n)}; ` : ""}row ${at("row")} of the pool${at("turn") ? `, turn ${at("turn")}` : ""}`);
  full("Note", whole.w && !whole.d.includes(whole.w) ? whole.w : "");
  return shown.flat();
}

function pair(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}
