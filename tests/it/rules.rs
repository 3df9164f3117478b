//! The rules themselves, on both databases: what follows from a change, what counts, what stays.
use commonhold::{
    App,
    config::Config,
    db::{
        self,
        actors::Actor,
        page::Page,
        posts::Post,
        receipts::{Figures, Reason},
        submissions::SubmissionState,
    },
    domain::{
        follows, groups,
        help::{self, Outcome},
        members::{self, Applicant},
        polls, posts, reactions, relations, submissions,
    },
    error::Error,
    keys::KeyPair,
    types::{ActorId, PostId, Uri, Visibility},
    worker,
};

use crate::harness::{Database, Fresh};

/// A node without a network: what its members do, and what it says of it.
pub struct Quiet {
    pub app: App,
    pub group: Actor,
    _database: Fresh,
    _folder: tempfile::TempDir,
}

impl Quiet {
    pub fn open(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database.fresh(folder.path());
        let env = [
            ("COMMONHOLD_DATABASE_URL", database.url.as_str()),
            ("COMMONHOLD_DATA_DIR", folder.path().to_str().unwrap()),
            ("COMMONHOLD_RATE_LIMITS", "false"),
        ];
        let env = env.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        let app = App::open(Config::load(None, env).unwrap()).unwrap();
        let founder = join(&app, "ana");
        let new = groups::NewGroup {
            name: "repairs".into(),
            purpose: "So that nothing is thrown away that a neighbour could fix.".into(),
            ..Default::default()
        };
        let group = app
            .write_now(move |tx| groups::found(tx, &founder, new, KeyPair::generate()?))
            .unwrap();
        Self { app, group, _database: database, _folder: folder }
    }

    pub fn member(&self, name: &str) -> Actor {
        let actor = join(&self.app, name);
        let (id, group) = (actor.id, self.group.clone());
        self.app
            .write_now(move |tx| follows::follow(tx, id, &group, follows::Options::default()))
            .unwrap();
        actor
    }

    pub fn posts(&self, author: &Actor, text: &str, parent: Option<PostId>) -> Post {
        let group = (parent.is_none()).then_some(self.group.id);
        let draft =
            posts::Draft { source: text.into(), group, in_reply_to: parent, ..Default::default() };
        let author = author.clone();
        self.app.write_now(move |tx| posts::publish(tx, &author, draft)).unwrap()
    }

    pub fn thanks(&self, receiver: &Actor, reply: &Post) -> Result<Outcome, Error> {
        let (receiver, reply) = (receiver.id, reply.id);
        self.app.write_now(move |tx| help::by_button(tx, receiver, reply))
    }

    pub fn figures(&self) -> Figures {
        let (group, now) = (self.group.id, self.app.now());
        self.app.read_now(|conn| help::figures(conn, group, now)).unwrap()
    }

    pub fn home(&self, viewer: &Actor) -> Vec<Post> {
        let (viewer, now) = (viewer.id, self.app.now());
        self.app
            .read_now(|conn| Ok(db::timelines::home(conn, viewer, &Page::newest(20), now)?))
            .unwrap()
    }
}

pub fn join(app: &App, name: &str) -> Actor {
    let applicant = Applicant {
        name: name.into(),
        email: format!("{name}@example.org"),
        password_hash: "none".into(),
        ..Default::default()
    };
    app.write_now(move |tx| members::create(tx, applicant, KeyPair::generate()?, false)).unwrap()
}

stories![
    thanks_are_counted_once_and_can_be_taken_back,
    caps_hold_and_say_why,
    a_hashtag_says_thanks_and_its_end_takes_them_back,
    only_who_asked_says_that_it_helped,
    those_left_out_of_counts_are_not_counted,
    a_group_boosts_threads_and_not_answers,
    a_home_shows_a_post_once,
    what_is_direct_stays_between_those_named,
    a_poll_is_voted_in_once,
    an_edit_keeps_what_was_before,
    the_schema_goes_down_and_up_again,
    the_same_key_gives_the_same_post,
    what_a_group_elsewhere_never_answers_is_said,
];

