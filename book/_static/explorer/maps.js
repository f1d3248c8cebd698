// Rate maps as pictures, one pixel a unit (or a time) and bin of place.
(function () {
  "use strict";
  const explorer = (window.driftExplorer = window.driftExplorer || {});
  const BINS = 100;
  explorer.BINS = BINS;

  // The visited bin that each of the hundred columns shows. A bin without a sample shows its
  // neighbour's; the turn between the two running directions, where none is, stays empty: -1.
  explorer.columns = function (data) {
    const shown = new Int32Array(BINS).fill(-1);
    data.place_bin.forEach((bin, index) => {
      const next = index + 1;
      const last = next === data.place_bin.length;
      const turn = !last && data.place[index] < 0 && data.place[next] > 0;
      const end = last || turn ? bin + 1 : data.place_bin[next];
      shown.fill(index, bin, end);
    });
    return shown;
  };

  // Where each unit peaks, as an index of visited bins; their number for a silent unit.
  function peaks(levels, units, places) {
    return Array.from({ length: units }, (_, unit) => {
      const found = levels.subarray(unit * places, (unit + 1) * places).indexOf(255);
      return found < 0 ? places : found;
    });
  }

  // All units in the order of the places where they peak at a snapshot, silent ones last.
  explorer.placeOrder = function (data, snapshot) {
    const [, units, places] = data.level.shape;
    const found = peaks(explorer.row(data.level, snapshot), units, places);
    return Array.from(found.keys()).sort((a, b) => found[a] - found[b] || a - b);
  };

  // Levels (0 to 255) of a unit at a snapshot, along visited bins.
  explorer.levels = function (data, snapshot, unit) {
    const places = data.level.shape[2];
    return explorer.row(data.level, snapshot).subarray(unit * places, (unit + 1) * places);
  };

  // A unit's mean activity at a snapshot, along visited bins.
  explorer.rates = function (data, snapshot, unit) {
    const peak = explorer.row(data.peak, snapshot)[unit];
    return Array.from(explorer.levels(data, snapshot, unit), (level) => (level / 255) * peak);
  };

  // All units at a snapshot, a row each in the given order, each relative to its own peak.
  explorer.drawMaps = function (canvas, data, columns, snapshot, order) {
    const peak = explorer.row(data.peak, snapshot);
    draw(canvas, columns, order.length, (row) =>
      peak[order[row]] > 0 ? explorer.levels(data, snapshot, order[row]) : null
    );
  };

  // One unit at all snapshots, a row each, relative to its highest peak of all times.
  explorer.drawLife = function (canvas, data, columns, unit) {
    const top = explorer.highestPeak(data, unit);
    draw(canvas, columns, data.snapshot.length, (snapshot) => {
      const peak = explorer.row(data.peak, snapshot)[unit];
      const levels = explorer.levels(data, snapshot, unit);
      return peak > 0 ? levels.map((level) => Math.round((level * peak) / top)) : null;
    });
  };

  explorer.highestPeak = function (data, unit) {
    return Math.max(...Array.from(data.snapshot, (_, time) => explorer.row(data.peak, time)[unit]));
  };

  // `levelsOf(row)` along visited bins, or null for a row that stays empty.
  function draw(canvas, columns, rows, levelsOf) {
    canvas.width = BINS;
    canvas.height = rows;
    const picture = new ImageData(BINS, rows);
    for (let row = 0; row < rows; row++) {
      const levels = levelsOf(row);
      if (levels === null) continue;
      for (let column = 0; column < BINS; column++) {
        if (columns[column] < 0) continue;
        const at = 4 * (row * BINS + column);
        picture.data.set(explorer.viridis[levels[columns[column]]], at);
        picture.data[at + 3] = 255;
      }
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }
})();
