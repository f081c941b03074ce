// What the charts and tables of a comparison show.

import assert from "node:assert/strict";
import {test} from "node:test";
import {blockRows} from "../../../../reports/html/scripts/comparison/blocks.js";
import {kindRows, ratioRows} from "../../../../reports/html/scripts/comparison/charts.js";
import {amountName, bothTexts, eitherText, modelColour} from "../../../../reports/html/scripts/comparison/data.js";
import {barsOf} from "../../../../reports/html/scripts/comparison/figure2.js";
import {sum} from "../../../../reports/html/scripts/shared/numbers.js";

const MEASURE = {parts: [[4, 2, 0, 0, 2], null, [1, 1, 0, 0, 0]], texts: ["8 B", "unavailable", "2 B, 0.25×"]};
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} and ${b}`);

test("bars are as long as their model's amount, relative to the first", () => {
  const {rows, ends} = barsOf(MEASURE, {shares: false});
  assert.deepEqual(ends.map(({length}) => length), [1, 0, 0.25]);
  for (const {model, length} of ends) near(sum(rows.filter((row) => row.model === model), (row) => row.length), length);
});

test("bars of shares are all as long, and what is unavailable has no parts", () => {
  const {rows, ends} = barsOf(MEASURE, {shares: true});
  assert.deepEqual(ends.map(({length}) => length), [1, 1, 1]);
  assert.equal(rows.filter(({model}) => model === 1).length, 0);
  for (const model of [0, 2]) near(sum(rows.filter((row) => row.model === model), ({share}) => share), 1);
});

test("where the first has nothing, lengths are relative to the next that has", () => {
  const {ends} = barsOf({parts: [null, [3], [6]], texts: ["", "", ""]}, {shares: false});
  assert.deepEqual(ends.map(({length}) => length), [0, 1, 2]);
});

test("kinds that any model has are shown, the most costly first", () => {
  const kinds = [
    {kind: "group_conv", macs: [1, 2]}, {kind: "data", macs: [0, 0]}, {kind: "conv", macs: [5, null]},
  ];
  assert.deepEqual(kindRows({kinds}, "macs").map(({group, model, text}) => [group, model, text]), [
    ["conv", 0, "5"], ["conv", 1, "unavailable"], ["group conv", 0, "1"], ["group conv", 1, "2"],
  ]);
});

test("ratios are those of all models but the first", () => {
  const totals = [{title: "FLOPs", ratios: [0.5, null], texts: ["0.50×", "–"]}];
  assert.deepEqual(ratioRows({totals}).map(({model, length, text}) => [model, length, text]), [[1, 0.5, "0.50×"], [2, 1, "–"]]);
});

test("a block that a model does not have has no bar", () => {
  const blocks = [{sides: [{name: "stem", bytes: 8}, null]}, {sides: [null, {name: "head", bytes: null}]}];
  const rows = blockRows(blocks, {models: ["A", "B", "C"], pair: [0, 2]}, "bytes");
  assert.deepEqual(rows.map(({block, side, model, amount}) => [block, side, model, amount]), [[0, 0, 0, 8], [1, 1, 2, 0]]);
  assert.equal(rows[0].title, "stem\nA: 8 B");
});

test("what two ops have in common is said once", () => {
  const text = (op) => op.kind;
  const [conv, linear] = [{kind: "conv"}, {kind: "linear"}];
  assert.equal(bothTexts(conv, conv, text), "conv");
  assert.equal(bothTexts(conv, null, text), "conv → –");
  assert.equal(eitherText(conv, linear, text), "conv; then linear");
  assert.equal(eitherText(null, linear, text), "linear");
});

test("fusion changes how bytes are counted and nothing else", () => {
  assert.equal(amountName("bytes", true), "bytes_fused");
  assert.equal(amountName("bytes", false), "bytes");
  for (const name of ["macs", "seconds"]) assert.equal(amountName(name, true), name);
});

test("neighbouring models have different colours", () => {
  for (let index = 0; index < 9; index += 1) assert.notEqual(modelColour(index), modelColour(index + 1));
});
