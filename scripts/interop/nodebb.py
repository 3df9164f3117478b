"""A forum and a person in it, by NodeBB's own API."""

import json
import urllib.parse

from servers import PASSWORD, Server, said
from talk import Http, Refused, eventually


def part(text):
    """A value as one part of a path."""
    return urllib.parse.quote(str(text), safe="")


class NodeBB(Server):
    """Runs from the folder of its sources, with its packages installed; keeps all in a Redis."""

    def __init__(self, sources, runtime, name, folder, port):
        super().__init__(name, folder, port)
        self.sources, self.runtime, self.redis = sources, runtime, None
        self.settings = {"NODE_ENV": "development", "silent": "false"}
        self.config = self.folder / "config.json"

    def start(self):
        store = Server("redis", self.folder / "redis", 6390)
        store.launch(["redis-server", "--port", "6390", "--save", "", "--bind", "127.0.0.1"], {})
        self.redis = store
        eventually(lambda: store.child.poll() is None, 5)
        if not self.config.exists():
            setup = {"url": f"https://{self.domain}", "port": self.port, "secret": "interop"}
            setup |= {"database": "redis", "redis:host": "127.0.0.1", "redis:port": 6390}
            setup |= {"redis:password": "", "redis:database": 0}

            setup |= {"admin:username": "nora", "admin:email": f"nora@{self.domain}"}
            setup |= {"admin:password": PASSWORD, "admin:password:confirm": PASSWORD}
            command = [self.runtime, "app.js", "--config", self.config, "--setup", json.dumps(setup)]
            command += ["--skip-build"]
            said(command, self.settings, self.sources)
            made = json.loads(self.config.read_text())
            made |= {"trust_proxy": "loopback", "log_level": "verbose"}
            self.config.write_text(json.dumps(made))
        self.serve()
        self.admin = self.signed_in("nora")
        # Newcomers may write at once, and without somebody looking at it first.
        waits = ("newbiePostDelay", "initialPostDelay", "postDelay", "newbieChatMessageDelay")
        for name in (*waits, "chatMessageDelay", "postQueue", "newbieReputationThreshold"):
            self.admin.put(f"/api/v3/admin/settings/{name}", {"value": 0})

    def serve(self):
        command = [self.runtime, "app.js", "--config", self.config]
        self.launch(command, self.settings, self.sources)
        self.ready("/api/config", 240)

    def stop(self):
        super().stop()
        if self.redis:
            self.redis.stop()

    def signed_in(self, name):
        browser = Http(f"https://{self.domain}")
        token = browser.get("/api/config")["csrf_token"]
        browser.headers = {"x-csrf-token": token}
        browser.post("/api/v3/utilities/login", {"username": name, "password": PASSWORD})
        browser.headers = {"x-csrf-token": browser.get("/api/config")["csrf_token"]}
        return browser

    def person(self, name):
        if name != "nora":
            account = {"username": name, "password": PASSWORD, "email": f"{name}@{self.domain}"}
            self.admin.post("/api/v3/users", account)
        return ForumPerson(name, self, self.signed_in(name))


class ForumPerson:
    def __init__(self, name, forum, api):
        self.name, self.forum, self.api = name, forum, api
        self.handle = f"@{name}@{forum.domain}"
        self.uid = api.get(f"/api/user/{name}")["uid"]

    # People and groups

    def finds(self, handle):
        """A person elsewhere."""
        found = self.api.get("/api/search", **{"in": "users", "term": handle.lstrip("@")})
        return next(u for u in found["users"] if u["userslug"] == handle.lstrip("@"))

    def group(self, handle):
        """A category of another server."""
        return self.api.get(f"/api/category/{handle.lstrip('@')}")

    def joins(self, handle, state="watching"):
        cid = self.group(handle)["cid"]
        self.api.put(f"/api/v3/categories/{part(cid)}/watch", {"state": state})
        return cid

    def leaves(self, handle):
        return self.joins(handle, "notwatching")

    def follows(self, handle):
        self.finds(handle)
        self.api.put(f"/api/v3/users/{part(handle.lstrip('@'))}/follow")
        return eventually(lambda: self.api.get(f"/api/user/{handle.lstrip('@')}")["isFollowing"])

    # Topics and posts

    def asks(self, cid, title, text):
        return self.api.post("/api/v3/topics", {"cid": cid, "title": title, "content": text})["response"]

    def answers(self, tid, text, to=None):
        body = {"content": text} | ({"toPid": to} if to else {})
        return self.api.post(f"/api/v3/topics/{part(tid)}", body)["response"]

    def topics(self, category):
        """The topics of a category, by its slug or handle."""
        return self.api.get(f"/api/category/{category.lstrip('@')}")["topics"]

    def topic(self, tid):
        return self.api.get(f"/api/topic/{part(tid)}")

    def sees_topic(self, category, text, secs=25):
        return eventually(
            lambda: next(t for t in self.topics(category) if text in t["title"]), secs
        )

    def sees_post(self, tid, text, secs=25):
        def look():
            return next(p for p in self.topic(tid)["posts"] if text in (p["content"] or ""))

        return eventually(look, secs)

    def post(self, pid):
        return self.api.get(f"/api/v3/posts/{part(pid)}")["response"]

    def votes(self, pid, delta=1):
        self.api.put(f"/api/v3/posts/{part(pid)}/vote", {"delta": delta})

    def unvotes(self, pid):
        self.api.delete(f"/api/v3/posts/{part(pid)}/vote")

    def edits(self, pid, text, title=None):
        body = {"content": text} | ({"title": title} if title else {})
        self.api.put(f"/api/v3/posts/{part(pid)}", body)

    def deletes(self, pid):
        self.api.delete(f"/api/v3/posts/{part(pid)}/state")

    def restores(self, pid):
        self.api.put(f"/api/v3/posts/{part(pid)}/state")

    def deletes_topic(self, tid):
        self.api.delete(f"/api/v3/topics/{part(tid)}/state")

    def reports(self, pid, why):
        self.api.post("/api/v3/flags", {"type": "post", "id": pid, "reason": why, "notifyRemote": True})

    def tells(self, uid, text):
        """A chat message to somebody."""
        room = self.api.post("/api/v3/chats", {"uids": [uid]})["response"]["roomId"]
        return self.api.post(f"/api/v3/chats/{room}", {"message": text})["response"]

    def is_told(self, text, secs=25):
        """A chat message that came."""

        def look():
            for room in self.api.get("/api/v3/chats")["response"]["rooms"]:
                messages = self.api.get(f"/api/v3/chats/{room['roomId']}/messages")["response"]
                for one in messages["messages"]:
                    if text in (one["content"] or ""):
                        return one
            return None

        return eventually(look, secs)

    def gone(self, pid):
        try:
            return bool(self.post(pid).get("deleted"))
        except Refused as why:
            return why.status in (403, 404)
