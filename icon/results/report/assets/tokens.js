// Token by token: where a demonstration made an answer likelier, and where less likely.

const STRONG_NATS = 2;
const STRONGEST = 50;
const FAINT_NATS = 0.05;
let details = { by_candidate: {}, left_out: 0 };

function startTokens() {
  const choice = byId("tokens-choice");
  const ids = Object.keys(details.by_candidate);
  if (!choice || !ids.length) return;
  for (const id of ids) choice.append(element("option", { value: id }, nameOf(id)));
  const show = () => byId("tokens-shown").replaceChildren(...tokenViews(choice.value));
  choice.addEventListener("change", show);
  show();
  if (details.left_out) say("tokens-left-out", `${plural(details.left_out, "more answer is", "more answers are")} in explained.jsonl and not on this page.`);
}

function nameOf(id) {
  const place = columns.id.indexOf(id);
  return place < 0 ? id : `row ${columns.row[place]}: ${columns.prompt[place].slice(0, 60)}`;
}

function tokenViews(id) {
  const tasks = details.by_candidate[id] || [];
  return tasks.length ? [tokenLegend(), ...tasks.map(tokenView)] : [];
}

function tokenLegend() {
  const sample = (name, tone) => {
    const made = element("span", { class: name }, ` ${name} `);
    made.style.backgroundColor = shade(tone, STRONGEST);
    return made;
  };
  return element("p", { class: "tokens" }, sample("helped", "up"), "  (overlined)  ", sample("hurt", "down"), "  (underlined)   the number of a token: point at it, select it, or go from one to the next with the arrow keys");
}

function tokenView(task) {
  const value = element("p", { class: "token-value", role: "status" });
  const differences = task.pieces.map((_, at) => task.given[at] - task.control[at]);
  const total = differences.reduce((sum, each) => sum + each, 0);
  const tokens = element("p", { class: "tokens", role: "group", "aria-label": "Tokens of the answer" }, ...task.pieces.map((piece, at) => token(piece, differences[at])));
  walkTokens(tokens, (at) => value.replaceChildren(`“${task.pieces[at].trim() || "␣"}”: ${signed(differences[at])} nats`));
  const title = element("p", { class: "token-task" }, element("strong", {}, task.group ? `${task.group}: ` : ""), task.task,
    element("span", { class: "quiet" }, ` (log-gain ${signed(total / Math.max(1, task.pieces.length))} nats per token)`));
  return element("div", {}, title, tokens, value);
}

function token(piece, difference) {
  const way = Math.abs(difference) <= FAINT_NATS ? null : difference > 0 ? "helped" : "hurt";
  const made = element("span", { title: `${signed(difference)} nats`, class: way, tabindex: "-1" }, piece);
  const strength = Math.min(1, Math.abs(difference) / STRONG_NATS);
  if (way) made.style.backgroundColor = shade(way === "helped" ? "up" : "down", Math.round(8 + (STRONGEST - 8) * strength));
  return made;
}

// One stop of the tab key for all tokens of an answer; from there the arrow keys go from one to the next, and each tells
// its number.
function walkTokens(host, tell) {
  const tokens = [...host.children];
  if (!tokens.length) return;
  let at = 0;
  tokens[0].tabIndex = 0;
  const go = (to) => {
    tokens[at].tabIndex = -1;
    at = Math.min(tokens.length - 1, Math.max(0, to));
    tokens[at].tabIndex = 0;
    tell(at);
  };
  const steps = { ArrowLeft: () => at - 1, ArrowUp: () => at - 1, ArrowRight: () => at + 1, ArrowDown: () => at + 1, Home: () => 0, End: () => tokens.length - 1 };
  host.addEventListener("focusin", (event) => go(tokens.indexOf(event.target)));
  host.addEventListener("keydown", (event) => {
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    tokens[Math.min(tokens.length - 1, Math.max(0, steps[event.key]()))].focus();
  });
}

function signed(value) {
  return `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(3)}`;
}

function shade(tone, share) {
  return `color-mix(in srgb, var(--${tone}) ${share}%, transparent)`;
}
