// The audit as ops: objects with their numbers, who they read, and which findings they are in.

const page = JSON.parse(document.getElementById("data").textContent);

// An op is its place in the columns: nothing is copied, so that many ops are there at once.
class Op {
  constructor(at) {
    this.at = at;
    this.findings = NONE;
    this.seconds = null;
  }

  get parents() { return page.parents[this.at]; }
  get category() { return page.categories[this.kind]; }
  get intensity() { return this.bytes ? this.macs / this.bytes : null; }
  get text() { return [this.name, this.kind, this.module, this.target, this.source].join(" ").toLowerCase(); }
}

const NONE = Object.freeze([]);

for (const [name, stored] of Object.entries(page.ops)) {
  const value = Array.isArray(stored) ? (at) => stored[at] : (at) => stored.values[stored.at[at]];
  Object.defineProperty(Op.prototype, name, {get() { return value(this.at); }});
}

const ops = page.ops.name.map((_, at) => new Op(at));

page.findings.forEach((finding, number) => {
  for (const at of finding.ops) ops[at].findings = [...ops[at].findings, number];
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
