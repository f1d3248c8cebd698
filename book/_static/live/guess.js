// A game: the page draws a rule, hides it, and trains a network by it. The reader guesses the rule
// from what the code does, and so does a small classifier.
"use strict";

function makeGuess(root, data, bytes) {
  const part = (name) => root.querySelector(`[data-guess="${name}"]`);
  const { guess, task } = data;
  const names = Object.keys(guess.rules);
  const places = data.position.map((_, s) => s).sort((a, b) => data.position[a] - data.position[b]);
  const WHAT = {
    "active share": "share of units that are active",
    "trend of active share": "its change over all sessions, relative to the mean",
    "information": "information of an active unit about the place, in bits",
    "trend of information": "its change",
    "trend of mean rate": "change of the mean activity",
    "overlap": "of the units active in one of two neighbouring sessions, share active in both",
    "map correlation, next session": "correlation of a unit’s map with its map in the next session",
    "map correlation, longest lag": "the same between the first and the last session",
    "deaths": "probability that an active unit is silent in the next session",
    "births": "probability that a unit never active so far becomes active",
    "returns": "probability that a unit that fell silent is active again",
  };
  let round = null; // {rule, settings, sessions, measured, guessed}
  const score = { rounds: 0, reader: 0, classifier: 0 };

  // Settings with a rule that is drawn evenly, and a strength even in its logarithm.
  function draw() {
    const rule = names[Math.floor(Math.random() * names.length)];
    const [setting, low, high] = guess.rules[rule];
    const strength = low * (high / low) ** Math.random();
    const seed = Math.floor(Math.random() * data.starts.length);
    const noise = Math.floor(Math.random() * data.noise.length);
    return { settings: { ...usualSettings(rule), [setting]: strength, steps: guess.steps, seed }, setting, words: data.noise[noise] };
  }

  function begin() {
    if (round?.training) round.training.end();
    const { settings, setting, words } = draw();
    const begun = { settings, setting, codes: [], guessed: false };
    round = begun;
    part("outcome").textContent = "";
    part("seen").hidden = true;
    show("The network is learning by a hidden rule.");
    const rows = startingRows(data, settings.seed, settings.init);
    const order = { task, rows, settings, bytes, words, snapshots: guess.snapshots };
    begun.training = startTraining(order, 0, (told) => hear(begun, told));
  }

  function hear(from, { codes, status, failure, now }) {
    if (from !== round) return;
    if (failure) return show(`The run stopped: ${failure}`);
    if (codes) from.codes.push(...codes);
    if (status === "running") return show(`The network is learning by a hidden rule: step ${now.step.toLocaleString("en")}.`);
    from.training.end();
    from.training = null;
    if (status !== "finished") return begin(); // silent or diverged: there is nothing to see
    const observed = from.codes.slice(guess.first);
    from.sessions = matchedSessions(observed, guess.sessions, guess.correlation, task.samples);
    from.measured = measureSessions(from.sessions, task.samples);
    part("seen").hidden = false;
    drawSessions();
    showMeasures(from.measured);
    for (const button of part("choices").children) button.disabled = false;
    show("Which rule was it?");
  }

  const show = (text) => (part("message").textContent = text);

  function drawSessions() {
    if (!round?.sessions) return;
    const [first, last] = [round.sessions[0], round.sessions.at(-1)];
    const order = tuningOrder(first, places);
    for (const [name, activity] of [["first", first], ["last", last]]) {
      drawTuning(part(name), { activity, order, places, chosen: -1 });
    }
  }

  function showMeasures(measured) {
    part("measures").replaceChildren(...guess.measures.map((name) => {
      const row = document.createElement("tr");
      const value = measured[name];
      const text = Number.isFinite(value) ? value.toFixed(2).replace("-", "−") : "–";
      for (const [tag, content] of [["th", WHAT[name]], ["td", text]]) {
        const cell = document.createElement(tag);
        if (tag === "th") cell.scope = "row";
        cell.textContent = content;
        row.append(cell);
      }
      return row;
    }));
  }

  function answer(rule) {
    if (!round?.measured || round.guessed) return;
    round.guessed = true;
    for (const button of part("choices").children) button.disabled = true;
    const shares = guessRule(round.measured, guess);
    const likeliest = names[shares.indexOf(Math.max(...shares))];
    const truth = round.settings.rule;
    score.rounds++;
    score.reader += rule === truth;
    score.classifier += likeliest === truth;
    const strength = Number(round.settings[round.setting].toPrecision(2));
    const known = round.setting === "noise" ? "noise" : "learning rate";
    const percent = Math.round(100 * Math.max(...shares));
    part("outcome").textContent =
      `${rule === truth ? "Right" : "No"}: it was ${liveRules[truth].name}, with a ${known} of ${strength}. ` +
      `The classifier says ${liveRules[likeliest].name}, with a probability of ${percent} %, and is ${likeliest === truth ? "right" : "wrong"}. ` +
      `So far you were right in ${score.reader} of ${score.rounds}, and the classifier in ${score.classifier}.`;
    show("Press the button for another network.");
  }

  part("begin").addEventListener("click", begin);
  part("choices").replaceChildren(...names.map((rule) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = liveRules[rule].name;
    button.disabled = true;
    button.addEventListener("click", () => answer(rule));
    return button;
  }));
  new ResizeObserver(drawSessions).observe(root);
  new MutationObserver(drawSessions).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return { round: () => round };
}

window.addEventListener("DOMContentLoaded", () => {
  const root = document.getElementById("live-guess");
  if (!root) return;
  root.hidden = false;
  window.liveGuess = makeGuess(root, liveData, engineBytes(liveEngine));
});
