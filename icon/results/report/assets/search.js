// Search over whole texts, block by block, so that the page answers while it still looks.

let searchNumber = 0;

// Calls found(places, done) as it goes on; a later search stops an earlier one.
async function search(words, found) {
  searchNumber += 1;
  const own = searchNumber;
  const wanted = words.toLowerCase();
  const places = new Set();
  const total = blockCount();
  for (let number = 0; number < total; number += 1) {
    const block = await textBlock(number);
    if (own !== searchNumber) return;
    block.forEach((whole, at) => {
      const place = number * charts.block + at;
      if (rowText(whole, place).some((text) => text.toLowerCase().includes(wanted))) places.add(place);
    });
    found(places, number + 1 === total);
  }
  if (!total) found(places, true);
}

function stopSearch() {
  searchNumber += 1;
}

function rowText(whole, place) {
  return [...(whole.m || []).map(([, text]) => text), whole.p || "", whole.r || "", whole.d, whole.w, columns.id[place]];
}
