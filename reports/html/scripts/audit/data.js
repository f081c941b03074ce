// The audit as ops: each with its numbers, the ops that it reads, and the findings that name it.

import {partTree} from "./parts.js";

const NONE = Object.freeze([]);

// An op is an index into the columns: nothing is copied, so that many ops are there at once.
const opClass = ({ops: columns, parents, categories}) => {
  class Op {
    constructor(index) {
      this.index = index;
      this.findings = NONE;
      this.seconds = null;
    }

    get parents() { return parents[this.index]; }
    get category() { return categories[this.kind]; }
    get intensity() { return this.bytes ? this.macs / this.bytes : null; }
    get text() { return [this.name, this.kind, this.module, this.target, this.source].join(" ").toLowerCase(); }
  }
  for (const [name, stored] of Object.entries(columns)) {
    const value = Array.isArray(stored) ? (index) => stored[index] : (index) => stored.values[stored.at[index]];
    Object.defineProperty(Op.prototype, name, {get() { return value(this.index); }});
  }
  return Op;
};

// A kernel's time is shared equally among the ops that it runs.
export const secondsByOp = ({kernels}) => {
  const seconds = new Map();
  for (const kernel of kernels) {
    for (const index of kernel.ops) {
      seconds.set(index, (seconds.get(index) ?? 0) + kernel.seconds / kernel.ops.length);
    }
  }
  return seconds;
};

// What the page's data says, as ops and the tree of parts; times of ops are those of the first latency.
export const auditOf = (data) => {
  const Op = opClass(data);
  const ops = data.ops.name.map((_, index) => new Op(index));
  for (const finding of data.findings) {
    for (const index of finding.ops) ops[index].findings = [...ops[index].findings, finding];
  }
  const timed = data.latencies.length > 0;
  if (timed) for (const [index, seconds] of secondsByOp(data.latencies[0])) ops[index].seconds = seconds;
  const {model, categories, codes, inputs, latencies} = data;
  return {model, categories, codes, inputs, latencies, ops, timed, parts: partTree(data.parts)};
};

// The guidelines with a finding at these ops, in the order of the audit.
export const codesOf = (audit, ops) => {
  const found = new Set(ops.flatMap((op) => op.findings.map((finding) => finding.code)));
  return audit.codes.filter((code) => found.has(code));
};
