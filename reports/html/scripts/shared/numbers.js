// Numbers as people read them, the same as in the reports that Python writes.

const LARGE = ["", "k", "M", "G", "T", "P"];
const SMALL = ["s", "ms", "µs", "ns"];

// The unit of each amount that a page counts.
const UNITS = {bytes: "B", bytes_fused: "B", macs: "", params: "", seconds: "s"};

// Python rounds a tie to the even digit, `toFixed` away from zero. With n decimals, only an odd multiple
// of 1/2ⁿ⁺¹ can be a tie, since no other number in the middle is a binary fraction.
const fixed = (value, decimals) => {
  const text = value.toFixed(decimals);
  const isTie = Math.abs(value * 2 ** (decimals + 1)) % 2 === 1;
  const isOdd = Number(text.at(-1)) % 2 === 1;
  return isTie && isOdd ? (value - Math.sign(value) * 10 ** -decimals / 4).toFixed(decimals) : text;
};

const digits = (value) => fixed(value, Math.abs(value) >= 9.995 ? 1 : 2);

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

export const percent = (share) => `${fixed(100 * share, 1)}%`;

// What fits into a bar: a share without a decimal.
export const wholePercent = (share) => `${fixed(100 * share, 0)}%`;

export const quantity = (n, unit) => (unit === "s" ? duration(n) : human(n, unit));

// An amount in its unit, by the name of what is counted.
export const amountText = (name, n) => quantity(n, UNITS[name]);

// The sum of an amount over items; what is unknown adds nothing.
export const sum = (items, amount = (item) => item) =>
  items.reduce((total, item) => total + (amount(item) ?? 0), 0);
