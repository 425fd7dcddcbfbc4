// Reads the data, then starts every part, one at a time so that the page answers in between.

async function start() {
  startTheme();
  startFolds();
  startScrollHints();
  if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot decompress the page's data; a current one can");
  await readColumns();
  details = await unpack("details");
  const parts = [startCut, startRows, startPoints, startShares, startTokens];
  for (const part of parts) {
    part();
    await new Promise((resume) => setTimeout(resume, 0));
  }
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  const failure = byId("failure");
  failure.textContent = `The charts and tables of this page could not be drawn: ${error.message}`;
  failure.hidden = false;
  throw error;
});
