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

// Mean over units of Pearson's r between their tuning curves at two times; units count that are
// tuned at both. Not a number if none is.
function tuningCorrelation(one, other, samples) {
  let sum = 0, count = 0;
  for (let start = 0; start < one.length; start += samples) {
    let a = 0, b = 0;
    for (let s = start; s < start + samples; s++) {
      a += one[s];
      b += other[s];
    }
    a /= samples;
    b /= samples;
    let ab = 0, aa = 0, bb = 0;
    for (let s = start; s < start + samples; s++) {
      ab += (one[s] - a) * (other[s] - b);
      aa += (one[s] - a) ** 2;
      bb += (other[s] - b) ** 2;
    }
    if (aa > 0 && bb > 0) {
      sum += ab / Math.sqrt(aa * bb);
      count++;
    }
  }
  return sum / count;
}
