"""Everything that people do between a Commonhold node and a microblog server, tried once."""

from mastodon import words
from servers import PASSWORD
from talk import eventually, never


def tell(trial, node, peer):
    ana, ben = node.person("ana", operator=True), node.person("ben")
    gus, gwen = peer.person("gus", admin=True), peer.person("gwen")
    repairs = node.group("repairs", ana)
    here = Group(ana, repairs)
    ben.follows(repairs)
    step = trial.step

    # Finding each other
    peer.welcomes(gus, gwen)

    step("look up a group", "←", lambda: gus.finds(repairs))
    step("look up a person", "←", lambda: gus.finds(ana.handle))
    step("look up a person", "→", lambda: ana.finds(gus.handle))
    step("follow a group", "←", lambda: gus.follows(repairs))
    step("followers of the group list them", "←", lambda: eventually(lambda: ana.has_follower(gus.handle, repairs)))
    step("follow a person", "→", lambda: ana.follows(gus.handle))
    step("follow a person", "←", lambda: gus.follows(ana.handle))

    # Threads
    asked = ana.posts(f"{repairs} My tap drips, who can help?")
    seen = step("a member's thread reaches a follower of the group", "→", lambda: gus.sees("My tap drips"))
    step("it is shown once to who follows both", "→", lambda: same([(s["account"]["acct"], bool(s.get("reblog"))) for s in gus.timeline() if "My tap drips" in words(s.get("reblog") or s)], [("ana@node.test", False)]))
    ben_asked = ben.posts(f"{repairs} Who has a ladder?")
    ladder = step("a thread by somebody they do not follow arrives as the group's boost", "→", lambda: gus.sees("Who has a ladder"))
    theirs = gus.posts(f"{repairs} My kettle hums, is that safe?")
    kettle = step("a follower elsewhere starts a thread", "←", lambda: here.has("My kettle hums"))
    step("the group boosts it back", "→", lambda: eventually(lambda: gus.status(theirs)["reblogs_count"] == 1))
    step("other members see it", "←", lambda: ben.sees("My kettle hums"))

    # Replies
    step("reply to a thread from elsewhere", "→", lambda: told(ben.replies(kettle, f"{gus.handle} Descale it"), gus.sees_answer(theirs, "Descale it")))
    step("its author is told", "→", lambda: gus.is_told("mention", ben.handle, "Descale it"))
    step("reply to a thread from here", "←", lambda: told(gus.replies(seen, f"{ana.handle} Change the washer"), ana.sees_answer(asked, "Change the washer")))
    step("its author is told", "←", lambda: ana.is_told("mention", gus.handle, "Change the washer"))
    washer = ana.answers(asked)[0] if ana.answers(asked) else None
    step("answer the answer", "→", lambda: told(ana.replies(washer, f"{gus.handle} Which size?"), gus.sees_answer(seen, "Which size?")))
    step("a reply of a third, who is not followed there", "→", lambda: told(ben.replies(asked, f"{ana.handle} Half an inch"), gus.sees_answer(seen, "Half an inch", 8)))
    step("replies are not boosted by the group", "→", lambda: same([s for s in gus.timeline() if s.get("reblog") and s["reblog"].get("in_reply_to_id")], []))

    # Likes
    step("like", "←", lambda: told(gus.acts("favourite", seen), eventually(lambda: ana.status(asked)["favourites_count"] == 1)))
    step("the liked is told", "←", lambda: ana.is_told("favourite", gus.handle))
    step("take the like back", "←", lambda: told(gus.acts("unfavourite", seen), eventually(lambda: ana.status(asked)["favourites_count"] == 0)))
    step("like", "→", lambda: told(ana.acts("favourite", kettle), eventually(lambda: gus.status(theirs)["favourites_count"] == 1)))
    step("the liked is told", "→", lambda: gus.is_told("favourite", ana.handle))
    step("take the like back", "→", lambda: told(ana.acts("unfavourite", kettle), eventually(lambda: gus.status(theirs)["favourites_count"] == 0)))

    # Boosts
    step("boost", "←", lambda: told(gus.acts("reblog", seen), ana.is_told("reblog", gus.handle)))
    count = ana.status(asked)["reblogs_count"]
    step("take the boost back", "←", lambda: told(gus.acts("unreblog", seen), eventually(lambda: ana.status(asked)["reblogs_count"] == count - 1)))
    step("boost", "→", lambda: told(ben.acts("reblog", kettle), gus.is_told("reblog", ben.handle)))
    step("take the boost back", "→", lambda: told(ben.acts("unreblog", kettle), eventually(lambda: gus.status(theirs)["reblogs_count"] == 1)))

    # Edits
    step("edit a thread", "→", lambda: told(ana.edits(asked, f"{repairs} My tap drips badly"), eventually(lambda: "drips badly" in words(gus.status(seen)))))
    step("edit a thread", "←", lambda: told(gus.edits(theirs, f"{repairs} My kettle whistles"), eventually(lambda: "whistles" in words(ana.status(kettle)))))
    step("edit a boosted thread of somebody they do not follow", "→", lambda: told(ben.edits(ben_asked, f"{repairs} Who has a long ladder?"), eventually(lambda: "long ladder" in words(gus.status(ladder)))))

    # Thanks
    step("thanks by a reply", "←", lambda: thanks(gus, theirs, ben, kettle, repairs))
    step("a thread looked up later comes with its replies", "→", lambda: late(gwen, ben))

    # Polls
    poll = {"poll[options][]": ["red", "blue"], "poll[expires_in]": 3600}
    step("vote in a poll from elsewhere", "→", lambda: votes(gus, ana, f"{repairs} Which colour?", poll, here))
    step("vote in a poll from here", "←", lambda: votes(ana, gus, f"{repairs} Which shade?", poll, None))

    # Not public
    step("direct message", "→", lambda: told(ana.posts(f"{gus.handle} between us", visibility="direct"), gus.is_told("mention", ana.handle, "between us")))
    step("direct message", "←", lambda: told(gus.posts(f"{ana.handle} between you and me", visibility="direct"), ana.is_told("mention", gus.handle, "between you and me")))
    step("followers only post", "→", lambda: told(ana.posts("for my followers", visibility="private"), gus.sees("for my followers")))
    step("followers only post", "←", lambda: told(gus.posts("for those who follow me", visibility="private"), ana.sees("for those who follow me")))
    step("a followers only post that names the group is not boosted", "←", lambda: told(gus.posts(f"{repairs} psst only followers", visibility="private"), never(lambda: here.shows("psst only"))))
    step("unlisted thread", "←", lambda: told(gus.posts(f"{repairs} quiet question", visibility="unlisted"), here.has("quiet question")))
    step("content warning and language", "→", lambda: warned(ana, gus, repairs))

    # GoToSocial's own: who may answer is asked first
    step("reply where the author approves first", "→", lambda: approved(gus, gwen, ana, repairs, here))
    step("reply that its author refuses", "→", lambda: refused(gus, gwen, ana, repairs, here))

    # Reports, blocks
    step("report a post", "←", lambda: reported(gus, ana, {**seen, "repairs": repairs}))
    step("report a post", "→", lambda: reports(ana, gus, kettle))
    step("block a person", "←", lambda: told(gwen.finds(ben.handle), gwen.does("block", ben.handle), never(lambda: gwen.relation(ben.handle)["blocking"] is False, 2), unreachable(ben, gwen)))
    step("block a person", "→", lambda: told(ben.does("block", gus.handle), eventually(lambda: not gus.relation(ben.handle).get("following")), ben.does("unblock", gus.handle)))

    # A group's stewards
    step("a steward removes a thread", "→", lambda: removed(ana, gus, here))
    step("a steward bans somebody from the group", "→", lambda: banned(ana, gus, here))

    step("a steward locks a thread", "→", lambda: locked(ana, gus, here))

    # Deletion
    step("delete a reply", "→", lambda: deleted_reply(ana, ben, gus, asked, seen))
    step("delete a thread", "→", lambda: told(ben.deletes(ben_asked), eventually(lambda: gone(gus, ladder))))
    step("delete a thread", "←", lambda: told(gus.deletes(theirs), eventually(lambda: gone(ana, kettle))))

    # A server that is down
    step("a thread posted while the other server is down arrives later", "→", lambda: down(peer, ana, gus, repairs))

    # Leaving
    step("move to another account", "←", lambda: moves(gus, gwen, ana, repairs))
    step("move to another account", "→", lambda: moves_on(node, ben, gwen))
    step("leave a group", "←", lambda: leaves(gwen, ana, repairs))
    step("unfollow a person", "→", lambda: told(ana.does("unfollow", gwen.handle), eventually(lambda: not gwen.has_follower(ana.handle))))
    step("delete an account", "←", lambda: closes(peer, ana))


