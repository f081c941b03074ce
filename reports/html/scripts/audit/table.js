// A table that sorts, filters, turns pages and copies itself as CSV. TanStack Table keeps its state and is
// given no rows, as where they come from a server, since each row that it knows costs time.

import {element} from "../shared/elements.js";
import {createTable} from "../shared/libraries.js";
import {announce} from "../shared/page.js";
import {copy, csv} from "./csv.js";
import {sorted} from "./sorting.js";

const PAGE = 25;  // rows
const SORT_NAMES = {asc: "ascending", desc: "descending", false: "none"};

const classOf = (column) => (column.text ? "words" : "number");

export class Table {
  #box;
  #rows;
  #columns;
  #found;  // the rows that are wanted, in the order that is wanted
  #options;
  #table;
  #state = {sorting: [], pagination: {pageIndex: 0, pageSize: PAGE}};

  // `keep` gives the filter that the controls ask for, if any; `onRow` is called with a row that is
  // clicked, and `onDrawn` when other rows stand there.
  constructor(id, rows, columns, options = {}) {
    this.#box = document.getElementById(id);
    [this.#rows, this.#columns, this.#found] = [rows, columns, rows];
    this.#options = {keep: () => null, onRow: null, onDrawn: () => {}, ...options};
    this.#table = createTable({
      data: [], rowCount: rows.length, columns: columns.map(({name, title, text}) => ({
        id: name, header: title, accessorFn: () => null, sortDescFirst: !text,
      })),
      state: this.#state, renderFallbackValue: null, autoResetPageIndex: false, enableSorting: true,
      manualFiltering: true, manualSorting: true, manualPagination: true,
      onStateChange: (update) => this.#change(update),
    });
    this.#watch();
    this.#search();
  }

  // Turns to the page on which an op's row is, whatever was filtered before.
  rowOf(op) {
    this.#find("[type=search]").value = "";
    for (const select of this.#box.querySelectorAll("select")) select.value = "";
    for (const box of this.#box.querySelectorAll("[type=checkbox]")) box.checked = false;
    this.#search();
    this.#table.setPageIndex(Math.floor(this.#found.indexOf(op) / PAGE));
    return this.#box.querySelector(`tr[data-op-at="${op.index}"]`);
  }

  #find(selector) {
    return this.#box.querySelector(selector);
  }

  #watch() {
    const onClick = (selector, act) => this.#find(selector).addEventListener("click", act);
    this.#find("[type=search]").addEventListener("input", () => this.#search());
    for (const control of this.#box.querySelectorAll("select, [type=checkbox]")) {
      control.addEventListener("change", () => this.#search());
    }
    onClick(".back", () => this.#table.previousPage());
    onClick(".on", () => this.#table.nextPage());
    onClick(".copy", async () => {
      await copy(csv(this.#columns, this.#found));
      announce("Copied as CSV");
      this.#find(".copy").textContent = "Copied";
    });
  }

  #change(update) {
    const before = this.#state.sorting;
    this.#state = typeof update === "function" ? update(this.#state) : update;
    if (this.#state.sorting !== before) this.#arrange();
    this.#draw();
  }

  #search() {
    this.#state = {...this.#state, pagination: {...this.#state.pagination, pageIndex: 0}};
    this.#arrange();
    this.#draw();
  }

  #arrange() {
    const text = this.#find("[type=search]").value.trim().toLowerCase();
    const keeps = this.#options.keep();
    this.#found = this.#rows;
    if (text || keeps) {
      this.#found = this.#rows.filter((row) => (!keeps || keeps(row)) && row.text.includes(text));
    }
    for (const {id, desc} of this.#state.sorting) {
      this.#found = sorted(this.#found, this.#columns.find(({name}) => name === id), desc);
    }
  }

  #draw() {
    const first = this.#state.pagination.pageIndex * PAGE;
    const shown = this.#found.slice(first, first + PAGE);
    this.#table.setOptions((options) => ({
      ...options, rowCount: this.#found.length, state: {...this.#table.initialState, ...this.#state},
    }));
    const [{headers}] = this.#table.getHeaderGroups();
    this.#find("thead").replaceChildren(element("tr", {}, ...headers.map((header) => this.#heading(header))));
    this.#find("tbody").replaceChildren(...shown.map((row) => this.#line(row)));
    this.#drawPager(first, shown.length);
    this.#options.onDrawn();
  }

  #drawPager(first, shown) {
    const [found, all] = [this.#found.length, this.#rows.length];
    this.#find(".count").textContent = found === all ? `${found} rows` : `${found} of ${all} rows`;
    this.#find(".page").textContent = `${first + 1} to ${first + shown} of ${found}`;
    this.#find(".pages").hidden = this.#table.getPageCount() < 2;
    this.#find(".back").disabled = !this.#table.getCanPreviousPage();
    this.#find(".on").disabled = !this.#table.getCanNextPage();
  }

  #heading(header) {
    const column = this.#columns.find(({name}) => name === header.id);
    const attributes = {scope: "col", class: classOf(column), "aria-sort": SORT_NAMES[header.column.getIsSorted()]};
    const toggle = () => header.column.toggleSorting();
    return element("th", attributes, element("button", {type: "button", onclick: toggle}, column.title));
  }

  #line(row) {
    const {onRow} = this.#options;
    const [head, ...others] = this.#columns;
    const shown = ({show, value}) => (show ? show(row) : String(value(row) ?? "unknown"));
    return element("tr", onRow ? {"data-op-at": row.index, onclick: () => onRow(row)} : {},
      element("th", {class: classOf(head), scope: "row"}, head.lead ? head.lead(row) : shown(head)),
      ...others.map((column) => element("td", {class: classOf(column)}, shown(column))));
  }
}
