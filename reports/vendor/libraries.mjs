// What the page uses of other people's libraries: the entry point that `build` bundles.
export * as Plot from "@observablehq/plot";
export * as dagre from "@dagrejs/dagre";
export {curveBasis, hierarchy, line, select, treemap} from "d3";
export {
  createTable,
  getCoreRowModel,
  getFilteredRowModel,
  getPaginationRowModel,
  getSortedRowModel,
} from "@tanstack/table-core";