class Group:
    """The wall of a group, as a member of its node sees it."""

    def __init__(self, who, handle):
        self.who, self.handle = who, handle

    def shows(self, text):
        inner = (s.get("reblog") or s for s in self.who.of(self.handle))
        return next((s for s in inner if text in words(s)), None)

    def has(self, text):
        return eventually(lambda: self.shows(text))


def told(*results):
    """The last of some results: what was done before is done."""
    return results[-1]


def require(fact, why):
    assert fact, why
    return fact


def same(found, wanted):
    assert found == wanted, f"{str(found)[:200]} instead of {wanted}"
    return True


def gone(who, status):
    return who.api.raw("GET", f"/api/v1/statuses/{status['id']}")[0] == 404


def thanks(gus, theirs, ben, kettle, repairs):
    group = ben.finds(repairs)["id"]
    before = ben.api.get(f"/api/v1/groups/{group}/help")["receipts"]
    ben.replies(kettle, f"{gus.handle} It is the filter")
    answer = gus.sees_answer(theirs, "It is the filter")
    gus.replies(answer, f"{ben.handle} That was it! #thanks")
    return eventually(lambda: ben.api.get(f"/api/v1/groups/{group}/help")["receipts"] == before + 1)


def late(gwen, ben):
    """Somebody who follows nobody here looks up a thread of last week."""
    old = ben.posts("Where do you buy paint?")
    ben.replies(ben.replies(old, "At the corner"), "And at the market")
    seen = eventually(lambda: gwen.resolves(old["uri"]))
    gwen.sees_answer(seen, "At the corner")
    return gwen.sees_answer(seen, "And at the market")


