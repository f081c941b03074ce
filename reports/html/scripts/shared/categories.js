// The categories of the paper's Figure 2, and their colours.

export const CATEGORIES = ["Conv", "Elemwise", "Data", "Shuffle", "Other"];

export const colourOf = (category) => `var(--${category.toLowerCase()})`;

// For a chart whose legend shows the categories.
export const CATEGORY_COLOURS = {domain: CATEGORIES, range: CATEGORIES.map(colourOf), legend: true};
