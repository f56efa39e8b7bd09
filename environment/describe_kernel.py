"""Writes the description of the Java kernel from the template kernel.json.

    describe_kernel.py TEMPLATE SHARE_JUPYTER JAVA CLASS_PATH   (Java's options on standard input)

Java is started directly rather than by jjava's launcher: that one splits its options at blanks and
takes whatever java is first on the path. An empty value under "env" is filled from the environment,
and left out where that has none; all else (TINKER_RUN_MODE, TINKER_DEVICE, ...) the kernel inherits
when it starts.
"""

import json
import os
import sys
from pathlib import Path

template, share, java, class_path = sys.argv[1:]
kernels = Path(share, "kernels")
words = {
    "JAVA": [java],
    "OPTIONS": sys.stdin.read().splitlines(),
    "JJAVA": [str(kernels / "java" / "jjava.jar")],
}
kernel = json.loads(Path(template).read_text(encoding="utf-8"))
kernel["argv"] = [part for word in kernel["argv"] for part in words.get(word, [word])]
for name, value in list(kernel["env"].items()):
    value = {"CLASS_PATH": class_path, "": os.environ.get(name)}.get(value, value)
    if value is None:
        del kernel["env"][name]
        continue
    # Jupyter replaces $NAME in these values; a dollar in a folder's name is written twice.
    kernel["env"][name] = value.replace("$", "$$")

folder = kernels / "tinker"
folder.mkdir(parents=True, exist_ok=True)
new = folder / f"kernel.json.{os.getpid()}"
new.write_text(json.dumps(kernel, indent=2) + "\n", encoding="utf-8")
new.replace(folder / "kernel.json")
