//! What the lists that clients ask for cost, and how that grows with what a node holds: `scripts/bench api`.
//!
//! The same node is filled to ten thousand, a hundred thousand and a million posts; at each size `wrk`
//! asks for each list with 16 connections. Most posts are by people elsewhere, the n-th of them writes n
//! times less than the first, and what a quiet one wrote is old: as on a real node, and so that lists of
//! what is rare are measured too, not only of what is common.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::doc_markdown,
    clippy::duration_suboptimal_units,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::as_conversions,
    dead_code,
    unused_imports,
    unused_macros,
    missing_docs
)]

#[macro_use]
#[path = "../tests/it/harness/mod.rs"]
mod harness;

use std::{
    collections::BTreeMap,
    process::Command,
    time::{Duration, Instant},
};

use commonhold::{
    App,
    config::Config,
    db::{
        self,
        actors::Actor,
        follows::Follow,
        notifications::{Notification, NotificationKind},
        posts::Post,
    },
    domain::{Tx, search},
    types::{ActorId, ActorKind, FollowId, NotificationId, PostId, Time, Uri, Visibility},
};
use rand::Rng as _;
use serde_json::json;

use crate::harness::{Database, Member, Node, Setup, id};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Posts stored in one change.
const PIECE: usize = 500;
/// Authors elsewhere.
const AUTHORS: usize = 2_000;
/// Words of the language.
const WORDS: usize = 40_000;
/// Replies in the long thread.
const REPLIES: usize = 500;

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (most, secs) = (number("BENCH_POSTS", 1_000_000), number("BENCH_SECS", 5));
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let mut databases = vec![Database::Sqlite];
    if std::env::var_os("COMMONHOLD_TEST_POSTGRES").is_some() {
        databases.push(Database::Postgres);
    }
    databases.retain(|database| format!("{database:?}").to_lowercase().contains(&only));
    for database in databases {
        println!("\n## {database:?}\n");
        println!("| posts | list | requests/s | p50 | p99 | p99 to that of the first size |");
        println!("|---|---|---|---|---|---|");
        let mut town = Town::begin(database).await;
        let (mut there, mut first) = (0, BTreeMap::new());
        for size in SIZES.into_iter().filter(|size| *size <= most) {
            let start = Instant::now();
            town.fill(there, size);
            let took = start.elapsed().as_secs_f64();
            there = size;
            town.node.restart().await;
            println!("| {size} | (filled in {took:.0} s) | | | | |");
            for (name, path) in town.lists() {
                let figures = Figures::of(&town.node, &path, &town.tokens[name.0], secs);
                let before = *first.entry(name.1).or_insert(figures.p99);
                println!(
                    "| {size} | {} | {:.0} | {:?} | {:?} | {:.2} |",
                    name.1,
                    figures.rate,
                    figures.p50,
                    figures.p99,
                    figures.p99.as_secs_f64() / before.as_secs_f64()
                );
            }
        }
    }
}

/// What `wrk` found out.
struct Figures {
    rate: f64,
    p50: Duration,
    p99: Duration,
}

impl Figures {
    fn of(node: &Node, path: &str, token: &str, secs: usize) -> Self {
        let (url, token) =
            (format!("{}{path}", node.origin()), format!("Authorization: Bearer {token}"));
        let wrk = |secs: usize| {
            let span = format!("-d{secs}s");
            let output = Command::new("wrk")
                .args(["-t1", "-c16", "--timeout", "60s", "--latency", &span, "-H", &token, &url])
                .output()
                .expect("wrk is installed");
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        // What was written has to be read once.
        wrk(1);
        let text = wrk(secs);
        assert!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "{path}: {text}");
        let after = |name: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
            line.split_whitespace().last().unwrap().to_owned()
        };
        Self {
            rate: after("Requests/sec").parse().unwrap(),
            p50: duration(&after("50%")),
            p99: duration(&after("99%")),
        }
    }
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap());
    let scale = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        other => panic!("wrk says {other}"),
    };
    Duration::from_nanos((number.parse::<f64>().unwrap() * scale * 1e9) as u64)
}

/// A node that fills up.
struct Town {
    node: Node,
    /// Ana, who follows whom everybody follows, and quiet ones; Cleo, who follows only the quietest.
    tokens: [String; 2],
    readers: [ActorId; 2],
    authors: Vec<Actor>,
    members: Vec<Actor>,
    group: Actor,
    list: String,
    quiet_list: String,
    thread: Option<PostId>,
}

