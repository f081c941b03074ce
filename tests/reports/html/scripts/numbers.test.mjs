// Numbers read the same on the page as in the reports that Python writes: tests/reports/html/test_scripts.py
// holds Python to the same texts.

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";
import {amountText, duration, human, percent, sum} from "../../../../reports/html/scripts/shared/numbers.js";

const TEXTS = JSON.parse(readFileSync(new URL("numbers.json", import.meta.url)));

test("a count is written as Python writes it", () => {
  for (const [n, unit, text] of TEXTS.human) assert.equal(human(n, unit), text, `${n} ${unit}`);
});

test("a time is written as Python writes it", () => {
  for (const [seconds, text] of TEXTS.duration) assert.equal(duration(seconds), text, `${seconds} s`);
});

test("a share is written as Python writes it", () => {
  for (const [share, text] of TEXTS.percent) assert.equal(percent(share), text, String(share));
});

test("what is not known is said, and never zero", () => {
  for (const nothing of [null, undefined]) {
    assert.equal(human(nothing, "B"), "unknown");
    assert.equal(duration(nothing), "not timed");
  }
});

test("an amount has the unit of what it counts", () => {
  assert.equal(amountText("bytes", 2048), "2.05 kB");
  assert.equal(amountText("bytes_fused", 2048), "2.05 kB");
  assert.equal(amountText("macs", 2048), "2.05 k");
  assert.equal(amountText("params", 12), "12");
  assert.equal(amountText("seconds", 0.002), "2.00 ms");
});

test("what is unknown adds nothing to a sum", () => {
  assert.equal(sum([1, null, 2, undefined]), 3);
  assert.equal(sum([{n: 1}, {n: null}, {n: 4}], ({n}) => n), 5);
  assert.equal(sum([]), 0);
});
