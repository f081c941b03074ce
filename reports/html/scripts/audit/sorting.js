// Rows in the order of a column.

// Those without a value stand last, whichever way it goes.
export const sorted = (rows, {value}, descending) => {
  const known = (row) => (value(row) ?? null) !== null;
  const direction = descending ? -1 : 1;
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", {numeric: true}) : a - b);
  return [
    ...rows.filter(known).map((row) => [value(row), row])
      .sort(([a], [b]) => direction * compare(a, b)).map(([, row]) => row),
    ...rows.filter((row) => !known(row)),
  ];
};