async fn thanks_are_counted_once_and_can_be_taken_back(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let ask = node.posts(&ben, "My tap drips, who can help? #ask", None);
    assert!(ask.is_ask, "the hashtag marks an ask");
    let answer = node.posts(&chloe, "A new washer fixed mine.", Some(ask.id));

    assert_eq!(node.thanks(&ben, &answer).unwrap(), Outcome::Counted);
    assert_eq!(node.thanks(&ben, &answer).unwrap(), Outcome::Counted, "twice is once");
    let one = Figures {
        window_days: 90,
        receipts: 1,
        helpers: 1,
        helped: 1,
        across_nodes: 0,
        by_staff: 0,
    };
    assert_eq!(node.figures(), one);
    let marked = node.app.read_now(|conn| Ok(db::posts::by_id(conn, answer.id)?)).unwrap();
    assert!(marked.helped);

    let (id, reply) = (ben.id, answer.id);
    node.app.write_now(move |tx| help::take_back(tx, id, reply)).unwrap();
    assert_eq!(node.figures(), Figures { window_days: 90, ..Figures::default() });

    node.thanks(&ben, &answer).unwrap();
    node.app.skip_secs(31 * 86_400);
    let late = node.app.write_now(move |tx| help::take_back(tx, id, reply));
    assert!(matches!(late, Err(Error::Invalid(_))), "{late:?}");
    node.app.skip_secs(60 * 86_400);
    assert_eq!(node.figures().receipts, 0, "what is older than the window is not in it");
}

async fn caps_hold_and_say_why(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let thread = |helper: &Actor| {
        let ask = node.posts(&ben, "How?", None);
        node.posts(helper, "So.", Some(ask.id))
    };
    let not = |reason| Outcome::NotCounted(reason);

    let first = thread(&chloe);
    assert_eq!(node.thanks(&ben, &first).unwrap(), Outcome::Counted);
    let second = node.posts(&chloe, "And so.", Some(first.thread_id));
    assert_eq!(node.thanks(&ben, &second).unwrap(), not(Reason::OnePerThread));
    assert_eq!(node.thanks(&ben, &thread(&chloe)).unwrap(), not(Reason::OnePerWeek));
    for _ in 0..2 {
        node.app.skip_secs(8 * 86_400);
        assert_eq!(node.thanks(&ben, &thread(&chloe)).unwrap(), Outcome::Counted);
    }
    node.app.skip_secs(8 * 86_400);
    assert_eq!(node.thanks(&ben, &thread(&chloe)).unwrap(), not(Reason::ThreePerQuarter));
    for n in 0..6 {
        let helper = node.member(&format!("helper{n}"));
        let outcome = node.thanks(&ben, &thread(&helper)).unwrap();
        let expected = if n < 5 { Outcome::Counted } else { not(Reason::FivePerDay) };
        assert_eq!(outcome, expected, "receipt {n} of the day");
    }
    let own = node.posts(&ben, "Never mind.", Some(first.thread_id));
    assert_eq!(node.thanks(&ben, &own).unwrap(), not(Reason::Oneself));
    let figures = node.figures();
    assert_eq!((figures.receipts, figures.helpers, figures.helped), (8, 6, 1));
}

async fn a_hashtag_says_thanks_and_its_end_takes_them_back(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let ask = node.posts(&ben, "How?", None);
    let answer = node.posts(&chloe, "So.", Some(ask.id));
    let thanks = node.posts(&ben, "That was it, #Thanks!", Some(answer.id));
    assert_eq!(node.figures().receipts, 1);

    let (author, id) = (ben.clone(), thanks.id);
    node.app.write_now(move |tx| posts::delete(tx, &author, id)).unwrap();
    assert_eq!(node.figures().receipts, 0);

    node.posts(&ben, "She drove me to the meetup, #thanks @chloe", None);
    assert_eq!(node.figures().receipts, 1, "help elsewhere counts too");
    let (author, id) = (chloe.clone(), answer.id);
    node.app.write_now(move |tx| posts::delete(tx, &author, id)).unwrap();
    assert_eq!(node.figures().receipts, 1, "deleting an answer leaves the receipt");
}