def votes(asks, voter, text, poll, here):
    asked = asks.posts(text, **poll)
    if asked.get("poll") is None:
        raise AssertionError("no poll was made")
    words_of = text.split(" ", 1)[1]
    seen = here.has(words_of) if here else voter.sees(words_of)
    voter.api.post(f"/api/v1/polls/{seen['poll']['id']}/votes", {"choices": [1]})
    return eventually(lambda: asks.status(asked)["poll"]["options"][1]["votes_count"] == 1)


def warned(ana, gus, repairs):
    ana.posts(f"{repairs} Vorsicht Strom", spoiler_text="Strom!", language="de")
    seen = gus.sees("Vorsicht Strom")
    return same((seen["spoiler_text"], seen["language"]), ("Strom!", "de"))


def asks_first(gus, repairs, text, here):
    """A post of theirs whose author approves answers, as it is there and here."""
    asked = gus.api.post(
        "/api/v1/statuses",
        {
            "status": f"{repairs} {text}",
            "visibility": "public",
            "interaction_policy": {
                "can_favourite": {"always": ["public"], "with_approval": []},
                "can_reply": {"always": ["author"], "with_approval": ["public"]},
                "can_reblog": {"always": ["public"], "with_approval": []},
            },
        },
    )
    return asked, here.has(text)


def judged(gus, ana, seen, text, says):
    """An answer from here that waits, and what its judge says."""
    reply = ana.replies(seen, f"{gus.handle} {text}")
    same(reply["submission"]["state"], "pending")
    waits = lambda: [r for r in gus.api.get("/api/v1/interaction_requests") if text in words(r["reply"])]
    request = eventually(waits)[0]
    gus.api.post(f"/api/v1/interaction_requests/{request['id']}/{says}")
    return reply


def approved(gus, gwen, ana, repairs, here):
    """Everyone there sees it then, and it says so here."""
    asked, seen = asks_first(gus, repairs, "I approve who answers", here)
    reply = judged(gus, ana, seen, "may I?", "authorize")
    eventually(lambda: ana.status(reply)["submission"]["state"] == "confirmed")
    gus.sees_answer(asked, "may I?")
    return gwen.sees_answer(gwen.resolves(asked["uri"]), "may I?")


def refused(gus, gwen, ana, repairs, here):
    asked, seen = asks_first(gus, repairs, "I turn some away", here)
    reply = judged(gus, ana, seen, "and me?", "reject")
    eventually(lambda: ana.status(reply)["submission"]["state"] == "refused")
    asked = gwen.resolves(asked["uri"])
    return never(lambda: [s for s in gwen.answers(asked) if "and me?" in words(s)], 3)


def reported(gus, ana, seen):
    target = gus.finds(ana.handle)["id"]
    body = {"account_id": target, "status_ids": [seen["id"]], "comment": "rude", "forward": True}
    gus.api.post("/api/v1/reports", body)
    return seen_by_steward(ana, seen["repairs"], "rude")


def seen_by_steward(steward, group, text):
    path = f"/api/v1/groups/{steward.finds(group)['id']}/reports"
    return eventually(lambda: [r for r in steward.api.get(path) if text in r["comment"]], 10)


def reports(ana, gus, kettle):
    target = ana.finds(gus.handle)["id"]
    body = {"account_id": target, "status_ids": [kettle["id"]], "comment": "loud", "forward": True}
    ana.api.post("/api/v1/reports", body)
    look = lambda: gus.api.get("/api/v1/admin/reports")
    return eventually(lambda: [r for r in look() if "loud" in r["comment"]], 10)


