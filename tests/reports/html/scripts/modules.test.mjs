// The tree of modules adds up, at whichever level it is looked at.

import assert from "node:assert/strict";
import {test} from "node:test";
import {boxesOf, moduleAt, moduleRows, moduleTree} from "../../../../reports/html/scripts/audit/modules.js";
import {sum} from "../../../../reports/html/scripts/shared/numbers.js";
import {audit} from "./networks.mjs";

const net = audit();
const tree = moduleTree(net);
const bytes = (op) => op.bytes;

test("a module is found by its path and has its own ops", () => {
  assert.equal(moduleAt(tree, ""), tree);
  assert.equal(moduleAt(tree, "stage.1.relu").path, "stage.1.relu");
  assert.deepEqual(moduleAt(tree, "stage.1.relu").ops.map(({index}) => index), [4, 5]);
  assert.deepEqual(tree.ops.map(({index}) => index), [7]);
});

test("the first row has the sums of the network, and each module one row", () => {
  const rows = moduleRows(tree);
  assert.deepEqual(rows.map(({path}) => path), [
    "the model itself", "stem", "stage", "stage.0", "stage.0.conv", "stage.0.relu",
    "stage.1", "stage.1.conv", "stage.1.relu", "head", "head.fc",
  ]);
  const [whole] = rows;
  assert.equal(whole.ops, net.ops.length);
  for (const name of ["macs", "bytes", "bytes_fused"]) assert.equal(whole[name], sum(net.ops, (op) => op[name]));
  assert.ok(Math.abs(whole.seconds - sum(net.ops, (op) => op.seconds)) < 1e-12);
  assert.equal(whole.params, sum(net.ops, (op) => op.params_first));
});

test("a row adds up the rows of the modules directly inside it and its own ops", () => {
  const rows = new Map(moduleRows(tree).map((row) => [row.path, row]));
  assert.equal(rows.get("stage").bytes, rows.get("stage.0").bytes + rows.get("stage.1").bytes);
  assert.equal(rows.get("stage.1").ops, 3);
});

test("boxes share out everything inside a module, and so do the boxes in a box", () => {
  for (const path of ["", "stage", "stage.1"]) {
    const inside = net.ops.filter((op) => `${op.module}.`.startsWith(path && `${path}.`));
    const boxes = boxesOf(tree, path, bytes);
    assert.equal(sum(boxes, ({amount}) => amount), sum(inside, bytes));
    for (const box of boxes.filter(({children}) => children)) {
      assert.equal(sum(box.children, ({amount}) => amount), box.amount);
    }
  }
});

test("a module with nothing but one module in it is passed over", () => {
  assert.deepEqual(boxesOf(tree, "", bytes).map(({name}) => name), ["stem", "stage", "head.fc"]);
});
