// Which parts of the graph are open, and what is to be seen then: nodes, frames around them, edges.

import {human, sum} from "../shared/numbers.js";

// A path such as "3.0.2" is the third part inside the first of part 3.
const partFrom = ([name, start, stop, inside], path) => ({
  name, start, stop, path, parts: inside.map((part, index) => partFrom(part, `${path}.${index}`)),
});

export const partTree = (stored) => stored.map((part, index) => partFrom(part, String(index)));

// The parts around an op, the outermost first.
export const partsAround = (parts, opIndex) => {
  const part = parts.find(({start, stop}) => start <= opIndex && opIndex < stop);
  return part ? [part, ...partsAround(part.parts, opIndex)] : [];
};

const opNode = (op, frame, bytes) => ({
  id: `op-${op.index}`, op, frame, ops: [op], title: op.name, under: `${op.kind} · ${human(bytes(op), "B")}`,
});

const partNode = (part, frame, {ops, bytes}) => {
  const inside = ops.slice(part.start, part.stop);
  return {
    id: `part-${part.path}`, part, frame, ops: inside, title: part.name,
    under: `${inside.length} ops · ${human(sum(inside, bytes), "B")}`,
  };
};

const inputNode = ([title, under], index) => ({id: `input-${index}`, frame: null, ops: [], title, under});

// An open part is a frame; a closed one, or an op, a node.
const unfolded = (parts, frame, shown) => parts.reduce(({nodes, frames}, part) => {
  const {ops, bytes, open} = shown;
  if (part.stop - part.start === 1) nodes.push(opNode(ops[part.start], frame, bytes));
  else if (!open.has(part.path)) nodes.push(partNode(part, frame, shown));
  else {
    const own = partNode(part, frame, shown);
    frames.push(own);
    const inside = unfolded(part.parts, own.id, shown);
    frames.push(...inside.frames);
    if (part.parts.length) nodes.push(...inside.nodes);
    else nodes.push(...own.ops.map((op) => opNode(op, own.id, bytes)));
  }
  return {nodes, frames};
}, {nodes: [], frames: []});

// Pairs of ids: from each node to those that read what is made in it.
const edgesBetween = (nodes, ops) => {
  const nodeOf = new Array(ops.length);
  for (const node of nodes) for (const op of node.ops) nodeOf[op.index] = node.id;
  const ends = (op) => op.parents.map((parent) =>
    [parent < 0 ? `input-${-1 - parent}` : nodeOf[parent], nodeOf[op.index]]);
  const between = ops.flatMap(ends).filter(([from, to]) => from !== to);
  return [...new Map(between.map((edge) => [edge.join(" "), edge])).values()];
};

// What is seen when the parts whose paths are in `open` are open; `bytes` is what an op moves.
export const visible = ({ops, inputs, parts}, open, bytes) => {
  const {nodes, frames} = unfolded(parts, null, {ops, bytes, open});
  return {
    nodes: [...inputs.map(inputNode).reverse(), ...nodes], frames, edges: edgesBetween(nodes, ops),
  };
};
