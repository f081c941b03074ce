// A table that sorts, filters, turns pages and copies itself as CSV. TanStack Table keeps its state; it is
// given one page of rows at a time, as from a server, since each row that it knows costs time.

const ROWS = 25;

const csvCell = (value) => {
  const text = String(value ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

// Copies text also where a page from disk may not use the clipboard of its own accord.
const copy = async (text) => {
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

// Rows by a column; those without a value stand last, whichever way it goes.
const sorted = (rows, {value}, desc) => {
  const known = (row) => (value(row) ?? null) !== null;
  const way = desc ? -1 : 1;
  const compared = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", {numeric: true}) : a - b);
  return [...rows.filter(known).map((row) => [value(row), row])
    .sort(([a], [b]) => way * compared(a, b)).map(([, row]) => row),
  ...rows.filter((row) => !known(row))];
};

const showTable = (id, rows, columns, {keep = () => null, rowClick = null} = {}) => {
  const box = document.getElementById(id);
  const find = (selector) => box.querySelector(selector);
  let state = {sorting: [], pagination: {pageIndex: 0, pageSize: ROWS}};
  let found = rows;
  const table = lib.createTable({
    data: [], rowCount: rows.length,
    columns: columns.map(({name, title, text}) => ({
      id: name, header: title, accessorFn: () => null, sortDescFirst: !text,
    })),
    state, renderFallbackValue: null, autoResetPageIndex: false, enableSorting: true,
    manualFiltering: true, manualSorting: true, manualPagination: true,
    onStateChange: (update) => {
      const before = state.sorting;
      state = typeof update === "function" ? update(state) : update;
      if (state.sorting !== before) arrangeRows();
      render();
    },
    getCoreRowModel: lib.getCoreRowModel(),
  });

  // The rows that are wanted, in the order that is wanted.
  const arrangeRows = () => {
    const text = find("[type=search]").value.trim().toLowerCase();
    const keeps = keep();
    found = rows;
    if (text || keeps) found = rows.filter((row) => (!keeps || keeps(row)) && row.text.includes(text));
    for (const {id: name, desc} of state.sorting) {
      found = sorted(found, columns.find((column) => column.name === name), desc);
    }
  };

  const heading = (header) => {
    const sorted = header.column.getIsSorted();
    const column = columns.find((each) => each.name === header.id);
    return element("th", {scope: "col", class: column.text ? "words" : "number",
      "aria-sort": sorted === "desc" ? "descending" : sorted ? "ascending" : "none"},
    element("button", {type: "button", onclick: () => header.column.toggleSorting()}, column.title));
  };

  const attributesOf = (row) => (rowClick ? {"data-op-at": row.at, onclick: () => rowClick(row)} : {});

  const line = (row) => element("tr", attributesOf(row.original), ...columns.map((column, at) => {
    const shown = column.shown ? column.shown(row.original) : String(column.value(row.original) ?? "unknown");
    const attributes = {class: column.text ? "words" : "number"};
    if (at) return element("td", attributes, shown);
    return element("th", {...attributes, scope: "row"}, column.lead ? column.lead(row.original) : shown);
  }));

  const render = () => {
    const {pageIndex} = state.pagination;
    const first = pageIndex * ROWS;
    const data = found.slice(first, first + ROWS);
    table.setOptions((options) => ({
      ...options, data, rowCount: found.length, state: {...table.initialState, ...state},
    }));
    find("thead").replaceChildren(element("tr", {}, ...table.getHeaderGroups()[0].headers.map(heading)));
    find("tbody").replaceChildren(...table.getRowModel().rows.map(line));
    find(".count").textContent = found.length === rows.length
      ? `${found.length} rows` : `${found.length} of ${rows.length} rows`;
    find(".page").textContent = `${first + 1} to ${first + data.length} of ${found.length}`;
    find(".pages").hidden = table.getPageCount() < 2;
    find(".back").disabled = !table.getCanPreviousPage();
    find(".on").disabled = !table.getCanNextPage();
    mark();
  };

  const search = () => {
    state = {...state, pagination: {...state.pagination, pageIndex: 0}};
    arrangeRows();
    render();
  };

  const csv = () => [columns.map((column) => column.title), ...found.map((row) =>
    columns.map((column) => column.value(row)))].map((cells) => cells.map(csvCell).join(",")).join("\n");

  find("[type=search]").addEventListener("input", search);
  for (const each of box.querySelectorAll("select, [type=checkbox]")) each.addEventListener("change", search);
  find(".back").addEventListener("click", () => table.previousPage());
  find(".on").addEventListener("click", () => table.nextPage());
  find(".copy").addEventListener("click", async () => {
    await copy(csv());
    say("Copied as CSV");
    find(".copy").textContent = "Copied";
  });
  search();

  return {
    // Turns to the page on which a row is, whatever was filtered before.
    show: (at) => {
      find("[type=search]").value = "";
      for (const each of box.querySelectorAll("select")) each.value = "";
      for (const each of box.querySelectorAll("[type=checkbox]")) each.checked = false;
      search();
      const place = found.findIndex((row) => row.at === at);
      table.setPageIndex(Math.floor(place / ROWS));
      return box.querySelector(`tr[data-op-at="${at}"]`);
    },
  };
};
