"""A model in ncnn's text format: a graph already, which is read and not run."""

from __future__ import annotations

from shufflenet_audit.loading.content import head
from shufflenet_audit.loading.files.saved_model import check_takes_no_arguments
from shufflenet_audit.loading.loaded import LoadedGraph
from shufflenet_audit.loading.ncnn.graph import graph
from shufflenet_audit.loading.ncnn.param import MAGIC
from shufflenet_audit.loading.request import Request
from shufflenet_audit.network.tensor import Tensor


def recognises(request: Request) -> bool:
    """Whether a file begins with the magic number of ncnn, or is named as its files are."""
    return request.is_file and (
        request.path.suffix == ".param" or head(request.path).split()[:1] == [MAGIC.encode()]
    )


def load(request: Request) -> LoadedGraph:
    """The graph in the file. Raises LoadError and InputError."""
    check_takes_no_arguments(request, "an ncnn file")
    given = tuple((each.name, Tensor(each.shape, each.dtype)) for each in request.inputs)
    found = graph(request.path, given)
    return LoadedGraph(
        name=request.name,
        class_name="ncnn graph",
        calls=found.calls,
        read_as="ncnn",
        assumptions=found.assumptions,
        origins=found.origins,
    )
