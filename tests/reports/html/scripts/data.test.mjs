// The data that Python writes into the page becomes ops with their findings and times.

import assert from "node:assert/strict";
import {test} from "node:test";
import {amountsOf, mainCategory} from "../../../../reports/html/scripts/audit/amounts.js";
import {auditOf, codesOf, secondsByOp} from "../../../../reports/html/scripts/audit/data.js";
import {sum} from "../../../../reports/html/scripts/shared/numbers.js";
import {audit, golden, network} from "./networks.mjs";

test("an op has what is stored of it, in columns and in pooled columns", () => {
  const data = golden();
  const {ops} = auditOf(data);
  assert.equal(ops.length, data.ops.name.length);
  for (const [index, op] of ops.entries()) {
    assert.equal(op.index, index);
    assert.equal(op.name, data.ops.name[index]);
    assert.equal(op.macs, data.ops.macs[index]);
    assert.equal(op.module, data.ops.module.values[data.ops.module.at[index]]);
    assert.equal(op.category, data.categories[op.kind]);
    assert.deepEqual(op.parents, data.parents[index]);
  }
});

test("two audits do not share their ops", () => {
  const [first, second] = [audit(), auditOf(golden())];
  assert.equal(first.ops[0].name, "op_0");
  assert.equal(second.ops[0].name, "conv");
});

test("an op has each finding that names it, and each finding its ops", () => {
  for (const data of [network(), golden()]) {
    const {ops} = auditOf(data);
    const pairs = ops.flatMap((op) => op.findings.map(({fingerprint}) => `${fingerprint} ${op.index}`));
    const stored = data.findings.flatMap((finding) => finding.ops.map((index) => `${finding.fingerprint} ${index}`));
    assert.deepEqual(pairs.sort(), stored.sort());
  }
});

test("no two findings that Python writes have the same fingerprint", () => {
  const marks = golden().findings.map(({fingerprint}) => fingerprint);
  assert.equal(new Set(marks).size, marks.length);
});

test("findings of the same words stay apart", () => {
  const {ops} = audit();
  assert.deepEqual(ops[2].findings.map(({fingerprint}) => fingerprint), ["a"]);
  assert.deepEqual(ops[4].findings.map(({fingerprint}) => fingerprint), ["a:2"]);
});

test("guidelines are named once each, in the order of the audit", () => {
  const net = audit();
  assert.deepEqual(codesOf(net, net.ops), ["G1", "G3"]);
  assert.deepEqual(codesOf(net, [net.ops[0]]), []);
});

test("the time of a kernel is shared among its ops, and none is lost but that of kernels without ops", () => {
  for (const data of [network(), golden()]) {
    for (const latency of data.latencies) {
      const shared = sum([...secondsByOp(latency).values()]);
      const timed = sum(latency.kernels.filter(({ops}) => ops.length), ({seconds}) => seconds);
      assert.ok(Math.abs(shared - timed) < 1e-12);
    }
  }
  assert.equal(audit().ops[2].seconds, 0.0025);
});

test("without latencies no op has a time", () => {
  const net = audit({latencies: []});
  assert.equal(net.timed, false);
  assert.deepEqual([...new Set(net.ops.map(({seconds}) => seconds))], [null]);
});

test("memory access is counted fused or op by op, everything else in one way", () => {
  const [op] = audit().ops.slice(2);
  assert.equal(amountsOf(true).bytes(op), 0);
  assert.equal(amountsOf(false).bytes(op), 30);
  for (const name of ["macs", "params", "seconds"]) {
    assert.equal(amountsOf(true)[name](op), amountsOf(false)[name](op));
  }
});

test("parameters that two modules share are counted once", () => {
  assert.equal(sum(audit().ops, amountsOf(false).params), 18);
});

test("the main category has the most of what is counted", () => {
  const {ops} = audit();
  assert.equal(mainCategory(ops, (op) => op.macs), "Conv");
  assert.equal(mainCategory(ops, (op) => op.bytes), "Elemwise");
});

test("text to search in is in lower case, and intensity is unknown where nothing moves", () => {
  const {ops} = audit();
  assert.equal(ops[1].text, "op_1 conv stage.0.conv aten.conv net.py:1");
  assert.equal(ops[1].intensity, 10);
  assert.equal(ops[7].intensity, null);
});
