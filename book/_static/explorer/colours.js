// Viridis (Stéfan van der Walt and Nathaniel Smith, CC0): every fifteenth of its 256 colours.
(function () {
  "use strict";
  const explorer = (window.driftExplorer = window.driftExplorer || {});
  const ANCHORS = (
    "440154 481769 472a7a 433d84 3d4e8a 355e8d 2e6d8e 297b8e 23898e " +
    "1f978b 21a585 2eb37c 46c06f 65cb5e 89d548 b0dd2f d8e219 fde725"
  ).split(" ");

  // [red, green, blue] of each of 256 levels, between the anchors by straight lines.
  explorer.viridis = Array.from({ length: 256 }, (_, level) => {
    const place = (level / 255) * (ANCHORS.length - 1);
    const before = Math.min(Math.floor(place), ANCHORS.length - 2);
    return [0, 2, 4].map((digit) => {
      const [low, high] = [ANCHORS[before], ANCHORS[before + 1]].map((anchor) =>
        parseInt(anchor.slice(digit, digit + 2), 16)
      );
      return Math.round(low + (place - before) * (high - low));
    });
  });
})();
