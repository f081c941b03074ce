// The tables of ops and of modules.

import {element} from "../shared/elements.js";
import {human} from "../shared/numbers.js";
import {codesOf} from "./data.js";
import {moduleRows, moduleTree} from "./modules.js";
import {Table} from "./table.js";

const plain = (name, title) => ({name, title, value: (row) => row[name]});
const words = (name, title) => ({...plain(name, title), text: true});
const count = (name, title, unit = "") => ({...plain(name, title), show: (row) => human(row[name], unit)});

const MACS = count("macs", "Multiply–adds");
const BYTES = count("bytes", "Bytes", "B");
const BYTES_FUSED = count("bytes_fused", "Fused", "B");
const PARAMS = count("params", "Parameters");
const INTENSITY = {...plain("intensity", "Intensity"), show: (op) => op.intensity?.toFixed(2) ?? "none"};
const TIME = {
  name: "ms", title: "ms", value: (row) => (row.seconds === null ? null : 1000 * row.seconds),
  show: (row) => (row.seconds === null ? "not timed" : (1000 * row.seconds).toFixed(3)),
};

const leadToOp = (op) => element("button", {type: "button", class: "op", "data-op": op.name}, op.name);

const opColumns = (audit) => [
  {...words("name", "Op"), lead: leadToOp},
  words("kind", "Kind"),
  words("module", "Module"),
  MACS, BYTES, BYTES_FUSED, INTENSITY, PARAMS,
  ...(audit.timed ? [TIME] : []),
  {name: "findings", title: "Findings", text: true, value: (op) => codesOf(audit, [op]).join(" ")},
  words("makes", "Makes"),
  words("source", "Source"),
];

const moduleColumns = ({timed}) => [
  words("path", "Module"),
  words("class", "Class"),
  plain("ops", "Ops"),
  MACS, BYTES, BYTES_FUSED, PARAMS,
  ...(timed ? [TIME] : []),
];

// The filter that the controls above the table of ops ask for, if any.
const opFilter = (kinds, withFinding) => {
  if (!kinds.value && !withFinding.checked) return null;
  return (op) => (!kinds.value || op.kind === kinds.value) && (!withFinding.checked || op.findings.length > 0);
};

export const showOps = (audit, panel) => {
  const kinds = document.querySelector("#ops .kind");
  const withFinding = document.querySelector("#ops .found");
  const names = [...new Set(audit.ops.map(({kind}) => kind))].sort();
  kinds.append(...names.map((kind) => element("option", {}, kind)));
  const table = new Table("ops", audit.ops, opColumns(audit), {
    keep: () => opFilter(kinds, withFinding),
    onRow: (op) => panel.choose(op),
    onDrawn: () => panel.markChosen(),
  });
  panel.leadTo("table", (op) => {
    const row = table.rowOf(op);
    row.scrollIntoView({block: "center"});
    row.querySelector("button").focus({preventScroll: true});
  });
};

export const showModules = (audit) => void new Table("modules", moduleRows(moduleTree(audit)), moduleColumns(audit));
