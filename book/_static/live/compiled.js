// The engine of engine/network.c in WebAssembly, behind the same functions as `makeNetwork` has.
"use strict";

// The compiled module that this browser can run, as bytes; null where there is none.
function engineBytes(engine) {
  if (typeof WebAssembly !== "object") return null;
  for (const text of [engine.relaxed, engine.plain]) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    if (WebAssembly.validate(bytes)) return bytes;
  }
  return null;
}

// `task`, `start` and `settings` as for `makeNetwork`, but of the shape that the engine was compiled
// for. `words`: sixteen integers of 32 bits, from which all random numbers follow.
function makeCompiledNetwork(bytes, task, start, settings, words) {
  const RULES = ["update-noise", "label-noise", "adam", "error-descent"];
  const { samples, inputs, outputs } = task;
  const units = start.length / (inputs + 1 + outputs);
  const engine = new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports;
  const { buffer } = engine.memory;
  const rows = new Float32Array(buffer, engine.row_numbers(), start.length);
  const activity = new Float32Array(buffer, engine.activity_numbers(), units * samples);
  new Float32Array(buffer, engine.input_numbers(), task.x.length).set(task.x);
  new Float32Array(buffer, engine.target_numbers(), task.y.length).set(task.y);
  new Uint32Array(buffer, engine.random_numbers(), 16).set(words);
  rows.set(start);
  let step = 0;

  function choose({ rule, rate, noise }) {
    engine.choose(RULES.indexOf(rule), rate, noise);
  }

  function advance(steps) {
    engine.advance(steps);
    step += steps;
  }

  function observe() {
    const loss = engine.observe();
    return {
      step,
      loss,
      activeUnits: engine.count_active_units() / units,
      activeFraction: engine.count_active_pairs() / (units * samples),
      activity: Float64Array.from(activity),
      weights: Float64Array.from(rows),
      diverged: !(Number.isFinite(loss) && rows.every(Number.isFinite)),
    };
  }

  engine.begin(settings.skipSilent === false ? 0 : 1);
  choose(settings);
  return { advance, observe, choose };
}
