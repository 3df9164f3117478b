//! Wrong passwords cost time, and shut nobody out.
use commonhold::{
    domain::{
        account_links::{self, Purpose},
        second_step::{self, Arrived},
        tries::{self, Subject},
    },
    error::Error,
    types::ActorId,
};

use tokio::task::JoinSet;

use crate::{
    harness::{Database, Setup, Surfer},
    rules::join,
};

stories!(
    wrong_passwords_slow_down_and_shut_nobody_out,
    many_tries_at_once_are_many,
    waits_grow_end_and_are_forgotten,
    links_and_steps_end_with_the_clock,
);

async fn wrong_passwords_slow_down_and_shut_nobody_out(database: Database) {
    let node = Setup::new(database).with("RATE_LIMITS", "true").start().await;
    node.member("ana").await;
    let mut home = Surfer::new(&node, "curl/8");
    home.signs_in("ana").await;
    home.opens("/auth/sign_out").await.presses_by("Sign out</button>").await;
    assert!(!home.is_in().await);

    // Whether there is such an account cannot be told by it.
    let mut stranger = Surfer::new(&node, "curl/8");
    let mut answers = Vec::new();
    for name in ["ana", "nobody"] {
        for _ in 0..5 {
            stranger.tries(name, "wrong").await.sees("do not go together");
            assert_eq!(stranger.status, 422);
        }
        stranger.tries(name, "wrong").await.sees("Too often in a row");
        assert_eq!(stranger.status, 429);
        let wait: u64 = stranger.answer().header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
        answers.push(stranger.page.contains("does not have to wait for what others try"));
    }
    assert_eq!(answers, [true, true]);
    // Not even the right password helps now, but for a browser that she was signed in with before.
    stranger.signs_in("ana").await.sees("Too often in a row");
    home.tries("ana", "a slip").await.sees("do not go together");
    home.signs_in("ana").await;
    assert!(home.is_in().await);
}

async fn many_tries_at_once_are_many(database: Database) {
    let node = Setup::new(database).with("RATE_LIMITS", "true").start().await;
    node.member("ana").await;
    let mut under_way = JoinSet::new();
    for _ in 0..12 {
        let mut surfer = Surfer::new(&node, "curl/8");
        surfer.opens("/auth/sign_in").await;
        under_way.spawn(async move {
            surfer.sends("sign-in", &[("username", "ana"), ("password", "wrong")]).await.status
        });
    }
    let answers = under_way.join_all().await;
    let looked_at = answers.iter().filter(|status| **status == 422).count();
    assert_eq!(looked_at, 5, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 7, "{answers:?}");
}

async fn waits_grow_end_and_are_forgotten(database: Database) {
    let inside = Setup::new(database).with("RATE_LIMITS", "true").inside();
    let app = &inside.app;
    let ana = [Subject::member(ActorId(1)), Subject::address("203.0.113.9".parse().unwrap())];
    let begin = |subjects: &[Subject]| {
        let subjects = subjects.to_vec();
        app.write_now(move |tx| tries::begin(tx, &subjects)).unwrap()
    };
    for wait in [30, 60, 120, 240, 480, 900, 900, 900] {
        let before = if wait == 30 { 5 } else { 1 };
        for _ in 0..before {
            assert_eq!(begin(&ana), None);
        }
        let told = begin(&ana).unwrap();
        assert!((wait - 3..=wait).contains(&told), "{told} instead of {wait}");
        app.skip_secs(i64::try_from(wait).unwrap() - 15);
        assert!(begin(&ana).is_some(), "a try that came too early is not counted");
        app.skip_secs(15);
    }
    // The right one ends it.
    assert_eq!(begin(&ana), None);
    let right = ana.to_vec();
    app.write_now(move |tx| tries::succeed(tx, &right)).unwrap();
    for _ in 0..5 {
        assert_eq!(begin(&ana), None);
    }
    assert!(begin(&ana).is_some());
    // So does a day; the address, which failed with others too, waits no longer than they.
    app.skip_secs(86_401);
    for _ in 0..5 {
        assert_eq!(begin(&ana), None);
    }
    // Many names from one address are slowed down as well.
    let other = |number: i64| {
        [Subject::member(ActorId(number)), Subject::address("203.0.113.9".parse().unwrap())]
    };
    for number in 2..17 {
        assert_eq!(begin(&other(number)), None);
    }
    assert!(begin(&other(17)).is_some());
    let elsewhere =
        [Subject::member(ActorId(17)), Subject::address("198.51.100.7".parse().unwrap())];
    assert_eq!(begin(&elsewhere), None, "nobody else waits");
}

async fn links_and_steps_end_with_the_clock(database: Database) {
    let inside = Setup::new(database).inside();
    let app = &inside.app;
    let ana = join(app, "ana").id;
    let works = |token: &str| {
        let now = app.now();
        app.read_now(|conn| account_links::look(conn, token, Purpose::Reset, now)).is_ok()
    };
    let (mailed, _) = app.write_now(move |tx| account_links::reset_link(tx, ana)).unwrap();
    let handed = app.write_now(move |tx| account_links::hand_out(tx, None, ana)).unwrap();
    let cookie = app.write_now(move |tx| second_step::halfway(tx, ana)).unwrap();
    assert!(works(&mailed) && works(&handed));
    let halfway = |cookie: &str| {
        let now = app.now();
        app.read_now(|conn| second_step::is_halfway(conn, cookie, now)).unwrap()
    };
    app.skip_secs(599);
    assert!(halfway(&cookie));
    app.skip_secs(1);
    assert!(!halfway(&cookie));
    let arrived = app.write_now(move |tx| second_step::arrive(tx, &cookie, "123456", "")).unwrap();
    assert_eq!(arrived, Arrived::Over);
    app.skip_secs(7_200 - 601);
    assert!(works(&mailed));
    app.skip_secs(1);
    assert!(!works(&mailed) && works(&handed));
    app.skip_secs(86_400 - 7_201);
    assert!(works(&handed));
    app.skip_secs(1);
    assert!(!works(&handed));
    let late = app.write_now(move |tx| account_links::reset(tx, &handed, "hash".into()));
    assert!(matches!(late, Err(Error::Forbidden(_))));
    let fresh = app.write_now(move |tx| account_links::hand_out(tx, None, ana)).unwrap();
    let wrong_kind = app.write_now(move |tx| account_links::confirm(tx, &fresh));
    assert!(matches!(wrong_kind, Err(Error::Forbidden(_))), "each link is for one thing");
}
