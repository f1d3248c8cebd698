/* The page Fidelity: choose which verdicts, figures and chapters are shown. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("fidelity-filter");
  if (!place) return;
  const rows = [...document.querySelectorAll("table.verdicts tbody tr")].map((element) => {
    const cells = element.querySelectorAll("td");
    const link = element.querySelector('a[href*="#parameters-"]');
    return {
      element,
      verdict: cells[cells.length - 1].textContent.split(":")[0].replace(/^\S+\s/, "").trim(),
      figure: element.closest("section").querySelector("h2, h3").firstChild.textContent.trim(),
      chapter: link ? link.getAttribute("href").split("#parameters-")[1] : "",
    };
  });
  const sections = [...new Set(rows.map((row) => row.element.closest("section")))];
  const wanted = new URLSearchParams(location.search);

  const select = (label, key, everything) => {
    const field = document.createElement("select");
    field.id = `fidelity-${key}`;
    field.add(new Option(everything, ""));
    for (const value of new Set(rows.map((row) => row[key]))) field.add(new Option(value, value));
    if ([...field.options].some((option) => option.value === wanted.get(key))) {
      field.value = wanted.get(key);
    }
    const caption = document.createElement("label");
    caption.append(`${label} `, field);
    place.append(caption);
    field.addEventListener("change", show);
    return field;
  };

  const fields = {
    verdict: select("Verdict", "verdict", "all verdicts"),
    figure: select("Part of the study", "figure", "all figures and tables"),
    chapter: select("Chapter", "chapter", "all chapters"),
  };
  const count = document.createElement("output");
  place.append(count);
  place.hidden = false;

  function show() {
    let shown = 0;
    for (const row of rows) {
      const fits = Object.entries(fields).every(
        ([key, field]) => !field.value || row[key] === field.value,
      );
      row.element.hidden = !fits;
      shown += fits;
    }
    for (const section of sections) {
      section.hidden = !rows.some(
        (row) => section.contains(row.element) && !row.element.hidden,
      );
    }
    count.textContent = `${shown} of ${rows.length} statements are shown.`;
    const query = new URLSearchParams();
    for (const [key, field] of Object.entries(fields)) {
      if (field.value) query.set(key, field.value);
    }
    const address = query.size ? `?${query}` : location.pathname;
    try {
      history.replaceState(null, "", address + location.hash);
    } catch {
      /* A page opened from a disk keeps its address. */
    }
  }

  show();
});
