"""What each op costs: a list of handlers per source (`aten`, `onnx`), and the formulas."""
