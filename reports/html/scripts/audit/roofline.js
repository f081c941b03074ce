// The roofline: how near each kernel comes to what the device could do at its intensity.

import {CATEGORY_COLOURS} from "../shared/categories.js";
import {element} from "../shared/elements.js";
import {Plot} from "../shared/libraries.js";
import {duration, human, percent, sum} from "../shared/numbers.js";
import {drawPlot} from "../shared/plot.js";

const NAMED = 5;  // kernels that are listed as the furthest below the roof

// The kernels of a latency that have a place on the chart, with their numbers.
export const kernelsOf = (latency, audit, bytesOf) => latency.kernels.map((kernel) => {
  const ops = kernel.ops.map((index) => audit.ops[index]);
  const [macs, bytes] = [sum(ops, (op) => op.macs), sum(ops, bytesOf)];
  return {...kernel, ops, macs, bytes, intensity: macs / bytes, rate: macs / kernel.seconds,
    name: ops.map((op) => op.name).join(" + "), category: audit.categories[kernel.kind]};
}).filter((kernel) => kernel.macs > 0 && kernel.bytes > 0 && kernel.seconds > 0);

// The device's roof, or else what this run reached at best: throughput anywhere, bandwidth anywhere.
export const roofOf = (kernels, device) => {
  const peak = device?.peak ?? Math.max(...kernels.map((kernel) => kernel.rate));
  const bandwidth = device?.bandwidth ?? Math.max(...kernels.map((kernel) => kernel.bytes / kernel.seconds));
  return {peak, bandwidth, rateAt: (intensity) => Math.min(peak, bandwidth * intensity)};
};

// The kernels that lose most time to it.
export const furthestBelow = (roof, kernels) => {
  const lost = (kernel) => kernel.seconds * (1 - kernel.rate / roof.rateAt(kernel.intensity));
  return [...kernels].sort((a, b) => lost(b) - lost(a)).slice(0, NAMED);
};

// The line of the roof over all intensities, with its bend.
const outline = (roof, kernels) => {
  const intensities = kernels.map((kernel) => kernel.intensity);
  const [low, high] = [Math.min(...intensities) / 1.5, Math.max(...intensities) * 1.5];
  return [low, Math.min(Math.max(roof.peak / roof.bandwidth, low), high), high]
    .map((intensity) => ({intensity, rate: roof.rateAt(intensity)}));
};

const drawChart = (box, kernels, roof, label) => drawPlot(box, label, {
  height: 390, marginLeft: 64, marginBottom: 46, grid: true,
  x: {type: "log", label: "multiply–adds per byte →", labelOffset: 42, tickFormat: "~g"},
  y: {type: "log", label: "↑ multiply–adds per second", ticks: 5, tickFormat: (rate) => human(rate)},
  color: CATEGORY_COLOURS,
  marks: [
    Plot.line(outline(roof, kernels), {x: "intensity", y: "rate", stroke: "var(--text)", strokeDasharray: "5 4"}),
    Plot.dot(kernels, {
      x: "intensity", y: "rate", fill: "category", fillOpacity: 0.75, r: "seconds", tip: true,
      title: ({name, seconds, rate}) => `${name}\n${duration(seconds)}, ${human(rate)} multiply–adds/s`,
    }),
  ],
});

const outlier = (kernel, roof) => {
  const [op] = kernel.ops;
  const reached = percent(kernel.rate / roof.rateAt(kernel.intensity));
  return element("li", {},
    element("button", {type: "button", class: "op", "data-op": op.name}, kernel.name),
    ` ${op.module}: ${duration(kernel.seconds)}, ${reached} of the roof at its intensity`);
};

export const drawRoofline = (audit, bytesOf) => {
  const latency = audit.latencies[Number(document.getElementById("latency").value)];
  const kernels = kernelsOf(latency, audit, bytesOf);
  const box = document.getElementById("roof");
  if (!kernels.length) return void box.replaceChildren("No timed kernel has multiply–adds.");
  const roof = roofOf(kernels, latency.roof);
  const worst = furthestBelow(roof, kernels);
  const named = worst.map((kernel) => kernel.name).join(", ");
  document.getElementById("whose-roof").textContent = latency.roof
    ? `The roof is that of ${latency.device}.`
    : "The roof is the best that any kernel of this run reached, not the device's own.";
  drawChart(box, kernels, roof, `Roofline of ${kernels.length} kernels; furthest below the roof: ${named}`);
  document.getElementById("outliers").replaceChildren(
    element("h3", {}, "Furthest below the roof, by time lost"),
    element("ol", {class: "outliers"}, ...worst.map((kernel) => outlier(kernel, roof))));
};
