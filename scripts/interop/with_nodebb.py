"""Everything that people do between a Commonhold node and a NodeBB forum, tried once."""

from mastodon import words
from talk import eventually, never
from with_microblog import Group, gone, require, same, seen_by_steward, told


def tell(trial, node, forum):
    ana, ben = node.person("ana", operator=True), node.person("ben")
    nora, nils = forum.person("nora"), forum.person("nils")
    repairs = node.group("repairs", ana)
    here = Group(ana, repairs)
    ben.follows(repairs)
    step = trial.step
    home = next(c for c in nora.api.get("/api/categories")["categories"] if c["cid"] == 2)
    category = f"@{home['handle']}@{forum.domain}"

    # A group here, people there
    step("look up a group", "←", lambda: nora.group(repairs))
    step("look up a person", "←", lambda: nora.finds(ana.handle))
    joined = step("join a group", "←", lambda: told(nora.joins(repairs), eventually(lambda: ana.has_follower(nora.handle, repairs))))
    asked = ana.posts(f"{repairs} My tap drips, who can help?\n\nIt drips all night.")
    topic = step("a member's thread becomes a topic", "→", lambda: nora.sees_topic(repairs, "My tap drips"))
    cid = nora.group(repairs)["cid"]
    theirs = step("start a thread", "←", lambda: nora.asks(cid, "My kettle hums", "Is that safe? It hums since May."))
    kettle = step("it becomes a thread with its title", "←", lambda: here.has("My kettle hums"))
    step("other members see it", "←", lambda: ben.sees("Is that safe"))
    step("reply to a topic", "→", lambda: told(ben.replies(kettle, f"{nora.handle} Descale it"), nora.sees_post(theirs["tid"], "Descale it")))
    step("reply to a thread", "←", lambda: told(nora.answers(topic["tid"], "Change the washer"), ana.sees_answer(asked, "Change the washer")))
    step("the author is told", "←", lambda: ana.is_told("mention", nora.handle, "Change the washer"))
    washer = step("its author is shown by name", "←", lambda: next(s for s in ana.answers(asked) if "washer" in words(s)))
    step("answer the answer", "→", lambda: told(ana.replies(washer, f"{nora.handle} Which size?"), nora.sees_post(topic["tid"], "Which size?")))
    step("a reply of a third arrives", "→", lambda: told(ben.replies(asked, f"{ana.handle} Half an inch"), nora.sees_post(topic["tid"], "Half an inch")))
    step("upvote", "←", lambda: told(nora.votes(topic["mainPid"]), eventually(lambda: ana.status(asked)["favourites_count"] == 1)))
    step("take the vote back", "←", lambda: told(nora.unvotes(topic["mainPid"]), eventually(lambda: ana.status(asked)["favourites_count"] == 0)))
    step("downvote", "←", lambda: told(nora.votes(topic["mainPid"], -1), never(lambda: ana.status(asked)["favourites_count"])))
    step("favourite", "→", lambda: told(ben.acts("favourite", kettle), eventually(lambda: nora.post(theirs["mainPid"])["upvotes"] == 1)))
    step("take the favourite back", "→", lambda: told(ben.acts("unfavourite", kettle), eventually(lambda: nora.post(theirs["mainPid"])["upvotes"] == 0)))
    step("favourite of a post from here is seen there", "→", lambda: told(ben.acts("favourite", asked), eventually(lambda: nora.post(topic["mainPid"])["upvotes"] == 1)))
    step("boost", "→", lambda: told(ben.acts("reblog", kettle), eventually(lambda: nora.post(theirs["mainPid"])["announces"] >= 1)))
    step("edit a thread", "→", lambda: told(ana.edits(asked, f"{repairs} My tap drips badly\n\nIt drips all night."), eventually(lambda: "badly" in nora.topic(topic["tid"])["title"])))
    step("edit a topic", "←", lambda: told(nora.edits(theirs["mainPid"], "It whistles now.", "My kettle whistles"), eventually(lambda: "whistles now" in words(ana.status(kettle)))))
    step("report a post", "←", lambda: told(nora.reports(topic["mainPid"], "rude"), seen_by_steward(ana, repairs, "rude")))
    step("delete a reply", "→", lambda: deleted_reply(ben, nora, ana, asked, topic))
    step("delete a topic (soft)", "←", lambda: told(nora.deletes(theirs["mainPid"]), eventually(lambda: gone(ana, kettle))))
    step("delete a thread", "→", lambda: told(ana.deletes(asked), eventually(lambda: nora.gone(topic["mainPid"]))))
    step("chat message", "→", lambda: told(ana.posts(f"{nora.handle} between us", visibility="direct"), nora.is_told("between us")))
    step("chat message", "←", lambda: told(nora.tells(nora.finds(ana.handle)["uid"], "you and me"), ana.is_told("mention", nora.handle, "you and me")))
    step("leave a group", "←", lambda: told(nora.leaves(repairs), eventually(lambda: not ana.has_follower(nora.handle, repairs))))

    # A category there, members here
    step("look up a category", "→", lambda: require(ana.finds(category)["group"], "not a group"))
    step("join a category", "→", lambda: ana.follows(category))
    theirs = nora.asks(home["cid"], "Who has a ladder?", "I need it on Sunday.")
    ladder = step("a topic becomes a thread", "→", lambda: ana.sees("I need it on Sunday"))
    step("it is shown once", "→", lambda: same(ana.times("I need it on Sunday"), 1))
    step("it has its title", "→", lambda: require("Who has a ladder" in words(ladder), words(ladder)))
    mine = ana.posts(f"{category} Who has a saw?\n\nA small one will do.")
    saw = step("post into a category", "→", lambda: nora.sees_topic(home["slug"], "Who has a saw"))
    step("reply to a topic of a category", "→", lambda: told(ana.replies(ladder, f"{nora.handle} I have one"), nora.sees_post(theirs["tid"], "I have one")))
    step("a reply in the category reaches the asker", "←", lambda: told(nils.answers(saw["tid"], "Here is a saw"), ana.sees_answer(mine, "Here is a saw")))
    step("a reply of others in a category's topic arrives", "←", lambda: told(nils.answers(theirs["tid"], "Mine is short"), ana.sees_answer(ladder, "Mine is short")))
    step("an upvote in the category is seen", "←", lambda: told(nils.votes(saw["mainPid"]), eventually(lambda: ana.status(mine)["favourites_count"] == 1)))
    step("favourite a topic", "→", lambda: told(ana.acts("favourite", ladder), eventually(lambda: nora.post(theirs["mainPid"])["upvotes"] == 1)))
    step("a moderator deletes a post from here", "←", lambda: told(nora.deletes(saw["mainPid"]), never(lambda: gone(ana, mine), 3)))
    step("delete a topic of the category", "←", lambda: told(nora.deletes_topic(theirs["tid"]), eventually(lambda: gone(ana, ladder))))
    step("leave a category", "→", lambda: told(ana.unfollows(category), eventually(lambda: not ana.relation(category)["following"])))

    # People
    step("follow a person", "→", lambda: ana.follows(nora.handle))
    step("follow a person", "←", lambda: nora.follows(ana.handle))

    # Group follows group
    step("a category follows a group", "←", lambda: synchronised(nora, home, repairs, ana))



def deleted_reply(ben, nora, ana, asked, topic):
    reply = ben.replies(asked, f"{ana.handle} soon gone")
    shown = nora.sees_post(topic["tid"], "soon gone")
    ben.deletes(reply)
    return eventually(lambda: nora.gone(shown["pid"]))


def synchronised(nora, home, repairs, ana):
    actor = nora.group(repairs)["cid"]
    nora.api.put(f"/api/v3/categories/{home['cid']}/follow", {"actor": actor})
    text = "from group to category"
    eventually(lambda: ana.has_follower(f"@{home['handle']}@{nora.forum.domain}", repairs))
    ana.posts(f"{repairs} {text}")
    return nora.sees_topic(home["slug"], text)
