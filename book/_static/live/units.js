// The hidden layer as a board of units, one of which can be looked at: its field, and its weights.
"use strict";

function makeUnits(root, data, choose) {
  const part = (name) => root.querySelector(`[data-live="${name}"]`);
  const { task, hidden } = data;
  const width = task.inputs + 1 + task.outputs;
  const COLUMNS = 12;
  let selected = 0; // by a press or a key; a pointer only looks

  const buttons = Array.from({ length: hidden }, (_, k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "live-unit";
    button.setAttribute("role", "radio");
    button.addEventListener("pointerenter", () => choose(k));
    button.addEventListener("pointerleave", () => choose(selected));
    button.addEventListener("click", () => select(k));
    return button;
  });
  part("board").replaceChildren(...buttons);

  function select(k) {
    selected = k;
    buttons.forEach((button, i) => {
      button.tabIndex = i === k ? 0 : -1;
      button.setAttribute("aria-checked", String(i === k));
    });
    choose(k);
  }

  part("board").addEventListener("keydown", (event) => {
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    select((selected + move + hidden) % hidden);
    buttons[selected].focus();
  });

  // How active each unit is for a sample, as a share of its largest activity; silent ones fade.
  function drawBoard(sample, now) {
    buttons.forEach((button, k) => {
      const curve = now.activity.subarray(k * task.samples, (k + 1) * task.samples);
      const size = Math.max(...curve);
      const places = curve.reduce((count, value) => count + (value > 0), 0);
      button.classList.toggle("live-off", !(size > 0));
      button.style.backgroundColor = size > 0 ? viridis(curve[sample] / size) : "";
      const state = places ? `active at ${places} of ${task.samples} places` : "silent";
      button.setAttribute("aria-label", `unit ${k + 1}, ${state}`);
    });
  }

  function drawField(k, now, kept, places) {
    const canvas = part("field");
    const { context, width: wide, height } = prepareCanvas(canvas);
    const curve = ({ activity }) =>
      places.map((sample) => [data.position[sample], activity[k * task.samples + sample]]);
    const lines = [
      { points: curve(kept), colour: "ink", width: 1.5, alpha: 0.6 },
      { points: curve(now), colour: "units", filled: true },
    ];
    const high = Math.max(...lines.flatMap(({ points }) => points.map(([, y]) => y)), 1e-9);
    drawSmall(canvas, context, { left: 4, right: wide - 6, top: 24, bottom: height - 20 }, {
      lines, low: 0, high, wide: data.length, title: "Its field (grey: when it was kept)", caption: "place on the ring",
    });
  }

  function drawWeights(k, now) {
    const canvas = part("weights");
    const { context, width: wide, height } = prepareCanvas(canvas);
    const row = [...now.weights.subarray(k * width, (k + 1) * width)];
    const size = Math.max(...row.map(Math.abs), 1e-9);
    const gap = 0.8; // between weights in, the bias and weights out
    const at = row.map((_, i) => 0.5 + i + (i >= task.inputs ? gap : 0) + (i > task.inputs ? gap : 0));
    const wholeWidth = width + 2 * gap;
    const lines = row.map((value, i) => ({
      points: [[at[i], 0], [at[i], value]], width: (0.66 * (wide - 10)) / wholeWidth,
      colour: i < task.inputs ? "action" : i === task.inputs ? "ink" : "units",
    }));
    const box = { left: 4, right: wide - 6, top: 24, bottom: height - 20 };
    drawSmall(canvas, context, box, { lines, low: -size, high: size, wide: wholeWidth, title: "Its weights" });
    const across = (x) => box.left + (x / wholeWidth) * (box.right - box.left);
    context.fillStyle = themeColour(canvas, "ink");
    context.textAlign = "center";
    const names = [["from the view", at[(task.inputs - 1) / 2 | 0] + 0.5], ["bias", at[task.inputs]],
      ["to the prediction", at[task.inputs + 1 + ((task.outputs - 1) / 2 | 0)] + 0.5]];
    for (const [name, x] of names) context.fillText(name, across(x), height - 5);
  }

  // The board, and the field and weights of unit `k`.
  function draw(k, sample, now, kept, places) {
    drawField(k, now, kept, places);
    drawWeights(k, now);
    drawBoard(sample, now);
    part("unit-name").textContent = `Unit ${k + 1}`;
  }

  return { draw, select };
}
