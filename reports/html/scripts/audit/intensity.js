// Without times, instead of a roofline: how the memory access spreads over intensities.

import {CATEGORIES, CATEGORY_COLOURS} from "../shared/categories.js";
import {Plot} from "../shared/libraries.js";
import {percent, sum} from "../shared/numbers.js";
import {drawPlot, isNarrow} from "../shared/plot.js";

const IDLE = -6;  // the bin of ops without multiply–adds
const LOWEST = -5;  // the bin of 1/32 multiply–adds per byte and less

// A bin for each doubling of the intensity.
const binOf = (op, bytesOf) => {
  const intensity = op.macs / bytesOf(op);
  return intensity > 0 ? Math.max(Math.floor(Math.log2(intensity)), LOWEST) : IDLE;
};

const binName = (bin) => {
  if (bin === IDLE) return "none";
  return bin < 0 ? `1/${2 ** -bin}` : `${2 ** bin}`;
};

// The share of the memory access in each bin and category.
export const intensityShares = (ops, bytesOf) => {
  const known = ops.filter((op) => bytesOf(op) > 0);
  const whole = sum(known, bytesOf) || 1;
  const bins = [...new Set(known.map((op) => binOf(op, bytesOf)))];
  return bins.flatMap((bin) => CATEGORIES.map((category) => {
    const inside = known.filter((op) => binOf(op, bytesOf) === bin && op.category === category);
    return {bin, category, share: sum(inside, bytesOf) / whole};
  })).filter(({share}) => share > 0);
};

export const drawIntensity = ({ops}, bytesOf) => {
  const box = document.getElementById("roof");
  const shares = intensityShares(ops, bytesOf);
  const highest = Math.max(...shares.map(({bin}) => bin));
  const idle = sum(shares.filter(({bin}) => bin === IDLE), ({share}) => share);
  drawPlot(box, `Memory access by intensity; ${percent(idle)} of it has no multiply–adds at all`, {
    height: 290, marginLeft: 48, marginBottom: 46,
    x: {label: "multiply–adds per byte, at least →", labelOffset: 42, tickFormat: binName, tickSize: 0,
      domain: Array.from({length: highest - IDLE + 1}, (_, index) => index + IDLE),
      tickRotate: isNarrow(box) ? -50 : 0},
    y: {label: "↑ share of the memory access (%)", percent: true, grid: true},
    color: CATEGORY_COLOURS,
    marks: [
      Plot.barY(shares, Plot.stackY({
        order: CATEGORIES, x: "bin", y: "share", fill: "category", insetLeft: 1, insetRight: 1, tip: true,
        title: ({category, share}) => `${category}: ${percent(share)}`,
      })),
      Plot.ruleY([0]),
    ],
  });
};
