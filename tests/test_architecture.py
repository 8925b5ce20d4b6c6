"""Who may import whom, and what has one home."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ARROWS = {
    "app": {"dashboard"},
    "dashboard": {"serving", "store", "settings", "evaluation"},
    "service": {"serving", "store", "settings"},
    "cli": {"serving", "store", "settings", "training", "evaluation", "data"},
    "scripts": {"training", "evaluation", "store", "data", "cli"},
    "benchmarks": {"serving", "training", "evaluation", "models", "ranking", "data"},
    "serving": {"ranking", "models", "store", "data", "settings"},
    "training": {"evaluation", "models", "store", "data"},
    "evaluation": {"ranking", "models", "data"},
    "store": {"models", "data"},
    "models": {"data"},
    "ranking": {"data"},
    "data": {"settings"},
    "errors": set(),
    "settings": set(),
}
"""The layers, and those that each may import; errors and settings are open to all."""

TYPES = {
    ("dashboard", "recsys.ranking.filters"),
    ("dashboard", "recsys.data.profile"),
    ("cli", "recsys.ranking.filters"),
    ("cli", "recsys.models.base"),
    ("cli", "recsys.models.registry"),
    ("store", "recsys.evaluation.results"),
}
"""Modules that a layer may import though it may not import their layer."""

OPEN_TO_ALL = {"errors", "settings"}

HOMES = {
    "streamlit": {"app", "dashboard"},
    "implicit": {"models", "benchmarks"},
    "numba": {"models", "benchmarks"},
    "vl_convert": {"evaluation"},
    "pyspark": {"benchmarks"},
    "lenskit": {"scripts", "benchmarks"},
}
LAZY = {"implicit", "numba", "vl_convert"}
"""Slow to import: only inside of the functions that need them."""


def sources():
    for folder in ("recsys", "pages", "scripts", "benchmarks"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield ROOT / "app.py"


def layer_of_file(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] in ("app", "pages"):
        return "app"
    if parts[0] in ("scripts", "benchmarks"):
        return parts[0]
    return layer_of_module(".".join(parts))


def layer_of_module(module):
    """Name the layer of ``recsys.<layer>...``; None for the package itself."""
    parts = module.split(".")
    if len(parts) == 1 or parts[1] == "__init__":
        return None
    name = parts[1]
    return "cli" if name == "__main__" else name


def imports(path):
    """Yield (line, module, whether at module level) of every import in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            names = [node.module]
            if node.module.count(".") == 0 or is_package(node.module):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield node.lineno, name, id(node) not in inside


def is_package(module):
    return (ROOT / Path(*module.split("."))).is_dir()


def our_imports():
    """Yield (place, layer, module, its layer) of the imports among our own layers."""
    for path in sources():
        layer = layer_of_file(path)
        for line, module, _ in imports(path):
            if module.split(".")[0] == "recsys" and module != "recsys.__version__":
                target = layer_of_module(module)
                if target not in (None, layer):
                    yield f"{path.relative_to(ROOT)}:{line}", layer, module, target


def test_the_walk_finds_the_imports():
    found = {(layer, target) for _, layer, _, target in our_imports()}
    assert {("app", "dashboard"), ("serving", "models"), ("models", "data")} <= found


def test_every_layer_is_in_the_table():
    layers = {layer_of_file(path) for path in sources()} - {None}
    assert layers <= set(ARROWS)


def test_arrows_point_one_way():
    wrong = [
        f"{place} imports {module}"
        for place, layer, module, target in our_imports()
        if target not in ARROWS[layer] | OPEN_TO_ALL and (layer, module) not in TYPES
    ]
    assert wrong == []


def test_the_exceptions_are_in_use():
    used = {(layer, module) for _, layer, module, _ in our_imports()}
    assert used >= TYPES


def test_the_arrows_have_no_circle():
    left = {layer: set(targets) for layer, targets in ARROWS.items()}
    while left:
        free = {layer for layer, targets in left.items() if not targets & set(left)}
        assert free, f"a circle among {sorted(left)}"
        left = {layer: targets for layer, targets in left.items() if layer not in free}


@pytest.mark.parametrize("package", HOMES)
def test_packages_stay_at_home(package):
    strays = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for line, module, _ in imports(path)
        if module.split(".")[0] == package and layer_of_file(path) not in HOMES[package]
    ]
    assert strays == []


def is_kernel(module):
    """Tell whether a module is compiled as a whole, and so may import its compiler."""
    return module.split(".")[-1].endswith("_kernel")


def test_slow_packages_are_imported_inside_of_functions():
    eager = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for line, module, at_module_level in imports(path)
        if (module.split(".")[0] in LAZY or is_kernel(module)) and not is_kernel(path.stem)
        if at_module_level
    ]
    assert eager == []


def reads_environment(node):
    if isinstance(node, ast.Attribute):
        return node.attr in ("environ", "environb", "getenv", "putenv")
    if isinstance(node, ast.ImportFrom) and node.module == "os":
        return any(alias.name in ("environ", "environb", "getenv") for alias in node.names)
    return False


def test_the_environment_is_read_in_settings_alone():
    readers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        if layer_of_file(path) != "settings"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if reads_environment(node)
    ]
    assert readers == []


@pytest.mark.parametrize("code", ["import os; os.environ['A']", "from os import getenv"])
def test_the_environment_check_can_see(code):
    assert any(reads_environment(node) for node in ast.walk(ast.parse(code)))


def loaded_by(module):
    """Return the top-level packages that a fresh interpreter has after importing a module."""
    script = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize("module", ["recommender", "explanations", "tmdb", "posters"])
def test_serving_starts_without_training_or_screens(module):
    loaded = loaded_by(f"recsys.serving.{module}")
    assert "recsys" in loaded
    assert not loaded & {"implicit", "numba", "streamlit"}


def test_the_command_line_starts_without_numbers():
    assert not loaded_by("recsys.cli.app") & {"implicit", "numba", "streamlit", "scipy", "sklearn"}
