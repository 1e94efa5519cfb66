"""The generators of faulty exports import each other under names that only their loaders give them."""

from pathlib import Path

collect_ignore = [path.name for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_")]
