// Draws one view of the run: a time, an order of the units, one unit.
(function () {
  "use strict";
  const explorer = (window.driftExplorer = window.driftExplorer || {});
  const find = (name) => document.getElementById(`explorer-${name}`);
  const write = (name, text) => (find(name).textContent = text);
  const grouped = (number) => number.toLocaleString("en");
  explorer.find = find;

  // `show(view)` draws, and returns what it has drawn; `choose(step)` is called where the
  // reader points at a time.
  explorer.makeScreen = function (data, choose) {
    const columns = explorer.columns(data);
    const steps = Array.from(data.snapshot);
    const whole = [steps[0], steps[steps.length - 1]];
    const courses = makeCourses(data, steps, whole);
    for (const course of Object.values(courses)) course.onPointer(choose);
    const spectrum = makeSpectrum(data);
    const turn = data.place.findIndex((place) => place > 0);
    const places = Array.from(data.place);
    places.splice(turn, 0, NaN); // the line stops where the agent turns
    const tuning = explorer.panel(find("tuning"), [data.place[0], places.at(-1)], [0, 1], []);
    let drawn = { unit: -1 };

    function drawUnit(view, reference) {
      const top = explorer.highestPeak(data, view.unit) || 1;
      if (drawn.unit !== view.unit) {
        explorer.drawLife(find("life"), data, columns, view.unit);
        tuning.rescale([0, 1.08 * top], [[0, "0"], [top, top.toPrecision(2)]]);
      }
      const curve = (snapshot) => explorer.rates(data, snapshot, view.unit);
      const gapped = (rates) => rates.toSpliced(turn, 0, NaN);
      tuning.line("reference", places, gapped(curve(reference)));
      tuning.line("rate", places, gapped(curve(view.snapshot)));
      find("life-now").style.top = `${(100 * (view.snapshot + 0.5)) / steps.length}%`;
      const peak = explorer.row(data.peak, view.snapshot)[view.unit];
      const bits = explorer.row(data.information, view.snapshot)[view.unit];
      write("unit", `Unit ${view.unit}`);
      write("unit-state", peak > 0 ? `${bits.toFixed(2)} bits` : "silent now");
      return curve(view.snapshot);
    }

    return function show(view) {
      const step = steps[view.snapshot];
      const reference = { now: view.snapshot, start: 0, pinned: view.pinned }[view.sorting];
      const order = reference === drawn.reference ? drawn.order : explorer.placeOrder(data, reference);
      explorer.drawMaps(find("maps"), data, columns, view.snapshot, order);
      const row = order.indexOf(view.unit);
      find("row").style.top = `${(100 * (row + 0.5)) / order.length}%`;
      const curve = drawUnit(view, reference);

      const eigenvalues = explorer.row(data.eigenvalues, view.snapshot).filter((value) => value > 0);
      spectrum.draw("curvature", eigenvalues);
      const all = explorer.row(data.correlation, reference);
      courses.correlation.line("correlation", steps, all);
      for (const course of Object.values(courses)) course.cursor("cursor", step);

      const peaks = explorer.row(data.peak, view.snapshot);
      const active = peaks.reduce((count, peak) => count + (peak > 0), 0);
      const correlation = all[view.snapshot];
      write("step", grouped(step));
      write("reference", grouped(steps[reference]));
      write("active", active);
      write("units", order.length);
      write("correlation-now", correlation.toFixed(2));
      write("loss-now", data.relative_loss[data.step.indexOf(step)].toFixed(2).replace("-", "−"));
      write("share-now", (active / order.length).toFixed(2));
      write("information-now", data.mean_information[view.snapshot].toFixed(2));
      write("rank-now", grouped(data.rank[view.snapshot]));
      drawn = { unit: view.unit, reference, order, row, step, active, correlation, curve, eigenvalues };
      return drawn;
    };
  };

  function makeCourses(data, steps, whole) {
    const loss = explorer.panel(find("loss"), whole, [-1.6, 1], [[0, "0"], [-1, "−1"]]);
    loss.threshold("threshold", 0);
    loss.line("loss", data.step, data.relative_loss);
    const share = explorer.panel(find("share"), whole, [0, 1], [[0, "0"], [1, "1"]]);
    share.line("active_units", data.step, data.active_units);
    const information = explorer.panel(find("information"), whole, [0, 2.4], [[0, "0"], [2, "2"]]);
    information.line("information", steps, data.mean_information);
    const correlation = explorer.panel(find("correlation"), whole, [0, 1], [[0, "0"], [1, "1"]]);
    return { loss, share, information, correlation };
  }

  function makeSpectrum(data) {
    const ranks = Float64Array.from({ length: data.eigenvalues.shape[1] }, (_, i) => i + 1);
    const marks = [[0, "1"], [-4, "10⁻⁴"], [-8, "10⁻⁸"]];
    const panel = explorer.panel(find("spectrum"), [1, ranks.length], [-8.2, 2.2], marks);
    const draw = (name, values) => panel.line(name, ranks, Array.from(values, Math.log10));
    panel.threshold("threshold", Math.log10(data.stability[0]));
    draw("first", explorer.row(data.eigenvalues, 0).filter((value) => value > 0));
    return { draw };
  }
})();
