// What of an op is counted, and which category has most of it.

import {CATEGORIES} from "../shared/categories.js";
import {sum} from "../shared/numbers.js";

// Parameters are counted where they are first read, so that those of shared modules count once.
export const amountsOf = (fused) => ({
  bytes: fused ? (op) => op.bytes_fused : (op) => op.bytes,
  macs: (op) => op.macs,
  params: (op) => op.params_first,
  seconds: (op) => op.seconds,
});

export const mainCategory = (ops, amount) => {
  const sums = CATEGORIES.map((category) => sum(ops.filter((op) => op.category === category), amount));
  return CATEGORIES[sums.indexOf(Math.max(...sums))];
};
