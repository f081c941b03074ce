// Groups of bars, one bar for each model: the kinds of op, and all numbers as ratios.

import {Plot} from "../shared/libraries.js";
import {amountText, sum} from "../shared/numbers.js";
import {drawPlot} from "../shared/plot.js";
import {kindText} from "../shared/text.js";
import {modelColour} from "./data.js";

const LEAST = 0.01;  // of a length, so that a chart of zeros has a width

// A row for each kind and model, the most costly kind first; `name` is that of the amount.
export const kindRows = ({kinds}, name) => kinds.filter((kind) => sum(kind[name]))
  .sort((a, b) => sum(b[name]) - sum(a[name]))
  .flatMap((kind) => kind[name].map((amount, model) => ({
    group: kindText(kind.kind), model, length: amount ?? 0,
    text: amount === null ? "unavailable" : amountText(name, amount),
  })));

// A row for each total and each model but the first, to which the ratios are.
export const ratioRows = ({totals}) => totals.flatMap(({title, ratios, texts}) => ratios.map((ratio, index) => ({
  group: title, model: index + 1, length: ratio ?? 1, text: texts[index],
})));

const spoken = (models, rows, groups) => groups.map((group) => {
  const texts = rows.filter((row) => row.group === group).map((row) => `${models[row.model]} ${row.text}`);
  return `${group}: ${texts.join(", ")}`;
}).join(". ");

// Rows have a group, a model, a length and a text; bars begin at `zero`.
const drawGroups = (box, models, rows, {zero = 0, marks = []} = {}) => {
  const groups = [...new Set(rows.map(({group}) => group))];
  const used = [...new Set(rows.map(({model}) => model))].sort();
  const lengths = rows.map(({length}) => length);
  drawPlot(box, spoken(models, rows, groups) || "nothing to show", {
    marginLeft: 156, marginRight: 76, marginTop: 0, marginBottom: 0,
    height: Math.max(groups.length, 1) * (12 + 16 * used.length),
    x: {axis: null, domain: [Math.min(zero, ...lengths), Math.max(zero, ...lengths, LEAST)]},
    y: {axis: null, domain: used}, fy: {label: null, domain: groups, axis: "left", padding: 0.2, tickSize: 0},
    marks: [
      ...marks,
      Plot.barX(rows, {fy: "group", y: "model", x1: zero, x2: "length", fill: ({model}) => modelColour(model),
        insetTop: 1, insetBottom: 1, title: ({model, text}) => `${models[model]}: ${text}`}),
      Plot.text(rows, {fy: "group", y: "model", x: ({length}) => Math.max(length, zero), text: "text",
        textAnchor: "start", dx: 6}),
    ],
  });
};

export const drawKinds = (comparison, name) =>
  drawGroups(document.getElementById("kinds"), comparison.models, kindRows(comparison, name));

export const drawRatios = (comparison) => {
  const one = Plot.ruleX([1], {stroke: "var(--quiet)"});
  drawGroups(document.getElementById("ratios"), comparison.models, ratioRows(comparison), {zero: 1, marks: [one]});
};
