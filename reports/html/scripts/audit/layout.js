// Where the nodes, frames and edges of the graph stand: dagre lays out what is open, and nothing else.

import {dagre} from "../shared/libraries.js";

export const NODE = {width: 208, height: 40};  // pixels

export const layout = ({nodes, frames, edges}) => {
  const graph = new dagre.graphlib.Graph({compound: true});
  graph.setGraph({nodesep: 18, ranksep: 30, marginx: 12, marginy: 24});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const {id} of frames) graph.setNode(id, {});
  for (const {id} of nodes) graph.setNode(id, {...NODE});
  for (const {id, frame} of [...frames, ...nodes]) if (frame) graph.setParent(id, frame);
  for (const [from, to] of edges) graph.setEdge(from, to);
  dagre.layout(graph);
  return graph;
};
