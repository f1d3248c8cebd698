// Tuning curves: their order, and how alike two sets of them are. Activity is (units, samples), unit
// by unit; `places` holds the samples in the order of their place.
"use strict";

// The sample, counted along the ring, where a unit is most active; -1 if it is silent.
function peaks(activity, places) {
  const samples = places.length;
  const found = [];
  for (let k = 0; k * samples < activity.length; k++) {
    let best = -1, size = 0;
    places.forEach((sample, at) => {
      if (activity[k * samples + sample] > size) {
        size = activity[k * samples + sample];
        best = at;
      }
    });
    found.push(best);
  }
  return found;
}

// Units by the place of their peak, silent ones last.
function tuningOrder(activity, places) {
  const key = peaks(activity, places).map((at) => (at < 0 ? Infinity : at));
  return key.map((_, k) => k).sort((a, b) => (key[a] === key[b] ? a - b : key[a] - key[b]));
}

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Pearson's r of two rows; not a number if one of them does not vary.
function correlationOf(one, other) {
  const a = meanOf(one), b = meanOf(other);
  let ab = 0, aa = 0, bb = 0;
  one.forEach((value, i) => {
    ab += (value - a) * (other[i] - b);
    aa += (value - a) ** 2;
    bb += (other[i] - b) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}

// Mean over units of Pearson's r between their tuning curves at two times; units count that are
// tuned at both. Not a number if none is.
function tuningCorrelation(one, other, samples) {
  const found = [];
  for (let start = 0; start < one.length; start += samples) {
    found.push(correlationOf(one.slice(start, start + samples), other.slice(start, start + samples)));
  }
  return meanOf(found.filter(Number.isFinite));
}
