"""Runs, cleans and checks the notebooks; environment/notebooks starts it.

    environment/notebooks test  [NAME...]          quick mode, nothing saved, then a list of faults
    environment/notebooks run   [--quick] NAME...  full mode, outputs saved into the notebook, cleaned
    environment/notebooks clean [NAME...]          removes what changes from run to run
    environment/notebooks check [NAME...]          says where a committed notebook breaks the standard

NAME is the beginning of a file name (03, solutions/03) or a path; without one, all are meant.
Each notebook runs in a process and a kernel of its own. What it showed, up to a fault, is kept in
environment/.lab/runs.
"""

import argparse
import asyncio
import copy
import json
import multiprocessing
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
RUNS = ROOT / "environment" / ".lab" / "runs"
KERNEL = {"display_name": "Java (tinker)", "language": "java", "name": "tinker"}
LONGEST_CELL = 15
# Seconds for a notebook. Machines that are busy with other work need several times the usual.
LIMITS = {"quick": 300, "full": 1800}
START_LIMIT = 120
# A process that has loaded everything once and forks for each notebook, where the system has that.
FORKS = "forkserver" in multiprocessing.get_all_start_methods()
PROCESSES = multiprocessing.get_context("forkserver" if FORKS else "spawn")
if FORKS:
    # By name as well: Python 3.11, for one, never loads the main file before it forks.
    PROCESSES.set_forkserver_preload(["__main__", "nbclient"])


@dataclass
class Fault:
    """What went wrong: in which code cell (counted from 1), its text, and the error."""

    error: str
    cell: int = 0
    cells: int = 0
    source: str = ""

    def __str__(self):
        where = f"in code cell {self.cell} of {self.cells}:\n" if self.cell else ""
        return where + indent(self.source, "    | ") + indent(self.error, "    ")


def indent(text, by):
    return "".join(by + line + "\n" for line in text.splitlines())


# ---- finding and reading -----------------------------------------------------------------------


def find(names):
    """The notebooks meant by the names, in reading order, the solutions last."""
    every = sorted(NOTEBOOKS.glob("*.ipynb")) + sorted(NOTEBOOKS.glob("solutions/*.ipynb"))
    if not names:
        return every
    chosen = []
    for name in names:
        found = [p for p in every if p.relative_to(NOTEBOOKS).as_posix().startswith(name)]
        if Path(name).is_file():
            found = [Path(name).resolve()]
        if not found:
            sys.exit(f'No notebook is called "{name}"; there are: {", ".join(map(title, every))}.')
        chosen += [p for p in found if p not in chosen]
    return chosen


def title(path):
    """A notebook's name as it is shown: solutions/03-ngrams."""
    inside = path.is_relative_to(NOTEBOOKS)
    return (path.relative_to(NOTEBOOKS) if inside else path).with_suffix("").as_posix()


