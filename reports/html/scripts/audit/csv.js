// Rows as comma-separated values, and the way to the clipboard.

import {element} from "../shared/elements.js";

const cell = (value) => {
  const text = String(value ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csv = (columns, rows) => [
  columns.map(({title}) => title),
  ...rows.map((row) => columns.map(({value}) => value(row))),
].map((cells) => cells.map(cell).join(",")).join("\n");

// Copies text also where a page from disk may not use the clipboard of its own accord.
export const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", {class: "aside-only", "aria-hidden": true});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};
