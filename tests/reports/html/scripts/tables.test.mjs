// What tables sort, cut and copy.

import assert from "node:assert/strict";
import {test} from "node:test";
import {csv} from "../../../../reports/html/scripts/audit/csv.js";
import {sorted} from "../../../../reports/html/scripts/audit/sorting.js";
import {endOf, kindText, startOf} from "../../../../reports/html/scripts/shared/text.js";

const column = {title: "n", value: ({n}) => n};
const rows = (...values) => values.map((n) => ({n}));

test("rows without a value stand last, whichever way the others go", () => {
  const given = rows(2, null, 10, undefined, 1);
  assert.deepEqual(sorted(given, column, false).map(({n}) => n), [1, 2, 10, null, undefined]);
  assert.deepEqual(sorted(given, column, true).map(({n}) => n), [10, 2, 1, null, undefined]);
  assert.deepEqual(given.map(({n}) => n), [2, null, 10, undefined, 1], "and what was given stays as it was");
});

test("numbers in names are numbers", () => {
  assert.deepEqual(sorted(rows("conv_10", "conv_9"), column, false).map(({n}) => n), ["conv_9", "conv_10"]);
});

test("equal rows keep their order", () => {
  const given = [{n: 1, id: "a"}, {n: 1, id: "b"}, {n: 0, id: "c"}];
  assert.deepEqual(sorted(given, column, true).map(({id}) => id), ["a", "b", "c"]);
});

test("a cell of CSV is quoted where it has a comma, a quote or a line break", () => {
  const text = csv([column, {title: "a, b", value: () => null}], rows("x", 'say "x"', "1\n2"));
  assert.equal(text, 'n,"a, b"\nx,\n"say ""x""",\n"1\n2",');
});

test("a name that is cut has as many letters as there is room for", () => {
  for (const letters of [3, 7, 11]) {
    assert.equal(endOf("stage.0.conv", letters).length, letters);
    assert.equal(startOf("stage.0.conv", letters).length, letters);
  }
  assert.equal(endOf("stage.0.conv", 5), "…conv");
  assert.equal(startOf("stage.0.conv", 6), "stage…");
  assert.equal(endOf("conv", 4), "conv");
  assert.equal(startOf("conv", 2), "", "two letters say nothing");
});

test("a kind is written in words", () => {
  assert.equal(kindText("depthwise_conv"), "depthwise conv");
});
