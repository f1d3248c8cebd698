// Drawing on canvases: curves over time, tuning curves as a map, a small curve or bars.
"use strict";

const VIRIDIS = [
  [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137],
  [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37],
];

// A canvas made as sharp as the screen and empty; its size in CSS pixels.
function prepareCanvas(canvas) {
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const density = window.devicePixelRatio || 1;
  const wide = Math.round(width * density), high = Math.round(height * density);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// Styles of the page by name: asking for them takes long, and they change with the theme only.
const liveStyles = new Map();

function pageStyle(element, name) {
  if (!liveStyles.has(name)) liveStyles.set(name, getComputedStyle(element).getPropertyValue(name).trim());
  return liveStyles.get(name);
}

function themeColour(element, name) {
  return pageStyle(element, `--live-${name}`);
}

function fontOf(element, size, weight = 400) {
  return `${weight} ${size}px ${pageStyle(element, "font-family")}`;
}

// Round numbers from `low` to `high`, about `count` of them.
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = [1, 2, 5, 10].find((m) => m * power >= rough * 0.999) * power;
  const found = [];
  for (let i = Math.ceil(low / gap - 1e-9); i * gap <= high * (1 + 1e-9); i++) found.push(i * gap);
  return found;
}

function shortNumber(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e3) return `${+(value / 1e3).toPrecision(3)}k`;
  if (size < 1e-3) return value.toExponential(0).replace("e-", "e−");
  return String(+value.toPrecision(3));
}

