// Charts by Observable Plot, as wide as their boxes, each an image that says what it shows.

const {Plot} = lib;
const PLOT = {className: "plot", style: {}};

const widthOf = (box) => Math.max(box.clientWidth, 280);

const draw = (box, label, options) => {
  const chart = Plot.plot({...PLOT, width: widthOf(box), ariaLabel: label, ...options});
  for (const svg of chart.tagName === "FIGURE" ? chart.querySelectorAll("svg") : [chart]) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  }
  for (const part of chart.querySelectorAll("g[aria-label]")) part.removeAttribute("aria-label");
  box.replaceChildren(chart);
};
