/* The pointer reads values in figures: in curves the nearest point, in matrices the cell. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const REACH = 40; /* pixels from a point at which it is still read */
  const links = document.querySelectorAll("figure a.picture[data-values]");
  if (!links.length) return;
  const note = document.createElement("div");
  note.className = "figure-value";
  note.hidden = true;
  document.body.append(note);

  const nameOf = (address) => address.match(/([^/]+\/[^/.]+)\.[^/]*$/)[1];

  /* As on the axes of all figures. */
  function short(value) {
    const size = Math.abs(value);
    const [unit, letter] = size >= 1e6 ? [1e6, " M"] : size >= 1e4 ? [1e3, " k"] : [1, ""];
    return String(Number((value / unit).toPrecision(4))).replace("-", "−") + letter;
  }

  function load(link) {
    if (link.dataset.loaded) return;
    link.dataset.loaded = "yes";
    const script = document.createElement("script");
    script.src = link.dataset.values;
    document.head.append(script);
  }

  function nearest(curves, x, y, width, height) {
    let best = { distance: REACH };
    for (const curve of curves) {
      curve.u.forEach((u, index) => {
        const distance = Math.hypot((u - x) * width, (curve.v[index] - y) * height);
        if (distance < best.distance) best = { distance, curve, index };
      });
    }
    return best.curve ? best : null;
  }

  /* The cell at a place of its panel, from left and from below; `edges` begin at the first cell. */
  function cell(picture, x, y) {
    const counts = [picture.cells.length / picture.rows, picture.rows];
    const [across, along] = [x, y].map((share, axis) => {
      const [start, end] = picture.edges[axis];
      const [first, last] = picture.spans[axis];
      const at = (first + share * (last - first) - start) / (end - start);
      const index = Math.max(0, Math.min(counts[axis] - 1, Math.floor(at * counts[axis])));
      return { index, value: start + ((index + 0.5) / counts[axis]) * (end - start) };
    });
    const value = picture.cells[along.index * counts[0] + across.index];
    return { value, across: across.value, along: along.value };
  }

  /* What is at a place of an image: text, and the place of the mark as shares of the image. */
  function read(image, data, x, y) {
    const boxes = /\.narrow\./.test(image.currentSrc) ? data.narrow : data.wide;
    const rect = image.getBoundingClientRect();
    for (const [number, [left, top, right, bottom]] of boxes.entries()) {
      if (x < left || x > right || y < top || y > bottom) continue;
      const u = (x - left) / (right - left);
      const v = (bottom - y) / (bottom - top);
      const here = data.shown.filter((part) => part.panel === number);
      const width = (right - left) * rect.width;
      const height = (bottom - top) * rect.height;
      const point = nearest(here.filter((part) => part.u), u, v, width, height);
      if (point) {
        const { curve, index } = point;
        const [xLabel, yLabel] = curve.labels;
        const lines = [curve.name, `${xLabel}: ${short(curve.x[index])}`];
        lines.push(`${yLabel || "value"}: ${short(curve.y[index])}`);
        const place = [left + curve.u[index] * (right - left)];
        place.push(bottom - curve.v[index] * (bottom - top));
        return { text: lines.filter(Boolean).join("\n"), place };
      }
      const picture = here.find((part) => part.cells);
      if (picture) {
        const { value, across, along } = cell(picture, u, v);
        const [xLabel, yLabel] = picture.labels;
        const lines = [`${xLabel}: ${short(across)}`, `${yLabel}: ${short(along)}`];
        return { text: [...lines, `value: ${short(value)}`].join("\n"), place: [x, y] };
      }
    }
    return null;
  }

  document.addEventListener("pointermove", (event) => {
    const image = event.target.closest?.("a.picture img, .enlarged-scroll img");
    const link = image?.closest("a.picture[data-values]");
    if (link) load(link);
    const data = image && (window.driftFigures || {})[nameOf(image.currentSrc || image.src)];
    note.hidden = true;
    if (!data) return;
    const rect = image.getBoundingClientRect();
    const x = (event.clientX - rect.left) / rect.width;
    const y = (event.clientY - rect.top) / rect.height;
    const found = read(image, data, x, y);
    if (!found) return;
    const home = image.closest("dialog") || document.body;
    if (note.parentElement !== home) home.append(note);
    note.textContent = found.text;
    note.hidden = false;
    const markX = rect.left + found.place[0] * rect.width;
    const markY = rect.top + found.place[1] * rect.height;
    note.style.setProperty("--mark-x", `${markX}px`);
    note.style.setProperty("--mark-y", `${markY}px`);
    const beside = event.clientX + 16 + note.offsetWidth > document.documentElement.clientWidth;
    const left = beside ? event.clientX - 16 - note.offsetWidth : event.clientX + 16;
    note.style.left = `${Math.max(4, left)}px`;
    note.style.top = `${Math.max(4, event.clientY - note.offsetHeight - 12)}px`;
  });
});
