"""The text format of ncnn (`model.param`): a graph without its weights."""
