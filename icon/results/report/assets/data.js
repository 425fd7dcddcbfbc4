// The data blocks of the page: plain JSON, and JSON that is compressed until it is asked for.

const charts = JSON.parse(byId("charts").textContent);
let columns = null;
const MOST_KEPT = 128e6;
const textBlocks = new Map();
let keptSize = 0;
// The script runs while the texts after it are still on their way.
const wholePage = new Promise((resolve) => {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", resolve);
  else resolve();
});

async function unpack(id) {
  return JSON.parse(await unpackedText(id));
}

async function unpackedText(id) {
  const text = atob(byId(id).textContent);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// The columns, and the sorted values that a threshold is counted with: where all rows are here, they are a column.
async function readColumns() {
  columns = await unpack("columns");
  if (columns.ranked) return;
  const sorted = (passes) => {
    const values = Float64Array.from(columns.value.filter((value, place) => value !== null && passes(place))).sort();
    return { values, stride: 1, n: values.length };
  };
  columns.ranked = sorted(() => true);
  columns.chosen = sorted((place) => columns.selected[place]);
}

// A block of whole texts. Unpacked ones are kept up to so many characters, the first ones that were asked for: a search
// goes through all blocks in order, so one that is dropped for the sake of a later one would never be found again.
function textBlock(number) {
  if (!textBlocks.has(number)) textBlocks.set(number, unpackBlock(number));
  return textBlocks.get(number);
}

async function unpackBlock(number) {
  await wholePage;
  const text = await unpackedText(`texts-${number}`);
  if (keptSize + text.length <= MOST_KEPT) keptSize += text.length;
  else textBlocks.delete(number);
  return JSON.parse(text);
}

function blockCount() {
  return Math.ceil(columns.row.length / charts.block);
}

async function wholeRow(place) {
  const block = await textBlock(Math.floor(place / charts.block));
  return block[place % charts.block];
}

let placesByPoint = null;

// Place of a turn of a pool row among the rows of this page; undefined where it is not among them.
function placeOf(row, turn) {
  if (!placesByPoint) placesByPoint = new Map(columns.row.map((each, place) => [`${each}/${columns.turn ? columns.turn[place] : 0}`, place]));
  return placesByPoint.get(`${row}/${turn}`);
}
