"""The set-up of a GPU on machines that have none: a driver, a Java and folders that are made up.

What the scripts do with them is real; environment/test starts this beside test_notebooks.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parent
CARD = "570.86.15, 23034, 22563, NVIDIA L4"
BUILD = "djl/pytorch/2.7.1-cu128-linux-x86_64"

# Stands for Java: notes what it was asked, and does as FETCH and PROBE say.
JAVA = r"""#!/usr/bin/env bash
printf '%s\n' "$*" >>"$NOTES"
env | grep -E '^(PYTORCH|NVIDIA_TF32|TORCH_ALLOW|LD_LIBRARY)' >>"$NOTES.env"
case "$*" in
  *"GpuSetup fetch "*)
    if [ -n "$FETCH" ]; then echo "$FETCH"; exit 1; fi
    folder="${@: -1}"
    mkdir -p "$folder"
    touch "$folder/libtorch.so" "$folder/libcudart-c3a75b33.so.12"
    ;;
  *"GpuSetup probe"*) if [ -n "$PROBE" ]; then echo "$PROBE"; exit 1; fi ;;
esac
"""

# What `prepare` does after the library is built.
PREPARE = """
source {environment}/common.sh
private={private} venv={private}/venv JAVA_HOME={private}/jdk java_version=17
check_settings
engine_environment
choose_engine "$(all_jars)"
describe_kernel
"""


def worked():
    """Seconds of work of all that was started so far; a busy machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@unittest.skipUnless(sys.platform.startswith("linux"), "GPUs are set up on Linux only")
class GpuTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.private = Path(folder.name).resolve() / "private place"
        self.programs = Path(folder.name, "bin")
        self.driver = Path(folder.name, "driver")
        self.notes = Path(folder.name, "notes")
        self.write(self.private / "jdk/bin/java", JAVA, program=True)
        self.write(self.private / "venv/bin/python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', program=True)
        self.write(
            self.private / "classpath/list",
            "./api-0.35.1.jar\n./pytorch-jni-2.7.1-0.35.1.jar\n"
            "./pytorch-native-cpu-2.7.1-linux-x86_64.jar\n./tinker-1.jar\n",
        )
        self.write(self.programs / "uname", '#!/bin/sh\ncase "$1" in -s) echo Linux;; *) echo x86_64;; esac\n', program=True)
        self.write(self.programs / "ldconfig", "#!/bin/sh\n", program=True)
        self.write(self.driver / "libcuda.so.1", "")
        self.card(CARD)

    def write(self, path, text, program=False):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if program:
            path.chmod(0o755)
        return path

    def card(self, line):
        self.write(self.programs / "nvidia-smi", f"#!/bin/sh\necho asked $* >>'{self.notes}.smi'\necho '{line}'\n", program=True)

    def without_smi(self):
        """A path with this machine's programs but for nvidia-smi, which one with a card has."""
        (self.programs / "nvidia-smi").unlink()
        rest = self.programs.parent / "rest"
        rest.mkdir()
        for place in os.get_exec_path():
            for program in Path(place).glob("*"):
                link = rest / program.name
                if program.name != "nvidia-smi" and not link.is_symlink():
                    link.symlink_to(program)
        return f"{self.programs}:{rest}"

    def prepare(self, expected=0, **settings):
        """Runs the set-up; returns what it said."""
        kept = {k: v for k, v in os.environ.items() if not re.match("TINKER|PYTORCH|DJL|LD_|NVIDIA|TORCH|CUDA", k)}
        environment = {
            **kept,
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "NOTES": str(self.notes),
            "FETCH": "",
            "PROBE": "",
            "TINKER_DRIVER_FOLDERS": str(self.driver),
            "TINKER_DRIVER_FILE": str(self.private / "none"),
            "CUDA_HOME": str(self.private / "none"),
            **settings,
        }
        script = PREPARE.format(environment=f"'{ENVIRONMENT}'", private=f"'{self.private}'")
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=300)
        self.assertEqual(expected, done.returncode, done.stderr)
        return done.stderr

    def asked(self):
        """What Java was asked, in order."""
        text = self.notes.read_text() if self.notes.exists() else ""
        return re.findall(r"GpuSetup (\w+)", text)

    def kernel(self):
        return json.loads((self.private / "venv/share/jupyter/kernels/tinker/kernel.json").read_text())

    def assert_cpu(self, said, fault):
        self.assertIn("the CPU is used: ", said)
        self.assertIn(fault, said)
        self.assertEqual(1, said.count("the CPU is used"))
        kernel = self.kernel()
        self.assertIn("pytorch-native-cpu", kernel["env"]["JJAVA_CLASSPATH"])
        self.assertNotIn("PYTORCH_FLAVOR", kernel["env"])
        self.assertNotIn("jna.library.path", " ".join(kernel["argv"]))
        self.assertIn(fault, kernel["env"]["TINKER_CARD_FAULT"])

    def test_without_a_card_nothing_is_said_and_nothing_changes(self):
        path = self.without_smi()
        begin = worked()
        self.assertEqual("", self.prepare(PATH=path))
        self.assertLess(worked() - begin, 3)
        self.assertEqual([], self.asked())
        kernel = self.kernel()
        self.assertIn("pytorch-native-cpu", kernel["env"]["JJAVA_CLASSPATH"])
        kept = {name for name in kernel["env"] if not name.startswith("MALLOC_")}
        engine = {"DJL_CACHE_DIR", "DJL_OFFLINE", "OPT_OUT_TRACKING", "OMP_NUM_THREADS", "GLIBC_TUNABLES"}
        self.assertEqual(engine | {"JJAVA_CLASSPATH", "TINKER_SPARK"}, kept)

    def test_a_gpu_is_asked_for_where_there_is_no_driver(self):
        said = self.prepare(TINKER_DEVICE="gpu", PATH=self.without_smi())
        self.assert_cpu(said, "TINKER_DEVICE is gpu, but there is no NVIDIA driver here")

    def test_a_driver_without_nvidia_smi_is_named(self):
        node = self.write(self.driver / "nvidiactl", "")
        said = self.prepare(TINKER_DRIVER_FILE=str(node), PATH=self.without_smi())
        self.assert_cpu(said, "there is an NVIDIA driver here, but its program nvidia-smi is not on the path")
        self.assertEqual([], self.asked())

    def test_a_driver_that_does_not_answer_is_no_card_and_is_named(self):
        self.write(self.programs / "nvidia-smi", "#!/bin/sh\necho NVIDIA-SMI has failed\nexit 9\n", program=True)
        for device in ("", "gpu"):
            fault = "the NVIDIA driver here does not answer; nvidia-smi says: NVIDIA-SMI has failed"
            self.assert_cpu(self.prepare(TINKER_DEVICE=device), fault)
        self.card("570.86.15, [N/A], [N/A], NVIDIA GB10")
        self.assert_cpu(self.prepare(), "not understood: 570.86.15, [N/A], [N/A], NVIDIA GB10")

    def test_the_card_asked_about_is_the_first_that_cuda_sees(self):
        self.prepare(CUDA_VISIBLE_DEVICES="3,1")
        self.assertIn("-i 3 --format", Path(f"{self.notes}.smi").read_text())
        self.assertEqual("PCI_BUS_ID", self.kernel()["env"]["CUDA_DEVICE_ORDER"])
        for hidden in ("", "-1"):
            fault = f'CUDA_VISIBLE_DEVICES is "{hidden}", which hides every card'
            self.assert_cpu(self.prepare(CUDA_VISIBLE_DEVICES=hidden), fault)

    def test_cpu_declines_without_asking_the_driver(self):
        self.assertEqual("", self.prepare(TINKER_DEVICE="cpu"))
        self.assertFalse(Path(f"{self.notes}.smi").exists())
        self.assertEqual([], self.asked())

    def test_a_card_is_set_up_once_and_handed_to_the_kernel(self):
        said = self.prepare()
        self.assertIn("found NVIDIA L4, driver 570.86.15, 23034 MB", said)
        self.assertIn("TINKER_DEVICE=cpu declines", said)
        self.assertEqual(["fetch", "probe"], self.asked())
        for line in self.notes.read_text().splitlines():
            self.assertNotIn("pytorch-native-cpu", line)
        kernel = self.kernel()
        env = kernel["env"]
        self.assertNotIn("pytorch-native-cpu", env["JJAVA_CLASSPATH"])
        self.assertIn("tinker-1.jar", env["JJAVA_CLASSPATH"])
        self.assertEqual("2.7.1", env["PYTORCH_VERSION"])
        self.assertEqual("cu128", env["PYTORCH_FLAVOR"])
        self.assertEqual("true", env["DJL_OFFLINE"])
        self.assertEqual("0", env["NVIDIA_TF32_OVERRIDE"])
        self.assertEqual("NVIDIA L4, driver 570.86.15, 23034 MB", env["TINKER_CARD"])
        self.assertEqual(str(self.driver), env["LD_LIBRARY_PATH"])
        self.assertNotIn("TINKER_CARD_FAULT", env)
        self.assertNotIn("PYTORCH_LIBRARY_PATH", env)
        self.assertIn(f"-Djna.library.path={self.private}/cuda", kernel["argv"])
        link = self.private / "cuda/libcudart.so"
        self.assertEqual(self.private / BUILD / "libcudart-c3a75b33.so.12", link.resolve())
        begin = worked()
        self.assertEqual("", self.prepare())
        self.assertLess(worked() - begin, 3)
        self.assertEqual(["fetch", "probe"], self.asked())
        self.assertEqual(kernel, self.kernel())

    def test_of_several_cards_the_first_is_named(self):
        self.card(CARD + "\n570.86.15, 8192, 100, NVIDIA T400")
        self.prepare()
        self.assertEqual("NVIDIA L4, driver 570.86.15, 23034 MB", self.kernel()["env"]["TINKER_CARD"])

    def test_no_notebook_names_a_device(self):
        for path in ENVIRONMENT.parent.glob("notebooks/**/*.ipynb"):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                with self.subTest(notebook=path.name):
                    self.assertNotRegex("".join(cell["source"]), r"Device\.(gpu|cpu|of)|toDevice")

    def test_another_driver_is_tried_anew(self):
        self.prepare()
        self.card(CARD.replace("570.86.15", "575.51.03"))
        self.prepare()
        self.assertEqual(["fetch", "probe", "probe"], self.asked())

    def test_declining_later_brings_the_cpus_engine_back(self):
        self.prepare()
        self.prepare(TINKER_DEVICE="cpu")
        self.assertIn("pytorch-native-cpu", self.kernel()["env"]["JJAVA_CLASSPATH"])
        self.assertNotIn("PYTORCH_FLAVOR", self.kernel()["env"])

    def test_an_old_driver(self):
        self.card(CARD.replace("570.86.15", "525.60.9"))
        self.assert_cpu(self.prepare(), "the driver 525.60.9 is too old for CUDA 12, which needs 525.60.13")
        self.assertEqual([], self.asked())
        self.card(CARD.replace("570.86.15", "525.60.13"))
        self.assertNotIn("CPU is used", self.prepare())

    def test_a_full_card(self):
        self.card("570.86.15, 23034, 512, NVIDIA L4")
        self.assert_cpu(self.prepare(), "the card is full: of NVIDIA L4, driver 570.86.15, 23034 MB only 512 MB are free")
        self.assertEqual([], self.asked())

    def test_another_platform(self):
        self.write(self.programs / "uname", '#!/bin/sh\ncase "$1" in -s) echo Linux;; *) echo aarch64;; esac\n', program=True)
        self.assert_cpu(self.prepare(), "no build of the engine for GPUs on Linux-aarch64")

    def test_a_driver_without_its_library(self):
        (self.driver / "libcuda.so.1").unlink()
        self.assert_cpu(self.prepare(), "libcuda.so.1 is not found; put its folder into LD_LIBRARY_PATH")

    def test_a_driver_that_the_loader_knows_needs_no_path(self):
        self.write(
            self.programs / "ldconfig",
            "#!/bin/sh\necho '\tlibcuda.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libcuda.so.1'\n",
            program=True,
        )
        self.prepare()
        self.assertNotIn("LD_LIBRARY_PATH", self.kernel()["env"])

    def test_a_download_that_fails_is_tried_again(self):
        sentence = "the download of PyTorch for CUDA from https://publish.djl.ai/ cannot be reached"
        self.assert_cpu(self.prepare(FETCH=sentence), sentence)
        self.assertEqual(["fetch"], self.asked())
        self.assertNotIn("CPU is used", self.prepare())
        self.assertEqual(["fetch", "fetch", "probe"], self.asked())

    def test_no_room_on_the_disk(self):
        sentence = "there is no room on the disk for PyTorch for CUDA: about 6.0 GB are needed"
        self.assert_cpu(self.prepare(FETCH=sentence), sentence)

    def test_a_program_that_dies_without_a_word(self):
        self.write(self.private / "jdk/bin/java", "#!/bin/sh\nexit 134\n", program=True)
        self.assert_cpu(self.prepare(), "the download of PyTorch for CUDA failed")

    def test_a_runtime_that_is_missing(self):
        folder = self.private / BUILD
        self.write(folder / "libtorch.so", "")
        self.assert_cpu(self.prepare(), "the CUDA runtime (libcudart.so) is not found")

    def test_a_trial_that_fails_is_not_repeated_until_told_to(self):
        sentence = "the card is of a kind that this build of PyTorch no longer knows"
        self.assert_cpu(self.prepare(PROBE=sentence), sentence)
        self.assert_cpu(self.prepare(), sentence)
        self.assertEqual(["fetch", "probe"], self.asked())
        (self.private / "done/gpu-fault").unlink()
        self.assertNotIn("CPU is used", self.prepare())
        self.assertEqual(["fetch", "probe", "probe"], self.asked())

    def test_a_trial_on_a_full_card_is_repeated(self):
        self.assert_cpu(self.prepare(PROBE="the card is full: no memory"), "the card is full")
        self.assertNotIn("CPU is used", self.prepare())

    def libtorch(self, name, build=None, version=None, runtime="lib/libcudart.so.12"):
        root = self.private / name
        self.write(root / "lib/libtorch.so", "")
        self.write(root / runtime, "")
        if build:
            self.write(root / "build-version", build + "\n")
        if version:
            self.write(root / "version.py", f"from typing import Optional\n__version__ = '{version}'\ncuda = '12.8'\n")
        return root

    def test_a_local_libtorch_is_used_in_place_of_a_download(self):
        root = self.libtorch("libtorch", build="2.7.1+cu128")
        for named in (root, root / "lib"):
            self.prepare(TINKER_LIBTORCH=str(named))
            env = self.kernel()["env"]
            self.assertEqual(str(root / "lib"), env["PYTORCH_LIBRARY_PATH"])
            self.assertEqual(("2.7.1", "cu128"), (env["PYTORCH_VERSION"], env["PYTORCH_FLAVOR"]))
            self.assertEqual(root / "lib/libcudart.so.12", (self.private / "cuda/libcudart.so").resolve())
        self.assertEqual(["probe"], self.asked())

    def test_the_libraries_of_a_python_package_are_used(self):
        runtime = "../nvidia/cuda_runtime/lib/libcudart.so.12"
        root = self.libtorch("site-packages/torch", version="2.7.1+cu126", runtime=runtime)
        self.prepare(TINKER_LIBTORCH=str(root))
        self.assertEqual("cu128", self.kernel()["env"]["PYTORCH_FLAVOR"])
        self.assertEqual((root / runtime).resolve(), (self.private / "cuda/libcudart.so").resolve())

    def test_a_libtorch_that_does_not_serve(self):
        root = self.libtorch("newer", build="2.11.0+cu130")
        self.assert_cpu(self.prepare(TINKER_LIBTORCH=str(root)), "is PyTorch 2.11.0; the engine here works with 2.7.1 alone")
        self.write(root / "lib/libdjl_torch.so", "")
        self.assertNotIn("CPU is used", self.prepare(TINKER_LIBTORCH=str(root)))
        self.assertEqual("cu130", self.kernel()["env"]["PYTORCH_FLAVOR"])
        plain = self.libtorch("plain", build="2.7.1+cpu")
        self.assert_cpu(self.prepare(TINKER_LIBTORCH=str(plain)), "is PyTorch 2.7.1 for cpu, not for CUDA")

    def test_a_libtorch_that_is_none_or_says_nothing_of_itself_is_refused(self):
        self.assertIn("it must name the folder", self.prepare(expected=1, TINKER_LIBTORCH=str(self.driver)))
        root = self.libtorch("silent")
        said = self.prepare(expected=1, TINKER_LIBTORCH=str(root))
        self.assertIn("set PYTORCH_VERSION (such as 2.7.1) and PYTORCH_FLAVOR (such as cu128)", said)
        self.prepare(TINKER_LIBTORCH=str(root), PYTORCH_VERSION="2.7.1", PYTORCH_FLAVOR="cu128")
        self.assertEqual("2.7.1", self.kernel()["env"]["PYTORCH_VERSION"])

    def test_tf32_is_off_unless_asked_for(self):
        self.assertIn("TINKER_TF32 is \"yes\"; it must be 0 or 1.", self.prepare(expected=1, TINKER_TF32="yes"))
        self.prepare(TINKER_TF32="1")
        env = self.kernel()["env"]
        self.assertNotIn("NVIDIA_TF32_OVERRIDE", env)
        self.assertEqual("1", env["TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"])
        self.prepare()
        env = self.kernel()["env"]
        self.assertEqual("0", env["NVIDIA_TF32_OVERRIDE"])
        self.assertNotIn("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", env)
        # The trial compares with the CPU, so it is exact in both cases.
        trial = Path(f"{self.notes}.env").read_text()
        self.assertIn("NVIDIA_TF32_OVERRIDE=0", trial)
        self.assertNotIn("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", trial)

    def test_a_device_that_is_neither_is_refused(self):
        self.assertIn("it must be cpu or gpu", self.prepare(expected=1, TINKER_DEVICE="tpu"))


if __name__ == "__main__":
    unittest.main()
