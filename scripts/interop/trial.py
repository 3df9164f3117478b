"""What was tried with a peer, one row for each thing; and what went over the wire meanwhile."""

import json
import time
import traceback
from pathlib import Path


class Trial:
    def __init__(self, folder, only=""):
        self.wire, self.out = Path(folder) / "wire.jsonl", Path(folder) / "rows.json"
        self.only, self.rows, self.lacks = only, [], ()

    def step(self, what, direction, tell):
        """One thing that people do; `tell` raises when it does not come about."""
        if (self.only and self.only not in what) or what in self.lacks:
            return None
        start, before = time.monotonic(), self.position()
        try:
            found, why = tell(), ""
        except Exception as error:  # whatever goes wrong is the row's result
            found, why = None, f"{type(error).__name__}: {error}"[:400]
            if not isinstance(error, AssertionError):
                why += " | " + traceback.format_exc().strip().splitlines()[-3].strip()
        secs = time.monotonic() - start
        row = {"what": what, "direction": direction, "ok": not why, "why": why}
        row |= {"secs": round(secs, 1), "wire": self.since(before)}
        self.rows.append(row)
        print(f"{'ok  ' if not why else 'FAIL'} {direction:4} {what} ({secs:.1f} s) {why}", flush=True)
        if why:
            for line in row["wire"]:
                print("         ", line, flush=True)
        self.out.write_text(json.dumps(self.rows, indent=1))
        return found

    def position(self):
        return self.wire.stat().st_size

    def since(self, position):
        """Requests between servers since then, in short."""
        lines = []
        with self.wire.open("rb") as file:
            file.seek(position)
            for line in file.read().decode("utf-8", "replace").splitlines():
                try:
                    seen = json.loads(line)
                except ValueError:
                    continue
                if "interop" in seen["by"]:
                    continue
                lines.append(f"{seen['method']} {seen['to']}{seen['path']} {seen['status']} {kind(seen['body'])}")
        return lines


def kind(body):
    """`Create{Note}` of an activity's text."""
    try:
        read = json.loads(body)
    except ValueError:
        return ""
    inner = read.get("object")
    inner = inner[0] if isinstance(inner, list) and inner else inner
    if isinstance(inner, dict):
        deeper = inner.get("object")
        deeper = "{" + str(deeper.get("type")) + "}" if isinstance(deeper, dict) else ""
        return f"{read.get('type')}{{{inner.get('type')}{deeper}}}"
    return f"{read.get('type')} {inner}"
