// The tree of parts: whatever is open, each op is seen once and each edge joins what is seen.

import assert from "node:assert/strict";
import {test} from "node:test";
import {partsAround, partTree, visible} from "../../../../reports/html/scripts/audit/parts.js";
import {audit} from "./networks.mjs";

const bytes = (op) => op.bytes;
const pathsOf = (parts) => parts.flatMap((part) => [part.path, ...pathsOf(part.parts)]);

// Every choice of open parts: 2 to the power of how many there are.
function* choices(paths) {
  for (let bits = 0; bits < 2 ** paths.length; bits += 1) {
    yield new Set(paths.filter((_, index) => bits & (1 << index)));
  }
}

const net = audit();
const paths = pathsOf(net.parts);

test("a part knows its path", () => {
  assert.deepEqual(paths, ["0", "1", "1.0", "1.1", "1.1.0", "1.1.1", "2"]);
  const [part] = partTree([["a", 0, 2, [["b", 0, 1, []]]]]);
  assert.deepEqual([part.name, part.start, part.stop, part.parts[0].name], ["a", 0, 2, "b"]);
});

test("each op is in exactly one node, in the order in which they run", () => {
  for (const open of choices(paths)) {
    const {nodes} = visible(net, open, bytes);
    const seen = nodes.flatMap((node) => node.ops.map((op) => op.index));
    assert.deepEqual(seen, net.ops.map((op) => op.index));
  }
});

test("each edge joins two nodes that are seen, once, and what is seen has no cycle", () => {
  for (const open of choices(paths)) {
    const {nodes, edges} = visible(net, open, bytes);
    const place = new Map(nodes.map(({id}, index) => [id, index]));
    for (const [from, to] of edges) assert.ok(place.get(from) < place.get(to), `${from} to ${to}`);
    assert.equal(new Set(edges.map(String)).size, edges.length);
  }
});

test("two nodes are joined where an op of one reads what an op of the other made", () => {
  for (const open of choices(paths)) {
    const {nodes, edges} = visible(net, open, bytes);
    const nodeOf = (index) => nodes.find(({ops}) => ops.some((op) => op.index === index)).id;
    const expected = net.ops.flatMap((op) => op.parents.map((parent) =>
      `${parent < 0 ? `input-${-1 - parent}` : nodeOf(parent)} ${nodeOf(op.index)}`));
    const between = expected.filter((edge) => new Set(edge.split(" ")).size === 2);
    assert.deepEqual(new Set(edges.map((edge) => edge.join(" "))), new Set(between));
  }
});

test("a frame is an open part inside open parts, and holds its nodes", () => {
  for (const open of choices(paths)) {
    const {nodes, frames} = visible(net, open, bytes);
    const ids = new Set(frames.map(({id}) => id));
    for (const {part} of frames) assert.ok(open.has(part.path));
    for (const {frame} of [...nodes, ...frames]) assert.ok(frame === null || ids.has(frame));
  }
});

test("with all parts open every op is a node of its own, with none every part is one", () => {
  const opened = visible(net, new Set(paths), bytes);
  assert.deepEqual(opened.nodes.filter(({op}) => op).map(({op}) => op.index), net.ops.map((op) => op.index));
  const closed = visible(net, new Set(), bytes);
  assert.deepEqual(closed.nodes.map(({id}) => id), ["input-1", "input-0", "op-0", "part-1", "part-2"]);
  assert.deepEqual(closed.frames, []);
});

test("a closed part says how many ops it has and what they move", () => {
  const stage = visible(net, new Set(), bytes).nodes.find(({id}) => id === "part-1");
  assert.equal(stage.under, "5 ops · 200 B");
});

test("the parts around an op all hold it, the outermost first", () => {
  assert.deepEqual(partsAround(net.parts, 5).map(({path}) => path), ["1", "1.1", "1.1.1"]);
  for (const op of net.ops) {
    const around = partsAround(net.parts, op.index);
    assert.ok(around.every(({start, stop}) => start <= op.index && op.index < stop));
    const {nodes} = visible(net, new Set(around.map(({path}) => path)), bytes);
    assert.ok(nodes.some((node) => node.op === op), "and with these open, the op is seen");
  }
  assert.deepEqual(partsAround(net.parts, 8), []);
});
