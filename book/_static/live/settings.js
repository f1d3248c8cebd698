// What the reader can set: the rules with their ranges, what a text means, and the link that holds
// all settings.
"use strict";

const liveRules = {
  "update-noise": {
    name: "noise on the updates",
    noise: { label: "update noise σ", low: 0, high: 1, usual: 0.03 },
    rate: { low: 0.0001, high: 1, usual: 0.2 },
    python: ({ rate, noise }) => `drift.GradientDescent(learning_rate=${rate}, update_noise=${noise})`,
    time: { label: "η²σ²k", perStep: ({ rate, noise }) => (rate * noise) ** 2 },
    cubed: { label: "η³σ²k", perStep: ({ rate, noise }) => rate ** 3 * noise ** 2 },
  },
  "label-noise": {
    name: "noise on the targets",
    noise: { label: "label noise s", low: 0, high: 5, usual: 1 },
    rate: { low: 0.0001, high: 1, usual: 0.2 },
    python: ({ rate, noise }) => `drift.GradientDescent(learning_rate=${rate}, label_noise=${noise})`,
    time: {
      label: "η²s²k / (24 n d)",
      perStep: ({ rate, noise }, task) => (rate * noise) ** 2 / (24 * task.samples * task.outputs),
    },
  },
  "adam": {
    name: "Adam, without noise",
    noise: null,
    rate: { low: 0.000001, high: 0.1, usual: 0.01 },
    python: ({ rate }) => `drift.Adam(learning_rate=${rate})`,
  },
  "error-descent": {
    name: "stochastic error descent",
    noise: { label: "perturbation σ", low: 0.001, high: 1, usual: 0.05 },
    rate: { low: 0.0001, high: 5, usual: 1 },
    python: ({ rate, noise }) =>
      `drift.StochasticErrorDescent(learning_rate=${rate}, perturbation=${noise})`,
  },
};

const liveChoices = {
  rule: Object.keys(liveRules),
  init: ["rich", "lazy"],
  axis: ["steps", "time", "cubed"],
  scale: ["linear", "log"],
  pace: ["1000", "3000", "10000", "30000", "100000", "full"], // steps a second
};
const liveStepsRange = { low: 1000, high: 5000000, usual: 300000 };
const liveWords = {
  rule: "learning rule", init: "initialisation", noise: "noise", rate: "learning rate",
  steps: "number of steps", seed: "seed", axis: "axis", scale: "scale", pace: "pace",
};

function usualSettings(rule = "update-noise") {
  const { noise, rate } = liveRules[rule];
  return {
    rule, noise: noise ? noise.usual : 0, rate: rate.usual, init: "rich",
    steps: liveStepsRange.usual, seed: 0, axis: "steps", scale: "linear", pace: "30000",
  };
}

function written(number) {
  return number >= 10000 ? number.toLocaleString("en") : String(number);
}

// A number as people write it: with a decimal point or comma, whole ones with marks between thousands.
function readNumber(text, whole) {
  let plain = text.replace(/[\s_]/g, "");
  if (whole) plain = plain.replace(/[.,'’](?=\d{3}(\D|$))/g, "");
  else plain = plain.replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  return plain === "" ? NaN : Number(plain);
}

// One setting from its text: {value} or {problem}, which names the text and what is allowed.
function readSetting(name, text, rule, seeds) {
  const refused = `The ${liveWords[name]} cannot be “${text}”`;
  const choices = liveChoices[name];
  if (choices) {
    return choices.includes(text) ? { value: text } : { problem: `${refused}. Choose one of ${choices.join(", ")}.` };
  }
  const whole = name === "steps" || name === "seed";
  const range =
    name === "steps" ? liveStepsRange
    : name === "seed" ? { low: 0, high: seeds - 1 }
    : liveRules[rule][name];
  if (!range) return { value: 0 };
  const value = readNumber(text, whole);
  const fits = value >= range.low && value <= range.high && (!whole || Number.isInteger(value));
  if (fits) return { value };
  const kind = whole ? "a whole number" : "a number";
  return { problem: `${refused}. Give ${kind} from ${written(range.low)} to ${written(range.high)}.` };
}

// The settings that a link asks for, and what is wrong with it. What is not in it, or wrong, is as
// usual for the rule.
function readLink(query, seeds) {
  const asked = new URLSearchParams(query);
  const problems = [];
  const rule = readSetting("rule", asked.get("rule") ?? "update-noise");
  if (rule.problem) problems.push(`${rule.problem} The page uses update-noise.`);
  const settings = usualSettings(rule.value);
  for (const [name, text] of asked) {
    if (name === "rule" || name === "highlight") continue;
    if (!(name in settings)) {
      problems.push(`There is no setting “${name}”. The settings are ${Object.keys(settings).join(", ")}.`);
      continue;
    }
    const { value, problem } = readSetting(name, text, settings.rule, seeds);
    if (problem) problems.push(`${problem} The page uses ${settings[name]}.`);
    else settings[name] = value;
  }
  return { settings, problems };
}

function writeLink(settings) {
  return `?${new URLSearchParams(Object.entries(settings))}`;
}

// Where a slider of 0 to 100 stands for a value of a range, and what value a place of it stands for.
// It is logarithmic; where the range begins at 0, its last place is 0.
function sliderPlace(value, { low, high }) {
  const least = low || high / 1000;
  const first = low ? 0 : 1;
  if (value < least) return 0;
  return Math.round(first + (100 - first) * (Math.log(value / least) / Math.log(high / least)));
}

function sliderValue(place, { low, high }) {
  const least = low || high / 1000;
  const first = low ? 0 : 1;
  if (place < first) return 0;
  return +(least * (high / least) ** ((place - first) / (100 - first))).toPrecision(3);
}

function describeSettings({ rule, noise, rate, init, seed }) {
  const { name, noise: kind } = liveRules[rule];
  const sizes = [...(kind ? [`${kind.label} = ${noise}`] : []), `learning rate η = ${rate}`];
  return `${name}, ${sizes.join(", ")}, ${init} start, seed ${seed}`;
}
