// The present view in the page's address: #step=400000&sort=now&unit=231
(function () {
  "use strict";
  const explorer = (window.driftExplorer = window.driftExplorer || {});

  // The view that an address names; what it does not name, or names wrongly, as in `usual`.
  explorer.readAddress = function (hash, data, usual) {
    const named = new URLSearchParams(hash.replace(/^#/, ""));
    const steps = Array.from(data.snapshot);
    const number = (name) => (/^\d+$/.test(named.get(name) || "") ? Number(named.get(name)) : NaN);
    const view = { ...usual };
    if (steps.includes(number("step"))) view.snapshot = steps.indexOf(number("step"));
    if (["now", "start"].includes(named.get("sort"))) view.sorting = named.get("sort");
    if (steps.includes(number("sort"))) {
      view.sorting = "pinned";
      view.pinned = steps.indexOf(number("sort"));
    }
    if (number("unit") < data.level.shape[1]) view.unit = number("unit");
    return view;
  };

  explorer.writeAddress = function (view, data) {
    const sort = view.sorting === "pinned" ? data.snapshot[view.pinned] : view.sorting;
    return `#step=${data.snapshot[view.snapshot]}&sort=${sort}&unit=${view.unit}`;
  };
})();
