// What the reader touches: time, order, unit, play. Starts when the page is there.
(function () {
  "use strict";
  const explorer = window.driftExplorer;
  const USUAL = { snapshot: 0, sorting: "start", pinned: 10, unit: 0 };
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const find = explorer.find;

  async function start() {
    const data = (explorer.data = await explorer.decode(window.driftExplorerData));
    find("still").hidden = true;
    find("live").hidden = false;
    const notable = [0, 1, 2, 3].map((place) => explorer.row(data.notable, place));
    const usual = { ...USUAL, unit: notable[0][0] };
    const steps = Array.from(data.snapshot);
    const time = find("time");
    const show = explorer.makeScreen(data, choose);
    let view = explorer.readAddress(location.hash, data, usual);
    let peeking = null; // a unit that the mouse only passes over
    let playing = null;
    let frame = null;

    function refresh() {
      frame = null;
      const shown = show(peeking === null ? view : { ...view, unit: peeking });
      explorer.shown = { ...view, ...shown };
      const step = steps[view.snapshot].toLocaleString("en");
      time.value = view.snapshot;
      time.setAttribute("aria-valuetext", `step ${step}`);
      find(`sort-${view.sorting}`).checked = true;
      find("pinned").textContent = steps[view.pinned].toLocaleString("en");
      find("maps").setAttribute("aria-valuemax", shown.order.length);
      find("maps").setAttribute("aria-valuenow", shown.row + 1);
      find("maps").setAttribute("aria-valuetext", `row ${shown.row + 1}, unit ${shown.unit}`);
      find("share-link").href = explorer.writeAddress(view, data);
    }

    // Draw at the next frame: a dragged slider reports more often than the screen shows.
    function change(changed) {
      view = { ...view, ...changed };
      if (frame === null) frame = requestAnimationFrame(refresh);
    }

    // The address and the spoken summary follow when the reader is done with a change.
    let settling = null;
    function settle() {
      clearTimeout(settling);
      settling = setTimeout(() => {
        if (playing !== null) return;
        history.replaceState(null, "", explorer.writeAddress(view, data));
        const { step, active, order, correlation, reference } = explorer.shown;
        find("spoken").textContent =
          `Step ${step.toLocaleString("en")}: ${active} of ${order.length} units active; correlation ` +
          `with step ${steps[reference].toLocaleString("en")}: ${correlation.toFixed(2)}.`;
      }, 400);
    }

    function choose(step) {
      const gaps = steps.map((at) => Math.abs(at - step));
      change({ snapshot: gaps.indexOf(Math.min(...gaps)) });
      settle();
    }

    function play(on) {
      clearInterval(playing);
      playing = on ? setInterval(advance, calm.matches ? 1000 : 180) : null;
      find("play").textContent = on ? "Pause" : "Play";
      find("play").classList.toggle("explorer-playing", on);
      if (on && view.snapshot === steps.length - 1) change({ snapshot: 0 });
      if (!on) settle();
    }

    function advance() {
      change({ snapshot: Math.min(view.snapshot + 1, steps.length - 1) });
      if (view.snapshot === steps.length - 1) play(false);
    }

    time.addEventListener("input", () => {
      change({ snapshot: Number(time.value) });
      settle();
    });
    find("play").addEventListener("click", () => play(playing === null));
    for (const sorting of ["now", "start", "pinned"]) {
      find(`sort-${sorting}`).addEventListener("change", () => {
        change({ sorting });
        settle();
      });
    }
    find("pin").addEventListener("click", () => {
      change({ sorting: "pinned", pinned: view.snapshot });
      settle();
    });
    document.querySelectorAll("[data-notable]").forEach((button) => {
      const [unit, snapshot] = notable[Number(button.dataset.notable)];
      button.addEventListener("click", () => {
        play(false);
        change({ unit, snapshot, sorting: "start" });
        settle();
      });
    });
    window.addEventListener("hashchange", () => change(explorer.readAddress(location.hash, data, view)));
    chooseUnits(find("maps"), {
      peek: (row) => {
        peeking = row === null ? null : explorer.shown.order[row];
        change({});
      },
      pick: (row) => {
        peeking = null;
        change({ unit: explorer.shown.order[row] });
        settle();
      },
    });
    time.max = steps.length - 1;
    refresh();
  }

  // Rows of the maps: the mouse shows the one it is over, a click or the arrow keys choose one.
  function chooseUnits(canvas, { peek, pick }) {
    const rowAt = (event) => {
      const box = canvas.getBoundingClientRect();
      const row = Math.floor(((event.clientY - box.top) / box.height) * canvas.height);
      return Math.max(0, Math.min(canvas.height - 1, row));
    };
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") peek(rowAt(event));
    });
    canvas.addEventListener("pointerleave", () => peek(null));
    canvas.addEventListener("click", (event) => pick(rowAt(event)));
    const moves = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -20, PageDown: 20 };
    canvas.addEventListener("keydown", (event) => {
      const last = canvas.height - 1;
      const ends = { Home: 0, End: last };
      const row = ends[event.key] ?? explorer.shown.row + (moves[event.key] ?? NaN);
      if (Number.isNaN(row)) return;
      event.preventDefault();
      pick(Math.max(0, Math.min(last, row)));
    });
  }

  // Where this cannot run, the still stays and says why.
  start().catch((problem) => {
    find("still-note").textContent = `The moving version cannot run in this browser (${problem.message}).`;
  });
})();
