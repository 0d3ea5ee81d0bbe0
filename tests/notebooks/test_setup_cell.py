"""The set-up cell where the helper package is missing, against a site on this machine."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from publish import notebooks
from publish.tools import wheel
from publish.tools.kernels import run_notebook
from publish.notebooks.set_up import setup_code, wheel_name
from publish.site.addresses import Addresses
from tests.kit.notebooks import ROOT, book

pytestmark = pytest.mark.notebooks

BUILT = ROOT / "_build" / "html"
PAGE = "# T\n\nText.\n\n```{code-cell} python\nfrom dlworkbook import glue\nglue('x', 1)\n```\n"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        self.server.requested.append(self.path)


@pytest.fixture
def site(tmp_path):
    """A site that serves wheels: the built one if it is there, else the wheel alone."""
    folder = BUILT
    if not (BUILT / "wheels" / wheel_name(ROOT)).exists():
        folder = tmp_path / "site"
        wheel.build(folder / "wheels")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.requested = []
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def execute(cells, kernel, folder, environment):
    folder.mkdir(exist_ok=True)
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    offline = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    run_notebook(
        notebook, folder, timeout=300, kernel=kernel, env={**environment, **offline}
    ).check()
    return notebook


def test_the_environment_lacks_the_package(bare_kernel, kernel_environment, tmp_path):
    """Otherwise the tests below would prove nothing."""
    with pytest.raises(CellExecutionError, match="No module named 'dlworkbook'"):
        execute(["import torch", "import dlworkbook"], bare_kernel, tmp_path / "x",
                kernel_environment)


def test_setup_cell_installs_from_the_address_in_the_notebook(
    bare_kernel, kernel_environment, site, tmp_path
):
    root = book(tmp_path, {"ch/page": PAGE})
    notebook = notebooks.convert(
        root / "book/ch/page.md", root=root, addresses=Addresses(site=site.address)
    )
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    code.append("import dlworkbook; print(dlworkbook.__file__)")
    before = "import sys; assert 'numpy' not in sys.modules"
    done = execute([before, *code], bare_kernel, tmp_path / "x", kernel_environment)
    output = ["".join(o.get("text", "") for o in c.outputs) for c in done.cells]
    assert site.requested == [f"/wheels/{wheel_name(ROOT)}"]
    assert "x = 1" in output[2]
    assert str(tmp_path / "bare") in output[3] and "site-packages" in output[3]


def test_setup_cell_takes_the_address_from_the_environment(
    bare_kernel, kernel_environment, site, tmp_path
):
    environment = {**kernel_environment, "DLWORKBOOK_SITE": site.address + "/"}
    execute([setup_code({"dlworkbook"}, "", ROOT), "import dlworkbook"], bare_kernel,
            tmp_path / "x", environment)
    assert site.requested == [f"/wheels/{wheel_name(ROOT)}"]


def test_setup_cell_without_any_address_says_what_to_do(bare_kernel, kernel_environment, tmp_path):
    with pytest.raises(CellExecutionError) as caught:
        execute([setup_code({"dlworkbook"}, "", ROOT)], bare_kernel, tmp_path / "x",
                kernel_environment)
    assert caught.value.ename == "ModuleNotFoundError"
    assert "make lab" in caught.value.evalue and "DLWORKBOOK_SITE" in caught.value.evalue


def test_setup_cell_says_where_it_looked_in_vain(bare_kernel, kernel_environment, site, tmp_path):
    address = site.address + "/nowhere"
    with pytest.raises(CellExecutionError) as caught:
        execute([setup_code({"dlworkbook"}, address, ROOT)], bare_kernel, tmp_path / "x",
                kernel_environment)
    assert f"could not be installed from {address}/wheels/" in caught.value.evalue
