// The switches of the page, which are groups of radio buttons, and its other controls.

export const chosen = (id) => document.querySelector(`#${id} :checked`)?.value ?? "";

// Whether memory access is counted after fusion, as the switch at the top says.
export const isFused = () => chosen("fusion") === "fused";

// Calls `act` when a control changes; a page has only the controls that its audit needs.
export const onChange = (ids, act) => {
  for (const id of ids) document.getElementById(id)?.addEventListener("change", act);
};
