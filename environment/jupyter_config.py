"""JupyterLab as environment/lab starts it: quiet, and with one kernel."""

import os
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

c = get_config()  # noqa: F821  (Jupyter defines it)

c.ServerApp.root_dir = os.environ["TINKER_ROOT"]
c.ServerApp.log_level = "WARN"
c.LabApp.default_url = "/lab/tree/notebooks/00-start-here.ipynb"

# No question about news, no look for updates, no catalogue of extensions.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"

# Only the Java kernel is offered; JupyterLab brings a Python one and jjava a bare Java one.
c.KernelSpecManager.allowed_kernelspecs = {"tinker"}
c.KernelSpecManager.ensure_native_kernel = False
c.MultiKernelManager.default_kernel_name = "tinker"

# The Java kernel does not end when it is asked to, and has nothing to save: half a second later it is
# told to, so that a restart is not a wait of five.
c.KernelManager.shutdown_wait_time = 1.0

# Outputs with a script, such as a slider, answer only in a notebook that is trusted. Those of this
# checkout are, as is its code; one that was brought here is not until it is run.
notary = NotebookNotary(data_dir=os.environ["JUPYTER_DATA_DIR"])
notebooks = Path(os.environ["TINKER_ROOT"], "notebooks")
for path in [*notebooks.glob("[0-9][0-9]-*.ipynb"), *notebooks.glob("solutions/[0-9][0-9]-*.ipynb")]:
    try:
        notary.sign(nbformat.read(path, as_version=4))
    except Exception:  # a broken notebook is reported when it is opened
        pass
notary.store.close()
