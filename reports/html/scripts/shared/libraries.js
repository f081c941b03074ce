// What the pages use of other people's libraries. Only what is named here gets into the bundle.
import {barX, barY, dot, line as lineMark, plot, ruleX, ruleY, stackX, stackY, text, textX} from "@observablehq/plot";
import {graphlib, layout} from "@dagrejs/dagre";
import {curveBasis, hierarchy, line, select, treemap} from "d3";

export {createTable} from "@tanstack/table-core";
export const Plot = {barX, barY, dot, line: lineMark, plot, ruleX, ruleY, stackX, stackY, text, textX};
export const d3 = {curveBasis, hierarchy, line, select, treemap};
export const dagre = {graphlib, layout};
