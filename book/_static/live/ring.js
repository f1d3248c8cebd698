// The walk round the ring: where the walker is, what it sees, what it predicts; and where on the ring each
// unit is most active.
"use strict";

// What the network predicts for a sample, from what the worker told of it.
function predictionOf(now, sample, { samples, inputs, outputs }) {
  const width = inputs + 1 + outputs;
  const said = new Array(outputs).fill(0);
  for (let k = 0; k * samples < now.activity.length; k++) {
    const active = now.activity[k * samples + sample];
    for (let o = 0; o < outputs; o++) said[o] += active * now.weights[k * width + inputs + 1 + o];
  }
  return said;
}

// The mean place of each unit's activity as a point in a disc of radius 1: at its rim if the unit is
// active at one place only, in the middle if it is active everywhere alike; null for a silent unit.
function meanPlaces(activity, angles) {
  const found = [];
  for (let start = 0; start < activity.length; start += angles.length) {
    let x = 0, y = 0, sum = 0;
    angles.forEach((angle, s) => {
      const size = activity[start + s];
      x += size * Math.cos(angle);
      y += size * Math.sin(angle);
      sum += size;
    });
    found.push(sum > 0 ? [x / sum, y / sum] : null);
  }
  return found;
}

function makeRing(canvas, data) {
  const { task, position, length, view } = data;
  const angleOf = (place) => (2 * Math.PI * place) / length - Math.PI / 2;
  const angles = position.map(angleOf);
  const ahead = Array.from({ length: task.inputs }, (_, i) => (i * view) / (task.inputs - 1));
  // The scene along the ring, as far as the views show it: [place, value], place after place.
  const scene = position
    .flatMap((place, s) => ahead.map((d, i) => [(place + d) % length, task.x[s * task.inputs + i]]))
    .sort((a, b) => a[0] - b[0]);
  const lastSeen = []; // where silent units were last active

  function drawRing(context, centre, radius, sample, now, chosen) {
    const [cx, cy] = centre;
    const colour = (name) => themeColour(canvas, name);
    const point = (place, r) => [cx + r * Math.cos(angleOf(place)), cy + r * Math.sin(angleOf(place))];
    context.strokeStyle = colour("line");
    context.lineWidth = 1;
    context.beginPath();
    context.arc(cx, cy, radius, 0, 2 * Math.PI);
    context.stroke();
    context.strokeStyle = colour("ink");
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [place, value] of [...scene, scene[0]]) context.lineTo(...point(place, radius * (1.13 + 0.1 * value)));
    context.stroke();
    context.strokeStyle = colour("action");
    context.globalAlpha = 0.25;
    context.lineWidth = radius * 0.26;
    context.beginPath();
    context.arc(cx, cy, radius * 1.13, angles[sample], angles[sample] + (2 * Math.PI * view) / length);
    context.stroke();
    context.globalAlpha = 1;

    meanPlaces(now.activity, angles).forEach((mean, k) => {
      if (mean) lastSeen[k] = mean;
      const at = lastSeen[k] ?? [0, 0];
      const [x, y] = [cx + 0.86 * radius * at[0], cy + 0.86 * radius * at[1]];
      const size = now.activity[k * task.samples + sample];
      context.globalAlpha = mean ? (size > 0 ? 1 : 0.45) : 0.5;
      context.fillStyle = colour(mean ? "units" : "silent");
      context.beginPath();
      context.arc(x, y, mean ? (size > 0 ? 4.5 : 3.2) : 2.2, 0, 2 * Math.PI);
      context.fill();
      if (k !== chosen) return;
      context.globalAlpha = 1;
      context.strokeStyle = colour("chosen");
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, 7, 0, 2 * Math.PI);
      context.stroke();
    });
    context.globalAlpha = 1;

    const [x, y] = point(position[sample], radius);
    context.save();
    context.translate(x, y);
    context.rotate(angles[sample] + Math.PI / 2);
    context.fillStyle = colour("action");
    context.beginPath();
    context.moveTo(10, 0);
    context.lineTo(-6, -7);
    context.lineTo(-6, 7);
    context.fill();
    context.restore();
  }

  // `now`: what the network does; `sample`: where the walker is; `chosen`: a unit to point out, or -1.
  function draw(sample, now, chosen) {
    const { context, width, height } = prepareCanvas(canvas);
    const chart = Math.min(190, width * 0.42);
    const radius = Math.min((width - chart) / 2, height / 2) / 1.28;
    drawRing(context, [(width - chart - 12) / 2, height / 2], radius, sample, now, chosen);
    const from = sample * task.inputs;
    const seen = ahead.map((d, i) => [d, task.x[from + i]]);
    const next = ahead.map((d, i) => [d, task.y[from + i]]);
    const predicted = predictionOf(now, sample, task).map((value, i) => [ahead[i], Math.max(-1.25, Math.min(1.25, value))]);
    const left = width - chart, right = width - 8;
    const common = { low: -1.25, high: 1.25, wide: view };
    drawSmall(canvas, context, { left, right, top: 24, bottom: height / 2 - 12 }, {
      ...common, title: "It sees", lines: [{ points: seen, colour: "action" }],
    });
    drawSmall(canvas, context, { left, right, top: height / 2 + 24, bottom: height - 22 }, {
      ...common, title: "Next, and predicted", caption: "distance ahead",
      lines: [{ points: next, colour: "action" }, { points: predicted, colour: "units", dots: 4 }],
    });
  }

  return { draw, forget: () => (lastSeen.length = 0) };
}
