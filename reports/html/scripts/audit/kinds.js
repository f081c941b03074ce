// The kinds of op, the most costly first.

import {colourOf} from "../shared/categories.js";
import {Plot} from "../shared/libraries.js";
import {amountText, percent, sum} from "../shared/numbers.js";
import {drawPlot} from "../shared/plot.js";

const ROW = 28;  // pixels

export const costsByKind = (ops, amount) => [...new Set(ops.map((op) => op.kind))]
  .map((kind) => {
    const alike = ops.filter((op) => op.kind === kind);
    return {kind, amount: sum(alike, amount), colour: colourOf(alike[0].category)};
  })
  .filter((cost) => cost.amount > 0)
  .sort((a, b) => b.amount - a.amount);

// `name` is that of the amount, such as "bytes", and `amount` gives it of an op.
export const drawKinds = (ops, name, amount) => {
  const kinds = costsByKind(ops, amount);
  const whole = sum(kinds, (cost) => cost.amount) || 1;
  const text = (cost) => `${amountText(name, cost.amount)}, ${percent(cost.amount / whole)}`;
  const spoken = kinds.map((cost) => `${cost.kind}: ${text(cost)}`).join(". ");
  drawPlot(document.getElementById("kinds"), spoken || "nothing to show", {
    marginLeft: 116, marginRight: 130, marginTop: 0, marginBottom: 0,
    height: ROW * Math.max(kinds.length, 1),
    x: {axis: null}, y: {label: null, domain: kinds.map(({kind}) => kind), tickSize: 0},
    marks: [
      Plot.barX(kinds, {y: "kind", x: "amount", fill: ({colour}) => colour, insetTop: 3, insetBottom: 3}),
      Plot.textX(kinds, {y: "kind", x: "amount", text, textAnchor: "start", dx: 6}),
    ],
  });
};
