//! Help by the operator's own people stands apart: the operator says who they are, and a group can ask.
use commonhold::{
    App,
    db::{
        self,
        actors::Actor,
        petitions::{Petition, PetitionState},
    },
    domain::{
        members::{self, Applicant},
        staff::{self, Answer},
    },
    error::Error,
    keys::KeyPair,
    types::{ActorId, Uri},
    worker,
};
use serde_json::Value;

use crate::{
    harness::{Database, Node},
    rules::{Quiet, join},
};

stories![
    help_by_whom_the_operator_declares_stands_apart,
    voters_ask_and_the_operator_answers,
    silence_is_written_down_once,
    a_declaration_answers_whoever_asks,
    few_ask_about_few_and_may_stop,
    the_command_line_declares_too,
];

const DAY: i64 = 86_400;

/// Who runs the node.
fn operator(app: &App, name: &str) -> Actor {
    let applicant = Applicant {
        name: name.into(),
        email: format!("{name}@example.org"),
        password_hash: "none".into(),
        ..Default::default()
    };
    app.write_now(move |tx| members::create(tx, applicant, KeyPair::generate()?, true)).unwrap()
}

/// What the group's ledger says, of one type.
fn entries(node: &Quiet, kind: &str) -> Vec<Value> {
    let group = node.group.id;
    let rows = node.app.read_now(|conn| Ok(db::ledger::entries(conn, group, 0, 5_000)?)).unwrap();
    let payloads = rows.into_iter().map(|row| serde_json::from_str(&row.payload.unwrap()).unwrap());
    payloads.filter(|payload: &Value| payload["type"] == kind).collect()
}

/// What was asked of the operator, and how it ended, in order.
fn acts(node: &Quiet) -> Vec<String> {
    let acts = entries(node, "operator");
    acts.iter().map(|entry| entry["act"].as_str().unwrap().to_owned()).collect()
}

fn declares(app: &App, by: Option<ActorId>, who: &Actor, on: bool) -> Result<bool, Error> {
    let who = who.id;
    app.write_now(move |tx| staff::declare(tx, by, who, on))
}

fn asks(node: &Quiet, voter: &Actor, about: &Actor) -> Result<Petition, Error> {
    let (voter, group, about) = (voter.id, node.group.clone(), about.clone());
    node.app.write_now(move |tx| staff::ask(tx, voter, &group, &about))
}

fn answers(node: &Quiet, by: &Actor, to: &Petition, answer: Answer) -> Result<(), Error> {
    let (by, id) = (Some(by.id), to.id);
    node.app.write_now(move |tx| staff::respond(tx, by, id, &answer))
}

/// Time goes by, and what was to be done is done.
async fn days(node: &Quiet, days: i64) {
    node.app.skip_secs(days * DAY);
    worker::settle(&node.app).await.unwrap();
}

/// A group of people who have been there for a month.
async fn grown(database: Database) -> (Quiet, Actor, [Actor; 3], Actor) {
    let node = Quiet::open(database);
    let olga = operator(&node.app, "olga");
    let voters = [node.member("ben"), node.member("chloe"), node.member("dora")];
    let hans = node.member("hans");
    let early = asks(&node, &voters[0], &hans);
    assert!(matches!(early, Err(Error::Forbidden(_))), "{early:?}");
    days(&node, 31).await;
    (node, olga, voters, hans)
}

/// All three ask about somebody.
fn all_ask(node: &Quiet, voters: &[Actor; 3], about: &Actor) -> Petition {
    let asked = voters.each_ref().map(|voter| asks(node, voter, about).unwrap());
    let states = asked.each_ref().map(|petition| petition.state);
    assert_eq!(states[..2], [PetitionState::Gathering; 2]);
    assert_eq!(states[2], PetitionState::Standing);
    asked[2].clone()
}

