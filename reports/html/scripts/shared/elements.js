// Elements of the page that are made as it is used.

// An element with its attributes and children; text is always set as text.
export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
};

// What the colours of a chart stand for: pairs of a text and its colour.
export const drawKey = (box, items) => {
  box.replaceChildren(...items.map(([text, colour]) => {
    const mark = element("i");
    mark.style.background = colour;
    return element("span", {}, mark, text);
  }));
};
