// The data of pages for tests: that of the golden file, which Python writes, and small networks.

import {readFileSync} from "node:fs";
import {auditOf} from "../../../../reports/html/scripts/audit/data.js";

const GOLDEN = new URL("../__snapshots__/test_page/test_what_the_scripts_work_with.json", import.meta.url);

// What Python put into the page of the audit by hand.
export const golden = () => JSON.parse(readFileSync(GOLDEN));

const pooled = (values) => ({values, at: values.map((_, index) => index)});

const MODULES = ["stem", "stage.0.conv", "stage.0.relu", "stage.1.conv", "stage.1.relu", "stage.1.relu", "head.fc", ""];
const KINDS = ["conv", "conv", "elementwise", "conv", "elementwise", "elementwise", "linear", "shuffle"];

// Eight ops that branch and join, in parts of three levels; two findings have the same words.
const NETWORK = {
  model: "Net",
  categories: {conv: "Conv", elementwise: "Elemwise", linear: "Other", shuffle: "Shuffle"},
  codes: ["G1", "G2", "G3"],
  inputs: [["x", "float32[1×3]"], ["y", "float32[1]"]],
  ops: {
    name: MODULES.map((_, index) => `op_${index}`),
    macs: [100, 200, 0, 400, 0, 0, 50, null],
    bytes: [10, 20, 30, 40, 50, 60, 70, null],
    bytes_fused: [10, 20, 0, 40, 0, 0, 70, null],
    params: [5, 6, 0, 6, 0, 0, 7, 0],
    params_first: [5, 6, 0, 0, 0, 0, 7, 0],
    kind: pooled(KINDS),
    target: pooled(KINDS.map((kind) => `aten.${kind}`)),
    module: pooled(MODULES),
    module_class: pooled(MODULES.map((path) => (path ? "Layer" : "Net"))),
    source: pooled(MODULES.map((_, index) => `net.py:${index}`)),
  },
  parents: [[-1], [0], [1], [2, 0], [3], [4, -2], [5], [6]],
  parts: [
    ["stem", 0, 1, []],
    ["stage", 1, 6, [["stage.0", 1, 3, []], ["stage.1", 3, 6, [["stage.1.conv", 3, 4, []], ["stage.1.relu", 4, 6, []]]]]],
    ["head", 6, 8, []],
  ],
  findings: [
    {fingerprint: "a", code: "G3", message: "3 fragments", ops: [1, 2]},
    {fingerprint: "a:2", code: "G3", message: "3 fragments", ops: [3, 4]},
    {fingerprint: "b", code: "G1", message: "4 times apart", ops: [1]},
  ],
  latencies: [{
    backend: "eager", device: "cpu", predicted: false, roof: null, total: 0.01,
    kernels: [
      {ops: [0], kind: "conv", seconds: 0.001}, {ops: [1, 2], kind: "conv", seconds: 0.004},
      {ops: [], kind: "shuffle", seconds: 0.002}, {ops: [2], kind: "elementwise", seconds: 0.0005},
    ],
  }],
};

export const network = () => structuredClone(NETWORK);

export const audit = (changes = {}) => auditOf({...network(), ...changes});
