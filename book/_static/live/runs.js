// What is known of a run beside its records: its stretches under one rule each, the theory's times
// along it, and the same run in Python. A run has {settings, changes}; a change has {step, settings}.
"use strict";

// The stretches of a run up to step `end`: {from, to, settings}, without those of no length.
function stretches({ settings, changes }, end) {
  const begins = [{ step: 0, settings }, ...changes].filter(({ step }) => step <= end);
  return begins
    .map(({ step, settings: held }, i) => ({ from: step, to: begins[i + 1]?.step ?? end, settings: held }))
    .filter(({ from, to }) => to > from);
}

// An axis for settings: its label, and how much of it one step is. Rules without a law have steps only.
function liveAxis(settings, task) {
  const law = liveRules[settings.rule][settings.axis];
  if (!law) return { label: "training step k", perStep: 1 };
  const name = settings.axis === "time" ? "the theory’s time" : "rescaled time";
  return { label: `${name} ${law.label}`, perStep: law.perStep(settings, task) };
}

// Turns a step of a run into a place on `axis`; null where a rule of the run is not `rule` and has no
// place there.
function axisOfRun(run, axis, rule, task) {
  if (axis === "steps") return (step) => step;
  const parts = stretches(run, Infinity);
  if (parts.some(({ settings }) => settings.rule !== rule)) return null;
  const paces = parts.map(({ settings }) => liveAxis({ ...settings, axis }, task).perStep);
  return (step) =>
    parts.reduce((sum, { from, to }, i) => sum + paces[i] * Math.max(0, Math.min(step, to) - from), 0);
}

// The lowest power of ten on the axis of the loss: one below the highest of what the runs shown have
// come down to. A run whose loss falls for ever leaves the chart, and does not flatten the others.
function lossFloor(lowest) {
  return Math.max(-12, Math.min(-2, Math.floor(Math.max(...lowest)) - 1));
}

function pythonNumber(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "_");
}

// The same as a Python program: one call, or one for each stretch of a run whose settings changed.
function writePython(run, data) {
  const { init, steps, seed } = run.settings;
  const constants = Object.entries(data.constants).map(([name, value]) => `${name}=${value}`);
  const rules = stretches(run, steps).map(({ from, to, settings }) => ({
    steps: pythonNumber(to - from),
    rule: liveRules[settings.rule].python(settings),
  }));
  const head = [
    "import matplotlib.pyplot as plt",
    "",
    "import drift",
    "",
    `task = drift.abstract_predictive(${constants.join(", ")})`,
  ];
  if (rules.length === 1) {
    return [
      ...head,
      `rule = ${rules[0].rule}`,
      "run = drift.simulate(",
      `    task, rule, hidden=${data.hidden}, init="${init}", steps=${rules[0].steps}, seed=${seed}`,
      ")",
      "run.fraction_active_units.plot()",
      "plt.show()",
      "",
    ].join("\n");
  }
  return [
    ...head,
    "stretches = [",
    ...rules.map(({ steps: long, rule }) => `    (${long}, ${rule}),`),
    "]",
    `start, done = "${init}", 0`,
    "for i, (steps, rule) in enumerate(stretches):",
    "    run = drift.simulate(",
    `        task, rule, hidden=${data.hidden}, init=start, steps=steps, seed=${seed} + 100 * i`,
    "    )",
    "    plt.plot(done + run.step, run.fraction_active_units)",
    "    start, done = drift.Parameters.of_snapshot(run, -1), done + steps",
    "plt.show()",
    "",
  ].join("\n");
}
