// Which parts of the graph are open, and what is to be seen then: nodes, frames around them, edges.

const open = new Set();  // paths such as "3.0.2": the third part inside the first of part 3

const partFrom = ([name, start, stop, inside], path) => ({
  name, start, stop, path, parts: inside.map((each, at) => partFrom(each, `${path}.${at}`)),
});

const topParts = page.parts.map((each, at) => partFrom(each, String(at)));

// The parts around an op, the outermost first.
const partsAround = (at) => {
  const found = [];
  let parts = topParts;
  for (;;) {
    const part = parts.find((each) => each.start <= at && at < each.stop);
    if (!part) return found;
    found.push(part);
    parts = part.parts;
  }
};

const opNode = (op, frame) => ({
  id: `op-${op.at}`, op, frame, ops: [op], title: op.name, under: `${op.kind} · ${human(bytesOf(op), "B")}`,
});

const partNode = (part, frame) => {
  const mine = ops.slice(part.start, part.stop);
  return {
    id: `part-${part.path}`, part, frame, ops: mine, title: part.name,
    under: `${mine.length} ops · ${human(total(mine, bytesOf), "B")}`,
  };
};

// An open part is a frame; a closed one, or an op, a node.
const visible = () => {
  const [nodes, frames] = [[], []];
  const nodeOf = new Array(ops.length);
  const add = (node) => {
    nodes.push(node);
    for (const op of node.ops) nodeOf[op.at] = node.id;
  };
  const walk = (part, frame) => {
    if (part.stop - part.start === 1) return add(opNode(ops[part.start], frame));
    if (!open.has(part.path)) return add(partNode(part, frame));
    const mine = partNode(part, frame);
    frames.push(mine);
    if (part.parts.length) for (const each of part.parts) walk(each, mine.id);
    else for (const op of mine.ops) add(opNode(op, mine.id));
  };
  for (const part of topParts) walk(part, null);
  const edges = new Set();
  page.inputs.forEach(([name, tensor], at) =>
    nodes.unshift({id: `input-${at}`, frame: null, ops: [], title: name, under: tensor}));
  for (const op of ops) {
    for (const parent of op.parents) {
      const from = parent < 0 ? `input-${-1 - parent}` : nodeOf[parent];
      if (from !== nodeOf[op.at]) edges.add(`${from} ${nodeOf[op.at]}`);
    }
  }
  return {nodes, frames, edges: [...edges].map((edge) => edge.split(" ")), nodeOf};
};
