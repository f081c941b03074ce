// What the charts of an audit show.

import assert from "node:assert/strict";
import {test} from "node:test";
import {heatOf, KEYS} from "../../../../reports/html/scripts/audit/colouring.js";
import {figure2Bars} from "../../../../reports/html/scripts/audit/figure2.js";
import {intensityShares} from "../../../../reports/html/scripts/audit/intensity.js";
import {costsByKind} from "../../../../reports/html/scripts/audit/kinds.js";
import {layout} from "../../../../reports/html/scripts/audit/layout.js";
import {visible} from "../../../../reports/html/scripts/audit/parts.js";
import {furthestBelow, kernelsOf, roofOf} from "../../../../reports/html/scripts/audit/roofline.js";
import {amountsOf} from "../../../../reports/html/scripts/audit/amounts.js";
import {sum} from "../../../../reports/html/scripts/shared/numbers.js";
import {audit, network} from "./networks.mjs";

const net = audit();
const bytes = (op) => op.bytes;
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} and ${b}`);

test("each bar of Figure 2 is a whole, shared out among the categories", () => {
  const bars = figure2Bars(net);
  const names = [...new Set(bars.map(({bar}) => bar))];
  assert.deepEqual(names, ["FLOPs", "Memory, op by op", "Memory, fused", "Time, eager"]);
  for (const name of names) near(sum(bars.filter(({bar}) => bar === name), ({share}) => share), 1);
  near(bars.find(({bar, category}) => bar === "FLOPs" && category === "Conv").share, 700 / 750);
});

test("times of the same backend are told apart by their number and device", () => {
  const [latency] = network().latencies;
  const latencies = [latency, {...latency, device: "gpu"}, {...latency, predicted: true}];
  const names = [...new Set(figure2Bars(audit({latencies})).map(({bar}) => bar))];
  assert.deepEqual(names.slice(3), ["Time, eager 1, cpu", "Time, eager 2, gpu", "Time, predicted"]);
});

test("kinds that cost something are shown, the most costly first", () => {
  assert.deepEqual(costsByKind(net.ops, (op) => op.macs).map(({kind, amount}) => [kind, amount]), [["conv", 700], ["linear", 50]]);
  assert.deepEqual(costsByKind(net.ops, bytes).map(({kind}) => kind), ["elementwise", "conv", "linear"]);
});

test("all memory access has its bin of intensity", () => {
  const shares = intensityShares(net.ops, bytes);
  near(sum(shares, ({share}) => share), 1);
  const idle = shares.filter(({bin}) => bin === -6);
  near(sum(idle, ({share}) => share), 140 / 280);
  assert.equal(shares.find(({category}) => category === "Conv").bin, 3, "10 multiply–adds per byte are in the bin of 8");
});

test("no kernel is above the roof that the best of them make", () => {
  const kernels = kernelsOf(net.latencies[0], net, bytes);
  assert.deepEqual(kernels.map(({name}) => name), ["op_0", "op_1 + op_2"]);
  const roof = roofOf(kernels);
  for (const {rate, intensity} of kernels) assert.ok(rate <= roof.rateAt(intensity) * (1 + 1e-12));
  assert.ok(kernels.some(({rate, intensity}) => rate >= roof.rateAt(intensity) * (1 - 1e-12)), "and one reaches it");
});

test("the roof of a known device is the device's", () => {
  const roof = roofOf([], {peak: 100, bandwidth: 10});
  assert.equal(roof.rateAt(1), 10);
  assert.equal(roof.rateAt(1000), 100);
});

test("the kernel that loses most time is named first", () => {
  const roof = roofOf([], {peak: 1e6, bandwidth: 1e6});
  const [worst] = furthestBelow(roof, kernelsOf(net.latencies[0], net, bytes));
  assert.equal(worst.name, "op_1 + op_2");
});

test("the costliest node is the hottest, and every way of colouring has a key", () => {
  const {nodes} = visible(net, new Set(), bytes);
  for (const way of Object.keys(KEYS)) {
    const heat = heatOf(way, nodes, amountsOf(false), net);
    for (const node of nodes) assert.ok(heat(node)[0] >= 0 && heat(node)[0] <= 1);
  }
  const heat = heatOf("cost", nodes, amountsOf(false), net);
  assert.deepEqual(nodes.filter((node) => heat(node)[0] === 1).map(({id}) => id), ["part-1"]);
  const found = heatOf("guideline", nodes, amountsOf(false), net);
  assert.deepEqual(nodes.filter((node) => found(node)[0] > 0).map(({id}) => id), ["part-1"]);
});

test("nodes stand apart, and each below what it reads", () => {
  const shown = visible(net, new Set(["1", "1.1"]), bytes);
  const graph = layout(shown);
  for (const [from, to] of shown.edges) assert.ok(graph.node(from).y < graph.node(to).y, `${from} above ${to}`);
  const boxes = shown.nodes.map(({id}) => graph.node(id));
  const overlap = (a, b) => Math.abs(a.x - b.x) < 208 && Math.abs(a.y - b.y) < 40;
  for (const [index, box] of boxes.entries()) assert.ok(!boxes.slice(index + 1).some((other) => overlap(box, other)));
});
