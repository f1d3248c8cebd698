/* Figures: a click or the Enter key shows one on the whole screen, where it can be zoomed. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const links = document.querySelectorAll("figure a.picture, figure a.image-reference");
  if (!links.length || !window.HTMLDialogElement) return;

  const STEP = 1.4; /* of the zoom */
  const dialog = document.createElement("dialog");
  dialog.className = "enlarged";
  dialog.setAttribute("aria-label", "Enlarged figure");
  const bar = document.createElement("div");
  bar.className = "enlarged-bar";
  const place = document.createElement("div");
  place.className = "enlarged-scroll";
  place.tabIndex = 0;
  dialog.append(bar, place);
  document.body.append(dialog);

  const addButton = (text, name, press) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    if (name) button.setAttribute("aria-label", name);
    button.addEventListener("click", press);
    bar.append(button);
  };
  addButton("−", "Smaller", () => zoom(1 / STEP));
  addButton("+", "Larger", () => zoom(STEP));
  addButton("Close", "", () => dialog.close());

  let width = 0;

  function zoom(factor) {
    const image = place.querySelector("img");
    const narrowest = Math.min(place.clientWidth, image.naturalWidth) / 2;
    const before = width;
    width = Math.min(Math.max(width * factor, narrowest), 8 * image.naturalWidth);
    image.style.width = `${width}px`;
    const kept = width / before; /* what is in the middle stays there */
    place.scrollLeft = (place.scrollLeft + place.clientWidth / 2) * kept - place.clientWidth / 2;
    place.scrollTop = (place.scrollTop + place.clientHeight / 2) * kept - place.clientHeight / 2;
  }

  function enlarge(link) {
    const shown = [...link.querySelectorAll("img")].find((image) => image.offsetWidth > 0);
    const image = document.createElement("img");
    image.src = shown.src; /* the wide form, whichever the page shows */
    image.alt = shown.alt;
    image.className = shown.className;
    place.replaceChildren(image);
    dialog.showModal();
    image.decode().catch(() => {}).then(() => {
      const fits = Math.min(
        place.clientWidth,
        (place.clientHeight * image.naturalWidth) / image.naturalHeight,
      );
      width = Math.max(image.naturalWidth, fits);
      image.style.width = `${width}px`;
    });
  }

  for (const link of links) {
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      enlarge(link);
    });
  }
  place.addEventListener("keydown", (event) => {
    if (event.key === "+") zoom(STEP);
    if (event.key === "-") zoom(1 / STEP);
  });
});
