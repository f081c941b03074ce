// The modules of the model as a tree.

import {sum} from "../shared/numbers.js";
import {amountsOf} from "./amounts.js";

const ROOT = "the model itself";
const SUMS = ["macs", "bytes", "bytes_fused", "params", "seconds"];

const namesIn = (path) => (path ? path.split(".") : []);

// The module of that name inside another, which is made where there is none yet.
const childOf = (node, name) => {
  const path = node.path ? `${node.path}.${name}` : name;
  if (!node.inside.has(name)) node.inside.set(name, {name, path, ops: [], inside: new Map()});
  return node.inside.get(name);
};

// Every module with the ops of its own; the model itself has the empty path.
export const moduleTree = ({model, ops}) => {
  const root = {name: model, path: "", ops: [], inside: new Map()};
  for (const op of ops) namesIn(op.module).reduce(childOf, root).ops.push(op);
  return root;
};

export const moduleAt = (tree, path) => namesIn(path).reduce((node, name) => node.inside.get(name), tree);

const opsWithin = (node) => [...node.ops, ...[...node.inside.values()].flatMap(opsWithin)];

// A module with one module in it and nothing else says no more than the one inside.
const withoutWrappers = (node) => {
  const [only, ...others] = node.inside.values();
  return only && !others.length && !node.ops.length ? withoutWrappers(only) : node;
};

// The modules directly inside one, and its own ops, each with what they add up to.
const tilesOf = (node, amount) => {
  const own = {path: node.path, name: "own ops", ops: node.ops, opens: false};
  const inside = [...node.inside.values()].map((module) => {
    const shown = withoutWrappers(module);
    return {path: shown.path, name: shown.path.slice(node.path ? node.path.length + 1 : 0),
      ops: opsWithin(shown), opens: shown.inside.size > 0};
  });
  return [...inside, own].map((tile) => ({...tile, amount: sum(tile.ops, amount)}))
    .filter((tile) => tile.amount > 0);
};

// Each module inside that at `path`, and in it the modules one level further down.
export const boxesOf = (tree, path, amount) =>
  tilesOf(withoutWrappers(moduleAt(tree, path)), amount).map((tile) => {
    const inside = tile.opens ? tilesOf(moduleAt(tree, tile.path), amount) : [];
    return inside.length > 1 ? {...tile, children: inside} : tile;
  });

// A row for each module, the outermost first; each adds up those inside it, which are then complete.
export const moduleRows = (node) => {
  const inside = [...node.inside.values()].map(moduleRows);
  const path = node.path || ROOT;
  const {macs, params, seconds} = amountsOf(false);
  const row = {
    path, class: node.ops[0]?.module_class ?? "", ops: node.ops.length, text: path.toLowerCase(),
    macs: sum(node.ops, macs), params: sum(node.ops, params), seconds: sum(node.ops, seconds),
    bytes: sum(node.ops, (op) => op.bytes), bytes_fused: sum(node.ops, (op) => op.bytes_fused),
  };
  for (const [first] of inside) {
    row.ops += first.ops;
    for (const name of SUMS) row[name] += first[name];
  }
  return [row, ...inside.flat()];
};
