// The panel of the op that is chosen, with the ways from it to the graph, the table and its findings.

import {element} from "../shared/elements.js";
import {duration, human} from "../shared/numbers.js";
import {announce} from "../shared/page.js";

const intensityText = (intensity) =>
  (intensity === null ? "unknown" : `${intensity.toFixed(2)} multiply–adds per byte`);

const factsOf = (op, timed) => [
  ["Kind", op.kind],
  ["Module", op.module || "the model itself"],
  ["Class", op.module_class],
  ["Source", op.source || "unknown"],
  ["Reads", op.reads || "nothing"],
  ["Makes", op.makes],
  ["Multiply–adds", human(op.macs)],
  ["Memory access", `${human(op.bytes, "B")} op by op, ${human(op.bytes_fused, "B")} fused`],
  ["Intensity", intensityText(op.intensity)],
  ["Parameters", human(op.params)],
  ...(timed ? [["Time", duration(op.seconds)]] : []),
];

export class OpPanel {
  #audit;
  #showFinding;
  #views = {};
  #panel = document.getElementById("op");
  #chosen = null;
  #cameFrom = null;

  // `showFinding` leads to the card of a finding.
  constructor(audit, showFinding) {
    this.#audit = audit;
    this.#showFinding = showFinding;
    this.#find(".close").addEventListener("click", () => this.#close());
    this.#find(".leads").addEventListener("click", ({target}) => this.#views[target.dataset.to]?.(this.#chosen));
    document.addEventListener("keydown", ({key}) => {
      if (key === "Escape" && this.#chosen) this.#close();
    });
    document.addEventListener("click", ({target}) => this.#clicked(target.closest("button.op")));
  }

  // How a view shows an op: "graph" or "table".
  leadTo(view, show) {
    this.#views[view] = show;
  }

  choose(op, {focus = false} = {}) {
    if (!this.#chosen) this.#cameFrom = document.activeElement;
    this.#chosen = op;
    this.#fill(op);
    announce(`${op.name} selected`);
    this.markChosen();
    if (focus) this.#find(".leads button").focus();
  }

  // Marks the op wherever it is drawn; for views that have drawn themselves again.
  markChosen() {
    for (const each of document.querySelectorAll("[data-op-at]")) {
      each.classList.toggle("selected", Number(each.dataset.opAt) === this.#chosen?.index);
    }
  }

  #find(selector) {
    return this.#panel.querySelector(selector);
  }

  #clicked(button) {
    if (button) this.choose(this.#audit.ops.find(({name}) => name === button.dataset.op), {focus: true});
  }

  #fill(op) {
    this.#panel.hidden = false;
    this.#find("h2").textContent = op.name;
    this.#find("dl").replaceChildren(...factsOf(op, this.#audit.timed)
      .flatMap(([term, fact]) => [element("dt", {}, term), element("dd", {}, fact)]));
    this.#find(".code").hidden = !op.code;
    this.#find(".code code").textContent = op.code;
    this.#find(".of-op").replaceChildren(
      ...op.findings.map((finding) => element("li", {}, this.#leadToFinding(finding))));
  }

  #leadToFinding(finding) {
    return element("button", {type: "button", onclick: () => this.#showFinding(finding)},
      element("strong", {}, finding.code), ` ${finding.message}`);
  }

  #close() {
    this.#panel.hidden = true;
    this.#chosen = null;
    this.markChosen();
    if (this.#cameFrom?.isConnected) this.#cameFrom.focus({preventScroll: true});
  }
}
