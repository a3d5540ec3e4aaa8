"""A headless Chromium for one test run: with a folder of its own for everything it writes, and gone with it.

It is driven through chromedriver. A guard, which is this file as a program, waits until the test is over, however it ends: then it ends
every process that was started with the folder, and removes it.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
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
        self.guard = subprocess.Popen([sys.executable, "-B", __file__, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True)
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
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
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
            self.process.kill()
            self.process.wait()
        self.guard.stdin.close()
        self.guard.wait()

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


def processes_of(folder):
    """Those that were started with it in their arguments or their environment, the guard aside."""
    mark = str(folder).encode()
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


def guard(folder):
    """Waits for the end of standard input, which the test holds open, and clears away what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()

    def is_gone():
        left = processes_of(folder)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return not left

    wait_until(is_gone, "Chromium's processes end")
    shutil.rmtree(folder)


if __name__ == "__main__":
    guard(sys.argv[1])
