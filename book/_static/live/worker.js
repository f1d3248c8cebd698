// Training beside the page, so that it never waits: a worker made of the text of the functions above,
// since a page opened as a file may not load one from another file.
"use strict";

// Steps at which something is recorded: evenly spaced ones and, for the beginning, evenly spaced
// logarithms; the last is the end of the run.
function recordedSteps(total, even = 400, logarithmic = 120) {
  const steps = new Set([0, total]);
  for (let i = 1; i < even; i++) steps.add(Math.round((total * i) / even));
  for (let i = 0; i < logarithmic; i++) steps.add(Math.round(total ** (i / logarithmic)));
  return [...steps].filter((step) => step <= total).sort((a, b) => a - b);
}

// What runs in the worker. It is told {start: order, pace}, where `order.snapshots`, if it is there,
// asks for the activity at the start and at so many evenly spaced steps, and then any of {running: true or false},
// {pace: steps a second, or 0 for as many as it can} and {change: settings}. It tells of {records, now,
// kept, busy, status}: records since the last message, what the network does now and, once, did
// after 2 % of the run, milliseconds of training so far, and "running", "finished", "diverged" or
// "silent"; with snapshots of {codes}, the activities since the last message; and of {changed}: the settings, and the step that they hold from.
function trainInWorker(scope) {
  const SLICE = 40; // milliseconds between messages
  let network, steps, stops;
  let every = 0, codes = []; // steps between snapshots, and those not told yet
  let next = 0, step = 0, busy = 0, status = "running", running = false, queued = false;
  let pace = 0, last = 0, owed = 0; // steps owed to the pace
  let learned = false;
  const turn = new MessageChannel(); // a turn of the event loop, without a timer's wait
  turn.port1.onmessage = again;

  function again() {
    queued = false;
    if (running) train();
  }

  scope.onmessage = ({ data }) => {
    if (data.start) {
      const { task, rows, settings, bytes, words } = data.start;
      network = bytes
        ? makeCompiledNetwork(bytes, task, rows, settings, words)
        : makeNetwork(task, rows, settings, makeRandom(settings.seed));
      steps = settings.steps;
      every = data.start.snapshots ? steps / data.start.snapshots : 0;
      stops = recordedSteps(steps);
    }
    if (data.pace !== undefined) pace = data.pace;
    if (data.change) {
      network.choose(data.change);
      scope.postMessage({ changed: { step, settings: data.change } });
    }
    const was = running;
    running = (data.running ?? (data.start ? true : running)) && status === "running";
    if (running && !was) last = performance.now();
    if (running && !queued) train();
  };

  function train() {
    const began = performance.now();
    owed = pace ? Math.min(owed + (pace * (began - last)) / 1000, pace / 5) : Infinity;
    last = began;
    const records = [];
    let kept;
    while (status === "running" && owed >= 1 && performance.now() - began < SLICE) {
      if (step === stops[next]) kept = record(records) ?? kept;
      else {
        const more = Math.min(100, stops[next] - step, Math.floor(owed));
        network.advance(more);
        step += more;
        owed -= more;
      }
    }
    if (status === "running" && step === stops[next]) kept = record(records) ?? kept;
    if (!Number.isFinite(owed)) owed = 0;
    busy += performance.now() - began;
    scope.postMessage({ records, now: network.observe(), kept, busy, status, codes });
    codes = [];
    running = status === "running";
    if (!running) return;
    queued = true;
    if (pace) setTimeout(again, SLICE);
    else turn.port2.postMessage(0);
  }

  // Returns what the network does where its first tuning curves are kept, after 2 % of the run.
  function record(records) {
    const now = network.observe();
    const { loss, activeUnits, activeFraction, diverged } = now;
    next++;
    if (diverged) {
      status = "diverged";
      return undefined;
    }
    records.push({ step, loss, activeUnits, activeFraction });
    if (every && step % every === 0) codes.push(now.activity);
    if (activeUnits === 0) status = "silent";
    else if (step === steps) status = "finished";
    if (learned || step < steps / 50) return undefined;
    learned = true;
    return now;
  }
}

// Starts a run and calls `listen` with what it tells. A new worker for each run: engines compile
// functions best that have one user.
function startTraining(order, pace, listen) {
  const parts = [makeRandom, makeNetwork, makeCompiledNetwork, recordedSteps, trainInWorker].map(String);
  const source = `"use strict";\n${parts.join("\n")}\ntrainInWorker(self);`;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(address);
  worker.onmessage = ({ data }) => listen(data);
  worker.onerror = (event) => listen({ failure: event.message });
  worker.postMessage({ start: order, pace });
  return {
    pause: () => worker.postMessage({ running: false }),
    resume: () => worker.postMessage({ running: true }),
    change: (settings) => worker.postMessage({ change: settings }),
    setPace: (steps) => worker.postMessage({ pace: steps }),
    end: () => {
      worker.onmessage = null;
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
}
