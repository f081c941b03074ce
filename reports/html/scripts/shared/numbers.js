// Numbers as people read them, the same as in the reports that Python writes.

const LARGE = ["", "k", "M", "G", "T", "P"];
const SMALL = ["s", "ms", "µs", "ns"];

// The unit of each amount that a page counts.
const UNITS = {bytes: "B", bytes_fused: "B", macs: "", params: "", seconds: "s"};

const digits = (value) => (Math.abs(value) >= 9.995 ? value.toFixed(1) : value.toFixed(2));

export const human = (n, unit = "") => {
  if (n === null || n === undefined) return "unknown";
  let [value, power] = [n, 0];
  while (Math.abs(value) >= 999.95 && power < LARGE.length - 1) [value, power] = [value / 1000, power + 1];
  const text = power === 0 && Number.isInteger(n) ? String(n) : digits(value);
  return `${text} ${LARGE[power]}${unit}`.trimEnd();
};

export const duration = (seconds) => {
  if (seconds === null || seconds === undefined) return "not timed";
  let [value, power] = [seconds, 0];
  while (Math.abs(value) > 0 && Math.abs(value) < 0.99995 && power < SMALL.length - 1) {
    [value, power] = [value * 1000, power + 1];
  }
  return `${digits(value)} ${SMALL[power]}`;
};

export const percent = (share) => `${(100 * share).toFixed(1)}%`;

// What fits into a bar: a share without a decimal.
export const wholePercent = (share) => `${(100 * share).toFixed(0)}%`;

export const quantity = (n, unit) => (unit === "s" ? duration(n) : human(n, unit));

// An amount in its unit, by the name of what is counted.
export const amountText = (name, n) => quantity(n, UNITS[name]);

// The sum of an amount over items; what is unknown adds nothing.
export const sum = (items, amount = (item) => item) =>
  items.reduce((total, item) => total + (amount(item) ?? 0), 0);
