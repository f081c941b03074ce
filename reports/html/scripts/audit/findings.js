// The cards: by what they are counted and sorted, which guideline is shown, and how many.

const FEW = 8;
const cardsBox = document.getElementById("cards");
let all = false;

const chosen = (id) => document.querySelector(`#${id} :checked`)?.value ?? "";

const costOf = (card, measure) => {
  const plain = measure === "launches" || measure === "seconds";
  const name = plain ? measure : `${measure}${fused() ? "Fused" : "Alone"}`;
  return Number(card.dataset[name]);
};

const countBy = (measure) => {
  const way = fused() ? "fused" : "alone";
  for (const span of document.querySelectorAll("[data-measure]")) {
    const other = span.dataset.fusion && span.dataset.fusion !== way;
    span.hidden = span.dataset.measure !== measure || Boolean(other);
  }
};

const arrange = () => {
  const measure = chosen("measure") || "bytes";
  countBy(measure);
  if (!cardsBox) return;
  const cards = [...cardsBox.children].sort((a, b) => costOf(b, measure) - costOf(a, measure));
  cardsBox.append(...cards);
  const code = chosen("codes");
  const wanted = cards.filter((card) => !code || card.dataset.code === code);
  for (const card of cards) card.hidden = true;
  const shown = all ? wanted : wanted.slice(0, FEW);
  for (const card of shown) card.hidden = false;
  const more = document.getElementById("more");
  more.hidden = shown.length === wanted.length;
  more.textContent = `Show ${wanted.length - shown.length} more`;
};

// Leads to a card, wherever it is folded away, and to the line of the one finding on it.
const showFinding = (number) => {
  const card = document.getElementById(`card-${page.findings[number].card}`);
  if (card.hidden) {
    all = true;
    const every = document.querySelector('#codes [value=""]');
    if (every) every.checked = true;
    arrange();
  }
  const line = document.getElementById(`finding-${number}`);
  const place = line ?? card;
  for (let up = place; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  card.focus({preventScroll: true});
  place.scrollIntoView({block: "center"});
  place.classList.add("found");
};

const watchFindings = () => {
  document.getElementById("measure")?.addEventListener("change", arrange);
  document.getElementById("codes")?.addEventListener("change", arrange);
  document.getElementById("fusion").addEventListener("change", arrange);
  document.getElementById("more")?.addEventListener("click", () => {
    all = true;
    arrange();
  });
  document.getElementById("twice").addEventListener("change", (event) => {
    const factor = event.target.checked ? "2" : "1";
    for (const span of document.querySelectorAll("[data-flops]")) {
      span.hidden = span.dataset.flops !== factor;
    }
  });
  arrange();
};