impl Town {
    async fn begin(database: Database) -> Self {
        let node = Node::start(database).await;
        let ana = node.member("ana").await;
        let cleo = node.member("cleo").await;
        node.group("library", "Everything that we know", "ana").await;
        let lists = [title(&ana, "Some").await, title(&cleo, "Quiet").await];
        node.kill9();
        let app = inside(&node);
        let made = app.write_now(|tx| (0..AUTHORS).map(|number| author(tx, number)).collect());
        let authors: Vec<Actor> = made.unwrap();
        let local = |name: &'static str| {
            app.read_now(move |conn| Ok(db::actors::local_by_name(conn, name)?)).unwrap().unwrap()
        };
        let (ana_actor, cleo_actor, group) = (local("ana"), local("cleo"), local("library"));
        let (quiet, list_ids) = (authors[AUTHORS - 20..].to_vec(), lists.clone());
        // From the first to the last.
        let some: Vec<Actor> = (0..50).map(|place| authors[place * AUTHORS / 50].clone()).collect();
        let (ana_id, cleo_id) = (ana_actor.id, cleo_actor.id);
        app.write_now(move |tx| {
            for (reader, followed, list) in
                [(ana_id, &some, &list_ids[0]), (cleo_id, &quiet, &list_ids[1])]
            {
                for target in followed {
                    follow(tx, reader, target)?;
                    let (row, list) = (tx.new_id(), list.parse().unwrap());
                    db::lists::add(tx, row, list, target.id)?;
                }
            }
            Ok(())
        })
        .unwrap();
        app.close();
        Self {
            node,
            tokens: [ana.token.clone(), cleo.token.clone()],
            readers: [ana_id, cleo_id],
            authors,
            members: vec![ana_actor, cleo_actor],
            group,
            list: lists[0].clone(),
            quiet_list: lists[1].clone(),
            thread: None,
        }
    }

    /// More posts, until there are `size`; the node does not run meanwhile.
    fn fill(&mut self, there: usize, size: usize) {
        self.node.kill9();
        let app = inside(&self.node);
        if self.thread.is_none() {
            let (author, group) = (self.authors[0].clone(), self.group.id);
            let thread = app.write_now(move |tx| long_thread(tx, &author, group)).unwrap();
            self.thread = Some(thread);
        }
        for start in (there..size).step_by(PIECE) {
            let piece = PIECE.min(size - start);
            let (authors, members) = (self.authors.clone(), self.members.clone());
            let (group, reader) = (self.group.clone(), self.readers[0]);
            app.write_now(move |tx| {
                for number in start..start + piece {
                    one(tx, number, &authors, &members, &group, reader)?;
                }
                Ok(())
            })
            .unwrap();
        }
        app.close();
        // As PostgreSQL does by itself a minute later.
        self.node.tampers("ANALYZE");
    }

    /// Who asks for which list: its name, and its path.
    fn lists(&self) -> Vec<((usize, &'static str), String)> {
        let (ana, cleo) = (0, 1);
        let account = |actor: &Actor| format!("/api/v1/accounts/{}/statuses", actor.id);
        let (busy, quiet) = (&self.authors[0], &self.authors[AUTHORS - 1]);
        let search = |words: &str| format!("/api/v2/search?type=statuses&q={words}");
        vec![
            ((ana, "home"), "/api/v1/timelines/home".into()),
            ((cleo, "home of who follows quiet people"), "/api/v1/timelines/home".into()),
            ((ana, "a list"), format!("/api/v1/timelines/list/{}", self.list)),
            (
                (cleo, "a list of quiet people"),
                format!("/api/v1/timelines/list/{}", self.quiet_list),
            ),
            ((ana, "account, busy"), account(busy)),
            ((ana, "account, quiet"), account(quiet)),
            ((ana, "account, without replies and boosts"), {
                format!("{}?exclude_replies=true&exclude_reblogs=true", account(busy))
            }),
            ((ana, "account, only media"), format!("{}?only_media=true", account(busy))),
            ((ana, "group's account"), account(&self.group)),
            ((ana, "group"), format!("/api/v1/timelines/group/{}", self.group.id)),
            ((ana, "public"), "/api/v1/timelines/public".into()),
            ((ana, "public, local"), "/api/v1/timelines/public?local=true".into()),
            ((ana, "public, only media"), "/api/v1/timelines/public?only_media=true".into()),
            ((ana, "tag, common"), "/api/v1/timelines/tag/common".into()),
            ((ana, "tag, rare"), "/api/v1/timelines/tag/rare".into()),
            ((ana, "context of 500 replies"), {
                format!("/api/v1/statuses/{}/context", self.thread.unwrap())
            }),
            ((ana, "notifications"), "/api/v1/notifications".into()),
            ((ana, "notifications, grouped"), "/api/v2/notifications".into()),
            ((ana, "notifications, a rare kind"), "/api/v1/notifications?types[]=poll".into()),
            ((ana, "search, two common words"), search("w1+w2")),
            ((ana, "search, an uncommon word"), search("w1000")),
            (
                (ana, "search, a common word from one account"),
                search("w1+from:@author7@host7.example"),
            ),
        ]
    }
}

/// The inside of a node while its process does not run.
fn inside(node: &Node) -> App {
    let command = node.command();
    let pairs =
        command.get_envs().filter_map(|(key, value)| Some((key.to_str()?, value?.to_str()?)));
    let settings: Vec<_> = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    App::open(Config::load(None, settings.into_iter()).unwrap()).unwrap()
}

async fn title(owner: &Member, title: &str) -> String {
    id(&owner.api.post("/api/v1/lists", json!({"title": title})).await)
}

