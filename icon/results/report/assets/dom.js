// Making and finding elements. Text from data only ever becomes a text node.

function byId(id) {
  return document.getElementById(id);
}

// element("td", { class: "number" }, "12") - attributes are ours, children are nodes or text.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  for (const child of children) {
    made.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return made;
}

function say(id, ...children) {
  const host = byId(id);
  if (host) host.replaceChildren(...children.map((each) => (each instanceof Node ? each : document.createTextNode(String(each)))));
}

function count(value) {
  return Number(value).toLocaleString("en");
}

function percent(share, digits = 1) {
  return `${(100 * share).toFixed(digits)}%`;
}

// A measured number: four significant digits, a true minus sign.
function measured(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return count(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? value.toExponential(2) : size >= 10 ** (digits - 1) ? value.toFixed(0) : value.toPrecision(digits);
  return text.replace("-", "−");
}

function plural(n, one, many) {
  return `${count(n)} ${n === 1 ? one : many}`;
}
