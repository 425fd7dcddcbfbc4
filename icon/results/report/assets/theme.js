// Light and dark: as the system says, or as the reader says. Colours are CSS variables, charts included.

const THEMES = ["system", "light", "dark"];

function startTheme() {
  const button = byId("theme");
  let chosen = 0;
  button.addEventListener("click", () => {
    chosen = (chosen + 1) % THEMES.length;
    button.textContent = `Theme: ${THEMES[chosen]}`;
    if (chosen) document.documentElement.dataset.theme = THEMES[chosen];
    else delete document.documentElement.dataset.theme;
  });
}
