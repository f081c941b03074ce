// Charts by Observable Plot, as wide as their boxes, each an image that says what it shows.
import {Plot} from "./libraries.js";

const NARROWEST = 280;  // pixels; below it, labels run into each other
const PHONE = 560;

export const widthOf = (box) => Math.max(box.clientWidth, NARROWEST);

export const isNarrow = (box) => widthOf(box) < PHONE;

export const drawPlot = (box, label, options) => {
  const chart = Plot.plot({className: "plot", style: {}, width: widthOf(box), ariaLabel: label, ...options});
  for (const svg of chart.tagName === "FIGURE" ? chart.querySelectorAll("svg") : [chart]) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  }
  for (const part of chart.querySelectorAll("g[aria-label]")) part.removeAttribute("aria-label");
  box.replaceChildren(chart);
};
