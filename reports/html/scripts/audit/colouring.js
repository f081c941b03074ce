// What the nodes of the graph are coloured by.

import {CATEGORIES, colourOf} from "../shared/categories.js";
import {sum} from "../shared/numbers.js";
import {mainCategory} from "./amounts.js";
import {codesOf} from "./data.js";

const STRONG = 0.75;  // of a colour that says what, not how much

const byAmount = (nodes, amount) => {
  const most = Math.max(...nodes.map((node) => sum(node.ops, amount)), 1e-12);
  return (node) => [sum(node.ops, amount) / most, "var(--hot)"];
};

// For each way of colouring: how strongly a node is coloured, from 0 to 1, and with what.
const HEATS = {
  cost: (nodes, {bytes}) => byAmount(nodes, bytes),
  time: (nodes, {seconds}) => byAmount(nodes, seconds),
  category: (_, {bytes}) => ({ops}) => [ops.length ? STRONG : 0, colourOf(mainCategory(ops, bytes))],
  guideline: (_, __, audit) => ({ops}) => [codesOf(audit, ops).length ? STRONG : 0, "var(--fail)"],
};

export const heatOf = (way, nodes, amounts, audit) => HEATS[way](nodes, amounts, audit);

// What the colours mean, for the key below the graph.
export const KEYS = {
  cost: [["the stronger, the more memory access", "var(--hot)"]],
  time: [["the stronger, the more time", "var(--hot)"]],
  category: CATEGORIES.map((name) => [name, colourOf(name)]),
  guideline: [["has a finding", "var(--fail)"]],
};
