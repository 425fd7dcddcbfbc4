// Token by token: where a demonstration made an answer likelier, and where less likely.

const STRONG_NATS = 2;
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
  const helped = element("span", {}, " helped ");
  helped.style.backgroundColor = shade("up", STRONGEST);
  const hurt = element("span", { class: "hurt" }, " hurt ");
  hurt.style.backgroundColor = shade("down", STRONGEST);
  return element("p", { class: "tokens" }, helped, "  ", hurt, "  (underlined)   the number of a token: point at it, or select it");
}

function tokenView(task) {
  const value = element("p", { class: "token-value", role: "status" });
  const total = task.pieces.reduce((sum, _, at) => sum + task.given[at] - task.control[at], 0);
  const tokens = task.pieces.map((piece, at) => token(piece, task.given[at] - task.control[at], value));
  const title = element("p", { class: "token-task" }, element("strong", {}, task.group ? `${task.group}: ` : ""), task.task,
    element("span", { class: "quiet" }, ` (log-gain ${signed(total / Math.max(1, task.pieces.length))} nats per token)`));
  return element("div", {}, title, element("p", { class: "tokens" }, ...tokens), value);
}

function token(piece, difference, value) {
  const made = element("span", { title: `${signed(difference)} nats`, class: difference < -FAINT_NATS ? "hurt" : null }, piece);
  const strength = Math.min(1, Math.abs(difference) / STRONG_NATS);
  if (Math.abs(difference) > FAINT_NATS) made.style.backgroundColor = shade(difference > 0 ? "up" : "down", Math.round(8 + (STRONGEST - 8) * strength));
  made.addEventListener("click", () => value.replaceChildren(`“${piece.trim() || "␣"}”: ${signed(difference)} nats`));
  return made;
}

function signed(value) {
  return `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(3)}`;
}
