// Names cut to a number of letters.

// The end of a long path says more than its beginning.
export const endOf = (text, letters) => (text.length <= letters ? text : `…${text.slice(1 - letters)}`);

// The beginning, or nothing where so little would be left that it says nothing.
export const startOf = (text, letters) => {
  if (text.length <= letters) return text;
  return letters > 2 ? `${text.slice(0, letters - 1)}…` : "";
};

// The name of a kind of op, in words.
export const kindText = (kind) => kind.replaceAll("_", " ");
