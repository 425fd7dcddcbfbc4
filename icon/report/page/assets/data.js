// The data blocks of the page: plain JSON, and JSON that is compressed until it is asked for.

const charts = JSON.parse(byId("charts").textContent);
let columns = null;
const KEPT_BLOCKS = 60;
const textBlocks = new Map();

async function unpack(id) {
  const text = atob(byId(id).textContent);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
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

// A block of whole texts, the latest used ones kept.
function textBlock(number) {
  const known = textBlocks.get(number) || unpack(`texts-${number}`);
  textBlocks.delete(number);
  textBlocks.set(number, known);
  if (textBlocks.size > KEPT_BLOCKS) textBlocks.delete(textBlocks.keys().next().value);
  return known;
}

function blockCount() {
  return Math.ceil(columns.row.length / charts.block);
}

async function wholeRow(place) {
  const block = await textBlock(Math.floor(place / charts.block));
  return block[place % charts.block];
}

let placesByPoint = null;

// Where a turn of a row of the pool stands among the rows of this page; undefined where it is not among them.
function placeOf(row, turn) {
  if (!placesByPoint) placesByPoint = new Map(columns.row.map((each, place) => [`${each}/${columns.turn ? columns.turn[place] : 0}`, place]));
  return placesByPoint.get(`${row}/${turn}`);
}
