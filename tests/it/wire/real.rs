//! What servers of every kind really send is read, and shown or known and left alone.
use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    Fate, Sample, Totals, hosts, is_public, node_example, reference, same_origin, samples, word,
};
use crate::harness::{Api, Database, Member, Node, Peer, id};

stories!(what_other_servers_send_is_read_and_shown);

const ACTORS: &[&str] = &["Person", "Group", "Service", "Application", "Organization"];
const POSTS: &[&str] = &["Note", "Page", "Article", "Question", "Event", "Video", "Audio"];

type Outcome = Result<Fate, String>;

async fn what_other_servers_send_is_read_and_shown(database: Database) {
    let all = samples(|about| about["expect"] == "parse");
    let (mut totals, mut wrong) = (Totals::default(), Vec::new());
    for world in worlds(all) {
        tell(database, world, &mut totals, &mut wrong).await;
    }
    totals.print("what other servers send:");
    assert!(wrong.is_empty(), "{} are not read or shown:\n{}", wrong.len(), wrong.join("\n"));
}

/// Samples in groups in which nothing is described twice.
fn worlds(samples: Vec<Sample>) -> Vec<Vec<Sample>> {
    let mut worlds: Vec<(BTreeSet<String>, Vec<Sample>)> = Vec::new();
    for sample in samples {
        let names = names(&sample.document);
        match worlds.iter_mut().find(|(taken, _)| taken.is_disjoint(&names)) {
            Some((taken, world)) => {
                taken.extend(names);
                world.push(sample);
            }
            None => worlds.push((names, vec![sample])),
        }
    }
    worlds.into_iter().map(|(_, world)| world).collect()
}

/// What a document describes.
fn names(document: &Value) -> BTreeSet<String> {
    let object = &document["object"];
    let described = object.get("attributedTo").or(object.get("inbox")).is_some();
    let inner = object.get("id").and_then(Value::as_str).filter(|_| described);
    document["id"].as_str().into_iter().chain(inner).map(str::to_owned).collect()
}

async fn tell(
    database: Database,
    mut samples: Vec<Sample>,
    totals: &mut Totals,
    wrong: &mut Vec<String>,
) {
    let texts: Vec<String> = samples.iter().map(|sample| sample.document.to_string()).collect();
    let names = hosts(texts.iter().map(String::as_str));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let peer = Peer::start(&names).await;
    let node = node_example(database, &peer).start().await;
    let ana = node.member("ana").await;
    node.group("help", "We help each other", "ana").await;
    let names = told_to_all(&ana).await;
    for sample in &mut samples {
        sample.document = renamed(&sample.document, &names);
        introduce(&peer, &sample.document);
    }
    let stage = Stage { peer, node, ana, groups: groups(&samples) };
    // Actors first: for what they deliver later they get a key of ours.
    let is_actor = |sample: &&Sample| ACTORS.contains(&word(&sample.document, "type"));
    let (actors, others): (Vec<&Sample>, Vec<&Sample>) = samples.iter().partition(is_actor);
    for sample in actors.into_iter().chain(others) {
        match stage.plays(sample).await {
            Ok(fate) => totals.count(sample, fate),
            Err(why) => wrong.push(format!("{}: {why}", sample.file)),
        }
    }
    let log = stage.node.log();
    let trouble = log.lines().filter(|line| line.contains(" ERROR ") || line.contains("panicked"));
    wrong.extend(trouble.map(str::to_owned));
}

/// A thread, a reply and a poll that are here, by the names that the project's files have for them.
async fn told_to_all(ana: &Member) -> Vec<(String, String)> {
    let thread = ana.posts("Who has a long ladder? @help").await;
    let reply = ana.replies(&thread, "I have one").await;
    let poll = json!({"status": "Shall we?", "poll": {
        "options": ["Yes", "No"], "multiple": true, "expires_in": 86_400}});
    let poll = ana.api.post("/api/v1/statuses", poll).await;
    let uri = |status: &Value| word(status, "uri").to_owned();
    let (thread, reply, poll) = (uri(&thread), uri(&reply), uri(&poll));
    let base = "https://node.example/p";
    let names = [
        (format!("{base}/100"), thread),
        (format!("{base}/101"), reply),
        (format!("{base}/300"), poll),
    ];
    names.into()
}

