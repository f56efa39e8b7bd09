"""The faults that a notebook runner meets, each on the real kernel; environment/test starts it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import nbformat
from jupyter_client.manager import start_new_kernel
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import notebooks

# These kernels live for a second: compiling little and simply starts them in half the time.
os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
ENDLESS = "while (true) { Thread.onSpinWait(); }"
# One statement: an interrupt between two statements finds nothing to stop.
POLLING = 'for (System.out.println("on"); !Thread.interrupted(); ) { Thread.onSpinWait(); }'
MODEL = """import tinker.data.*;
import tinker.model.*;
import tinker.text.*;
import tinker.train.*;
var split = Reviews.bundled().split(0.8, 0.1, 0.1, 7);
var model = RecurrentModel.lstm(Vocabulary.ofCharacters(split.train()), RecurrentOptions.of(1, 64).seed(7));
double untrained = Evaluation.of(model, split.validation()).nats();
tinker.notebook.Lab.open("00")"""
TRAINING = "Fit.of(model, split, FitOptions.epochs(1000).rate(3e-3))"
# What it learned is there, and nothing trains on.
SCORED = """double stopped = Evaluation.of(model, split.validation()).nats();
Thread.sleep(500);
untrained > stopped + 0.1 && stopped == Evaluation.of(model, split.validation()).nats()"""


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


class Folder(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, *sources, kernel="tinker"):
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        notebook.metadata.kernelspec = {**notebooks.KERNEL, "name": kernel}
        path = self.folder / "fault.ipynb"
        nbformat.write(notebook, path)
        return path

    def texts(self, notebook):
        """What each code cell showed as text."""
        shown = []
        for cell in notebooks.code_cells(notebook):
            parts = [o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs]
            shown.append("".join(parts))
        return shown


class Running(Folder):
    def test_a_failing_cell_is_marked_and_ends_the_run(self):
        path = self.file('System.out.println("before"); int[] a = {1};', "a[3]", 'System.out.println("after")')
        kept, fault = notebooks.run(path, "quick", limit=60)
        self.addCleanup(kept.unlink)
        self.assertEqual((2, 3, "a[3]"), (fault.cell, fault.cells, fault.source))
        self.assertIn("ArrayIndexOutOfBoundsException", fault.error)
        self.assertNotIn("\x1b", fault.error)
        notebook = notebooks.read(kept)
        self.assertEqual(["before\n", "", ""], self.texts(notebook))
        self.assertEqual("error", notebook.cells[1].outputs[-1].output_type)

    def test_an_endless_cell_meets_the_limit(self):
        begin = time.monotonic()
        notebook, fault = notebooks.run_here(self.file('System.out.println("on");', ENDLESS), limit=4)
        self.assertLess(time.monotonic() - begin, 45)
        self.assertIn("still running", fault.error)
        self.assertEqual(ENDLESS, fault.source)
        self.assertEqual("on\n", self.texts(notebook)[0])
        self.assertEqual("error", notebook.cells[1].outputs[-1].output_type)

    def test_a_kernel_that_dies_is_an_error_and_not_a_wait(self):
        begin = time.monotonic()
        _, fault = notebooks.run_here(self.file("Runtime.getRuntime().halt(137);"), limit=300)
        self.assertLess(time.monotonic() - begin, 60)
        self.assertIn("kernel died", fault.error)
        self.assertEqual(1, fault.cell)

    def test_an_exit_code_that_two_threads_lost_is_no_fault(self):
        with mock.patch.object(notebooks.PROCESSES.Process, "exitcode", 255):
            kept, fault = notebooks.run(self.file("6 * 7"), "quick", limit=60)
        self.addCleanup(kept.unlink)
        self.assertIsNone(fault)
        self.assertEqual(["42"], self.texts(notebooks.read(kept)))

    def test_a_process_that_dies_is_a_fault_with_its_exit_code(self):
        with mock.patch.object(notebooks, "run_apart", die):
            _, fault = notebooks.run(self.file("6 * 7"), "quick", limit=60)
        self.assertIn(f"exit code {-signal.SIGKILL}", fault.error)

    def test_a_cell_that_asks_for_input_gets_none(self):
        begin = time.monotonic()
        _, fault = notebooks.run_here(self.file("new java.util.Scanner(System.in).nextLine()"), limit=20)
        self.assertLess(time.monotonic() - begin, 60)
        self.assertEqual(1, fault.cell)
        self.assertNotIn("still running", fault.error)

    def test_lines_in_red_are_a_fault(self):
        notebook, fault = notebooks.run_here(self.file('1', 'System.err.println("oh")'), limit=20)
        self.assertIsNone(fault)
        self.assertEqual(["code cell 2 shows red lines:\n    oh"], notebooks.red_lines(notebook))

    def test_an_unknown_kernel_is_named(self):
        _, fault = notebooks.run_here(self.file("1", kernel="cobol"), limit=20)
        self.assertIn('"cobol"', fault.error)

    def test_an_empty_notebook_is_a_fault(self):
        _, fault = notebooks.run_here(self.file(), limit=20)
        self.assertIn("no code cell", fault.error)

    def test_what_is_not_a_notebook_is_a_fault(self):
        for content in (b"", b"not JSON", b"{}", b"[1]", b'{"cells": 3}', b"\xff\xfe\x00"):
            with self.subTest(content=content):
                path = self.folder / "broken.ipynb"
                path.write_bytes(content)
                _, fault = notebooks.run_here(path, limit=20)
                self.assertIn("not a notebook", fault.error)

    def test_a_sound_notebook_passes_with_run_mode_but_without_mirror_and_internet(self):
        address = "java.net.URI.create(\"http://example.org/\")"
        path = self.file(
            'System.getenv("TINKER_RUN_MODE") + " " + System.getenv("TINKER_MIRROR")',
            f"try {{ {address}.toURL().openStream(); }} catch (java.net.ConnectException e) {{ }}",
        )
        os.environ["TINKER_MIRROR"] = str(self.folder)
        self.addCleanup(os.environ.pop, "TINKER_MIRROR")
        kept, fault = notebooks.run(path, "quick", notebooks.offline(str(self.folder)), limit=60)
        self.addCleanup(kept.unlink)
        self.assertIsNone(fault)
        self.assertEqual("quick null", self.texts(notebooks.read(kept))[0])


class Interrupting(unittest.TestCase):
    def test_the_stop_button_ends_a_loop_that_polls_and_the_next_cell_runs(self):
        manager, client = start_new_kernel(kernel_name="tinker", startup_timeout=notebooks.START_LIMIT)
        try:
            pressed = []

            def press(message):
                if message["msg_type"] == "stream" and not pressed:
                    pressed.append(time.monotonic())
                    manager.interrupt_kernel()

            stopped = client.execute_interactive(POLLING, timeout=30, output_hook=press)
            self.assertEqual("error", stopped["content"]["status"])
            self.assertLess(time.monotonic() - pressed[0], 5)
            after = client.execute_interactive("1 + 1", timeout=30, output_hook=lambda message: None)
            self.assertEqual("ok", after["content"]["status"])
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


    def test_the_stop_button_ends_training_within_a_second_and_the_next_cell_uses_what_was_learned(self):
        manager, client = start_new_kernel(kernel_name="tinker", startup_timeout=notebooks.START_LIMIT)
        try:
            shown = []

            def collect(message):
                shown.append(message["content"].get("data", {}).get("text/plain", ""))

            made = client.execute_interactive(MODEL, timeout=120, output_hook=collect)
            self.assertEqual("ok", made["content"]["status"])
            # Other tests run beside this one and can hold a kernel up, but not each time.
            seconds = []
            while len(seconds) < 3 and (not seconds or seconds[-1] >= 1):
                seconds.append(self.seconds_to_stop(manager, client))
            self.assertLess(seconds[-1], 1, seconds)
            shown.clear()
            scored = client.execute_interactive(SCORED, timeout=120, output_hook=collect)
            self.assertEqual("ok", scored["content"]["status"])
            self.assertIn("true", shown)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    def seconds_to_stop(self, manager, client):
        """Trains for some updates, presses stop, and says how long the cell then ran on."""
        steps = []

        def press(message):
            if message["msg_type"] in ("display_data", "update_display_data"):
                steps.append(time.monotonic())
                if len(steps) == 10:
                    manager.interrupt_kernel()

        client.execute_interactive(TRAINING, timeout=120, output_hook=press)
        return time.monotonic() - steps[9]


class Preparing(Folder):
    """What the commands share before a kernel starts."""

    def bash(self, script, **settings):
        """What a script prints that has read common.sh, with the private folder in a place of its own."""
        shared = f"source '{notebooks.ROOT}/environment/common.sh'; private='{self.folder}/private place'; "
        done = subprocess.run(
            ["bash", "-c", shared + script],
            env={**os.environ, **settings},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout + done.stderr

    def test_a_relative_folder_is_the_one_where_the_command_was_given(self):
        said = self.bash('check_settings; echo "$TINKER_CACHE $TINKER_RUNS"', TINKER_CACHE="cache", TINKER_RUNS="a/b")
        self.assertEqual(f"{self.folder}/cache {self.folder}/a/b\n", said)

    def test_a_saved_model_writes_without_a_notebook(self):
        program = str(notebooks.ROOT / "environment" / "write")
        done = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=300)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("--temperature T", done.stdout)
        done = subprocess.run([program, "--model", "none.tinker"], capture_output=True, text=True, timeout=300)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("none.tinker", done.stderr)

    def test_the_lock_of_a_run_that_has_ended_is_taken_over(self):
        lock = self.folder / "private place" / "lock"
        for owner in ("99999999", None):
            lock.mkdir(parents=True)
            if owner:
                (lock / "owner").write_text(owner)
            self.assertEqual("got\n", self.bash("lock; echo got; unlock"))
            self.assertFalse(lock.exists())

    def test_a_lock_that_cannot_be_made_is_a_sentence_and_not_a_wait(self):
        (self.folder / "private place").mkdir()
        (self.folder / "private place" / "lock").write_text("a file stands for a disk that takes no folder")
        self.assertIn("lock cannot be made", self.bash("lock; echo got"))

    def test_what_could_not_be_installed_is_not_taken_for_done(self):
        python = self.folder / "python"
        # Makes an environment whose Python, and so whose pip, fails.
        python.write_text(
            "#!/bin/sh\n"
            'if [ "$1 $2" != "-m venv" ]; then exec "' + sys.executable + '" "$@"; fi\n'
            'mkdir -p "$3/bin" && ln -s "$(command -v false)" "$3/bin/python"\n'
        )
        python.chmod(0o755)
        script = 'venv="$private/venv"; make_venv; echo was made'
        for _ in range(2):
            said = self.bash(script, TINKER_PYTHON=str(python))
            self.assertIn("JupyterLab could not be installed", said)
            self.assertNotIn("was made", said)


class Standard(unittest.TestCase):
    """The checker finds each fault of form, and nothing in a sound notebook."""

    def sound(self):
        cell = new_code_cell("1 + 1")
        cell.outputs = [new_output("execute_result", data={"text/plain": "2"})]
        return notebooks.clean(new_notebook(cells=[cell]))

    def check(self, change, expected):
        notebook = self.sound()
        change(notebook)
        self.assertIn(expected, "\n".join(notebooks.faults_of_form(notebook)))

    def test_a_sound_notebook_has_no_fault(self):
        self.assertEqual([], notebooks.faults_of_form(self.sound()))

    def test_words_in_texts_and_comments_are_no_code(self):
        notebook = self.sound()
        notebook.cells[0].source = '"we assert" // assert\n/* %time */ + """\n  %time\n"""; 7\n  % 4'
        self.assertEqual([], notebooks.faults_of_form(notebook))

    def test_each_fault_is_found(self):
        def set_source(text):
            return lambda n: n.cells[0].update(source=text)

        def add(output):
            return lambda n: n.cells[0].outputs.append(output)

        stderr = new_output("stream", name="stderr", text="SLF4J: red\n")
        error = new_output("error", ename="Oops", evalue="", traceback=[])
        address = new_output("stream", name="stdout", text=f"{notebooks.ROOT}/data")
        for change, expected in (
            (set_source("\n".join("int a%d;" % i for i in range(16))), "16 lines"),
            (set_source("%maven a:b:1"), "magic"),
            (set_source("%%time\n1"), "magic"),
            (set_source("int a = 1; assert a == 2;"), "assert"),
            (set_source(" "), "it is empty"),
            (add(stderr), "error stream"),
            (add(error), "Oops"),
            (add(address), "folder of this checkout"),
            (lambda n: n.cells[0].update(outputs=[]), "no outputs"),
            (lambda n: n.cells[0].update(execution_count=3), "not clean"),
            (lambda n: n.cells[0].metadata.update(execution={"iopub.status.busy": "now"}), "not clean"),
            (lambda n: n.metadata.kernelspec.update(name="java"), "kernel is not tinker"),
            (lambda n: n.metadata.language_info.update(version="17.0.1"), "not clean"),
            (lambda n: n.update(cells=[]), "no code cell"),
        ):
            with self.subTest(expected=expected):
                self.check(change, expected)

    def test_an_exercise_whose_text_was_lost_is_found(self):
        task = new_markdown_cell("**Small (03-1).** How many?")
        check = new_code_cell('Exercise.of("03-1").check(values)')
        again = new_code_cell('Exercise.of("03-2").check(values)')
        self.assertEqual(["03-2"], list(notebooks.exercises_not_set(new_notebook(cells=[task, check, again]))))

    def test_cleaning_keeps_what_was_learned_and_drops_how_long_it_took(self):
        cell = new_code_cell("fit")
        said = "finished 16 epochs in {}; the best validation was 1.4398 in epoch 16"
        for time_taken in ("4 min 27 s", "9 s", "1 h 04 min"):
            html = f'<div>{said.format(time_taken)}<span class="tinker-time"> · tokens/s 36,874</span></div>'
            cell.outputs = [
                new_output(
                    "display_data",
                    data={"text/html": html, "text/plain": "epoch 16: train 1.3298, 15.1 s, 35,894 tokens/s"},
                    metadata={"image/png": {"width": 700, "other": 1}, "isolated": True},
                )
            ]
            output = notebooks.clean(new_notebook(cells=[cell])).cells[0].outputs[0]
            self.assertEqual(
                "<div>finished 16 epochs; the best validation was 1.4398 in epoch 16</div>", output.data["text/html"]
            )
            self.assertEqual("epoch 16: train 1.3298", output.data["text/plain"])
            self.assertEqual({"image/png": {"width": 700}}, output.metadata)

    def test_cleaning_drops_what_printf_returns(self):
        cell = new_code_cell('System.out.printf("%d", 1)')
        cell.outputs = [
            new_output("stream", name="stdout", text="1"),
            new_output("execute_result", data={"text/plain": "java.io.PrintStream@22a9ff"}),
            new_output("execute_result", data={"text/plain": ""}),
        ]
        kept = notebooks.clean(new_notebook(cells=[cell])).cells[0].outputs
        self.assertEqual(["stream"], [output.output_type for output in kept])

    def test_cleaning_twice_changes_nothing_more(self):
        cell = new_code_cell("picture", execution_count=4, metadata={"scrolled": True, "tags": ["long"]})
        data = {"image/png": "AAAA", "text/plain": "BufferedImage@1b6fda54"}
        cell.outputs = [new_output("execute_result", data=data, execution_count=4)]
        once = notebooks.clean(new_notebook(cells=[cell], metadata={"widgets": {}}))
        text = json.dumps(once)
        self.assertNotIn("1b6fda54", text)
        self.assertEqual({"tags": ["long"]}, once.cells[0].metadata)
        self.assertEqual(text, json.dumps(notebooks.clean(once)))


if __name__ == "__main__":
    unittest.main()
