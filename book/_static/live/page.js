// The live network in its page: what is pressed, what runs, what is shown.
"use strict";

function liveNetwork(root, data) {
  const part = (name) => root.querySelector(`[data-live="${name}"]`);
  const seeds = data.starts.length;
  const view = makeView(root, data);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const EARLIER = 3;

  let settings = usualSettings();
  let run = null; // {settings, records, now, kept, busy, status, training}
  let earlier = []; // of the same form, the last first
  let drawn = 0;

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
    drawn = performance.now();
    view.draw(settings, run, earlier, atStart());
  }

  // Controls

  const inputs = Object.fromEntries(
    Object.keys(settings).map((name) => [name, root.querySelector(`[name="live-${name}"]`)]),
  );

  function fill(select, options) {
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  }

  fill(inputs.rule, Object.entries(liveRules).map(([value, { name }]) => [value, name]));
  fill(inputs.seed, data.starts.map((_, seed) => [String(seed), String(seed)]));

  function showSettings() {
    const { noise, time, cubed } = liveRules[settings.rule];
    fill(inputs.axis, [
      ["steps", "training steps k"],
      ...(time ? [["time", `theory's time ${time.label}`]] : []),
      ...(cubed ? [["cubed", `rescaled ${cubed.label}`]] : []),
    ]);
    if (!liveRules[settings.rule][settings.axis]) settings.axis = "steps";
    for (const [name, input] of Object.entries(inputs)) {
      if (input.type === "checkbox") input.checked = settings[name] === "log";
      else input.value = settings[name];
      input.removeAttribute("aria-invalid");
    }
    part("noise").hidden = !noise;
    if (noise) part("noise-label").textContent = noise.label;
    part("link").value = location.href.split(/[?#]/)[0] + writeLink(settings);
    part("python").textContent = writePython(settings, data);
    showButtons();
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
    if (name === "rule") {
      const { axis, scale, init, steps, seed } = settings;
      settings = { ...usualSettings(value), axis, scale, init, steps, seed };
    } else {
      settings[name] = value;
    }
    say("");
    showSettings();
    draw();
  }

  for (const [name, input] of Object.entries(inputs)) {
    input.addEventListener("change", () => {
      change(name, input.type === "checkbox" ? (input.checked ? "log" : "linear") : input.value);
    });
  }
  for (const button of root.querySelectorAll("[data-times]")) {
    button.addEventListener("click", () => {
      const { name, times } = button.dataset;
      change(name, String(+(settings[name] * Number(times)).toPrecision(6)));
    });
  }

  // Running

  const RUNS = ["rule", "noise", "rate", "init", "steps", "seed"];
  const isNew = () => run !== null && RUNS.some((name) => run.settings[name] !== settings[name]);

  function put(away) {
    if (!run) return;
    run.training.end();
    if (away && run.records.length > 1) earlier = [run, ...earlier].slice(0, EARLIER);
    run = null;
  }

  function start() {
    put(true);
    const begun = { settings: { ...settings }, records: [], now: null, kept: null, busy: 0, status: "running" };
    run = begun;
    const rows = startingRows(data, settings.seed, settings.init);
    begun.training = startTraining({ task: data.task, rows, settings: begun.settings }, (told) => hear(begun, told));
    say("Running.");
    showButtons();
  }

  function hear(from, { records, now, kept, busy, status, failure }) {
    if (failure) {
      from.status = "failed";
      say(`The run stopped: ${failure}`, true);
      showButtons();
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
    const frequent = !calm.matches || performance.now() - drawn > 1000;
    if (status !== "running" || frequent) requestAnimationFrame(draw);
  }

  const percent = (share) => `${Math.round(100 * share)} %`;
  const ENDINGS = {
    finished: ({ records, now }) => [
      `Finished after ${now.step.toLocaleString("en")} steps: ${percent(now.activeUnits)} of the units are active, ` +
        `${percent(records[0].activeUnits)} were at the start.`,
    ],
    diverged: ({ now }) => [
      `Diverged before step ${now.step.toLocaleString("en")}: take a smaller rate or less noise.`, true,
    ],
    silent: ({ now }) => [`All units are silent at step ${now.step.toLocaleString("en")}: nothing can be learned any more.`],
  };

  part("start").addEventListener("click", () => {
    if (run === null || isNew() || !["running", "paused"].includes(run.status)) return start();
    const pausing = run.status === "running";
    run.status = pausing ? "paused" : "running";
    run.training[pausing ? "pause" : "resume"]();
    say(pausing ? "Paused." : "Running.");
    showButtons();
  });
  part("reset").addEventListener("click", () => {
    put(true);
    say("The last run stays as a faint line.");
    showButtons();
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
    part("start").textContent = run === null ? "Start" : isNew() ? "Start with these settings" : words[run.status] ?? "Start again";
    part("start").dataset.state = run?.status ?? "none";
    part("reset").disabled = run === null;
    part("clear").disabled = earlier.length === 0;
    part("keep").disabled = !run?.now;
  }

  // Sharing

  for (const button of root.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const from = part(button.dataset.copy);
      const copied = await copyText(from.value ?? from.textContent, from);
      say(copied ? "Copied." : "Select it and copy it with the keyboard: this browser does not let the page.");
    });
  }

  function adopt(query) {
    const { settings: asked, problems } = readLink(query, seeds);
    settings = asked;
    showSettings();
    say(problems.join(" "), problems.length > 0);
    return problems;
  }

  for (const link of document.querySelectorAll("a.live-try")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (adopt(new URL(link.href).search).length === 0) start();
      root.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
      part("start").focus({ preventScroll: true });
    });
  }

  new ResizeObserver(() => requestAnimationFrame(draw)).observe(root);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  adopt(location.search);
  draw();
  return { settings: () => ({ ...settings }), run: () => run };
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
  window.liveShown = liveNetwork(root, liveData);
});