/// The document with the ids that things have here.
fn renamed(document: &Value, names: &[(String, String)]) -> Value {
    let mut text = document.to_string();
    for (there, here) in names {
        text = text.replace(&format!("{there}\""), &format!("{here}\""));
    }
    serde_json::from_str(&text).unwrap()
}

/// Serves what the document speaks of, so that the node can look it up.
fn introduce(peer: &Peer, document: &Value) {
    let kind = word(document, "type");
    if ACTORS.contains(&kind) {
        if document["id"].is_string() {
            peer.introduces(document);
        }
        return;
    }
    for key in ["actor", "attributedTo"] {
        if let Some(actor) = reference(&document[key]).filter(|url| url.starts_with("http"))
            && !peer.has(actor)
        {
            peer.person(actor);
        }
    }
    if kind != "Tombstone"
        // What is named by a fragment is a part of what lives there.
        && let Some(url) = reference(document)
            .filter(|url| url.starts_with("http") && !url.contains('#'))
    {
        peer.serves(url, document);
    }
    if document["object"].is_object() {
        introduce(peer, &document["object"]);
    }
}

/// Those who say that they are groups, or pass on what others did.
fn groups(samples: &[Sample]) -> BTreeSet<String> {
    let group = |sample: &Sample| {
        let document = &sample.document;
        let passes_on = document["type"] == "Announce" && document["object"]["actor"].is_string();
        let id = if document["type"] == "Group" { &document["id"] } else { &document["actor"] };
        let is_group = document["type"] == "Group" || passes_on;
        id.as_str().filter(|_| is_group).map(str::to_owned)
    };
    samples.iter().filter_map(group).collect()
}

/// A node, somebody on it, and all the servers it may meet.
struct Stage {
    peer: Peer,
    node: Node,
    ana: Member,
    groups: BTreeSet<String>,
}

impl Stage {
    async fn plays(&self, sample: &Sample) -> Outcome {
        let document = &sample.document;
        match word(document, "type") {
            kind if ACTORS.contains(&kind) && !is_whole(document) => {
                // GoToSocial answers for its keys with a stub; drafts show parts, or a node of ours.
                self.finds(reference(document).unwrap_or_default(), "accounts").await?;
                Ok(Fate::Ignored)
            }
            kind if ACTORS.contains(&kind) => self.shows_actor(document).await,
            "Follow" => self.follow(sample).await,
            "Create" => {
                let fate = self.hands_in(sample).await?;
                let object = &document["object"];
                if fate != Fate::Refused && must_be_shown(object) {
                    self.shows_post(sample, object).await
                } else {
                    Ok(fate)
                }
            }
            _ if document["actor"].is_string() || document["actor"].is_object() => {
                self.hands_in(sample).await
            }
            _ if document["subject"].is_string() => self.finger(document).await,
            _ => self.posts(sample).await,
        }
    }

    /// A post by itself: shown where it lives, and taken when its author hands it in.
    async fn posts(&self, sample: &Sample) -> Outcome {
        let document = &sample.document;
        let author = reference(&document["attributedTo"]).or(reference(document));
        let author = author.filter(|author| author.starts_with("http")).unwrap_or_default();
        let fate = if must_be_shown(document) {
            self.shows_post(sample, document).await?
        } else {
            self.finds(reference(document).unwrap_or_default(), "statuses").await?;
            Fate::Ignored
        };
        // No author, no id: there is nobody whose activity it could be.
        let Some(url) = reference(document).filter(|url| same_origin(url, author)) else {
            return Ok(fate);
        };
        let create = json!({
            "id": format!("{url}/handed-in"), "type": "Create", "actor": author,
            "to": document["to"], "cc": document["cc"], "object": document,
        });
        let handed_in = self.deliver(&create).await?;
        Ok(if fate == Fate::Taken { fate } else { handed_in })
    }

