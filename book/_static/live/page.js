// The live network in its page: what is pressed, what runs, what is shown.
"use strict";

function liveNetwork(root, data, engine) {
  const part = (name) => root.querySelector(`[data-live="${name}"]`);
  const seeds = data.starts.length;
  const bytes = engineBytes(engine);
  const view = makeView(root, data);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const EARLIER = 3;
  const AT_ONCE = ["rule", "noise", "rate"]; // settings that a run takes over while it runs
  const AT_START = ["init", "steps", "seed"]; // settings that only the next run has

  let settings = usualSettings();
  let run = null; // {settings, changes, records, now, kept, busy, status, training}
  let earlier = [exampleRun(data)]; // of the same form, the last first
  let drawn = 0, cost = 0, waiting = false; // the last drawing: when it ended, how long it took
  let noiseBefore = null;

  let untrained = {}; // what the network does before any step, and the settings that this is for
  function atStart() {
    const { seed, init } = settings;
    if (untrained.seed !== seed || untrained.init !== init) {
      const rows = startingRows(data, seed, init);
      untrained = { seed, init, now: makeNetwork(data.task, rows, settings, null).observe() };
    }
    return untrained.now;
  }

  function draw() {
    const began = performance.now();
    view.draw(settings, run, earlier, atStart());
    drawn = performance.now();
    cost = drawn - began;
  }

  // Draws with the next frame, once for all that asked for it, and at most half of the time.
  function drawSoon(must) {
    const rest = calm.matches ? 1000 : cost;
    if (waiting || (!must && performance.now() - drawn < rest)) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  }

  // Controls

  const inputs = Object.fromEntries(
    Object.keys(settings).map((name) => [name, root.querySelector(`[name="live-${name}"]`)]),
  );
  const sliders = { noise: part("noise-slider"), rate: part("rate-slider") };
  const range = (name) => liveRules[settings.rule][name];
  const isActive = () => run !== null && ["running", "paused"].includes(run.status);

  function fill(select, options) {
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  }

  fill(inputs.rule, Object.entries(liveRules).map(([value, { name }]) => [value, name]));
  fill(inputs.seed, data.starts.map((_, seed) => [String(seed), String(seed)]));

  const readers = { scale: (input) => (input.checked ? "log" : "linear"), pace: (input) => liveChoices.pace[input.value] };
  const writers = {
    scale: (input) => (input.checked = settings.scale === "log"),
    pace: (input) => {
      const words = settings.pace === "full" ? "as fast as possible" : `${written(Number(settings.pace))} steps a second`;
      input.value = liveChoices.pace.indexOf(settings.pace);
      input.setAttribute("aria-valuetext", words);
      part("pace-text").textContent = words;
    },
  };

  function showSettings() {
    const { noise, time, cubed } = liveRules[settings.rule];
    fill(inputs.axis, [
      ["steps", "training steps k"],
      ...(time ? [["time", `the theory’s time ${time.label}`]] : []),
      ...(cubed ? [["cubed", `rescaled time ${cubed.label}`]] : []),
    ]);
    if (!liveRules[settings.rule][settings.axis]) settings.axis = "steps";
    for (const [name, input] of Object.entries(inputs)) {
      if (writers[name]) writers[name](input);
      else input.value = settings[name];
      input.removeAttribute("aria-invalid");
    }
    for (const [name, slider] of Object.entries(sliders)) {
      if (!range(name)) continue;
      slider.value = sliderPlace(settings[name], range(name));
      slider.setAttribute("aria-valuetext", String(settings[name]));
    }
    part("noise").hidden = !noise;
    if (noise) part("noise-label").textContent = noise.label;
    part("quiet").hidden = noise?.low !== 0;
    part("quiet").textContent = settings.noise > 0 ? "Switch the noise off" : "Switch the noise on";
    showShared();
    showButtons();
  }

  function showShared() {
    const held = run && { ...run.settings, ...run.changes.at(-1)?.settings };
    const same = held && [...AT_ONCE, ...AT_START].every((name) => held[name] === settings[name]);
    part("link").value = location.href.split(/[?#]/)[0] + writeLink(settings);
    part("python").textContent = writePython(same ? run : { settings, changes: [] }, data);
  }

  function say(text, wrong = false) {
    part("message").textContent = text;
    part("message").classList.toggle("live-wrong", wrong);
  }

  function change(name, text) {
    const { value, problem } = readSetting(name, text, settings.rule, seeds);
    if (problem) {
      inputs[name].setAttribute("aria-invalid", "true");
      say(problem, true);
      return;
    }
    if (settings[name] !== value) {
      settings[name] = value;
      if (name === "rule") {
        const { noise, rate } = usualSettings(value);
        Object.assign(settings, { noise, rate });
      }
      say(isActive() && AT_START.includes(name) ? `The next run has this ${liveWords[name]}: press Reset, then Start.` : "");
      if (isActive() && AT_ONCE.includes(name)) {
        const { rule, noise, rate } = settings;
        run.training.change({ rule, noise, rate });
      }
      if (isActive() && name === "pace") run.training.setPace(paceNumber());
    } else say("");
    showSettings();
    draw();
  }

  const paceNumber = () => (settings.pace === "full" ? 0 : Number(settings.pace));

  for (const [name, input] of Object.entries(inputs)) {
    const read = readers[name] ?? (({ value }) => value);
    input.addEventListener(input.type === "range" ? "input" : "change", () => change(name, read(input)));
  }
  for (const [name, slider] of Object.entries(sliders)) {
    slider.addEventListener("input", () => change(name, String(sliderValue(Number(slider.value), range(name)))));
  }
  part("quiet").addEventListener("click", () => {
    if (settings.noise > 0) noiseBefore = settings.noise;
    change("noise", String(settings.noise > 0 ? 0 : noiseBefore ?? range("noise").usual));
  });

  // Running

  function put(away) {
    if (!run) return;
    run.training.end();
    if (away && run.records.length > 1) earlier = [run, ...earlier].slice(0, EARLIER);
    run = null;
    view.forget();
  }

  function start() {
    put(true);
    const begun = {
      settings: { ...settings }, changes: [], records: [], now: null, kept: null, busy: 0, status: "running",
    };
    run = begun;
    const rows = startingRows(data, settings.seed, settings.init);
    const order = { task: data.task, rows, settings: begun.settings, bytes, words: data.noise[settings.seed] };
    begun.training = startTraining(order, paceNumber(), (told) => hear(begun, told));
    say("The network is learning.");
    showSettings();
  }

  function hear(from, { changed, records, now, kept, busy, status, failure }) {
    if (failure) {
      from.status = "failed";
      say(`The run stopped: ${failure}`, true);
      showButtons();
      return;
    }
    if (changed) {
      if (from.changes.at(-1)?.step === changed.step) from.changes.pop();
      from.changes.push(changed);
      showShared();
      return;
    }
    const first = from.now === null;
    from.records.push(...records);
    Object.assign(from, { now, busy });
    if (kept) from.kept = kept;
    if (status !== "running") {
      from.status = status;
      say(...ENDINGS[status](from));
    }
    if (first || status !== "running") showButtons();
    drawSoon(status !== "running");
  }

  const percent = (share) => `${Math.round(100 * share)} %`;
  const ENDINGS = {
    finished: ({ records, now }) => [
      `Finished after ${now.step.toLocaleString("en")} steps: ${percent(now.activeUnits)} of the units are active. ` +
        `At the start ${percent(records[0].activeUnits)} were.`,
    ],
    diverged: ({ now }) => [
      `The network diverged before step ${now.step.toLocaleString("en")}. Choose a smaller learning rate or less noise.`, true,
    ],
    silent: ({ now }) => [`All units are silent at step ${now.step.toLocaleString("en")}: the network cannot learn any more.`],
  };

  part("start").addEventListener("click", () => {
    if (!isActive()) return start();
    const pausing = run.status === "running";
    run.status = pausing ? "paused" : "running";
    run.training[pausing ? "pause" : "resume"]();
    say(pausing ? "The run is paused." : "The network is learning.");
    showButtons();
  });
  part("reset").addEventListener("click", () => {
    put(true);
    say("The last run stays as a faint line.");
    showSettings();
    draw();
  });
  part("clear").addEventListener("click", () => {
    earlier = [];
    showButtons();
    draw();
  });
  part("keep").addEventListener("click", () => {
    run.kept = run.now;
    draw();
  });

  function showButtons() {
    const words = { running: "Pause", paused: "Go on" };
    part("start").textContent = run === null ? "Start" : words[run.status] ?? "Start again";
    part("start").dataset.state = run?.status ?? "none";
    part("reset").disabled = run === null;
    part("clear").disabled = earlier.length === 0;
    part("keep").disabled = !run?.now;
  }

  // The walk goes on by itself while the network learns, until the reader takes it in hand.

  let walking = !calm.matches;
  part("place").max = data.position.length - 1;
  part("place").addEventListener("input", () => {
    walking = false;
    view.walkTo(Number(part("place").value));
  });
  setInterval(() => {
    if (!walking || run?.status !== "running") return;
    part("place").value = (Number(part("place").value) + 1) % data.position.length;
    view.walkTo(Number(part("place").value));
  }, 300);

  // Sharing

  for (const button of root.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const from = part(button.dataset.copy);
      const copied = await copyText(from.value ?? from.textContent, from);
      say(copied ? "Copied." : "This browser does not let the page copy. Please copy the selected text with the keyboard.");
    });
  }

  function adopt(query) {
    const { settings: asked, problems } = readLink(query, seeds);
    settings = asked;
    showSettings();
    say(problems.join(" "), problems.length > 0);
    return problems;
  }

  // Experiments: the page's links to this network, as buttons; each says what to watch.

  function conduct(link) {
    put(true); // before its settings are those of another run
    if (adopt(new URL(link.href).search).length === 0) start();
    part("watching").textContent = link.parentElement.querySelector(".live-watch").textContent;
    for (const button of part("experiments").children) {
      button.setAttribute("aria-pressed", String(button.textContent === link.textContent));
    }
    draw();
  }

  for (const link of document.querySelectorAll("a.live-try")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = link.textContent;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => conduct(link));
    part("experiments").append(button);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      conduct(link);
      root.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
      part("start").focus({ preventScroll: true });
    });
  }

  const roomy = window.matchMedia("(min-width: 48rem)").matches;
  for (const fold of root.querySelectorAll(".live-fold")) fold.open = roomy;
  part("engine").textContent = bytes ? "in WebAssembly" : "in JavaScript";
  new ResizeObserver(() => drawSoon(true)).observe(root);
  new MutationObserver(() => {
    liveStyles.clear();
    draw();
  }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  adopt(location.search);
  draw();
  return { settings: () => ({ ...settings }), run: () => run };
}

// The run whose curves are stored with the page: the usual settings.
function exampleRun({ example, variance }) {
  const records = example.steps.map((step, i) => ({
    step, loss: variance * 10 ** example.loss[i], activeUnits: example.units[i], activeFraction: example.pairs[i],
  }));
  return { settings: usualSettings(), changes: [], records, stored: true };
}

async function copyText(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages opened as a file have no clipboard: select the text and ask for the old way.
    if (element.select) element.select();
    else getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  }
}

window.addEventListener("DOMContentLoaded", () => {
  const root = document.getElementById("live-network");
  if (!root) return;
  root.hidden = false;
  window.liveShown = liveNetwork(root, liveData, liveEngine);
});
