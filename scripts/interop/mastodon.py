"""A person with an account, by the Mastodon client API: for Commonhold and for GoToSocial."""

import html
import re

from talk import Http, eventually


def words(status):
    """What a status says, without markup."""
    return html.unescape(re.sub(r"<[^>]*>", " ", status["content"]))


class Person:
    def __init__(self, name, domain, token):
        self.name, self.domain = name, domain
        self.handle = f"@{name}@{domain}"
        self.api = Http(f"https://{domain}", token)

    # People and groups

    def finds(self, handle):
        """The account, fetched from elsewhere if need be."""
        found = self.api.get("/api/v2/search", q=handle, resolve="true", type="accounts")
        want = handle.lstrip("@").lower()
        names = {want, want.split("@")[0]} if want.endswith("@" + self.domain) else {want}
        return next(a for a in found["accounts"] if a["acct"].lower() in names)

    def relation(self, handle):
        ids = {"id[]": self.finds(handle)["id"]}
        return self.api.get("/api/v1/accounts/relationships", **ids)[0]

    def follows(self, handle, secs=25):
        self.api.post(f"/api/v1/accounts/{self.finds(handle)['id']}/follow")
        return eventually(lambda: self.relation(handle)["following"], secs)

    def unfollows(self, handle):
        self.api.post(f"/api/v1/accounts/{self.finds(handle)['id']}/unfollow")

    def has_follower(self, handle, of=None):
        target = self.finds(of or self.handle)["id"]
        found = self.api.get(f"/api/v1/accounts/{target}/followers")
        return [a for a in found if "@" + a["acct"].lower() == handle.lower()]

    def does(self, what, handle):
        """block, unblock, mute .. somebody."""
        return self.api.post(f"/api/v1/accounts/{self.finds(handle)['id']}/{what}")

    # Posts

    def posts(self, text, **more):
        return self.api.post("/api/v1/statuses", status=text, **more)

    def replies(self, to, text, **more):
        return self.posts(text, in_reply_to_id=to["id"], **more)

    def status(self, status):
        return self.api.get(f"/api/v1/statuses/{status['id']}")

    def acts(self, what, status):
        """favourite, unreblog, mute .. a status."""
        return self.api.post(f"/api/v1/statuses/{status['id']}/{what}")

    def edits(self, status, text):
        return self.api.put(f"/api/v1/statuses/{status['id']}", {"status": text})

    def deletes(self, status):
        self.api.delete(f"/api/v1/statuses/{status['id']}")

    def answers(self, status):
        return self.api.get(f"/api/v1/statuses/{status['id']}/context")["descendants"]

    def sees_answer(self, status, text, secs=25):
        return eventually(
            lambda: next(s for s in self.answers(status) if text in words(s)), secs
        )

    # Where things turn up

    def timeline(self, which="home", **more):
        return self.api.get(f"/api/v1/timelines/{which}", limit=40, **more)

    def of(self, handle):
        """What an account wrote and boosted."""
        return self.api.get(f"/api/v1/accounts/{self.finds(handle)['id']}/statuses", limit=40)

    def sees(self, text, where="home", secs=25):
        """A post with these words on a timeline, boosted or not; the post itself."""

        def look():
            for status in self.timeline(where):
                inner = status.get("reblog") or status
                if text in words(inner):
                    return inner
            return None

        return eventually(look, secs)

    def times(self, text, where="home"):
        """How often these words stand on a timeline."""
        shown = (s.get("reblog") or s for s in self.timeline(where))
        return sum(text in words(s) for s in shown)

    def resolves(self, uri):
        """A status by its address."""
        found = self.api.get("/api/v2/search", q=uri, resolve="true", type="statuses")
        return found["statuses"][0] if found["statuses"] else None

    def told(self, kind, by=None):
        """Notifications of a kind."""
        found = self.api.get("/api/v1/notifications", limit=40)
        return [
            n
            for n in found
            if n["type"] == kind and (by is None or "@" + n["account"]["acct"] == by)
        ]

    def is_told(self, kind, by, text="", secs=25):
        def look():
            for one in self.told(kind, by):
                if not text or text in words(one["status"]):
                    return one
            return None

        return eventually(look, secs)
