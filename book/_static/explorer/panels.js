// Lines in a frame: an SVG that stretches with its frame, and labels of its ticks beside it.
(function () {
  "use strict";
  const explorer = (window.driftExplorer = window.driftExplorer || {});
  const SVG = "http://www.w3.org/2000/svg";
  const SIZE = 1000;

  // A panel in `frame` with ranges x and y, [from, to], and ticks on y, [value, text].
  // Its lines are named by their class, which also gives their colour.
  explorer.panel = function (frame, x, y, ticks) {
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", `0 0 ${SIZE} ${SIZE}`);
    picture.setAttribute("preserveAspectRatio", "none");
    picture.setAttribute("aria-hidden", "true");
    frame.append(picture);
    let heights = y;
    const across = (value) => (SIZE * (value - x[0])) / (x[1] - x[0]);
    const up = (value) => SIZE * (1 - (value - heights[0]) / (heights[1] - heights[0]));
    const lines = {};

    function element(name, tag) {
      if (!(name in lines)) {
        lines[name] = document.createElementNS(SVG, tag);
        lines[name].setAttribute("class", `explorer-${name}`);
        picture.append(lines[name]);
      }
      return lines[name];
    }

    function path(xs, ys) {
      let pen = "M";
      let text = "";
      for (let i = 0; i < ys.length; i++) {
        if (Number.isFinite(ys[i])) {
          text += `${pen}${across(xs[i]).toFixed(1)} ${up(ys[i]).toFixed(1)}`;
          pen = "L";
        } else pen = "M";
      }
      return text;
    }

    function setTicks(marks) {
      frame.querySelectorAll(".explorer-tick").forEach((old) => old.remove());
      for (const [value, text] of marks) {
        const tick = document.createElement("span");
        tick.className = "explorer-tick";
        tick.style.top = `${up(value) / (SIZE / 100)}%`;
        tick.textContent = text;
        frame.append(tick);
      }
    }
    setTicks(ticks);

    return {
      // A line through the points; NaN interrupts it.
      line(name, xs, ys) {
        element(name, "path").setAttribute("d", path(xs, ys));
      },
      // A vertical line.
      cursor(name, value) {
        element(name, "path").setAttribute("d", `M${across(value)} 0V${SIZE}`);
      },
      // A horizontal line.
      threshold(name, value) {
        element(name, "path").setAttribute("d", `M0 ${up(value)}H${SIZE}`);
      },
      // Another range of y; lines have to be drawn again.
      rescale(range, marks) {
        heights = range;
        setTicks(marks);
      },
      // `choose(x)` with where the reader points while pressing.
      onPointer(choose) {
        frame.addEventListener("pointerdown", (event) => frame.setPointerCapture(event.pointerId));
        for (const kind of ["pointerdown", "pointermove"]) {
          frame.addEventListener(kind, (event) => {
            if (event.buttons === 0) return;
            const box = picture.getBoundingClientRect();
            choose(x[0] + ((event.clientX - box.left) / box.width) * (x[1] - x[0]));
          });
        }
      },
    };
  };
})();
