"""A headless Chromium for one test run: with a folder of its own for everything it writes, and gone with it.

It is driven through chromedriver, which this starts itself, in a session of its own: so that all processes of both can be ended
whatever happens.
"""

import base64
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chromium.remote_connection import ChromiumRemoteConnection

# Against hangs alone: the machine may be busy.
DEADLINE = 180
WIDE, PHONE = (1280, 900), (360, 740)


def program(*names):
    for name in names:
        if path := shutil.which(name):
            return path
    raise SystemExit(f"none of {', '.join(names)} is installed: scripts/install-packages test")


def die_with_parent():
    signal_of_parents_death = 1
    ctypes.CDLL(None).prctl(signal_of_parents_death, signal.SIGKILL)


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {DEADLINE} s in vain: {what}")
        time.sleep(0.02)
    return value


class Browser:
    """Use it in a `with`."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="browser-of-afterwrite-"))
        self.process = None
        self.driver = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def start(self):
        # What it caches, dumps and downloads goes where it is removed.
        environment = dict(os.environ, HOME=str(self.folder), TMPDIR=str(self.folder), XDG_RUNTIME_DIR=str(self.folder))
        log = open(self.folder / "chromedriver.log", "w+b")
        self.process = subprocess.Popen([program("chromedriver"), "--port=0"], cwd=self.folder, env=environment,
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                        preexec_fn=die_with_parent)
        log.close()
        text = lambda: (self.folder / "chromedriver.log").read_text(errors="replace")
        port = wait_until(lambda: re.search(r"started successfully on port (\d+)", text()) or self.process.poll() is not None,
                          "chromedriver starts")
        if port is True:
            raise AssertionError(f"chromedriver ended: {text()}")
        options = Options()
        options.binary_location = program("chromium")
        arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                     "--force-color-profile=srgb", "--disable-background-networking", f"--user-data-dir={self.folder}/profile"]
        if os.getuid() == 0:
            arguments.append("--no-sandbox")  # it refuses to be root's otherwise
        for argument in arguments:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        connection = ChromiumRemoteConnection(f"http://127.0.0.1:{port[1]}", vendor_prefix="goog", browser_name="chrome",
                                              ignore_proxy=True)
        self.driver = webdriver.Remote(command_executor=connection, options=options)
        self.driver.set_page_load_timeout(DEADLINE)
        self.driver.set_script_timeout(DEADLINE)
        self.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])

    def end(self):
        try:
            if self.driver is not None:
                self.driver.quit()
        except Exception:  # whatever became of it, its processes end below
            pass
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
        wait_until(self.is_gone, "Chromium's processes end")
        shutil.rmtree(self.folder)

    def is_gone(self):
        left = self.processes()
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return not left

    def processes(self):
        """Chromium's, which may have sessions of their own: all that were started with our profile or folder."""
        mark = str(self.folder).encode()
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == os.getpid():
                continue
            try:
                words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes() + pathlib.Path(f"/proc/{entry}/environ").read_bytes()
            except OSError:
                continue
            if mark in words:  # of a zombie both are empty
                found.append(int(entry))
        return found

    def cdp(self, method, **parameters):
        return self.driver.execute("executeCdpCommand", {"cmd": method, "params": parameters})["value"]

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def look(self, size=WIDE, scheme="light"):
        """How wide the window is, and what the reader's system asks for. Holds for the pages to come too."""
        width, height = size
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=size == PHONE)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, page):
        """Opens a file, and waits until its script is through."""
        self.messages(), self.requests()  # of the page before
        self.driver.get(pathlib.Path(page).resolve().as_uri())
        wait_until(lambda: self.run("return document.documentElement.dataset.ready === 'true'"), f"{page} is drawn")

    def messages(self):
        """What went to the console since the last call."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]

    def requests(self):
        """The addresses that were asked for since the last call."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def shot(self, path):
        """A picture of the whole page."""
        width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, 12000), "scale": 1}
        image = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(image["data"]))