async fn only_who_asked_says_that_it_helped(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe, dan) = (node.member("ben"), node.member("chloe"), node.member("dan"));
    let ask = node.posts(&ben, "How?", None);
    let answer = node.posts(&chloe, "So.", Some(ask.id));
    assert!(matches!(node.thanks(&dan, &answer), Err(Error::Forbidden(_))));
    node.posts(&dan, "#thanks from me too", Some(answer.id));
    assert_eq!(node.figures().receipts, 0);

    let outside = {
        let draft = posts::Draft { source: "No group".into(), ..Default::default() };
        let author = ben.clone();
        node.app.write_now(move |tx| posts::publish(tx, &author, draft)).unwrap()
    };
    let reply = node.posts(&chloe, "None", Some(outside.id));
    assert!(matches!(node.thanks(&ben, &reply), Err(Error::Invalid(_))));
}

async fn those_left_out_of_counts_are_not_counted(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe, dan) = (node.member("ben"), node.member("chloe"), node.member("dan"));
    let ask = node.posts(&ben, "How?", None);
    let (by_chloe, by_dan) =
        (node.posts(&chloe, "So.", Some(ask.id)), node.posts(&dan, "Or so.", Some(ask.id)));
    let id = chloe.id;
    node.app
        .write_now(move |tx| {
            let change = members::Preferences { opted_out: Some(true), ..Default::default() };
            members::change_preferences(tx, id, change)
        })
        .map(drop)
        .unwrap();
    let out = node.thanks(&ben, &by_chloe).unwrap();
    assert_eq!(out, Outcome::NotCounted(Reason::OptedOut));

    assert_eq!(node.thanks(&ben, &by_dan).unwrap(), Outcome::Counted);
    let receipt = node
        .app
        .read_now(|conn| Ok(db::receipts::of_reply(conn, by_dan.id)?))
        .unwrap()
        .pop()
        .unwrap();
    let id = dan.id;
    node.app.write_now(move |tx| help::decline(tx, id, receipt.id)).unwrap();
    assert_eq!(node.figures().receipts, 0, "a declined receipt is not counted");

    let eve = join(&node.app, "eve");
    let ask = node.posts(&eve, "A guest asks?", None);
    let answer = node.posts(&dan, "Welcome.", Some(ask.id));
    let guest = node.thanks(&eve, &answer).unwrap();
    assert_eq!(guest, Outcome::NotCounted(Reason::NotAMember));
}

fn wall(node: &Quiet, author: ActorId) -> Vec<Post> {
    node.app
        .read_now(|conn| {
            let filter = db::timelines::AccountFilter::default();
            Ok(db::timelines::account(conn, None, author, &filter, &Page::newest(20))?)
        })
        .unwrap()
}

async fn a_group_boosts_threads_and_not_answers(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let ask = node.posts(&ben, "How?", None);
    node.posts(&chloe, "So.", Some(ask.id));
    let boosts = wall(&node, node.group.id);
    assert_eq!(boosts.len(), 1);
    assert_eq!(boosts[0].boost_of_id, Some(ask.id));
    assert_ne!(boosts[0].id, ask.id);

    let (author, id) = (ben.clone(), ask.id);
    node.app.write_now(move |tx| posts::delete(tx, &author, id)).unwrap();
    assert!(wall(&node, node.group.id).is_empty(), "the boost goes with the thread");
}

