// What the page shows of runs: curves, tuning curves, numbers.
"use strict";

function makeView(root, data) {
  const part = (name) => root.querySelector(`[data-live="${name}"]`);
  const { task } = data;
  const places = data.position.map((_, s) => s).sort((a, b) => data.position[a] - data.position[b]);
  const DASHES = [[], [7, 4], [2, 3]];

  const relative = (loss) => Math.log10(loss / data.variance);

  // `run` is the present one or null, `earlier` those before it, `start` what the untrained network
  // does. Other axes than that of steps are for runs of one rule.
  function draw(settings, run, earlier, start) {
    const shown = [run, ...earlier].filter(
      (one) => one && (settings.axis === "steps" || one.settings.rule === settings.rule),
    );
    const pace = (one) => liveAxis({ ...one.settings, axis: settings.axis }, task).perStep;
    const axis = liveAxis(settings, task);
    const ends = shown.map((one) => one.settings.steps * pace(one)).filter((end) => end > 0);
    const to = Math.max(...(ends.length ? ends : [settings.steps * axis.perStep || 1]));
    const firsts = shown.map(pace).filter((first) => first > 0);
    const log = settings.scale === "log";
    const from = log ? Math.min(to / 10, ...(firsts.length ? firsts : [to / 1e5])) : 0;
    const lines = (colour, value, width) =>
      shown.map((one) => {
        const age = earlier.indexOf(one);
        const old = age >= 0 ? { alpha: 0.45, dash: DASHES[age], width: 1.2 } : {};
        return { points: one.records, value, perStep: pace(one), colour, width, ...old };
      }).reverse();
    const common = { log, from, to };
    const losses = shown.flatMap((one) => one.records.map((record) => relative(record.loss)));
    const low = Math.max(-12, Math.floor(losses.reduce((a, b) => Math.min(a, b), -1)));
    drawCurves(part("loss"), {
      ...common, low: Math.min(low, -2), high: 1, title: "loss (log₁₀, of the targets’ variance)",
      lines: lines("loss", (record) => relative(record.loss), 1.5),
    });
    drawCurves(part("units"), {
      ...common, low: 0, high: 1, yTicks: [0, 0.25, 0.5, 0.75, 1], title: "share that is active",
      lines: [
        ...lines("pairs", (record) => record.activeFraction, 1.5),
        ...lines("units", (record) => record.activeUnits, 2.5),
      ],
    });
    part("axis").textContent = axis.label + (axis.perStep === 0 ? ": stands still without noise" : "");
    showRuns(shown, earlier);
    showMaps(run, start);
    showNumbers(run);
  }

  function showRuns(shown, earlier) {
    part("runs").replaceChildren(
      ...shown.map((one) => {
        const item = document.createElement("li");
        const age = earlier.indexOf(one);
        item.dataset.age = age;
        item.textContent = (age < 0 ? "now: " : "earlier: ") + describeSettings(one.settings);
        return item;
      }),
    );
  }

  function showMaps(run, start) {
    const now = run?.now ?? start;
    const kept = run?.kept ?? now;
    for (const [name, shown, sorting] of [["kept", kept, kept], ["now", now, kept], ["sorted", now, now]]) {
      const order = tuningOrder(sorting.activity, places);
      drawTuning(part(`map-${name}`), { activity: shown.activity, order, places });
    }
    const at = (one) => `step ${one.step.toLocaleString("en")}`;
    part("kept-step").textContent = at(kept);
    for (const place of root.querySelectorAll(".live-now-step")) place.textContent = at(now);
  }

  function showNumbers(run) {
    const now = run?.now;
    const text = (name, value) => (part(name).textContent = now ? value() : "–");
    text("number-step", () => now.step.toLocaleString("en"));
    text("number-speed", () => (run.busy ? Math.round((1000 * now.step) / run.busy).toLocaleString("en") : "–"));
    text("number-loss", () => relative(now.loss).toFixed(2).replace("-", "−"));
    text("number-units", () => `${Math.round(now.activeUnits * data.hidden)} of ${data.hidden}`);
    text("number-alike", () => {
      const alike = run.kept ? tuningCorrelation(run.kept.activity, now.activity, task.samples) : NaN;
      return Number.isFinite(alike) ? alike.toFixed(2).replace("-", "−") : "–";
    });
  }

  return { draw };
}
