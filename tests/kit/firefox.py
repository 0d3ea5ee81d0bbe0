"""The system's Firefox, driven over WebDriver BiDi: the little of it that a test needs.

Playwright drives a Firefox that it builds itself; this one is the reader's. Needs the package
websocket-client, which Jupyter brings.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import count
from pathlib import Path
from typing import Any

import websocket

NAMES = ("firefox", "firefox-esr")
HELP = (
    "No Firefox was found. Debian: sudo apt-get install firefox-esr. Ubuntu, Fedora: the package "
    "firefox. Then run make test-firefox again."
)
# Keys of WebDriver that are no characters.
KEYS = {"Enter": "\ue006", "Tab": "\ue004", "Space": " ", "ArrowDown": "\ue015",
        "Control": "\ue009"}
SECONDS = 60
# Nothing but this machine, and nothing of its own at the start.
PREFERENCES = """
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.no_proxies_on", "127.0.0.1");
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
"""


class FirefoxMissing(RuntimeError):
    """There is no Firefox; the message says how to get one."""


class Firefox:
    """One window. ``errors`` is what the console of its pages said that is an error."""

    def __init__(self, profile: Path):
        path = next(filter(None, map(shutil.which, NAMES)), None)
        if path is None:
            raise FirefoxMissing(HELP)
        profile.mkdir(parents=True, exist_ok=True)
        (profile / "user.js").write_text(PREFERENCES, encoding="utf-8")
        self.process = subprocess.Popen(
            [path, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile",
             str(profile), "about:blank"],
            stderr=subprocess.PIPE, text=True,
        )
        self.errors: list[str] = []
        self._ids = count(1)
        self._socket = websocket.create_connection(
            f"{self._address()}/session", timeout=SECONDS, suppress_origin=True
        )
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=["log.entryAdded"])
        # One of its own: without the focus, which the first one lacks, its buttons answer no key.
        self.window = self.command("browsingContext.create", type="window")["context"]
        self.command("browsingContext.activate", context=self.window)

    def __enter__(self) -> Firefox:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self.process.terminate()
        self.process.wait(timeout=SECONDS)

    def _address(self) -> str:
        for line in self.process.stderr:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1]
        raise RuntimeError("Firefox ended before it could be driven")

    def command(self, method: str, **params: Any) -> dict:
        """Send a command and return its result; RuntimeError with what Firefox says of it."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            entry = message.get("params", {})
            if message.get("method") == "log.entryAdded" and entry["level"] == "error":
                self.errors.append(str(entry.get("text")))
            if message.get("id") == number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]

    def goto(self, url: str) -> None:
        self.command("browsingContext.navigate", context=self.window, url=url, wait="complete")

    def reload(self) -> None:
        self.command("browsingContext.reload", context=self.window, wait="complete")

    def resize(self, width: int, height: int) -> None:
        self.command("browsingContext.setViewport", context=self.window,
                     viewport={"width": width, "height": height})

    def run(self, code: str, *values: object) -> Any:
        """The value of a JavaScript function's body, which sees ``values`` as ``a[0]``, ..."""
        given = json.dumps(values)
        result = self.command(
            "script.evaluate", target={"context": self.window}, awaitPromise=True,
            expression=f"JSON.stringify((a => {{ {code} }})({given}) ?? null)",
        )
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])

    def press(self, *keys: str) -> None:
        """Press keys one after the other: characters or names in KEYS; "Control+a" together."""
        actions = []
        for key in keys:
            chord = [KEYS.get(part, part) for part in (key.split("+") if len(key) > 1 else [key])]
            actions += [{"type": "keyDown", "value": part} for part in chord]
            actions += [{"type": "keyUp", "value": part} for part in reversed(chord)]
        self._act("key", "keyboard", actions)

    def drag(self, start: tuple[float, float], *way: tuple[float, float]) -> None:
        """Press the mouse at a place, move it, let go; without a way: a click."""
        down = [{"type": "pointerMove", "x": round(start[0]), "y": round(start[1])},
                {"type": "pointerDown", "button": 0}]
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y)} for x, y in way]
        self._act("pointer", "mouse", [*down, *moves, {"type": "pointerUp", "button": 0}])

    def _act(self, kind: str, name: str, actions: list[dict]) -> None:
        source = {"type": kind, "id": name, "actions": actions}
        self.command("input.performActions", context=self.window, actions=[source])
