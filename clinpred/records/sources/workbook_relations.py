"""Which part of a packed workbook refers to which other; what lies outside of the file is never followed."""

from collections.abc import Mapping

from clinpred.records.sources.workbook_parts import Parts


def related(parts: Parts, path: str, kind: str) -> str | None:
    """Return the path of the part that stands in a relation to another."""
    return next((target for type_, target in relations(parts, path).values() if type_.endswith(kind)), None)


def relations(parts: Parts, path: str) -> dict[str, tuple[str, str]]:
    """Return type and path of the parts that one refers to; what lies outside of the file is never followed."""
    folder, _, base = path.rpartition("/")
    said_in = f"{folder}/_rels/{base}.rels"
    found: dict[str, tuple[str, str]] = {}
    if said_in not in parts:
        return found

    def start(tag: str, said: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship" and said.get("TargetMode", "") != "External":
            found[said.get("Id", "")] = (said.get("Type", ""), _joined(folder, said.get("Target", "")))

    parts.parse(said_in, start)
    return found


def _joined(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target
    steps = folder.split("/") if folder else []
    for step in target.replace("\\", "/").split("/"):
        if step == ".." and steps:
            steps.pop()
        elif step not in {"", ".", ".."}:
            steps.append(step)
    return "/".join(steps)
