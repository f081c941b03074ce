// The audit as ops: objects with their numbers, who they read, and which findings they are in.

const page = JSON.parse(document.getElementById("data").textContent);

const column = (name) => {
  const stored = page.ops[name];
  return Array.isArray(stored) ? stored : stored.at.map((at) => stored.values[at]);
};

const COLUMNS = Object.keys(page.ops).map((name) => [name, column(name)]);

const ops = page.ops.name.map((_, at) => {
  const op = {at, parents: page.parents[at], children: [], findings: [], seconds: null};
  for (const [name, values] of COLUMNS) op[name] = values[at];
  op.category = page.categories[op.kind];
  op.intensity = op.bytes ? op.macs / op.bytes : null;
  return op;
});

const opByName = new Map(ops.map((op) => [op.name, op]));

for (const op of ops) {
  for (const parent of op.parents) if (parent >= 0) ops[parent].children.push(op.at);
}
page.findings.forEach((finding, number) => {
  for (const at of finding.ops) ops[at].findings.push(number);
});

// A kernel's time is shared equally among the ops that it runs.
const secondsBy = (latency) => {
  const seconds = new Map();
  for (const kernel of latency.kernels) {
    for (const at of kernel.ops) {
      seconds.set(at, (seconds.get(at) ?? 0) + kernel.seconds / kernel.ops.length);
    }
  }
  return seconds;
};

const timed = page.latencies.length > 0;
if (timed) for (const [at, seconds] of secondsBy(page.latencies[0])) ops[at].seconds = seconds;

const CATEGORIES = ["Conv", "Elemwise", "Data", "Shuffle", "Other"];
const colourOf = (category) => `var(--${category.toLowerCase()})`;

// Memory access is counted op by op or fused, as the switch at the top says.
let countsFused = document.querySelector("#fusion :checked").value === "fused";
document.getElementById("fusion").addEventListener("change", (event) => {
  countsFused = event.target.value === "fused";
});
const fused = () => countsFused;
const bytesOf = (op) => (fused() ? op.bytes_fused : op.bytes);
const amounts = {
  bytes: bytesOf,
  macs: (op) => op.macs,
  params: (op) => op.params_first,
  seconds: (op) => op.seconds,
};

const total = (items, amount) => items.reduce((sum, item) => sum + (amount(item) ?? 0), 0);
