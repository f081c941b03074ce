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

const moduleRow = (node) => {
  const mine = opsWithin(node);
  const path = node.path || "the model itself";
  return {
    path, class: node.ops[0]?.module_class ?? "", ops: mine.length,
    macs: total(mine, amounts.macs), params: total(mine, amounts.params),
    bytes: total(mine, (op) => op.bytes), bytes_fused: total(mine, (op) => op.bytes_fused),
    seconds: timed ? total(mine, amounts.seconds) : null,
    text: path.toLowerCase(),
  };
};

const everyModule = (node) => [node, ...[...node.inside.values()].flatMap(everyModule)];

const watchTables = () => {
  for (const op of ops) {
    op.text = [op.name, op.kind, op.module, op.target, op.source].join(" ").toLowerCase();
  }
  const kinds = document.querySelector("#ops .kind");
  kinds.append(...[...new Set(ops.map((op) => op.kind))].sort().map((kind) => element("option", {}, kind)));
  const found = document.querySelector("#ops .found");
  const table = showTable("ops", ops, OP_COLUMNS, {
    keep: (op) => (!kinds.value || op.kind === kinds.value) && (!found.checked || op.findings.length > 0),
    rowClick: (op) => choose(op),
  });
  showTable("modules", everyModule(modules).map(moduleRow), MODULE_COLUMNS);
  places.table = (op) => {
    const row = table.show(op.at);
    row.scrollIntoView({block: "center"});
    row.querySelector("button").focus({preventScroll: true});
  };
};