/// Somebody elsewhere.
fn author(tx: &mut Tx, number: usize) -> commonhold::Result<Actor> {
    let (name, host) = (format!("author{number}"), format!("host{}.example", number % 100));
    let ap_id = format!("https://{host}/users/{name}");
    let sample = db::actors::local_by_name(tx, "ana")?.unwrap();
    let actor = Actor {
        id: ActorId(tx.new_id()),
        kind: ActorKind::Person,
        name,
        host,
        local: false,
        url: ap_id.clone(),
        inbox: Uri(format!("{ap_id}/inbox").parse().unwrap()),
        key_id: format!("{ap_id}#main-key"),
        ap_id: Uri(ap_id.parse().unwrap()),
        shared_inbox: None,
        display_name: format!("Author {number}"),
        ..sample
    };
    db::actors::insert(tx, &actor)?;
    Ok(actor)
}

fn follow(tx: &mut Tx, follower: ActorId, target: &Actor) -> commonhold::Result<()> {
    let now = tx.now();
    let row = Follow {
        id: FollowId(tx.new_id()),
        follower_id: follower,
        target_id: target.id,
        accepted_at: Some(now),
        ap_id: None,
        show_boosts: true,
        notify: false,
        created_at: now,
        languages: String::new(),
    };
    db::follows::insert(tx, &row)?;
    Ok(())
}

fn long_thread(tx: &mut Tx, author: &Actor, group: ActorId) -> commonhold::Result<PostId> {
    let mut posts: Vec<Post> = Vec::new();
    for number in 0..=REPLIES {
        let parent = (number > 0).then(|| &posts[rand::rng().random_range(0..number)]);
        let parent = parent.map(|parent| parent.id);
        let root = posts.first().map(|root| root.id);
        let post = post(tx, author, |post| {
            post.group_id = Some(group);
            post.in_reply_to_id = parent;
            post.thread_id = root.unwrap_or(post.id);
        })?;
        posts.push(post);
    }
    Ok(posts[0].id)
}

fn post(tx: &mut Tx, author: &Actor, change: impl FnOnce(&mut Post)) -> commonhold::Result<Post> {
    let id = PostId(tx.new_id());
    let uri = Uri(format!("{}/posts/{id}", author.ap_id.0).parse().unwrap());
    let mut post = Post {
        content: format!("<p>{}</p>", text()),
        local: author.local,
        ..Post::new(id, uri, author, tx.now())
    };
    change(&mut post);
    db::posts::insert(tx, &post)?;
    if !post.is_boost() {
        search::keep_words(tx, &post, true)?;
    }
    Ok(post)
}

/// The `number`th post of the town, with what hangs on it.
fn one(
    tx: &mut Tx,
    number: usize,
    authors: &[Actor],
    members: &[Actor],
    group: &Actor,
    reader: ActorId,
) -> commonhold::Result<()> {
    let mut rng = rand::rng();
    // The quiet quarter wrote while the first ten thousand were written, and then no more.
    let awake = if number < 10_000 { authors.len() } else { authors.len() * 3 / 4 };
    let place = ((awake as f64).powf(rng.random::<f64>()) as usize).min(awake) - 1;
    let here = number % 100 == 7 && number < 10_000;
    let author = if here { &members[number % 2] } else { &authors[place] };
    let in_group = number % 10 == 3;
    let post = post(tx, author, |post| {
        post.group_id = in_group.then_some(group.id);
    })?;
    if number % 10 == 1 {
        db::posts::insert_tags(tx, post.id, &[("common".into(), "common".into())])?;
    }
    if number % 500 == 1 && number < 10_000 {
        db::posts::insert_tags(tx, post.id, &[("rare".into(), "rare".into())])?;
    }
    if in_group {
        let (id, now) = (PostId(tx.new_id()), tx.now());
        let uri = Uri(format!("{}/boosts/{id}", group.ap_id.0).parse().unwrap());
        let boost = Post {
            boost_of_id: Some(post.id),
            kind: "Announce".into(),
            group_id: Some(group.id),
            local: true,
            ..Post::new(id, uri, group, now)
        };
        db::posts::insert(tx, &boost)?;
    }
    if number % 10 == 5 {
        // Each fifth of them as one of a group of likes, and a poll now and then, long ago.
        let kind = match number {
            small if small < 10_000 && small % 1_000 == 5 => NotificationKind::Poll,
            even if even % 20 == 5 => NotificationKind::Like,
            _ => NotificationKind::Mention,
        };
        let id = NotificationId(tx.new_id());
        let group_key = match kind {
            NotificationKind::Like => format!("favourite-{}", number / 100),
            _ => String::new(),
        };
        let row = Notification {
            id,
            recipient_id: reader,
            kind,
            from_id: author.id,
            post_id: Some(post.id),
            dedup: id.to_string(),
            created_at: tx.now(),
            filtered: false,
            group_key,
        };
        db::notifications::insert(tx, &row)?;
    }
    Ok(())
}

/// Thirty words; the n-th word of the language is n times rarer than the first.
fn text() -> String {
    let mut rng = rand::rng();
    let word = |_| {
        let place = (WORDS as f64).powf(rng.random::<f64>()) as usize;
        format!("w{place}")
    };
    (0..30).map(word).collect::<Vec<_>>().join(" ")
}