    /// Handed in; what becomes of it is what its line in the manifest says, if it says so.
    async fn hands_in(&self, sample: &Sample) -> Outcome {
        let fate = self.deliver(&sample.document).await?;
        match (sample.says("fate"), fate) {
            ("", _) | ("taken", Fate::Taken) | ("ignored", Fate::Ignored) => Ok(fate),
            (wanted, _) => Err(format!("it is {fate:?}, not {wanted}")),
        }
    }

    /// Delivered as it is, signed by its actor: taken, or known and ignored.
    async fn deliver(&self, document: &Value) -> Outcome {
        let actor = reference(&document["actor"]).ok_or("no actor")?;
        // Some files describe the actor with a key that is not ours to sign with.
        let kind = if self.groups.contains(actor) { "Group" } else { "Person" };
        self.peer.actor(actor, kind);
        let key_id = format!("{actor}#main-key");
        let body = document.to_string().into_bytes();
        let before = self.node.log_size();
        let (status, said) = self.peer.posts(&self.node, "/inbox", &key_id, body).await;
        if status.is_success() {
            return Ok(fate_in(&self.node.log_from(before)));
        }
        let honest = same_origin(word(document, "id"), actor);
        // What was caught on its way may be refused here for who it is from or what it is about.
        let must = ["Follow", "Create"].contains(&word(document, "type"));
        // Without an id of its own, or a type, nothing is said that could be acted on.
        let object = &document["object"];
        let excerpt =
            !document["id"].is_string() || (object.is_object() && object["type"].is_null());
        let may_be_refused = excerpt || !honest || (status == 403 && !must);
        if may_be_refused && status.is_client_error() && !said.is_empty() {
            Ok(Fate::Refused)
        } else {
            Err(format!("delivery is answered {status}: {said}"))
        }
    }

    async fn follow(&self, sample: &Sample) -> Outcome {
        let document = &sample.document;
        self.hands_in(sample).await?;
        // And the same, meant for a group that is here.
        let mut here = document.clone();
        here["object"] = json!("https://node.example/c/help");
        here["to"] = json!(["https://node.example/c/help"]);
        let id = document["id"].as_str().map(|id| format!("{id}-here"));
        if let Some(id) = &id {
            here["id"] = json!(id);
        }
        let fate = self.deliver(&here).await?;
        let actor = reference(&document["actor"]);
        self.peer
            .receives(&format!("the Accept for {}", sample.file), |body| {
                let follow = &body["object"];
                body["type"] == "Accept"
                    && reference(&follow["actor"]) == actor
                    && (id.is_none() || reference(follow) == id.as_deref())
            })
            .await;
        Ok(fate)
    }

    /// What a member gets who looks for an address.
    async fn finds(&self, url: &str, kind: &str) -> Result<Option<Value>, String> {
        search(&self.ana.api, url, kind).await
    }

