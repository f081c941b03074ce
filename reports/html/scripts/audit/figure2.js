// The paper's Figure 2: multiply–adds, memory access and every time, split into categories.

import {CATEGORIES, CATEGORY_COLOURS} from "../shared/categories.js";
import {Plot} from "../shared/libraries.js";
import {percent, sum, wholePercent} from "../shared/numbers.js";
import {drawPlot, isNarrow} from "../shared/plot.js";

const LONGEST_NAME = 32;  // letters of the name of a bar

// What a bar of times is called; two of the same name are told apart by their device.
const timeName = (latency, latencies) => {
  const nameOf = ({backend, predicted}) => `Time, ${predicted ? "predicted" : backend}`;
  const alike = latencies.filter((other) => nameOf(other) === nameOf(latency));
  return alike.length > 1 ? `${nameOf(latency)} ${1 + alike.indexOf(latency)}, ${latency.device}` : nameOf(latency);
};

// For each bar and category its share of the bar.
export const figure2Bars = ({ops, latencies, categories}) => {
  const ofOp = (op) => op.category;
  const bars = [
    ["FLOPs", ops, ofOp, (op) => op.macs],
    ["Memory, op by op", ops, ofOp, (op) => op.bytes],
    ["Memory, fused", ops, ofOp, (op) => op.bytes_fused],
    ...latencies.map((latency) => [
      timeName(latency, latencies), latency.kernels, (kernel) => categories[kernel.kind], (kernel) => kernel.seconds,
    ]),
  ];
  return bars.flatMap(([bar, items, categoryOf, amount]) => {
    const whole = sum(items, amount) || 1;
    return CATEGORIES.map((category) => {
      const part = sum(items.filter((item) => categoryOf(item) === category), amount);
      return {bar, category, share: part / whole};
    });
  });
};

const spoken = (bars, names) => names.map((name) => {
  const shares = bars.filter(({bar, share}) => bar === name && share);
  return `${name}: ${shares.map(({category, share}) => `${category} ${percent(share)}`).join(", ")}`;
}).join(". ");

export const drawFigure2 = (audit) => {
  const box = document.getElementById("figure2");
  const bars = figure2Bars(audit);
  const names = [...new Set(bars.map(({bar}) => bar))];
  const room = isNarrow(box) ? 0.14 : 0.06;  // share of the width that a number needs
  const stacked = {order: CATEGORIES, y: "bar", x: "share"};
  drawPlot(box, spoken(bars, names), {
    marginLeft: 10 + 6.2 * Math.max(17, ...names.map((name) => Math.min(name.length, LONGEST_NAME))),
    marginRight: 12, marginTop: 8, height: 40 + 38 * names.length,
    x: {label: null, percent: true, domain: [0, 100]},
    y: {label: null, domain: names, tickSize: 0},
    color: CATEGORY_COLOURS,
    marks: [
      Plot.barX(bars, Plot.stackX({
        ...stacked, fill: "category", insetRight: 1, tip: true,
        title: ({bar, category, share}) => `${bar}\n${category}: ${percent(share)}`,
      })),
      Plot.textX(bars, Plot.stackX({
        ...stacked, z: "category", fill: "var(--on-colour)",
        text: ({share}) => (share > room ? wholePercent(share) : ""),
      })),
    ],
  });
};
