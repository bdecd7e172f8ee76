import ast

from tests.architecture.source import modules


def test_every_test_states_its_behaviour() -> None:
    """Every test has a docstring of one paragraph that ends like a sentence."""
    found = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in modules("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not _states(ast.get_docstring(node))
    ]
    assert found == []


def _states(docstring: str | None) -> bool:
    return docstring is not None and "\n\n" not in docstring and docstring.endswith(".")
