// Light and dark: as the system says, or as the reader says.

const THEMES = ["system", "light", "dark"];

function applyTheme(name) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  redrawPlots();
}

function startTheme() {
  const button = byId("theme");
  let chosen = 0;
  button.addEventListener("click", () => {
    chosen = (chosen + 1) % THEMES.length;
    button.textContent = `Theme: ${THEMES[chosen]}`;
    applyTheme(THEMES[chosen]);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawPlots);
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("#facts details:not([open])")) closed.push(each);
    for (const each of closed) each.open = true;
    applyTheme("light");
    drawAllPlots();
  });
  addEventListener("afterprint", () => {
    for (const each of closed.splice(0)) each.open = false;
    applyTheme(THEMES[chosen]);
  });
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
