"""The live network's two programs in Chromium, in one run: ``python benchmarks/live_network.py``.

WebAssembly (``book/_static/live/engine``) and JavaScript (``network.js``) train the page's network
from the same start by the same rule, a thousand steps of the one and a thousand of the other in
turn, so that whatever else the machine does slows both. Both leave silent units alone. Times are
those of a page's own clock.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from selenium import webdriver

LIVE = Path(__file__).parent.parent / "book" / "_static" / "live"
SCRIPTS = ("task.js", "engine.js", "random.js", "network.js", "compiled.js", "start.js")
RULES = {
    "update noise 0.03": {"rule": "update-noise", "rate": 0.2, "noise": 0.03},
    "no noise": {"rule": "update-noise", "rate": 0.2, "noise": 0},
    "label noise 1": {"rule": "label-noise", "rate": 0.2, "noise": 1},
    "Adam": {"rule": "adam", "rate": 0.01, "noise": 0},
    "error descent": {"rule": "error-descent", "rate": 1, "noise": 0.05},
}
STRETCHES = 6

RACE = """
const [settings, steps, stretches] = arguments;
const rows = startingRows(liveData, 0, "rich");
const words = liveData.noise[0];
const bytes = engineBytes(liveEngine);
const programs = [
  makeCompiledNetwork(bytes, liveData.task, rows, settings, words),
  makeNetwork(liveData.task, rows, settings, makeRandom(0)),
];
const spent = [];
for (let stretch = 0; stretch < stretches; stretch++) {
  const times = [0, 0];
  for (let done = 0; done < steps / stretches; done += 1000) {
    programs.forEach((program, i) => {
      const began = performance.now();
      for (let k = 0; k < 10; k++) program.advance(100);
      times[i] += performance.now() - began;
    });
  }
  spent.push(times);
}
return [spent, programs.map((program) => program.observe().activeUnits)];
"""


def open_browser(folder: Path) -> webdriver.Chrome:
    """Chromium at a page that holds the two programs and nothing else."""
    page = folder / "race.html"
    page.write_text("".join(f'<script src="{(LIVE / s).as_uri()}"></script>' for s in SCRIPTS))
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(flag)
    service = webdriver.ChromeService(shutil.which("chromedriver") or "chromedriver")
    browser = webdriver.Chrome(options, service)
    browser.set_script_timeout(1800)
    browser.get(page.as_uri())
    return browser


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        browser = open_browser(Path(folder))
        print(f"Chromium {browser.capabilities['browserVersion']}, {arguments.steps} steps\n")
        print("| steps a second | WebAssembly | JavaScript | ratio | ratio by sixths of the run "
              "| units left |")  # fmt: skip
        print("|---|---|---|---|---|---|")
        for name, settings in RULES.items():
            spent, units = browser.execute_script(RACE, settings, arguments.steps, STRETCHES)
            fast, slow = (sum(times[i] for times in spent) / 1000 for i in (0, 1))
            ratios = " ".join(f"{other / one:.1f}" for one, other in spent)
            left = ", ".join(f"{share:.0%}" for share in units)
            print(
                f"| {name} | {arguments.steps / fast:,.0f} | {arguments.steps / slow:,.0f} "
                f"| {slow / fast:.1f} | {ratios} | {left} |",
                flush=True,
            )
        browser.quit()


if __name__ == "__main__":
    main()
