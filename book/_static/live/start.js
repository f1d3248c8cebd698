// The parameters that a run starts from, as `drift.simulate` draws them for the same seed.
"use strict";

// Standard normal numbers of a seed, from the data that task.js holds: m (units, inputs), then b
// (units), then n (outputs, units).
function decodeNumbers(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

// Rows for `makeNetwork`. `init` is "rich" or "lazy", the size of the output weights.
function startingRows(data, seed, init) {
  const { inputs, outputs } = data.task;
  const { hidden } = data;
  const drawn = decodeNumbers(data.starts[seed]);
  const width = inputs + 1 + outputs;
  const inputScale = Math.sqrt(2 / inputs);
  const outputScale = init === "rich" ? Math.sqrt(2 / hidden) : 2 / hidden;
  const rows = new Float64Array(hidden * width);
  const bias = hidden * inputs, out = bias + hidden;
  for (let k = 0; k < hidden; k++) {
    for (let i = 0; i < inputs; i++) rows[k * width + i] = inputScale * drawn[k * inputs + i];
    rows[k * width + inputs] = inputScale * drawn[bias + k];
    for (let o = 0; o < outputs; o++) {
      rows[k * width + inputs + 1 + o] = outputScale * drawn[out + o * hidden + k];
    }
  }
  return rows;
}