async fn help_by_whom_the_operator_declares_stands_apart(database: Database) {
    let node = Quiet::open(database);
    let app = &node.app;
    let olga = operator(app, "olga");
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let by_member = declares(app, Some(ben.id), &chloe, true);
    assert!(matches!(by_member, Err(Error::Forbidden(_))), "{by_member:?}");
    let operator = declares(app, None, &olga, true);
    assert!(matches!(operator, Err(Error::Conflict(_))), "{operator:?}");
    let group = declares(app, None, &node.group, true);
    assert!(matches!(group, Err(Error::Invalid(_))), "{group:?}");

    assert!(declares(app, Some(olga.id), &chloe, true).unwrap());
    assert!(!declares(app, Some(olga.id), &chloe, true).unwrap(), "twice is once");
    let marked = entries(&node, "marked");
    assert_eq!(marked.len(), 1, "{marked:?}");
    assert_eq!(marked[0]["person"], chloe.ap_id.as_str());
    assert_eq!((&marked[0]["mark"], &marked[0]["on"]), (&"staff".into(), &true.into()));
    assert_eq!(marked[0]["operator"], app.domain());

    let helps = |helper: &Actor, what: &str| {
        let ask = node.posts(&ben, &format!("Who can {what}? #ask"), None);
        let answer = node.posts(helper, "I can.", Some(ask.id));
        node.thanks(&ben, &answer).unwrap();
        node.figures()
    };
    let figures = helps(&chloe, "mend my tap");
    assert_eq!((figures.receipts, figures.by_staff), (0, 1));
    assert!(declares(app, Some(olga.id), &chloe, false).unwrap());
    assert_eq!(entries(&node, "marked")[1]["on"], false);
    assert_eq!(node.figures().by_staff, 1, "what was counted stays so");

    // Helpers who are no members: the ledger says of them, too, how they are counted.
    let (eve, finn) = (join(app, "eve"), join(app, "finn"));
    declares(app, None, &eve, true).unwrap();
    assert_eq!(entries(&node, "marked").len(), 2, "nobody of whom this ledger speaks");
    assert_eq!(helps(&eve, "true my wheel").by_staff, 2);
    assert_eq!(entries(&node, "marked")[2]["person"], eve.ap_id.as_str());
    assert_eq!(helps(&finn, "fix my chair").receipts, 1);
    declares(app, None, &finn, true).unwrap();
    assert_eq!(entries(&node, "marked")[3]["person"], finn.ap_id.as_str());

    // And somebody who lives elsewhere.
    let far = Actor {
        id: ActorId(77),
        ap_id: Uri::parse("https://elm.example/u/mia").unwrap(),
        name: "mia".into(),
        host: "elm.example".into(),
        local: false,
        ..finn.clone()
    };
    let row = far.clone();
    app.write_now(move |tx| Ok(db::actors::insert(tx, &row)?)).unwrap();
    assert!(declares(app, Some(olga.id), &far, true).unwrap());
    let (all, far) = ([olga.id, ben.id, far.id], far.id);
    let found = app.read_now(|conn| Ok(db::members::staff_among(conn, &all)?)).unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&far) && found.contains(&olga.id), "operators are staff");
}

async fn voters_ask_and_the_operator_answers(database: Database) {
    let (node, olga, voters, hans) = Box::pin(grown(database)).await;
    let newcomer = node.member("nina");
    for (who, about) in [(&newcomer, &hans), (&olga, &hans)] {
        let refused = asks(&node, who, about);
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let stranger = join(&node.app, "otto");
    for about in [&voters[0], &stranger] {
        let refused = asks(&node, &voters[0], about);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }

    asks(&node, &voters[0], &hans).unwrap();
    assert_eq!(asks(&node, &voters[0], &hans).unwrap().state, PetitionState::Gathering);
    assert!(acts(&node).is_empty(), "nothing is said before three ask");
    let petition = all_ask(&node, &voters, &hans);
    let asked = entries(&node, "operator");
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (&asked[0]["act"], &asked[0]["subject"]),
        (&"petitioned".into(), &hans.ap_id.as_str().into())
    );
    for voter in &voters {
        assert!(!asked[0].to_string().contains(voter.ap_id.as_str()), "who asks is not told");
    }
    let founder = node.app.read_now(|conn| Ok(db::actors::local_by_name(conn, "ana")?)).unwrap();
    let late = asks(&node, &founder.unwrap(), &hans);
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");

    let by_member = answers(&node, &voters[0], &petition, Answer::Staff);
    assert!(matches!(by_member, Err(Error::Forbidden(_))), "{by_member:?}");
    let wordless = answers(&node, &olga, &petition, Answer::NotStaff(" ".into()));
    assert!(matches!(wordless, Err(Error::Invalid(_))), "{wordless:?}");
    let no = Answer::NotStaff("He is a neighbour of mine.".into());
    answers(&node, &olga, &petition, no.clone()).unwrap();
    let again = answers(&node, &olga, &petition, no);
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    assert_eq!(acts(&node), ["petitioned", "denied"]);
    assert_eq!(entries(&node, "operator")[1]["staff"], olga.ap_id.as_str());
    days(&node, 20).await;
    assert_eq!(acts(&node).len(), 2, "who answered is not silent");

    let soon = asks(&node, &voters[0], &hans);
    assert!(matches!(soon, Err(Error::Conflict(_))), "{soon:?}");
    days(&node, 69).await;
    assert!(asks(&node, &voters[0], &hans).is_err());
    days(&node, 2).await;
    all_ask(&node, &voters, &hans);
}

