// A table that sorts, filters, turns pages and copies itself as CSV; TanStack Table does the work.

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

const showTable = (id, rows, columns, {keep = () => true, rowClick = null} = {}) => {
  const box = document.getElementById(id);
  const find = (selector) => box.querySelector(selector);
  let state = {sorting: [], globalFilter: "", pagination: {pageIndex: 0, pageSize: ROWS}};
  const table = lib.createTable({
    data: rows,
    columns: columns.map(({name, title, text, value}) => ({
      id: name, header: title, accessorFn: (row) => value(row) ?? undefined, sortUndefined: "last", sortDescFirst: !text,
    })),
    state, renderFallbackValue: null, autoResetPageIndex: false,
    getColumnCanGlobalFilter: (column) => column.id === columns[0].name,
    globalFilterFn: (row, _, wanted) => keep(row.original) && row.original.text.includes(wanted.text),
    onStateChange: (update) => {
      state = typeof update === "function" ? update(state) : update;
      render();
    },
    getCoreRowModel: lib.getCoreRowModel(), getFilteredRowModel: lib.getFilteredRowModel(),
    getSortedRowModel: lib.getSortedRowModel(), getPaginationRowModel: lib.getPaginationRowModel(),
  });

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
    table.setOptions((options) => ({...options, state: {...table.initialState, ...state}}));
    const found = table.getFilteredRowModel().rows.length;
    const {pageIndex} = state.pagination;
    find("thead").replaceChildren(element("tr", {}, ...table.getHeaderGroups()[0].headers.map(heading)));
    find("tbody").replaceChildren(...table.getRowModel().rows.map(line));
    find(".count").textContent = found === rows.length ? `${found} rows` : `${found} of ${rows.length} rows`;
    find(".page").textContent = `${pageIndex * ROWS + 1} to ${Math.min((pageIndex + 1) * ROWS, found)} of ${found}`;
    find(".pages").hidden = table.getPageCount() < 2;
    find(".back").disabled = !table.getCanPreviousPage();
    find(".on").disabled = !table.getCanNextPage();
    mark();
  };

  const search = () => {
    const text = find("[type=search]").value.trim().toLowerCase();
    state = {...state, globalFilter: {text}, pagination: {...state.pagination, pageIndex: 0}};
    render();
  };

  const csv = () => [columns.map((column) => column.title), ...table.getSortedRowModel().rows.map((row) =>
    columns.map((column) => column.value(row.original)))].map((cells) => cells.map(csvCell).join(",")).join("\n");

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
      const place = table.getSortedRowModel().rows.findIndex((row) => row.original.at === at);
      table.setPageIndex(Math.floor(place / ROWS));
      return box.querySelector(`tr[data-op-at="${at}"]`);
    },
  };
};
