// The network and its learning rules: arithmetic in double precision, nothing of the page.
//
// One hidden layer, y = relu(x m^T + b) n^T, and the rules of drift/rules. The parameters of a unit
// lie together in one row: its input weights, its bias, its output weights. Nothing is allocated
// while training.
"use strict";

// It trains where the browser cannot run the engine of compiled.js, and the tests hold that one to it.
//
// `task`: samples, inputs, outputs (their numbers) and x, y (their values, sample by sample).
// `start`: rows, see above. `settings`: rule, rate, noise; skipSilent false trains silent units too.
// `random`: uniform() and addNormal(), see random.js.
function makeNetwork(task, start, settings, random) {
  const { samples, inputs, outputs } = task;
  const width = inputs + 1 + outputs;
  const units = start.length / width;
  const count = samples * outputs;
  const factor = 2 / count;

  const weights = Float64Array.from(start);
  const x = new Float64Array(samples * (inputs + 1));
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < inputs; i++) x[s * (inputs + 1) + i] = task.x[s * inputs + i];
    x[s * (inputs + 1) + inputs] = 1;
  }
  // The same input by input, which is quick to read, filled up to whole fours by the last sample.
  const padded = 4 * Math.ceil(samples / 4);
  const columns = new Float64Array((inputs + 1) * padded);
  for (let s = 0; s < padded; s++) {
    const from = Math.min(s, samples - 1) * (inputs + 1);
    for (let i = 0; i <= inputs; i++) columns[i * padded + s] = x[from + i];
  }
  const targets = Float64Array.from(task.y);
  const activity = new Float64Array(units * padded); // unit by unit
  const residuals = new Float64Array(count);
  const gradient = new Float64Array(weights.length);
  const first = new Float64Array(weights.length);
  const second = new Float64Array(weights.length);

  let step = 0;

  // Silent units. Without update noise nothing moves a unit that is silent for all samples. With it
  // the unit is a random walk, which from a margin m cannot wake within (m / 7 g)^2 steps, but for
  // a chance of 1e-11, g being the largest standard deviation of a step of its input. It is left
  // alone as long, and given the sum of its noise then.
  const awakeAgain = new Float64Array(units);
  const silentSince = new Float64Array(units);
  let longest = 0;
  for (let s = 0; s < samples; s++) {
    let square = 0;
    for (let i = 0; i <= inputs; i++) square += x[s * (inputs + 1) + i] ** 2;
    longest = Math.max(longest, Math.sqrt(square));
  }
  let rule, rate, noise, learn; // chosen below
  let pushed = 0, reach = 0, canSkip = false;
  let begun = 0; // the step at which the rule was chosen

  // Input of unit `k` for all samples, four at a time: writes its activity, returns the largest.
  function respond(k) {
    const row = k * width;
    let largest = -Infinity;
    for (let s = 0; s < padded; s += 4) {
      let a = 0, b = 0, c = 0, d = 0;
      for (let i = 0, at = s; i <= inputs; i++, at += padded) {
        const w = weights[row + i];
        a += w * columns[at];
        b += w * columns[at + 1];
        c += w * columns[at + 2];
        d += w * columns[at + 3];
      }
      const to = k * padded + s;
      activity[to] = a > 0 ? a : 0;
      activity[to + 1] = b > 0 ? b : 0;
      activity[to + 2] = c > 0 ? c : 0;
      activity[to + 3] = d > 0 ? d : 0;
      largest = Math.max(largest, Math.max(Math.max(a, b), Math.max(c, d))); // or not a number
    }
    return largest;
  }

  // Adds what unit `k` says to all outputs.
  function speak(k) {
    const row = k * width + inputs + 1;
    for (let s = 0; s < samples; s++) {
      const h = activity[k * padded + s];
      if (h === 0) continue;
      const at = s * outputs;
      for (let o = 0; o < outputs; o++) residuals[at + o] += h * weights[row + o];
    }
  }

  // Outputs less targets into `residuals`; wakes units, and lets silent ones be where that is allowed.
  function forward(skip) {
    for (let j = 0; j < count; j++) residuals[j] = -targets[j];
    for (let k = 0; k < units; k++) {
      if (skip && awakeAgain[k] > step) continue;
      if (skip && silentSince[k] >= 0) wake(k);
      const largest = respond(k);
      if (largest > 0) speak(k);
      else if (skip) rest(k, -largest);
    }
  }

  function rest(k, margin) {
    const steps = reach > 0 ? Math.floor((margin / (7 * reach)) ** 2) : Infinity;
    if (!(steps >= 4)) return;
    silentSince[k] = step;
    awakeAgain[k] = step + steps;
  }

  function wake(k) {
    const scale = pushed * Math.sqrt(step - silentSince[k]);
    silentSince[k] = -1;
    if (scale > 0) random.addNormal(weights, k * width, (k + 1) * width, scale);
  }

  // Gradient of unit `k` into its row of `gradient`.
  function backward(k) {
    const row = k * width;
    const out = row + inputs + 1;
    for (let p = row; p < row + width; p++) gradient[p] = 0;
    for (let s = 0; s < samples; s++) {
      const h = activity[k * padded + s];
      if (h === 0) continue;
      let back = 0;
      for (let o = 0, at = s * outputs; o < outputs; o++, at++) {
        const r = residuals[at];
        back += r * weights[out + o];
        gradient[out + o] += h * r;
      }
      for (let i = 0, at = s * (inputs + 1); i <= inputs; i++) gradient[row + i] += back * x[at++];
    }
  }

  function scaleResiduals(labelNoise) {
    if (labelNoise > 0) {
      for (let j = 0; j < count; j++) {
        residuals[j] = factor * (residuals[j] - labelNoise * (random.uniform() - 0.5));
      }
    } else {
      for (let j = 0; j < count; j++) residuals[j] *= factor;
    }
  }

  function squaredError() {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += residuals[j] * residuals[j];
    return sum / count;
  }

  // theta <- theta - eta (gradient + sigma xi), or with noise on the targets of this step.
  function descend() {
    forward(canSkip);
    scaleResiduals(rule === "label-noise" ? noise : 0);
    for (let k = 0; k < units; k++) {
      if (awakeAgain[k] > step) continue;
      backward(k);
      const end = (k + 1) * width;
      for (let p = k * width; p < end; p++) weights[p] -= rate * gradient[p];
      if (pushed > 0) random.addNormal(weights, k * width, end, pushed);
    }
  }

  // Adam (Kingma & Ba 2015), with its usual constants. Moments too small to matter become 0:
  // numbers below the normal range are slow.
  function adapt() {
    forward(false);
    scaleResiduals(0);
    const now = step + 1 - begun;
    const size = rate / (1 - 0.9 ** now);
    const correction = 1 / (1 - 0.999 ** now);
    for (let k = 0; k < units; k++) backward(k);
    for (let p = 0; p < weights.length; p++) {
      const slope = gradient[p];
      const mean = 0.9 * first[p] + (1 - 0.9) * slope;
      const square = 0.999 * second[p] + (1 - 0.999) * slope * slope;
      first[p] = Math.abs(mean) < 1e-140 ? 0 : mean;
      second[p] = square < 1e-280 ? 0 : square;
      weights[p] -= (size * first[p]) / (Math.sqrt(second[p] * correction) + 1e-8);
    }
  }

  // Stochastic error descent: a random change, taken back or gone along with by what it does to the
  // loss. As in the study's program its size goes with the root of an array's first dimension.
  function tryOut() {
    forward(false);
    const before = squaredError();
    gradient.fill(0);
    for (let k = 0; k < units; k++) {
      const row = k * width, out = row + inputs + 1;
      random.addNormal(gradient, row, out, noise / Math.sqrt(units));
      random.addNormal(gradient, out, row + width, noise / Math.sqrt(outputs));
    }
    for (let p = 0; p < weights.length; p++) weights[p] += gradient[p];
    forward(false);
    const back = 1 + rate * (squaredError() - before);
    for (let p = 0; p < weights.length; p++) weights[p] -= back * gradient[p];
  }

  const RULES = {
    "update-noise": descend, "label-noise": descend, "adam": adapt, "error-descent": tryOut,
  };

  // The rule and its constants, from now on. Adam's moving means begin anew.
  function choose(chosen) {
    for (let k = 0; k < units; k++) {
      if (silentSince[k] >= 0) wake(k);
      awakeAgain[k] = 0;
    }
    ({ rule, rate, noise } = chosen);
    pushed = rule === "update-noise" ? rate * noise : 0;
    reach = pushed * longest;
    canSkip = settings.skipSilent !== false && (rule === "update-noise" || rule === "label-noise");
    learn = RULES[rule];
    begun = step;
    first.fill(0);
    second.fill(0);
  }

  silentSince.fill(-1);
  choose(settings);

  // Trains for `steps` steps.
  function advance(steps) {
    for (let i = 0; i < steps; i++) {
      learn();
      step++;
    }
  }

  // What the network does now: the loss without noise; the share of units that are active for any
  // sample, and of (unit, sample) pairs that are; the activity, (units, samples), and the weights.
  function observe() {
    for (let j = 0; j < count; j++) residuals[j] = -targets[j];
    const seen = new Float64Array(units * samples);
    let active = 0, pairs = 0;
    for (let k = 0; k < units; k++) {
      if (awakeAgain[k] > step || !(respond(k) > 0)) continue;
      active++;
      speak(k);
      for (let s = 0; s < samples; s++) {
        seen[k * samples + s] = activity[k * padded + s];
        if (activity[k * padded + s] > 0) pairs++;
      }
    }
    const loss = squaredError();
    return {
      step,
      loss,
      activeUnits: active / units,
      activeFraction: pairs / (units * samples),
      activity: seen,
      weights: Float64Array.from(weights),
      diverged: !(Number.isFinite(loss) && weights.every(Number.isFinite)),
    };
  }

  return { advance, observe, choose, weights };
}
