// What the reader can set: the rules with their ranges, the link that holds all settings, the same
// run in Python, and the theory's times.
"use strict";

const liveRules = {
  "update-noise": {
    name: "gradient descent, update noise",
    noise: { label: "noise σ", low: 0, high: 1, usual: 0.03 },
    rate: { low: 0.0001, high: 1, usual: 0.2 },
    python: ({ rate, noise }) => `drift.GradientDescent(learning_rate=${rate}, update_noise=${noise})`,
    time: { label: "η²σ²k", perStep: ({ rate, noise }) => (rate * noise) ** 2 },
    cubed: { label: "η³σ²k", perStep: ({ rate, noise }) => rate ** 3 * noise ** 2 },
  },
  "label-noise": {
    name: "gradient descent, label noise",
    noise: { label: "noise s", low: 0, high: 5, usual: 1 },
    rate: { low: 0.0001, high: 1, usual: 0.2 },
    python: ({ rate, noise }) => `drift.GradientDescent(learning_rate=${rate}, label_noise=${noise})`,
    time: {
      label: "η²s²k / (24 n d)",
      perStep: ({ rate, noise }, task) => (rate * noise) ** 2 / (24 * task.samples * task.outputs),
    },
  },
  "adam": {
    name: "Adam, no noise",
    noise: null,
    rate: { low: 0.000001, high: 0.1, usual: 0.01 },
    python: ({ rate }) => `drift.Adam(learning_rate=${rate})`,
  },
  "error-descent": {
    name: "stochastic error descent",
    noise: { label: "perturbation", low: 0.001, high: 1, usual: 0.05 },
    rate: { low: 0.0001, high: 5, usual: 1 },
    python: ({ rate, noise }) =>
      `drift.StochasticErrorDescent(learning_rate=${rate}, perturbation=${noise})`,
  },
};

const liveInits = ["rich", "lazy"];
const liveAxes = ["steps", "time", "cubed"];
const liveScales = ["linear", "log"];
const liveStepsRange = { low: 1000, high: 5000000, usual: 300000 };

function usualSettings(rule = "update-noise") {
  const { noise, rate } = liveRules[rule];
  return {
    rule, noise: noise ? noise.usual : 0, rate: rate.usual, init: "rich",
    steps: liveStepsRange.usual, seed: 0, axis: "steps", scale: "linear",
  };
}

// One setting from its text: {value} or {problem}, which names the text and what is allowed.
function readSetting(name, text, rule, seeds) {
  const words = { rule: Object.keys(liveRules), init: liveInits, axis: liveAxes, scale: liveScales };
  if (words[name]) {
    if (words[name].includes(text)) return { value: text };
    return { problem: `${name}=${text} is unknown: choose one of ${words[name].join(", ")}.` };
  }
  const whole = name === "steps" || name === "seed";
  const range =
    name === "steps" ? liveStepsRange
    : name === "seed" ? { low: 0, high: seeds - 1 }
    : liveRules[rule][name];
  if (!range) return { value: 0 };
  const value = text.trim() === "" ? NaN : Number(text);
  const fits = value >= range.low && value <= range.high && (!whole || Number.isInteger(value));
  if (fits) return { value };
  const kind = whole ? "a whole number" : "a number";
  return { problem: `${name}=${text} is not allowed: give ${kind} from ${range.low} to ${range.high}.` };
}

// The settings that a link asks for, and what is wrong with it. What is not in it, or wrong, is as
// usual for the rule.
function readLink(query, seeds) {
  const asked = new URLSearchParams(query);
  const problems = [];
  const rule = readSetting("rule", asked.get("rule") ?? "update-noise");
  if (rule.problem) problems.push(`${rule.problem} Shown is update-noise.`);
  const settings = usualSettings(rule.value);
  for (const [name, text] of asked) {
    if (name === "rule" || name === "highlight") continue;
    if (!(name in settings)) {
      problems.push(`${name} is no setting: use ${Object.keys(settings).join(", ")}.`);
      continue;
    }
    const { value, problem } = readSetting(name, text, settings.rule, seeds);
    if (problem) problems.push(`${problem} Shown is ${settings[name]}.`);
    else settings[name] = value;
  }
  return { settings, problems };
}

function writeLink(settings) {
  return `?${new URLSearchParams(Object.entries(settings))}`;
}

// The same run as a Python program.
function writePython(settings, data) {
  const constants = Object.entries(data.constants).map(([name, value]) => `${name}=${value}`);
  const steps = String(settings.steps).replace(/\B(?=(\d{3})+$)/g, "_");
  return [
    "import drift",
    "",
    `task = drift.abstract_predictive(${constants.join(", ")})`,
    `rule = ${liveRules[settings.rule].python(settings)}`,
    "run = drift.simulate(",
    `    task, rule, hidden=${data.hidden}, init="${settings.init}", steps=${steps}, seed=${settings.seed}`,
    ")",
    "run.fraction_active_units.plot()",
    "",
  ].join("\n");
}

// The axis of a run: its label and how much of it one step is. Rules without a law have steps only.
function liveAxis(settings, task) {
  const law = liveRules[settings.rule][settings.axis];
  if (!law) return { label: "training step k", perStep: 1 };
  const name = settings.axis === "time" ? "theory's time" : "rescaled time";
  return { label: `${name} ${law.label}`, perStep: law.perStep(settings, task) };
}

function describeSettings({ rule, noise, rate, init, seed }) {
  const { name, noise: kind } = liveRules[rule];
  const parts = [name, ...(kind ? [`${kind.label} ${noise}`] : []), `rate η ${rate}`, init, `seed ${seed}`];
  return parts.join(", ");
}