// Lines {points, value, at, colour, width, alpha, dash}: `value` turns a point into a number and `at`
// its step into a place on the axis, which runs from `from` to `to`, logarithmically if `log`.
// `marks`: places where a setting changed.
function drawCurves(canvas, { lines, marks, log, from, to, low, high, yTicks, title }) {
  const { context, width, height } = prepareCanvas(canvas);
  const box = { left: 34, right: width - 12, top: 24, bottom: height - 20 };
  const place = log
    ? (x) => Math.log(x / from) / Math.log(to / from)
    : (x) => (x - from) / (to - from);
  const across = (x) => box.left + place(x) * (box.right - box.left);
  const up = (y) => box.bottom - ((y - low) / (high - low)) * (box.bottom - box.top);

  context.fillStyle = themeColour(canvas, "ink");
  context.strokeStyle = themeColour(canvas, "grid");
  context.font = fontOf(canvas, 13, 600);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillText(title, 0, 13);
  context.font = fontOf(canvas, 12);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const y of yTicks ?? ticks(low, high, 3)) {
    context.beginPath();
    context.moveTo(box.left, up(y));
    context.lineTo(box.right, up(y));
    context.stroke();
    context.fillText(shortNumber(y).replace("-", "−"), box.left - 6, up(y));
  }
  context.textBaseline = "top";
  const numbers = log ? decades(from, to) : ticks(from, to, width < 420 ? 3 : 5);
  numbers.forEach((x, i) => {
    context.textAlign = i === numbers.length - 1 && across(x) > box.right - 12 ? "right" : "center";
    context.fillText(shortNumber(x), Math.min(across(x), width), box.bottom + 6);
  });

  context.save();
  context.beginPath();
  context.rect(box.left - 3, box.top - 3, box.right - box.left + 6, box.bottom - box.top + 4);
  context.clip();
  context.setLineDash([2, 3]);
  context.strokeStyle = themeColour(canvas, "ink");
  for (const x of marks) {
    context.beginPath();
    context.moveTo(across(x), box.top);
    context.lineTo(across(x), box.bottom);
    context.stroke();
  }
  context.lineJoin = "round";
  for (const { points, value, at, colour, width: wide, alpha, dash } of lines) {
    const shown = points.filter(({ step }) => !log || at(step) >= from);
    if (shown.length === 0) continue;
    context.globalAlpha = alpha ?? 1;
    context.strokeStyle = context.fillStyle = themeColour(canvas, colour);
    context.lineWidth = wide;
    context.setLineDash(dash ?? []);
    context.beginPath();
    for (const point of shown) context.lineTo(across(at(point.step)), up(value(point)));
    context.stroke();
    if (alpha) continue;
    const last = shown.at(-1);
    context.beginPath();
    context.arc(across(at(last.step)), up(value(last)), 3, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

function decades(from, to) {
  const found = [];
  for (let p = Math.ceil(Math.log10(from) - 1e-9); 10 ** p <= to * (1 + 1e-9); p++) found.push(10 ** p);
  return found.length > 6 ? found.filter((_, i) => i % 2 === 0) : found;
}

// Activity of all units, one a row in the given order, over the places along the ring, each divided
// by its largest value. Silent units are left in grey. The row of the unit `chosen` is framed.
function drawTuning(canvas, { activity, order, places, chosen }) {
  const { context, width, height } = prepareCanvas(canvas);
  const samples = places.length;
  const edge = (row) => Math.round((row * height) / order.length);
  context.fillStyle = themeColour(canvas, "silent");
  context.fillRect(0, 0, width, height);
  order.forEach((k, row) => {
    const curve = places.map((sample) => activity[k * samples + sample]);
    const size = Math.max(...curve);
    if (!(size > 0)) return;
    curve.forEach((value, at) => {
      const left = Math.round((at * width) / samples);
      const right = Math.round(((at + 1) * width) / samples);
      context.fillStyle = viridis(value / size);
      context.fillRect(left, edge(row), right - left, edge(row + 1) - edge(row));
    });
  });
  const row = order.indexOf(chosen);
  if (row < 0) return;
  context.strokeStyle = themeColour(canvas, "chosen");
  context.lineWidth = 2;
  context.strokeRect(1, edge(row) - 1, width - 2, edge(row + 1) - edge(row) + 2);
}

// A small chart: lines {points: [[x, y], ...], colour, width, dots, filled, alpha} in a box, with a
// title above and a caption below. `low` to `high` is what it spans upwards, 0 to `wide` across.
function drawSmall(canvas, context, box, { lines, low, high, wide, title, caption }) {
  const across = (x) => box.left + (x / wide) * (box.right - box.left);
  const up = (y) => box.bottom - ((y - low) / (high - low || 1)) * (box.bottom - box.top);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillStyle = themeColour(canvas, "ink");
  context.font = fontOf(canvas, 12, 600);
  context.fillText(title, box.left, box.top - 7);
  context.font = fontOf(canvas, 12);
  if (caption) context.fillText(caption, box.left, box.bottom + 15);
  context.lineWidth = 1;
  context.strokeStyle = themeColour(canvas, "grid");
  const base = low < 0 ? 0 : low;
  context.beginPath();
  context.moveTo(box.left, up(base));
  context.lineTo(box.right, up(base));
  context.stroke();
  for (const { points, colour, width, dots, filled, alpha } of lines) {
    context.globalAlpha = alpha ?? 1;
    context.strokeStyle = context.fillStyle = themeColour(canvas, colour);
    context.lineWidth = width ?? 2;
    context.beginPath();
    for (const [x, y] of points) {
      if (!dots) context.lineTo(across(x), up(y));
      else {
        context.moveTo(across(x) + dots, up(y));
        context.arc(across(x), up(y), dots, 0, 2 * Math.PI);
      }
    }
    if (dots) context.fill();
    else context.stroke();
    if (filled) {
      context.globalAlpha = 0.18;
      context.lineTo(across(points.at(-1)[0]), up(base));
      context.lineTo(across(points[0][0]), up(base));
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

const viridisShades = Array.from({ length: 101 }, (_, percent) => {
  const at = (percent / 100) * (VIRIDIS.length - 1);
  const i = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return `rgb(${VIRIDIS[i].map((c, j) => Math.round(c + (at - i) * (VIRIDIS[i + 1][j] - c))).join(",")})`;
});

function viridis(share) {
  return viridisShades[Math.round(100 * Math.min(Math.max(share, 0), 1))];
}
