"""Servers under observation: how each is started, told of people, and stopped."""

import os
import re
import secrets
import signal
import subprocess
import urllib.parse
from pathlib import Path

from mastodon import Person
from talk import Http, Refused, eventually

PASSWORD = "correct horse 7 Battery staple"


class Server:
    """A program with a folder of its own and a log in it."""

    def __init__(self, name, folder, port):
        self.domain, self.folder, self.port = name, Path(folder), port
        self.folder.mkdir(parents=True, exist_ok=True)
        self.child = None

    def launch(self, command, environment, cwd=None):
        log = open(self.folder / "log", "ab")
        self.child = subprocess.Popen(
            [str(c) for c in command],
            env={**os.environ, **environment},
            cwd=cwd or self.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready(self, path, secs=120):
        probe = Http(f"http://127.0.0.1:{self.port}")

        def look():
            assert self.child.poll() is None, f"{self.domain} ended: see {self.folder}/log"
            return probe.raw("GET", path, headers={"Host": self.domain})[0] < 500

        eventually(look, secs)

    def stop(self):
        if self.child and self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait(30)
        self.child = None


def said(command, environment, cwd, send=""):
    """What a command that ends says."""
    done = subprocess.run(
        [str(c) for c in command],
        env={**os.environ, **environment},
        cwd=cwd,
        input=send,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command[:4]}: {done.stdout[-800:]}{done.stderr[-800:]}"
    return done.stdout


class Commonhold(Server):
    def __init__(self, binary, name, folder, port):
        super().__init__(name, folder, port)
        self.binary = Path(binary).resolve()
        self.settings = {
            "COMMONHOLD_DOMAIN": name,
            "COMMONHOLD_LISTEN": f"127.0.0.1:{port}",
            "COMMONHOLD_DATA_DIR": str(self.folder / "data"),
            "COMMONHOLD_SIGN_UP": "closed",
            "COMMONHOLD_MIN_ACCOUNT_AGE_DAYS": "0",
            "COMMONHOLD_RATE_LIMITS": "false",
            "COMMONHOLD_LOG": "info,commonhold=debug",
        }

    def start(self):
        self.launch([self.binary], self.settings)
        self.ready("/health")

    def says(self, *words, send=""):
        return said([self.binary, *words], self.settings, self.folder, send)

    def person(self, name, operator=False):
        extra = ["--operator"] if operator else []
        email = f"{name}@{self.domain}"
        words = ["member", "create", name, "--email", email, "--password-stdin", *extra]
        self.says(*words, send=PASSWORD + "\n")
        scopes = "read write follow push profile"
        token = self.says("member", "token", name, "--scopes", scopes).split()[-1]
        return Person(name, self.domain, token)

    def group(self, name, founder):
        purpose = f"What {name} is for"
        self.says("group", "create", name, "--purpose", purpose, "--founder", founder.name)
        return f"@{name}@{self.domain}"


class GoToSocial(Server):
    """Runs the binary with the `web` folder of its sources beside it."""

    lacks = ()

    def __init__(self, binary, web, name, folder, port):
        super().__init__(name, folder, port)
        self.binary, web = Path(binary).resolve(), Path(web).resolve()
        self.settings = {
            "GTS_HOST": name,
            "GTS_PROTOCOL": "https",
            "GTS_BIND_ADDRESS": "127.0.0.1",
            "GTS_PORT": str(port),
            "GTS_DB_TYPE": "sqlite",
            "GTS_DB_ADDRESS": str(self.folder / "gts.db"),
            "GTS_STORAGE_LOCAL_BASE_PATH": str(self.folder / "storage"),
            "GTS_WEB_TEMPLATE_BASE_DIR": f"{web}/template/",
            "GTS_WEB_ASSET_BASE_DIR": f"{web}/assets/",
            "GTS_ADVANCED_RATE_LIMIT_REQUESTS": "0",
            "GTS_LOG_LEVEL": "debug",
            "GTS_MEDIA_DESCRIPTION_MIN_CHARS": "0",
        }
        # Without pictures: programs that only have to be there.
        tools = self.folder / "tools"
        tools.mkdir(exist_ok=True)
        for tool in ("ffmpeg", "ffprobe"):
            (tools / tool).write_text("#!/bin/sh\nexit 1\n")
            (tools / tool).chmod(0o755)
        self.settings["PATH"] = os.environ["PATH"] + f":{tools}"

    def start(self):
        self.launch([self.binary, "server", "start"], self.settings)
        self.ready("/api/v1/instance")

    def person(self, name, admin=False):
        about = ["--username", name]
        account = [self.binary, "admin", "account"]
        email = f"{name}@{self.domain}"
        words = ["create", *about, "--email", email, "--password", PASSWORD]
        said([*account, *words], self.settings, self.folder)
        if admin:
            said([*account, "promote", *about], self.settings, self.folder)
        return Person(name, self.domain, self.token(email, admin))

    def welcomes(self, *people):
        """Else each follow waits for a yes."""
        for person in people:
            person.api.json("PATCH", "/api/v1/accounts/update_credentials", {"locked": False})

    def token(self, email, admin=False):
        """As an app gets it: with a browser's help."""
        browser = Http(f"https://{self.domain}", redirects=False)
        where, scopes = "urn:ietf:wg:oauth:2.0:oob", "read write" + (" admin" if admin else "")
        app = browser.post(
            "/api/v1/apps", client_name="interop", redirect_uris=where, scopes=scopes
        )
        query = {"client_id": app["client_id"], "redirect_uri": where}
        query |= {"response_type": "code", "scope": scopes}
        page = {"Accept": "text/html"}
        start = "/oauth/authorize?" + urllib.parse.urlencode(query)
        browser.raw("GET", start, headers=page)
        sign_in = {"username": email, "password": PASSWORD}
        browser.raw("POST", "/auth/sign_in", form=sign_in, headers=page)
        _, headers, text = browser.raw("POST", "/oauth/authorize", form={"x": ""}, headers=page)
        where_to = headers.get("Location", "")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(where_to).query).get("code")
        if not code:
            raise Refused(0, text, "no code at " + where_to)
        got = browser.post(
            "/oauth/token",
            grant_type="authorization_code",
            code=code[0],
            client_id=app["client_id"],
            client_secret=app["client_secret"],
            redirect_uri=where,
            scope=scopes,
        )
        return got["access_token"]
