// What is counted on the page of a comparison, and by which colours its models are told apart.

import {amountText} from "../shared/numbers.js";

const COLOURS = 5;  // that the style sheet has for models

export const modelColour = (index) => `var(--model-${index % COLOURS})`;

// The name of the amount that the switches ask for: bytes are those op by op, or fused.
export const amountName = (amount, fused) => (amount === "bytes" && fused ? "bytes_fused" : amount);

// One side of a block in words: its amount, or that the model has no such block.
export const sideText = (side, name) => (side ? amountText(name, side[name] ?? 0) : "none");

// A text of both ops, once where they agree: "64 → 32".
export const bothTexts = (first, second, text) => {
  const sides = [first, second].map((op) => (op ? text(op) : "–"));
  return sides[0] === sides[1] ? sides[0] : sides.join(" → ");
};

// A text of the ops that there are, once where they agree: "conv; then linear".
export const eitherText = (first, second, text) =>
  [...new Set([first, second].filter(Boolean).map(text))].join("; then ");
