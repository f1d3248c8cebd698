// What the page shows of runs: curves, tuning curves, numbers, the walk and the units.
"use strict";

function makeView(root, data) {
  const part = (name) => root.querySelector(`[data-live="${name}"]`);
  const { task } = data;
  const places = data.position.map((_, s) => s).sort((a, b) => data.position[a] - data.position[b]);
  const DASHES = [[], [7, 4], [2, 3], [1, 5]];
  const ring = makeRing(part("ring"), data);
  const units = makeUnits(root, data, (unit) => {
    chosen = unit;
    redrawUnit();
  });
  let chosen = 0, sample = 0, latest = null;
  const orders = {}; // of the maps' rows

  const relative = (loss) => Math.log10(loss / data.variance);
  const signed = (number, digits) => number.toFixed(digits).replace("-", "−");

  // `run` is the present one or null, `earlier` those before it, `start` what the untrained network
  // does. Other axes than that of steps are for runs of one rule.
  function draw(settings, run, earlier, start) {
    const begun = { settings, changes: [], records: [start] };
    const at = new Map([run ?? begun, ...earlier].map((one) => [one, axisOfRun(one, settings.axis, settings.rule, task)]));
    const shown = [...at.keys()].filter((one) => at.get(one) && one.records.length > 0);
    drawRuns(settings, shown, earlier, at);
    showRuns(shown.filter((one) => one !== begun), earlier);
    latest = { now: run?.now ?? start, kept: run?.kept ?? run?.now ?? start };
    showNumbers(run, latest);
    drawUnits();
  }

  function drawRuns(settings, shown, earlier, at) {
    const axis = liveAxis(settings, task);
    const ends = shown.map((one) => at.get(one)(one.settings.steps)).filter((end) => end > 0);
    const to = Math.max(...(ends.length ? ends : [settings.steps * axis.perStep || 1]));
    const firsts = shown.map((one) => at.get(one)(1)).filter((first) => first > 0);
    const log = settings.scale === "log";
    const from = log ? Math.min(to / 10, ...(firsts.length ? firsts : [to / 1e5])) : 0;
    const lines = (colour, value, width) =>
      shown.map((one) => {
        const age = earlier.indexOf(one);
        const old = age >= 0 ? { alpha: 0.45, dash: DASHES[age], width: 1.2 } : {};
        return { points: one.records, value, at: at.get(one), colour, width, ...old };
      }).reverse();
    const marks = shown.flatMap((one) => (earlier.includes(one) ? [] : one.changes.map(({ step }) => at.get(one)(step))));
    const common = { log, from, to, marks };
    const lowest = shown.map(({ records }) => Math.min(...records.map(({ loss }) => relative(loss))));
    const low = shown.length ? lossFloor(lowest) : -2;
    drawCurves(part("loss"), {
      ...common, low, high: 0.5, title: "Loss, as a power of ten of the variance",
      lines: lines("loss", (record) => relative(record.loss), 1.5),
    });
    drawCurves(part("units"), {
      ...common, low: 0, high: 1, yTicks: [0, 0.5, 1], title: "Share that is active",
      lines: [
        ...lines("pairs", (record) => record.activeFraction, 1.5),
        ...lines("units", (record) => record.activeUnits, 2.5),
      ],
    });
    const still = axis.perStep === 0 ? ", which stands still without noise" : "";
    const further = shown.some(({ records }) => relative(records.at(-1).loss) < low)
      ? " A curve that leaves the chart goes on falling." : "";
    part("axis").textContent = `Across: ${axis.label}${still}.${further}`;
  }

  function showRuns(shown, earlier) {
    part("runs").replaceChildren(
      ...shown.map((one) => {
        const item = document.createElement("li");
        const age = earlier.indexOf(one);
        item.dataset.age = age;
        const changes = one.changes.length ? ", then changed" : "";
        const when = one.stored ? "example" : age < 0 ? "now" : "earlier";
        item.textContent = `${when}: ${describeSettings(one.settings)}${changes}`;
        return item;
      }),
    );
  }

  function showNumbers(run, { now, kept }) {
    const at = (one) => `step ${shortNumber(one.step)}`;
    part("kept-step").textContent = at(kept);
    for (const place of root.querySelectorAll(".live-now-step")) place.textContent = at(now);
    const show = (name, text) => (part(name).textContent = text);
    show("number-step", now.step.toLocaleString("en"));
    show("number-speed", run?.busy ? Math.round((1000 * now.step) / run.busy).toLocaleString("en") : "–");
    show("number-loss", signed(relative(now.loss), 2));
    show("number-units", `${Math.round(now.activeUnits * data.hidden)} of ${data.hidden}`);
    const alike = run?.kept ? tuningCorrelation(kept.activity, now.activity, task.samples) : NaN;
    show("number-alike", Number.isFinite(alike) ? signed(alike, 2) : "–");
  }

  function drawUnits() {
    const { now, kept } = latest;
    for (const [name, shown, sorting] of [["kept", kept, kept], ["now", now, kept], ["sorted", now, now]]) {
      orders[name] = tuningOrder(sorting.activity, places);
      drawTuning(part(`map-${name}`), { activity: shown.activity, order: orders[name], places, chosen });
    }
    ring.draw(sample, now, chosen);
    units.draw(chosen, sample, now, kept, places);
  }

  function redrawUnit() {
    if (latest) drawUnits();
  }

  for (const name of ["kept", "now", "sorted"]) {
    const canvas = part(`map-${name}`);
    const unitUnder = (event) => {
      const { top, height } = canvas.getBoundingClientRect();
      const row = Math.floor(((event.clientY - top) / height) * data.hidden);
      return orders[name]?.[Math.max(0, Math.min(data.hidden - 1, row))] ?? chosen;
    };
    canvas.addEventListener("pointermove", (event) => {
      chosen = unitUnder(event);
      redrawUnit();
    });
    canvas.addEventListener("click", (event) => units.select(unitUnder(event)));
  }

  units.select(0);
  return {
    draw,
    forget: ring.forget,
    walkTo: (place) => {
      sample = places[place];
      redrawUnit();
    },
  };
}