def removed(ana, gus, here):
    """What a microblog sees of it: the group takes its boost back."""
    mine = gus.posts(f"{here.handle} buy my cheap kettles")
    seen = here.has("cheap kettles")
    eventually(lambda: gus.status(mine)["reblogs_count"] == 1)
    ana.api.post(f"/api/v1/statuses/{seen['id']}/remove", {"reason": "advertising"})
    eventually(lambda: not here.shows("cheap kettles"))
    eventually(lambda: gus.status(mine)["reblogs_count"] == 0)
    # Nothing that goes there afterwards waits behind it.
    ana.posts(f"{here.handle} No advertising, please")
    return gus.sees("No advertising", secs=6)


def banned(ana, gus, here):
    bans = f"/api/v1/groups/{ana.finds(here.handle)['id']}/bans"
    who = ana.finds(gus.handle)["id"]
    ana.api.post(bans, {"account_id": who, "reason": "advertising"})
    gus.posts(f"{here.handle} kettles once more")
    never(lambda: here.shows("kettles once more"), 5)
    ana.api.delete(f"{bans}/{who}")
    # GoToSocial does not heed that the group ended his follow: he follows it anew.
    gus.unfollows(here.handle)
    gus.follows(here.handle)
    eventually(lambda: ana.has_follower(gus.handle, here.handle))
    return told(gus.posts(f"{here.handle} sorry for the kettles"), here.has("sorry for the kettles"))


def locked(ana, gus, here):
    """Their own server lets nobody answer any more."""
    thread = ana.posts(f"{here.handle} Closing soon")
    seen = gus.sees("Closing soon")
    ana.api.post(f"/api/v1/statuses/{thread['id']}/lock", {"reason": "answered"})
    rules = lambda: gus.status(seen)["interaction_policy"]["can_reply"]
    eventually(lambda: "public" not in rules()["always"])
    status, _, said = gus.api.raw("POST", "/api/v1/statuses", {"status": "too late", "in_reply_to_id": seen["id"]})
    if status < 400:
        return never(lambda: [s for s in ana.answers(thread) if "too late" in words(s)], 5)
    return require("reply" in said, said)


def unreachable(ben, gwen):
    """What the blocked writes to who blocks is not shown to them."""
    ben.posts(f"{gwen.handle} do you hear me?")
    return never(lambda: gwen.told("mention", ben.handle), 4)


def deleted_reply(ana, ben, gus, asked, seen):
    reply = ben.replies(asked, f"{ana.handle} {gus.handle} soon gone")
    shown = gus.sees_answer(seen, "soon gone")
    ben.deletes(reply)
    return eventually(lambda: gone(gus, shown))


def down(peer, ana, gus, repairs):
    peer.stop()
    ana.posts(f"{repairs} while you slept")
    peer.start()
    return gus.sees("while you slept", secs=150)


def moves(gus, gwen, ana, repairs):
    ana.follows(gwen.handle)
    ana.does("unfollow", gwen.handle)
    gwen.api.post("/api/v1/accounts/alias", {"also_known_as_uris": [f"https://{gus.domain}/users/{gus.name}"]})
    target = f"https://{gus.domain}/users/{gwen.name}"
    gus.api.post("/api/v1/accounts/move", {"password": PASSWORD, "moved_to_uri": target})
    return eventually(lambda: ana.relation(gwen.handle)["following"], 30)


def moves_on(node, ben, gwen):
    benno = node.person("benno")
    gwen.does("unblock", ben.handle)
    gwen.follows(ben.handle)
    old, new = (f"https://{node.domain}/u/{name}" for name in (ben.name, benno.name))
    benno.api.post("/api/v1/accounts/alias", {"also_known_as_uris": [old]})
    ben.api.post("/api/v1/accounts/move", {"password": PASSWORD, "moved_to_uri": new})
    return eventually(lambda: gwen.relation(benno.handle)["following"], 30)


def leaves(gwen, ana, repairs):
    gwen.follows(repairs)
    eventually(lambda: ana.has_follower(gwen.handle, repairs))
    gwen.unfollows(repairs)
    return eventually(lambda: not ana.has_follower(gwen.handle, repairs))


def closes(peer, ana):
    """Somebody who is followed here, else nobody here would be told."""
    gil = peer.person("gil")
    peer.welcomes(gil)
    ana.follows(gil.handle)
    known = ana.finds(gil.handle)["id"]
    gil.api.post("/api/v1/accounts/delete", {"password": PASSWORD})
    return eventually(lambda: ana.api.raw("GET", f"/api/v1/accounts/{known}")[0] in (404, 410), 40)
