// The tables of ops and of modules.

const plain = (name, title, text = false) => ({name, title, text, value: (row) => row[name]});
const counted = (name, title, unit = "") => ({...plain(name, title), shown: (row) => human(row[name], unit)});

const timeColumn = {
  name: "ms", title: "ms", value: (row) => (row.seconds === null ? null : 1000 * row.seconds),
  shown: (row) => (row.seconds === null ? "not timed" : (1000 * row.seconds).toFixed(3)),
};

const leadToOp = (op) => element("button", {type: "button", class: "op", "data-op": op.name}, op.name);

const OP_COLUMNS = [
  {...plain("name", "Op", true), lead: leadToOp},
  plain("kind", "Kind", true),
  plain("module", "Module", true),
  counted("macs", "Multiply–adds"),
  counted("bytes", "Bytes", "B"),
  counted("bytes_fused", "Fused", "B"),
  {...plain("intensity", "Intensity"), shown: (op) => op.intensity?.toFixed(2) ?? "none"},
  counted("params", "Parameters"),
  ...(timed ? [timeColumn] : []),
  {name: "findings", title: "Findings", text: true, value: (op) => codesOf({ops: [op]}).join(" ")},
  plain("makes", "Makes", true),
  plain("source", "Source", true),
];

const MODULE_COLUMNS = [
  plain("path", "Module", true),
  plain("class", "Class", true),
  plain("ops", "Ops"),
  counted("macs", "Multiply–adds"),
  counted("bytes", "Bytes", "B"),
  counted("bytes_fused", "Fused", "B"),
  counted("params", "Parameters"),
  ...(timed ? [timeColumn] : []),
];

const MODULE_SUMS = ["macs", "bytes", "bytes_fused", "params", "seconds"];

// A row for each module, the outermost first; each adds up those inside it, which are then complete.
const moduleRows = (node) => {
  const inside = [...node.inside.values()].map(moduleRows);
  const path = node.path || "the model itself";
  const row = {path, class: node.ops[0]?.module_class ?? "", ops: node.ops.length, text: path.toLowerCase()};
  row.macs = total(node.ops, amounts.macs);
  row.bytes = total(node.ops, (op) => op.bytes);
  row.bytes_fused = total(node.ops, (op) => op.bytes_fused);
  row.params = total(node.ops, amounts.params);
  row.seconds = total(node.ops, amounts.seconds);
  for (const [first] of inside) {
    row.ops += first.ops;
    for (const name of MODULE_SUMS) row[name] += first[name];
  }
  return [row, ...inside.flat()];
};

const watchOps = () => {
  const kinds = document.querySelector("#ops .kind");
  kinds.append(...[...new Set(ops.map((op) => op.kind))].sort().map((kind) => element("option", {}, kind)));
  const found = document.querySelector("#ops .found");
  const table = showTable("ops", ops, OP_COLUMNS, {
    keep: () => (kinds.value || found.checked ? (op) => (!kinds.value || op.kind === kinds.value) && (!found.checked || op.findings.length > 0) : null),
    rowClick: (op) => choose(op),
  });
  places.table = (op) => {
    const row = table.show(op.at);
    row.scrollIntoView({block: "center"});
    row.querySelector("button").focus({preventScroll: true});
  };
};

const watchModules = () => void showTable("modules", moduleRows(modules), MODULE_COLUMNS);
