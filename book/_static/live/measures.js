// What can be told of a code that is observed in several sessions: the same measures as those of
// drift.inference.drift_features. A session is an array (units, samples), unit by unit, in which a
// unit that is nowhere active is silent.
"use strict";

// The population's responses to a sample, one after the other.
function populationVectors(code, samples) {
  const units = code.length / samples;
  return Array.from({ length: samples }, (_, s) => Array.from({ length: units }, (_, k) => code[k * samples + s]));
}

// Evenly spaced times, up to the first at which the code's correlation with its start is not above
// `correlation`, or up to the last of all.
function matchedSessions(codes, count, correlation, samples) {
  const first = populationVectors(codes[0], samples);
  const alike = (code) => {
    const found = populationVectors(code, samples).map((vector, s) => correlationOf(first[s], vector));
    return meanOf(found.filter(Number.isFinite));
  };
  let last = codes.length - 1;
  for (let time = count - 1; time < codes.length; time++) {
    if (alike(codes[time]) <= correlation) {
      last = time;
      break;
    }
  }
  return Array.from({ length: count }, (_, i) => codes[Math.round((i * last) / (count - 1))]);
}

// Change over all sessions by the line of least squares, over the mean.
function relativeTrend(values) {
  const middle = (values.length - 1) / 2, mean = meanOf(values);
  let product = 0, square = 0;
  values.forEach((value, i) => {
    product += (i - middle) * (value - mean);
    square += (i - middle) ** 2;
  });
  return ((product / square) * (values.length - 1)) / mean;
}

// Mean over units of the information that their responses have about the sample, in bits.
function meanInformation(rows) {
  const ofUnits = rows.map((row) => {
    const mean = meanOf(row);
    return meanOf(row.map((rate) => (rate > 0 ? (rate / mean) * Math.log2(rate / mean) : 0)));
  });
  return meanOf(ofUnits);
}

// The measures of a few sessions, by name.
function measureSessions(sessions, samples) {
  const units = sessions[0].length / samples;
  const rows = sessions.map((code) =>
    Array.from({ length: units }, (_, k) => Array.from(code.subarray(k * samples, (k + 1) * samples))));
  const active = rows.map((of) => of.map((row) => row.some((rate) => rate > 0)));
  const pairs = sessions.slice(1).map((_, i) => [active[i], active[i + 1], i]);
  const shares = active.map((of) => of.filter(Boolean).length / units);
  const information = rows.map((of, i) => meanInformation(of.filter((_, k) => active[i][k])));
  const overlaps = pairs.map(([before, now]) => {
    const both = now.filter((is, k) => is && before[k]).length;
    return both / now.filter((is, k) => is || before[k]).length;
  });
  // Of the units at risk, over all pairs of neighbouring sessions, the share of which something is so.
  const share = (atRisk, happens) => {
    let count = 0, events = 0;
    for (const [now, later, i] of pairs) {
      now.forEach((_, k) => {
        const wasActive = active.slice(0, i + 1).some((of) => of[k]);
        if (!atRisk(now[k], wasActive)) return;
        count++;
        if (happens(later[k])) events++;
      });
    }
    return events / count;
  };
  const alike = (lag) => {
    const found = sessions.slice(lag).map((code, i) => tuningCorrelation(sessions[i], code, samples));
    return meanOf(found.filter(Number.isFinite));
  };
  return {
    "active share": meanOf(shares),
    "trend of active share": relativeTrend(shares),
    "information": meanOf(information),
    "trend of information": relativeTrend(information),
    "trend of mean rate": relativeTrend(sessions.map((code) => meanOf(Array.from(code)))),
    "overlap": meanOf(overlaps),
    "map correlation, next session": alike(1),
    "map correlation, longest lag": alike(sessions.length - 1),
    "deaths": share((now) => now, (later) => !later),
    "births": share((_, was) => !was, (later) => later),
    "returns": share((now, was) => !now && was, (later) => later),
  };
}

// Probabilities of the rules, by logistic regression; a measure that is not known counts as its mean.
function guessRule(measured, { measures, mean, scale, weights, bias }) {
  const scaled = measures.map((name, i) => (Number.isFinite(measured[name]) ? (measured[name] - mean[i]) / scale[i] : 0));
  const scores = weights.map((row, rule) => bias[rule] + row.reduce((sum, weight, i) => sum + weight * scaled[i], 0));
  const most = Math.max(...scores);
  const sizes = scores.map((score) => Math.exp(score - most));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => size / whole);
}
