"""Logs the console client `toot` in: BASE_URL LOGIN PASSWORD. Its own `login`, its own prompts."""

import os
import re
import subprocess
import sys
from pathlib import Path

from forms import authorize

base_url, login, password = sys.argv[1:]
toot = Path(sys.executable).parent / "toot"
process = subprocess.Popen(
    [toot, "login", "--instance", base_url],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
    env={**os.environ, "PYTHONUNBUFFERED": "1"},
)
printed = ""
url = None
for line in process.stdout:
    printed += line
    if match := re.match(r"(https?://\S+)", line.strip()):
        url = match.group(1)
        break
if url is None:
    sys.exit(f"toot gave no address: {printed}")
code = authorize(url, login, password)["code"]
rest, _ = process.communicate(f"n\n{code}\n", timeout=60)
if process.returncode != 0:
    sys.exit(f"toot does not take the code: {printed}{rest}")