def read(path):
    """Reads a notebook; a file that is none is a ValueError with one sentence."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as e:  # nbformat raises a different type for each kind of damage
        raise ValueError(f"not a notebook: {first_line(e)}") from e
    return notebook


def first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# ---- running -----------------------------------------------------------------------------------


def run_here(path, limit):
    """Runs a notebook in this process. Returns it with what it showed, and the Fault or None.

    After a fault no later cell runs; the cell at fault carries the error as its last output.
    """
    try:
        notebook = read(path)
    except ValueError as e:
        return None, Fault(str(e))
    cells = code_cells(notebook)
    if not any(cell.source.strip() for cell in cells):
        return notebook, Fault("there is no code cell in it")
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    current = {"cell": None, "deadline": 0.0}

    def notebook_begins(notebook):
        current["deadline"] = time.monotonic() + limit

    def cell_begins(cell, cell_index):
        current["cell"] = cell

    client = NotebookClient(
        notebook,
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", ""),
        resources={"metadata": {"path": str(path.parent)}},
        startup_timeout=START_LIMIT,
        # Outputs that a busy machine is slow to deliver are waited for, not lost.
        iopub_timeout=START_LIMIT,
        timeout_func=lambda cell: max(1, round(current["deadline"] - time.monotonic())),
        on_notebook_start=notebook_begins,
        on_cell_execute=cell_begins,
        record_timing=False,
        store_widget_state=False,
    )
    try:
        # The kernel does not end when it is asked to, and need not be waited for: it has nothing to save.
        client.create_kernel_manager().shutdown_wait_time = 0.2
        client.execute()
        return notebook, None
    except CellExecutionError as e:
        # What the cell shows names the cause; the exception itself has the kernel's own frames.
        shown = [output for output in current["cell"].outputs if output.output_type == "error"]
        lines = shown[-1].traceback if shown else [f"{e.ename}: {e.evalue}"]
        fault = Fault(without_colours("\n".join(lines)))
    except CellTimeoutError:
        fault = Fault(f"still running after the notebook's {limit:g} seconds")
    except DeadKernelError:
        fault = Fault("the kernel died in this cell")
    except NoSuchKernel as e:
        return notebook, Fault(f'no kernel is called "{e.name}"; the one here is tinker')
    except RuntimeError as e:
        fault = Fault(f"the kernel did not start: {first_line(e)}")
    cell = current["cell"]
    if cell is not None:
        fault.cell, fault.cells, fault.source = cells.index(cell) + 1, len(cells), cell.source
        if not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs.append(
                nbformat.v4.new_output("error", ename="Fault", evalue=fault.error, traceback=[fault.error])
            )
    return notebook, fault


def without_colours(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def run(path, mode, extra_environment=None, limit=None):
    """Runs a notebook in a process of its own. Returns the file with its outputs, and the Fault."""
    limit = limit or LIMITS[mode]
    kept = RUNS / (title(path) if path.is_relative_to(NOTEBOOKS) else path.stem)
    kept = kept.with_name(kept.name + ".ipynb")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    environment = {**os.environ, "TINKER_RUN_MODE": mode, **(extra_environment or {})}
    environment = {name: value for name, value in environment.items() if value is not None}
    with tempfile.TemporaryDirectory() as folder:
        report, log = Path(folder, "fault.json"), Path(folder, "log.txt")
        log.touch()
        process = PROCESSES.Process(target=run_apart, args=(path, kept, report, log, environment, limit))
        process.start()
        try:
            process.join(limit + START_LIMIT + 60)
        except BaseException:
            end(process)
            raise
        if process.is_alive():
            end(process)
            return kept, Fault("neither it nor its time limit came to an end; it was ended by force")
        # The report comes last, so it alone decides. An exit code is lost where two threads ask for it
        # at once, as a thread does that starts the next process; multiprocessing then says 255.
        if not report.exists():
            last = log.read_text(errors="replace").strip().splitlines()[-15:]
            return kept, Fault(f"the process that runs it failed, exit code {process.exitcode}:\n" + "\n".join(last))
        fault = json.loads(report.read_text(encoding="utf-8"))
    return kept, Fault(**fault) if fault else None


def run_apart(path, kept, report, log, environment, limit):
    """What `run` starts as a process: leaves the notebook, the fault and what was printed in files."""
    with log.open("wb") as stream:
        for descriptor in (1, 2):
            os.dup2(stream.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    notebook, fault = run_here(path, limit)
    if notebook is not None:
        nbformat.write(notebook, kept)
    whole = report.with_suffix(".new")
    whole.write_text(json.dumps(asdict(fault) if fault else None), encoding="utf-8")
    whole.replace(report)


def end(process):
    """Ends a process and the kernels it started."""
    import psutil  # comes with JupyterLab

    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    process.join(5)
    process.kill()
    for child in family:
        if child.is_running():
            child.kill()


def offline(folder):
    """Settings under which a notebook has no mirror, no cache and no internet: it must not need them."""
    # Short runs spend most of their time in the compiler; the simple one halves that.
    java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=9 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=9"
    return {"TINKER_MIRROR": None, "TINKER_CACHE": folder, "JDK_JAVA_OPTIONS": java}


# ---- the standard ------------------------------------------------------------------------------


def clean(notebook):
    """Removes, in place, what differs from run to run or from machine to machine."""
    notebook.metadata = nbformat.from_dict({"kernelspec": dict(KERNEL), "language_info": {"name": "java"}})
    notebook.nbformat, notebook.nbformat_minor = 4, max(5, notebook.nbformat_minor)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [output for output in joined(cell.outputs) if not says_nothing(output)]
            for output in cell.outputs:
                output.pop("transient", None)
                if "execution_count" in output:
                    output.execution_count = None
                if "metadata" in output:
                    output.metadata = nbformat.from_dict(widths(output.metadata))
                data = output.get("data", {})
                for kind in ("text/html", "text/plain"):
                    if kind in data:
                        data[kind] = without_durations(data[kind])
                # Java names an object by its address: BufferedImage@1b6fda54.
                if any(kind.startswith("image/") for kind in data) and "@" in data.get("text/plain", ""):
                    data["text/plain"] = "picture"
    return notebook


def says_nothing(output):
    """A cell that ends with printf returns a stream, which nobody wants to see."""
    data = output.get("data", {})
    shown = "".join(data.get("text/plain", ""))
    return output.output_type == "execute_result" and len(data) <= 1 and (
        not shown or shown.startswith("java.io.PrintStream@")
    )


def widths(metadata):
    """How wide a picture stands on the page: its pixels are twice as many, for sharp screens."""
    return {
        kind: {"width": about["width"]}
        for kind, about in metadata.items()
        if isinstance(about, dict) and "width" in about
    }


def without_durations(text):
    """What a training run says of its speed differs from run to run; what it learned does not."""
    text = re.sub(r'<span class="tinker-time">[^<]*</span>', "", text)
    duration = r"(?:\d+ h \d+ min|(?:\d+ min )?\d+(?:\.\d+)? s)"
    text = re.sub(rf"\b((?:finished|stopped) [^<;]*?) in {duration}(?=[;<\n]|$)", r"\1", text)
    return re.sub(rf", {duration}, [\d,.]+ tokens/s", "", text)


def joined(outputs):
    """What a cell prints, as one output: a kernel sends it in as many pieces as it likes."""
    kept = []
    for output in outputs:
        before = kept[-1] if kept else {}
        if output.output_type == "stream" and before.get("output_type") == "stream" and before.name == output.name:
            before.text += output.text
        else:
            kept.append(copy.deepcopy(output))
    return kept


def faults_of_form(notebook):
    """Where a committed notebook breaks the standard, one sentence each."""
    faults = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "tinker":
        faults.append("its kernel is not tinker")
    if clean(copy.deepcopy(notebook)) != notebook:
        faults.append("it is not clean; run: environment/notebooks clean NAME")
    cells = code_cells(notebook)
    if not cells:
        faults.append("it has no code cell")
    elif not any(cell.outputs for cell in cells):
        faults.append("it has no outputs; run: environment/notebooks run NAME")
    for number, cell in enumerate(cells, 1):
        faults += [f"code cell {number}: {fault}" for fault in faults_of_cell(cell)]
    return faults


def exercises_not_set(notebook):
    """The exercises whose check follows no text that says how large they are, as each task does."""
    text = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text += cell.source
        elif check := re.search(r'Exercise\.of\("([\w-]+)"\)\.check', cell.source):
            if not re.search(r"\*\*(Small|Middle|Large)|\((small|middle|large)\)", text):
                yield check[1]
            text = ""


def faults_of_cell(cell):
    lines = cell.source.splitlines()
    if not cell.source.strip():
        yield "it is empty"
    if len(lines) > LONGEST_CELL:
        yield f"it has {len(lines)} lines; {LONGEST_CELL} are allowed"
    code = without_texts(cell.source)
    if re.search(r"^\s*%{1,2}\w", code, re.MULTILINE):
        yield "it uses a magic"
    if re.search(r"(?<![\w.])assert\b", code):
        yield "it uses assert, which a kernel never runs; use Check.that"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"its output is an error: {output.ename}"
    for text in red_texts(cell):
        yield f"it writes to the error stream: {text.strip().splitlines()[:1]}"
    shown = json.dumps(cell.outputs, ensure_ascii=False)
    if str(ROOT) in shown:
        yield "its output names the folder of this checkout"
    mirror = os.environ.get("TINKER_MIRROR")
    if mirror and mirror in shown:
        yield "its output names the folder of TINKER_MIRROR; run it without one"


def without_texts(source):
    """Java without comments, strings and characters, so that words in them are not taken for code."""
    texts = r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/'
    return re.sub(texts, '""', source, flags=re.DOTALL)


def save(notebook, path):
    """Writes under another name first, so that a notebook is never half there."""
    new = path.with_name(path.name + ".new")
    nbformat.write(notebook, new)
    new.replace(path)


# ---- commands ----------------------------------------------------------------------------------


def command_test(paths, failed_before):
    """Every notebook against the standard, and in quick mode. Ends with `N passed, N failed`."""
    failed = []
    # Two at once on two cores: a kernel that starts, or compiles a cell, keeps one of them busy.
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for path, (faults, seconds) in zip(paths, pool.map(tested, paths)):
            verdict = "FAILED" if faults else "passed"
            print(f"{verdict}  {seconds:6.1f} s  {title(path)}", flush=True)
            if faults:
                failed.append((path, faults))
    for path, faults in failed:
        print(f"\nFAILED  {title(path)}")
        for fault in faults:
            print(indent(fault.rstrip(), "  "), end="")
    print(f"\nFAILED before the notebooks: {failed_before}" if failed_before else "")
    print(f"{len(paths) - len(failed)} passed, {len(failed)} failed")
    return not failed


def tested(path):
    """What is wrong with a notebook, in form and in a quick run, and the seconds that took."""
    faults = form_of(path)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        kept, fault = run(path, "quick", offline(folder))
    faults += [str(fault)] if fault else red_lines(read(kept))
    return faults, time.monotonic() - begin


def red_lines(notebook):
    """Which cells of a run show red lines, and which lines."""
    return [
        f"code cell {number} shows red lines:\n" + indent(without_colours(text), "    ").rstrip()
        for number, cell in enumerate(code_cells(notebook), 1)
        for text in red_texts(cell)
    ]


def red_texts(cell):
    """What a cell wrote to the error stream, which JupyterLab shows in red."""
    return [o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]


def form_of(path):
    try:
        notebook = read(path)
    except ValueError as e:
        return [str(e)]
    # Solutions answer what is set elsewhere.
    unset = [] if path.parent.name == "solutions" else exercises_not_set(notebook)
    return faults_of_form(notebook) + [f"exercise {name} is checked, but no text before it sets it" for name in unset]


def command_check(paths):
    good = True
    for path in paths:
        for fault in form_of(path):
            good = False
            print(f"{title(path)}: {fault}")
    return good


def command_run(paths, mode):
    good = True
    for path in paths:
        before = path.read_bytes()
        begin = time.monotonic()
        kept, fault = run(path, mode)
        seconds = time.monotonic() - begin
        if fault:
            good = False
            print(f"FAILED  {seconds:6.1f} s  {title(path)}, left as it was; what it showed: {kept}\n{fault}", flush=True)
        elif path.read_bytes() != before:
            good = False
            print(f"FAILED  {seconds:6.1f} s  {title(path)} was changed while it ran, and is left so; the run: {kept}", flush=True)
        else:
            save(clean(read(kept)), path)
            print(f"saved   {seconds:6.1f} s  {title(path)}", flush=True)
    return good


def command_clean(paths):
    for path in paths:
        notebook = read(path)
        if clean(copy.deepcopy(notebook)) != notebook:
            save(clean(notebook), path)
            print(f"cleaned {title(path)}")
    return True


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="environment/notebooks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["test", "run", "clean", "check"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", dest="mode", action="store_const", const="quick", default="full")
    parser.add_argument("--full", dest="mode", action="store_const", const="full", help="the default of run")
    parser.add_argument("--failed-before", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_intermixed_args(arguments)
    paths = find(chosen.names)
    if chosen.command == "test":
        return command_test(paths, chosen.failed_before)
    if chosen.command == "run":
        return command_run(paths, chosen.mode)
    if chosen.command == "clean":
        return command_clean(paths)
    return command_check(paths)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
