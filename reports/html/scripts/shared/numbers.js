// Numbers as people read them, the same as in the reports that a program prints.

const LARGE = ["", "k", "M", "G", "T", "P"];
const SMALL = ["s", "ms", "µs", "ns"];

const digits = (value) => (Math.abs(value) >= 9.995 ? value.toFixed(1) : value.toFixed(2));

const human = (n, unit = "") => {
  if (n === null || n === undefined) return "unknown";
  let [value, at] = [n, 0];
  while (Math.abs(value) >= 999.95 && at < LARGE.length - 1) [value, at] = [value / 1000, at + 1];
  const text = at === 0 && Number.isInteger(n) ? String(n) : digits(value);
  return `${text} ${LARGE[at]}${unit}`.trimEnd();
};

const duration = (seconds) => {
  if (seconds === null || seconds === undefined) return "not timed";
  let [value, at] = [seconds, 0];
  while (Math.abs(value) > 0 && Math.abs(value) < 0.99995 && at < SMALL.length - 1) {
    [value, at] = [value * 1000, at + 1];
  }
  return `${digits(value)} ${SMALL[at]}`;
};

const percent = (share) => `${(100 * share).toFixed(1)}%`;

const worded = {
  bytes: (n) => human(n, "B"),
  macs: (n) => human(n),
  params: (n) => human(n),
  seconds: duration,
};
