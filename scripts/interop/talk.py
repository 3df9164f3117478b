"""How the stories speak with servers: HTTP with JSON, and waiting by asking."""

import http.cookiejar
import json
import time
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    """A server said no."""

    def __init__(self, status, body, what):
        super().__init__(f"{what}: {status} {body[:300]}")
        self.status = status


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Http:
    """One client of one server; keeps its cookies."""

    def __init__(self, origin, token=None, redirects=True):
        self.origin, self.token, self.headers = origin, token, {}
        handlers = [urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())]
        if not redirects:
            handlers.append(_Stay())
        self.opener = urllib.request.build_opener(*handlers)

    def raw(self, method, path, body=None, form=None, headers=None):
        """Status, headers and text of the answer, whatever it is."""
        url = path if path.startswith("http") else self.origin + path
        # A browser is let in everywhere; some servers turn scripts away by their name.
        sent = {"User-Agent": "Mozilla/5.0 interop", "Accept": "application/json"}
        data = None
        if form is not None:
            data = urllib.parse.urlencode(form, doseq=True).encode()
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        sent.update(self.headers)
        sent.update(headers or {})
        request = urllib.request.Request(url, data=data, method=method, headers=sent)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode("utf-8", "replace")

    def json(self, method, path, body=None, form=None, headers=None):
        status, _, text = self.raw(method, path, body, form, headers)
        if status >= 400:
            raise Refused(status, text, f"{method} {path}")
        return json.loads(text) if text else None

    def get(self, path, **query):
        return self.json("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body=None, **form):
        return self.json("POST", path, body=body, form=None if body is not None else form)

    def put(self, path, body=None):
        return self.json("PUT", path, body=body if body is not None else {})

    def delete(self, path, body=None):
        return self.json("DELETE", path, body=body)


def eventually(look, secs=25, every=0.4):
    """What `look` finds, once it finds something; its last error or nothing when it never does."""
    end, error = time.monotonic() + secs, None
    while True:
        try:
            found = look()
            error = None
            if found:
                return found
        except (Refused, LookupError, StopIteration, OSError, ValueError) as why:
            error = why
        if time.monotonic() > end:
            raise AssertionError(f"not within {secs} s" + (f": {error}" if error else ""))
        time.sleep(every)


def never(look, secs=6, every=0.5):
    """Nothing of the kind turns up for a while."""
    end = time.monotonic() + secs
    while time.monotonic() < end:
        found = look()
        assert not found, f"there is {str(found)[:200]}"
        time.sleep(every)