async fn a_home_shows_a_post_once(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let ask = node.posts(&ben, "How?", None);
    assert_eq!(node.home(&ben).len(), 1, "one's own post, without the group's boost of it");
    let seen = node.home(&chloe);
    assert_eq!(seen.iter().map(|p| p.boost_of_id).collect::<Vec<_>>(), [Some(ask.id)]);

    let (id, target) = (chloe.id, ben.clone());
    node.app
        .write_now(move |tx| follows::follow(tx, id, &target, follows::Options::default()))
        .unwrap();
    let seen = node.home(&chloe);
    assert_eq!(seen.iter().map(|p| p.id).collect::<Vec<_>>(), [ask.id], "not post and boost");

    let (id, target) = (chloe.id, ben.id);
    node.app.write_now(move |tx| relations::block(tx, id, target)).unwrap();
    let blocked = node.home(&chloe);
    assert!(blocked.iter().all(|p| p.author_id != ben.id), "{blocked:?}");
}

async fn what_is_direct_stays_between_those_named(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe, dan) = (node.member("ben"), node.member("chloe"), node.member("dan"));
    let draft = posts::Draft {
        source: "@chloe a secret for @repairs".into(),
        visibility: Some(Visibility::Direct),
        ..Default::default()
    };
    let author = ben.clone();
    let post = node.app.write_now(move |tx| posts::publish(tx, &author, draft)).unwrap();
    assert_eq!(post.group_id, None, "what is not open is no thread");
    let may = |viewer: Option<ActorId>| {
        node.app.read_now(|conn| Ok(db::timelines::may_read(conn, viewer, post.id)?)).unwrap()
    };
    assert!(may(Some(ben.id)) && may(Some(chloe.id)));
    assert!(!may(Some(dan.id)) && !may(None));
    let told = node
        .app
        .read_now(|conn| {
            let kinds = db::notifications::NotificationKind::ALL.to_vec();
            let all = db::notifications::Wanted { kinds, from: None, filtered: false };
            Ok(db::notifications::list(conn, chloe.id, &all, &Page::newest(10))?)
        })
        .unwrap();
    assert_eq!(told.len(), 1);
    let reacted = node.app.write_now(move |tx| reactions::like(tx, dan.id, post.id));
    assert!(matches!(reacted, Err(Error::NotFound)));
}

async fn a_poll_is_voted_in_once(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let draft = posts::Draft {
        source: "Tea or coffee?".into(),
        poll: Some(polls::NewPoll {
            options: vec!["Tea".into(), "Coffee".into()],
            expires_in_secs: 3_600,
            multiple: false,
            hide_totals: false,
        }),
        ..Default::default()
    };
    let author = ben.clone();
    let post = node.app.write_now(move |tx| posts::publish(tx, &author, draft)).unwrap();
    let poll = node
        .app
        .read_now(|conn| Ok(db::polls::of_posts(conn, &[post.id])?))
        .unwrap()
        .remove(&post.id)
        .unwrap();
    let (voter, id) = (chloe.id, poll.id);
    let voted = node.app.write_now(move |tx| polls::vote(tx, voter, id, &[1])).unwrap();
    assert_eq!(voted.choices().iter().map(|c| c.votes).collect::<Vec<_>>(), [0, 1]);
    let again = node.app.write_now(move |tx| polls::vote(tx, voter, id, &[0]));
    assert!(matches!(again, Err(Error::Invalid(_))));
    node.app.skip_secs(3_601);
    let post = post.id;
    node.app.write_now(move |tx| polls::close(tx, post)).unwrap();
    let poll = node.app.read_now(|conn| Ok(db::polls::by_id(conn, id)?)).unwrap().unwrap();
    assert!(poll.closed_at.is_some());
}

async fn an_edit_keeps_what_was_before(database: Database) {
    let node = Quiet::open(database);
    let ben = node.member("ben");
    let post = node.posts(&ben, "Frist #one", None);
    let (author, id) = (ben.clone(), post.id);
    let change = posts::Change { source: "First #two".into(), ..Default::default() };
    let edited = node.app.write_now(move |tx| posts::edit(tx, &author, id, change)).unwrap();
    assert!(edited.edited_at.is_some() && edited.content.contains("First"));
    let (edits, tags) = node
        .app
        .read_now(|conn| {
            Ok((db::posts::edits(conn, post.id)?, db::posts::tags_of(conn, &[post.id])?))
        })
        .unwrap();
    assert_eq!(edits.len(), 1);
    assert!(edits[0].content.contains("Frist"));
    assert_eq!(tags[&post.id], [("two".to_owned(), "two".to_owned())]);
}