    /// What the log says of an address that was not found.
    fn is_missing(&self, url: &str) -> String {
        let log = self.node.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(url)).collect();
        format!("{url} is not found: {:#?}", lines.iter().rev().take(3).collect::<Vec<_>>())
    }

    /// An answer of `WebFinger` leads to its actor.
    async fn finger(&self, document: &Value) -> Outcome {
        let handle = word(document, "subject").trim_start_matches("acct:");
        let (name, host) = handle.split_once('@').ok_or("no handle")?;
        let links = document["links"].as_array().ok_or("no links")?;
        let actor = links
            .iter()
            .find(|link| link["rel"] == "self" && word(link, "type").contains("json"))
            .ok_or("no actor")?;
        let mut person = self.peer.person(word(actor, "href"));
        person["preferredUsername"] = json!(name);
        self.peer.introduces(&person);
        let at = format!("https://{host}/.well-known/webfinger?resource=acct:{handle}");
        let bytes = document.to_string().into_bytes();
        self.peer.serves_bytes(&at, 200, "application/jrd+json", bytes);
        let found = self.finds(&format!("@{handle}"), "accounts").await?;
        found.map(|_| Fate::Taken).ok_or_else(|| format!("@{handle} is not found"))
    }

    async fn shows_actor(&self, document: &Value) -> Outcome {
        let url = reference(document).ok_or("no id")?;
        let account = self.finds(url, "accounts").await?;
        let account = account.ok_or_else(|| self.is_missing(url))?;
        let is_group = document["type"] == "Group";
        if account["group"] != is_group {
            return Err(format!("group is {}", account["group"]));
        }
        let page = format!("/@{}", word(&account, "acct"));
        page_is_clean(&self.node, &page).await?;
        Ok(Fate::Taken)
    }

    async fn shows_post(&self, sample: &Sample, document: &Value) -> Outcome {
        let url = reference(document).unwrap_or_default();
        let found = self.finds(url, "statuses").await?;
        let status = found.ok_or_else(|| self.is_missing(url))?;
        let has = |key: &str| !word(document, key).is_empty();
        let pictures = status["media_attachments"].as_array().is_some_and(|all| !all.is_empty());
        let told =
            !word(&status, "content").is_empty() || !word(&status, "spoiler_text").is_empty();
        // Some say nothing but what must not be shown.
        let empty =
            ["<script>", "<style>"].iter().any(|tag| word(document, "content").starts_with(tag));
        if !told && (has("content") || has("name")) && !pictures && !empty {
            return Err("nothing of it is shown".to_owned());
        }
        if !status.to_string().contains(sample.says("shows")) {
            return Err(format!("it does not show {:?}: {status}", sample.says("shows")));
        }
        let account = word(&status["account"], "acct");
        page_is_clean(&self.node, &format!("/@{account}/{}", id(&status))).await?;
        Ok(Fate::Taken)
    }
}

/// Whether an actor is told as a server tells it: where it is, by what name, and how to reach it.
fn is_whole(actor: &Value) -> bool {
    let id = word(actor, "id");
    let here = id.starts_with("https://node.example/");
    let named = actor["preferredUsername"].is_string() || actor["type"] == "Application";
    id.starts_with("http") && !here && named && actor["inbox"].is_string()
}

/// Whether a post has to be readable here once somebody looks for it: it is of a known kind, for
/// everyone, of its author's server, and no reply to several posts at once.
fn must_be_shown(document: &Value) -> bool {
    let url = reference(document).unwrap_or_default();
    let author = reference(&document["attributedTo"]).unwrap_or_default();
    let placed = document["inReplyTo"].as_array().is_none_or(|parents| parents.len() < 2);
    let known = POSTS.contains(&word(document, "type")) && placed;
    known && is_public(document) && same_origin(url, author)
}

/// What the log says became of the last activity.
fn fate_in(log: &str) -> Fate {
    let line = log.lines().rfind(|line| line.contains("took an activity"));
    let line = line.unwrap_or_else(|| panic!("the log says nothing:\n{log}"));
    if line.contains("Ignored") || line.contains("Duplicate") { Fate::Ignored } else { Fate::Taken }
}

async fn search(api: &Api, url: &str, kind: &str) -> Result<Option<Value>, String> {
    let query = [("q", url), ("resolve", "true"), ("type", kind)];
    let request = api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    let answer = api.send(request).await;
    match answer.status {
        StatusCode::OK => Ok(answer.json()[kind].get(0).cloned()),
        status => Err(format!("search is answered {status}: {}", answer.text)),
    }
}

/// The page is there and holds nothing that could run.
async fn page_is_clean(node: &Node, path: &str) -> Result<(), String> {
    let page = node.page(path).await;
    if !page.status.is_success() {
        return Err(format!("its page {path} is answered {}", page.status));
    }
    let text = page.text.to_lowercase();
    match ["<script", "<iframe", " onerror=", "href=\"javascript:", " style="]
        .iter()
        .find(|danger| text.contains(**danger))
    {
        Some(danger) => Err(format!("its page {path} holds {danger}")),
        None => Ok(()),
    }
}