async fn silence_is_written_down_once(database: Database) {
    let (node, olga, voters, hans) = Box::pin(grown(database)).await;
    let petition = all_ask(&node, &voters, &hans);
    days(&node, 13).await;
    assert_eq!(acts(&node), ["petitioned"]);
    // As after a month in which the node was down.
    days(&node, 30).await;
    assert_eq!(acts(&node), ["petitioned", "silent"]);
    days(&node, 30).await;
    let id = petition.id;
    node.app.write_now(move |tx| staff::end(tx, id, true)).unwrap();
    assert_eq!(acts(&node), ["petitioned", "silent"]);
    let late = answers(&node, &olga, &petition, Answer::Staff);
    assert!(matches!(late, Err(Error::NotFound)), "{late:?}");
    assert!(asks(&node, &voters[0], &hans).is_err(), "not again for 90 days");
}

async fn a_declaration_answers_whoever_asks(database: Database) {
    let (node, olga, voters, hans) = Box::pin(grown(database)).await;
    let petition = all_ask(&node, &voters, &hans);
    let ilse = node.member("ilse");
    asks(&node, &voters[0], &ilse).unwrap();
    answers(&node, &olga, &petition, Answer::Staff).unwrap();
    assert_eq!(acts(&node), ["petitioned", "declared"]);
    assert_eq!(entries(&node, "marked").last().unwrap()["person"], hans.ap_id.as_str());
    let known = asks(&node, &voters[0], &hans);
    assert!(matches!(known, Err(Error::Conflict(_))), "{known:?}");

    // Declared before enough asked: the mark says it, nobody was petitioned.
    declares(&node.app, None, &ilse, true).unwrap();
    days(&node, 40).await;
    assert_eq!(acts(&node), ["petitioned", "declared"]);
    assert_eq!(entries(&node, "marked").last().unwrap()["person"], ilse.ap_id.as_str());
    let hans_is_no_voter = asks(&node, &hans, &voters[0]);
    assert!(matches!(hans_is_no_voter, Err(Error::Forbidden(_))), "{hans_is_no_voter:?}");
}

async fn few_ask_about_few_and_may_stop(database: Database) {
    let (node, _, voters, hans) = Box::pin(grown(database)).await;
    let others = [node.member("ilse"), node.member("jan"), node.member("kim")];
    let petition = asks(&node, &voters[0], &hans).unwrap();
    for other in &others[..2] {
        asks(&node, &voters[0], other).unwrap();
    }
    let fourth = asks(&node, &voters[0], &others[2]);
    assert!(matches!(fourth, Err(Error::Conflict(_))), "{fourth:?}");
    let stops = |who: &Actor| {
        let (who, id) = (who.id, petition.id);
        node.app.write_now(move |tx| staff::ask_no_longer(tx, who, id))
    };
    assert!(matches!(stops(&voters[1]), Err(Error::NotFound)), "does not ask");
    assert_eq!(stops(&voters[0]).unwrap().state, PetitionState::Lapsed);
    asks(&node, &voters[0], &others[2]).unwrap();
    // After a month without two others it is forgotten, and can begin anew.
    days(&node, 31).await;
    let open = node.app.read_now(|conn| Ok(db::petitions::open_of(conn, voters[0].id)?)).unwrap();
    assert_eq!(open, 0);
    let petition = all_ask(&node, &voters, &hans);
    let standing =
        node.app.write_now(move |tx| staff::ask_no_longer(tx, voters[0].id, petition.id));
    assert!(matches!(standing, Err(Error::Conflict(_))), "{standing:?}");
    assert_eq!(acts(&node), ["petitioned"]);
}

async fn the_command_line_declares_too(database: Database) {
    let node = Node::start(database).await;
    node.operator("olga").await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let set = |name: &str, to: &str| node.run(&["member", "staff", name, to]);
    assert!(set("ana", "on").contains("is staff from now on"));
    assert!(set(&format!("@ana@{}", node.domain()), "on").contains("is staff already"));
    assert!(node.page("/@ana").await.text.contains(">staff<"));
    assert!(set("ana", "off").contains("is staff no longer"));
    assert!(!node.page("/@ana").await.text.contains(">staff<"));
    for (name, why) in [("olga", "run this server"), ("mia@elm.example", "has not met")] {
        let refused = node.run_with(&["member", "staff", name, "on"], "");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(why), "{said}");
    }

    // Staff who helps without being a member: the ledger says so, and holds.
    node.group("repairs", "We mend things together", "ben").await;
    set("ana", "on");
    let ask = ben.posts("My tap drips, who can #help? @repairs").await;
    let answer = ana.replies(&ask, "@ben A washer").await;
    ben.sees_below(&ask, "A washer").await;
    ben.does("thanks", &answer).await;
    let ledger = crate::ledger::Reader::of(&node, "repairs").payloads().await;
    let types: Vec<&str> = ledger.iter().filter_map(|entry| entry["type"].as_str()).collect();
    let at = |kind: &str| types.iter().position(|one| *one == kind).unwrap();
    assert!(at("marked") < at("receipt"), "{types:?}");
    let verified = node.run(&["verify", &format!("{}/@repairs", node.origin())]);
    assert_eq!(verified.trim_end().lines().last(), Some("PASS"), "{verified}");
}
