// The paper's Figure 2 for several models: for each measure a bar for each model, split into categories.

import {CATEGORIES, colourOf} from "../shared/categories.js";
import {drawKey, element} from "../shared/elements.js";
import {Plot} from "../shared/libraries.js";
import {percent, quantity, sum, wholePercent} from "../shared/numbers.js";
import {drawPlot, isNarrow} from "../shared/plot.js";
import {endOf} from "../shared/text.js";

const LETTERS = 17;  // of a model's name beside its bar
const LEAST = 0.01;  // of a length, so that a chart of zeros has a width

// The parts and the end of each bar. Lengths are relative to the first model that has an amount, or,
// where `shares` is set, to the model's own whole.
export const barsOf = ({parts, texts}, {shares}) => {
  const wholes = parts.map((amounts) => (amounts ? sum(amounts) : null));
  const first = wholes.find((whole) => whole) ?? 1;
  const rows = parts.flatMap((amounts, model) => (amounts ?? []).map((amount, index) => ({
    model, amount, category: CATEGORIES[index], share: wholes[model] ? amount / wholes[model] : 0,
    length: amount / (shares ? wholes[model] || 1 : first),
  })));
  const ends = wholes.map((whole, model) => ({
    model, text: texts[model], length: shares ? 1 : (whole ?? 0) / first,
  }));
  return {rows, ends};
};

const spoken = (models, {rows, ends}) => ends.map(({model, text}) => {
  const parts = rows.filter((row) => row.model === model && row.share);
  return `${models[model]}: ${text}${parts.map(({category, share}) => `, ${category} ${percent(share)}`).join("")}`;
}).join(". ");

const drawMeasure = (box, models, measure, scale) => {
  const {rows, ends} = barsOf(measure, scale);
  const longest = Math.max(...ends.map(({length}) => length), LEAST);
  const room = 0.09 * longest * (isNarrow(box) ? 2.6 : 1);  // that a number in a bar needs
  const stacked = {order: CATEGORIES, y: "model", x: "length", z: "category"};
  drawPlot(box, `${measure.title}. ${spoken(models, {rows, ends})}`, {
    marginLeft: 116, marginRight: 104, marginTop: 0, marginBottom: 0, height: 34 * models.length,
    x: {axis: null, domain: [0, longest]},
    y: {label: null, domain: models.map((_, index) => index), tickSize: 0,
      tickFormat: (index) => endOf(models[index], LETTERS)},
    marks: [
      Plot.barX(rows, Plot.stackX({
        ...stacked, fill: ({category}) => colourOf(category), insetRight: 1, insetTop: 3, insetBottom: 3, tip: true,
        title: (row) => `${models[row.model]}\n${row.category}: ${quantity(row.amount, measure.unit)}, ${percent(row.share)}`,
      })),
      Plot.textX(rows, Plot.stackX({
        ...stacked, fill: "var(--on-colour)", text: (row) => (row.length > room ? wholePercent(row.share) : ""),
      })),
      Plot.text(ends, {y: "model", x: "length", text: "text", textAnchor: "start", dx: 6}),
    ],
  });
};

export const drawFigure2 = ({models, measures}, scale) => {
  const figure = document.getElementById("figure2");
  drawKey(document.getElementById("categories"), CATEGORIES.map((name) => [name, colourOf(name)]));
  if (!figure.children.length) {
    for (const {title} of measures) figure.append(element("p", {class: "measure"}, title), element("div"));
  }
  const boxes = figure.querySelectorAll(":scope > div");
  boxes.forEach((box, index) => drawMeasure(box, models, measures[index], scale));
};
