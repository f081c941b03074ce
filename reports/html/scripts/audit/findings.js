// The cards of findings: by what they are counted and sorted, which guideline is shown, and how many.

import {chosen, isFused, onChange} from "../shared/switches.js";

const FEW = 8;  // cards that are shown before "Show more"
const UNFUSED = ["launches", "seconds"];  // what is the same whichever way memory access is counted

const costOf = (card, measure) => {
  const way = isFused() ? "Fused" : "Alone";
  return Number(card.dataset[UNFUSED.includes(measure) ? measure : `${measure}${way}`]);
};

const countBy = (measure) => {
  const way = isFused() ? "fused" : "alone";
  for (const span of document.querySelectorAll("[data-measure]")) {
    const otherWay = span.dataset.fusion && span.dataset.fusion !== way;
    span.hidden = span.dataset.measure !== measure || Boolean(otherWay);
  }
};

// FLOPs as multiply–adds, or each of them as two.
const countFlops = (factor) => {
  for (const span of document.querySelectorAll("[data-flops]")) span.hidden = span.dataset.flops !== factor;
};

// The card of a finding, and its line where the card has several. Both are found by its fingerprint,
// which no two findings of an audit share.
const placeOf = ({fingerprint}) => {
  const line = document.getElementById(`finding-${fingerprint}`);
  const card = line?.closest(".card") ?? document.getElementById(`card-${fingerprint}`);
  return {card, line: line ?? card};
};

export class FindingCards {
  #box = document.getElementById("cards");
  #more = document.getElementById("more");
  #all = false;

  // Arranges the cards, and again whenever a control asks for it.
  start() {
    onChange(["measure", "codes", "fusion"], () => this.#arrange());
    onChange(["twice"], ({target}) => countFlops(target.checked ? "2" : "1"));
    this.#more?.addEventListener("click", () => {
      this.#all = true;
      this.#arrange();
    });
    this.#arrange();
  }

  // Leads to a card, wherever it is folded away, and to the line of the one finding on it.
  show(finding) {
    const {card, line} = placeOf(finding);
    if (card.hidden) this.#showAll();
    for (let outer = line; outer; outer = outer.parentElement) if (outer.tagName === "DETAILS") outer.open = true;
    card.focus({preventScroll: true});
    line.scrollIntoView({block: "center"});
    line.classList.add("found");
  }

  #showAll() {
    this.#all = true;
    const everyGuideline = document.querySelector('#codes [value=""]');
    if (everyGuideline) everyGuideline.checked = true;
    this.#arrange();
  }

  #arrange() {
    const measure = chosen("measure") || "bytes";
    countBy(measure);
    if (!this.#box) return;
    const cards = [...this.#box.children].sort((a, b) => costOf(b, measure) - costOf(a, measure));
    this.#box.append(...cards);
    const code = chosen("codes");
    const wanted = cards.filter((card) => !code || card.dataset.code === code);
    const shown = new Set(this.#all ? wanted : wanted.slice(0, FEW));
    for (const card of cards) card.hidden = !shown.has(card);
    this.#more.hidden = shown.size === wanted.length;
    this.#more.textContent = `Show ${wanted.length - shown.size} more`;
  }
}