async fn the_schema_goes_down_and_up_again(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = database.fresh(folder.path());
    let url = &database.url;
    let up = db::migrate(url, None).unwrap();
    assert!(!up.is_empty());
    assert!(db::pending_migrations(url).unwrap().is_empty());
    let down = db::migrate(url, Some("none")).unwrap();
    assert_eq!(down.len(), up.len());
    assert_eq!(db::migrate(url, None).unwrap().len(), up.len());
}

async fn the_same_key_gives_the_same_post(database: Database) {
    let node = Quiet::open(database);
    let ben = node.member("ben");
    let post = || {
        let draft = posts::Draft {
            source: "Once".into(),
            idempotency_key: Some("k".into()),
            ..Default::default()
        };
        let author = ben.clone();
        node.app.write_now(move |tx| posts::publish(tx, &author, draft)).unwrap().id
    };
    let first = post();
    assert_eq!(post(), first);
    node.app.skip_secs(3_601);
    assert_ne!(post(), first);
}

async fn what_a_group_elsewhere_never_answers_is_said(database: Database) {
    let node = Quiet::open(database);
    let ben = node.member("ben");
    let elsewhere = node
        .app
        .write_now(|tx| {
            let uri = |path: &str| Uri::parse(&format!("https://localhost:9/{path}"));
            let template = db::actors::local_by_name(tx, "repairs")?.ok_or(Error::NotFound)?;
            let group = Actor {
                id: ActorId(tx.new_id()),
                host: "localhost:9".into(),
                local: false,
                name: "garden".into(),
                ap_id: uri("c/garden")?,
                inbox: uri("inbox")?,
                shared_inbox: None,
                key_id: "https://localhost:9/c/garden#main-key".into(),
                ..template
            };
            Ok(db::actors::upsert_remote(tx, &group)?)
        })
        .unwrap();
    let (id, target) = (ben.id, elsewhere.clone());
    let follow = node
        .app
        .write_now(move |tx| follows::follow(tx, id, &target, follows::Options::default()))
        .unwrap();
    let asked = |time: &str| {
        let uri = format!("{}a/follow/{}{time}", node.app.origin(), follow.id);
        node.app.read_now(|conn| Ok(db::activities::by_ap_id(conn, &uri)?)).unwrap().is_some()
    };
    assert!(asked("") && !asked("/1"));
    for (wait_secs, time, later) in [(3_700, "/1", "/2"), (86_400, "/2", "/3")] {
        node.app.skip_secs(wait_secs);
        worker::settle(&node.app).await.unwrap();
        assert!(asked(time) && !asked(later), "asked for the {time} time");
    }

    let draft =
        posts::Draft { source: "Slugs!".into(), group: Some(elsewhere.id), ..Default::default() };
    let author = ben.clone();
    let post = node.app.write_now(move |tx| posts::publish(tx, &author, draft)).unwrap();
    let state = || {
        node.app
            .read_now(|conn| Ok(db::submissions::between(conn, post.id, elsewhere.id)?))
            .unwrap()
            .map(|submission| submission.state)
    };
    assert_eq!(state(), Some(SubmissionState::Pending));
    node.app.skip_secs(2 * 86_400);
    worker::settle(&node.app).await.unwrap();
    assert_eq!(state(), Some(SubmissionState::Pending));
    node.app.skip_secs(86_400 + 60);
    worker::settle(&node.app).await.unwrap();
    assert_eq!(state(), Some(SubmissionState::Unanswered));

    let (judge, id) = (elsewhere.id, post.id);
    node.app.write_now(move |tx| submissions::confirm(tx, judge, id, None)).unwrap();
    assert_eq!(state(), Some(SubmissionState::Confirmed), "late is better than never");
}
