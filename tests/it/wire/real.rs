//! What Mastodon, Lemmy and the others really send is read and shown.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{bytes, hosts, is_public, manifest, node_example, reference, word};
use crate::harness::{Api, Database, Member, Node, Peer, id};

stories!(what_other_servers_send_is_read_and_shown);

const SERVERS: &[&str] = &[
    "mastodon",
    "gotosocial",
    "lemmy",
    "piefed",
    "mbin",
    "akkoma",
    "pleroma",
    "misskey",
    "nodebb",
    "discourse",
];
const ACTORS: &[&str] = &["Person", "Group", "Service", "Application", "Organization"];
const POSTS: &[&str] = &["Note", "Page", "Article", "Question"];

/// One file, and what it is.
struct Sample {
    file: String,
    document: Value,
}

impl Sample {
    fn kind(&self) -> &str {
        word(&self.document, "type")
    }

    /// Whom it speaks of: two samples of one world must not describe the same thing.
    fn names(&self) -> BTreeSet<String> {
        let object = &self.document["object"];
        let inner = object.get("id").and_then(Value::as_str);
        let own = self.document["id"].as_str();
        own.into_iter().chain(inner).map(str::to_owned).collect()
    }
}

async fn what_other_servers_send_is_read_and_shown(database: Database) {
    let Some(entries) = manifest(SERVERS) else { return };
    let samples: Vec<Sample> = entries
        .iter()
        .filter(|entry| entry["expect"] == "parse")
        .map(|entry| Sample {
            file: word(entry, "file").to_owned(),
            document: serde_json::from_slice(&bytes(entry)).unwrap(),
        })
        .collect();
    let mut wrong = Vec::new();
    for world in worlds(samples) {
        tell(database, &world, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "{} are not read or shown:\n{}", wrong.len(), wrong.join("\n"));
}

/// Samples in groups in which nothing is described twice.
fn worlds(samples: Vec<Sample>) -> Vec<Vec<Sample>> {
    let mut worlds: Vec<(BTreeSet<String>, Vec<Sample>)> = Vec::new();
    for sample in samples {
        let names = sample.names();
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

async fn tell(database: Database, samples: &[Sample], wrong: &mut Vec<String>) {
    let texts: Vec<String> = samples.iter().map(|sample| sample.document.to_string()).collect();
    let names = hosts(texts.iter().map(String::as_str));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let peer = Peer::start(&names).await;
    let node = node_example(database, &peer).start().await;
    let ana = node.member("ana").await;
    node.group("help", "We help each other", "ana").await;
    for sample in samples {
        introduce(&peer, &sample.document);
    }
    // Actors first: for what they deliver later they get a key of ours.
    let (actors, others): (Vec<&Sample>, Vec<&Sample>) =
        samples.iter().partition(|sample| ACTORS.contains(&sample.kind()));
    for sample in actors.into_iter().chain(others) {
        if let Err(why) = try_one(&peer, &node, &ana, sample).await {
            wrong.push(format!("{}: {why}", sample.file));
        }
    }
}

/// Serves what the document speaks of, so that the node can look it up.
fn introduce(peer: &Peer, document: &Value) {
    let kind = word(document, "type");
    if ACTORS.contains(&kind) {
        peer.introduces(document);
        return;
    }
    for key in ["actor", "attributedTo"] {
        if let Some(actor) = reference(&document[key]).filter(|url| url.starts_with("http"))
            && !peer.has(actor)
        {
            peer.person(actor);
        }
    }
    if POSTS.contains(&kind)
        && let Some(url) = reference(document)
    {
        peer.serves(url, document);
    }
    if document["object"].is_object() {
        introduce(peer, &document["object"]);
    }
}

async fn try_one(peer: &Peer, node: &Node, ana: &Member, sample: &Sample) -> Result<(), String> {
    let document = &sample.document;
    match sample.kind() {
        // GoToSocial answers for its keys with a stub that nobody can follow.
        kind if ACTORS.contains(&kind) && document["inbox"].is_null() => Ok(()),
        kind if ACTORS.contains(&kind) => show_actor(node, &ana.api, document).await,
        kind if POSTS.contains(&kind) => show_post(node, &ana.api, document).await,
        "Follow" => follow(peer, node, document).await,
        "Create" => {
            deliver(peer, node, document).await?;
            let object = &document["object"];
            let shown = POSTS.contains(&word(object, "type")) && is_public(object);
            if shown { show_post(node, &ana.api, object).await } else { Ok(()) }
        }
        // The names of a test network that are names and ports cannot be played.
        _ if reference(&document["actor"]).is_none_or(|actor| actor.contains("alpha:")) => Ok(()),
        _ => deliver(peer, node, document).await,
    }
}

/// Delivered as it is, signed by its actor: taken, or known and ignored.
async fn deliver(peer: &Peer, node: &Node, document: &Value) -> Result<(), String> {
    let actor = reference(&document["actor"]).ok_or("no actor")?;
    // Some files describe the actor with a key that is not ours to sign with.
    peer.person(actor);
    let key_id = format!("{actor}#main-key");
    let (status, said) =
        peer.posts(node, "/inbox", &key_id, document.to_string().into_bytes()).await;
    let honest = word(document, "id").is_empty() || same_origin(word(document, "id"), actor);
    // What was caught on its way may be refused here for who it is from or what it is about.
    let must = ["Follow", "Create"].contains(&word(document, "type"));
    if status.is_success() || (status == 403 && !must) || (!honest && status.is_client_error()) {
        Ok(())
    } else {
        Err(format!("delivery is answered {status}: {said}"))
    }
}

fn same_origin(one: &str, other: &str) -> bool {
    let origin = |url: &str| url::Url::parse(url).map(|url| url.origin());
    origin(one).ok() == origin(other).ok()
}

async fn follow(peer: &Peer, node: &Node, document: &Value) -> Result<(), String> {
    deliver(peer, node, document).await?;
    // And the same, meant for a group that is here.
    let mut here = document.clone();
    let id = format!("{}-here", word(document, "id"));
    here["id"] = json!(id);
    here["object"] = json!("https://node.example/c/help");
    here["to"] = json!(["https://node.example/c/help"]);
    deliver(peer, node, &here).await?;
    let what = format!("the Accept of {id}");
    peer.receives(&what, |body| {
        body["type"] == "Accept" && reference(&body["object"]) == Some(id.as_str())
    })
    .await;
    Ok(())
}

async fn search(api: &Api, url: &str, kind: &str) -> Result<Value, String> {
    let query = [("q", url), ("resolve", "true"), ("type", kind)];
    let request = api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    let answer = api.send(request).await;
    if !answer.status.is_success() {
        return Err(format!("search is answered {}: {}", answer.status, answer.text));
    }
    answer.json()[kind].get(0).cloned().ok_or_else(|| format!("{url} is not found"))
}

async fn show_actor(node: &Node, api: &Api, document: &Value) -> Result<(), String> {
    let url = reference(document).ok_or("no id")?;
    let account = search(api, url, "accounts").await?;
    let is_group = document["type"] == "Group";
    if account["group"] != is_group {
        return Err(format!("group is {}", account["group"]));
    }
    let page = format!("/@{}", account["acct"].as_str().unwrap_or_default());
    page_is_clean(node, &page).await
}

async fn show_post(node: &Node, api: &Api, document: &Value) -> Result<(), String> {
    let Some(url) = reference(document).filter(|_| is_public(document)) else { return Ok(()) };
    let status = search(api, url, "statuses").await?;
    let content = status["content"].as_str().unwrap_or_default();
    let words = document["content"].as_str().unwrap_or_default();
    let named = document["name"].as_str().unwrap_or_default();
    let pictures = status["media_attachments"].as_array().is_some_and(|all| !all.is_empty());
    if content.is_empty() && !(words.is_empty() && named.is_empty()) && !pictures {
        return Err("nothing of it is shown".to_owned());
    }
    let account = status["account"]["acct"].as_str().unwrap_or_default();
    page_is_clean(node, &format!("/@{account}/{}", id(&status))).await
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
