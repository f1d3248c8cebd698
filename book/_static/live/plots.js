// Drawing on canvases: curves over time, and tuning curves as a map.
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

function themeColour(element, name) {
  return getComputedStyle(element).getPropertyValue(`--live-${name}`).trim();
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

// Lines {points, value, perStep, colour, width, alpha, dash} of which `points` are records and
// `value` turns one into a number; x runs from `from` to `to`, logarithmically if `log`.
function drawCurves(canvas, { lines, log, from, to, low, high, yTicks, title }) {
  const { context, width, height } = prepareCanvas(canvas);
  const box = { left: 40, right: width - 12, top: 26, bottom: height - 24 };
  const ink = themeColour(canvas, "ink"), grid = themeColour(canvas, "grid");
  const place = log
    ? (x) => Math.log(x / from) / Math.log(to / from)
    : (x) => (x - from) / (to - from);
  const across = (x) => box.left + place(x) * (box.right - box.left);
  const up = (y) => box.bottom - ((y - low) / (high - low)) * (box.bottom - box.top);

  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  context.fillStyle = ink;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.font = `600 13px ${getComputedStyle(canvas).fontFamily}`;
  context.fillText(title, box.left, 15);
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  context.lineWidth = 1;
  context.strokeStyle = grid;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const y of yTicks ?? ticks(low, high, 4)) {
    context.beginPath();
    context.moveTo(box.left, up(y));
    context.lineTo(box.right, up(y));
    context.stroke();
    context.fillText(shortNumber(y).replace("-", "−"), box.left - 6, up(y));
  }
  context.textBaseline = "top";
  const marks = log ? decades(from, to) : ticks(from, to, width < 420 ? 3 : 5);
  marks.forEach((x, i) => {
    context.textAlign = i === marks.length - 1 && across(x) > box.right - 12 ? "right" : "center";
    context.fillText(shortNumber(x), Math.min(across(x), width), box.bottom + 7);
  });

  context.save();
  context.beginPath();
  context.rect(box.left, box.top - 3, box.right - box.left + 2, box.bottom - box.top + 6);
  context.clip();
  context.lineJoin = "round";
  for (const line of lines) {
    context.globalAlpha = line.alpha ?? 1;
    context.strokeStyle = themeColour(canvas, line.colour);
    context.lineWidth = line.width ?? 2;
    context.setLineDash(line.dash ?? []);
    context.beginPath();
    let begun = false;
    for (const point of line.points) {
      const x = point.step * line.perStep;
      if (log && x < from) continue;
      context[begun ? "lineTo" : "moveTo"](across(x), up(Math.max(low, line.value(point))));
      begun = true;
    }
    context.stroke();
  }
  context.restore();
}

function decades(from, to) {
  const found = [];
  for (let p = Math.ceil(Math.log10(from) - 1e-9); 10 ** p <= to * (1 + 1e-9); p++) found.push(10 ** p);
  return found.length > 6 ? found.filter((_, i) => i % 2 === 0) : found;
}

// Activity of all units, one a row in the given order, over the places along the ring, each divided
// by its largest value. Silent units are left in grey.
function drawTuning(canvas, { activity, order, places }) {
  const { context, width, height } = prepareCanvas(canvas);
  const samples = places.length;
  context.fillStyle = themeColour(canvas, "silent");
  context.fillRect(0, 0, width, height);
  order.forEach((k, row) => {
    const curve = places.map((sample) => activity[k * samples + sample]);
    const size = Math.max(...curve);
    if (!(size > 0)) return;
    const top = Math.round((row * height) / order.length);
    const bottom = Math.round(((row + 1) * height) / order.length);
    curve.forEach((value, at) => {
      const left = Math.round((at * width) / samples);
      const right = Math.round(((at + 1) * width) / samples);
      context.fillStyle = viridis(value / size);
      context.fillRect(left, top, right - left, bottom - top);
    });
  });
}

function viridis(share) {
  const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const i = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const mixed = VIRIDIS[i].map((c, j) => Math.round(c + (at - i) * (VIRIDIS[i + 1][j] - c)));
  return `rgb(${mixed.join(",")})`;
}
