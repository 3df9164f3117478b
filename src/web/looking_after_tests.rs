//! Those who look after a node or a group: through the pages alone.
use actix_web::{App as HttpApp, http::StatusCode, test, web};

use super::tests::{Browser, browser, node, pages, path_after};
use crate::{
    db::servers,
    domain::members::{self, Applicant},
    keys::{KeyPair, hash_password},
};

/// An operator, made as the command line makes one.
fn operator(app: &crate::app::App) {
    let applicant = Applicant {
        name: "olga".into(),
        email: "olga@example.org".into(),
        password_hash: hash_password("correct horse").unwrap(),
        ..Applicant::default()
    };
    let keys = KeyPair::generate().unwrap();
    app.write_now(move |tx| members::create(tx, applicant, keys, true)).unwrap();
}

#[actix_web::test]
async fn an_operator_lets_in_and_turns_away() {
    let (_folder, app) = node(&[("COMMONHOLD_SIGN_UP", "approval")]);
    operator(&app);
    let pages = pages!(app);
    let (mut ben, mut eve, mut olga) = (browser!(pages), browser!(pages), browser!(pages));
    ben.asks_to_join("ben", "I fix radios").await;
    ben.sees("Your request is on its way");
    ben.signs_in("ben").await;
    ben.sees("Not yet");
    eve.asks_to_join("eve", "Buy my pills").await;
    assert_eq!(ben.opens("/@ben").await.status, StatusCode::NOT_FOUND, "nobody sees who waits");

    ben.opens("/operator").await;
    ben.sees("Sign in");
    olga.signs_in("olga").await;
    olga.opens("/notifications").await;
    olga.sees("2 people ask to be let in");
    olga.opens("/operator").await;
    olga.sees("I fix radios");
    olga.sends("/operator/sign-ups/ben", &[("decision", "yes")]).await;
    olga.sees("ben is in");
    olga.sees_no("I fix radios");
    olga.sends("/operator/sign-ups/eve", &[("decision", "no"), ("reason", "No <ads>")]).await;
    olga.sees("eve is turned away");
    olga.sees("Nobody waits");

    ben.signs_in("ben").await;
    ben.sees("Who needs a hand?");
    assert_eq!(ben.opens("/operator").await.status, StatusCode::FORBIDDEN);
    ben.sees("for those who run this server");
    let forbidden = ben.sends("/operator/sign-ups/eve", &[("decision", "yes")]).await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    assert_eq!(ben.opens("/@ben").await.status, StatusCode::OK);
    eve.signs_in("eve").await;
    eve.sees("You were not let in");
    eve.sees("No &#60;ads&#62;");
    assert_eq!(eve.opens("/@eve").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn an_invite_opens_the_door_as_often_as_it_says() {
    let (_folder, app) = node(&[("COMMONHOLD_SIGN_UP", "invite")]);
    operator(&app);
    let pages = pages!(app);
    let (mut ben, mut eve, mut olga) = (browser!(pages), browser!(pages), browser!(pages));
    olga.signs_in("olga").await;
    olga.opens("/operator/invites").await;
    olga.sends("/operator/invites", &[("uses", "0"), ("days", "7")]).await;
    olga.sees("An invite is for 1 to 100 people");
    olga.sends("/operator/invites", &[("uses", "1"), ("days", "7")]).await;
    let link = path_after(&olga.page.replace("</code>", "\""), "id=\"invite-link\">");
    let path = link.split_once("8080").unwrap().1.to_owned();
    olga.opens("/operator/invites").await;
    olga.sees_no(&path);

    let code = path.split_once('=').unwrap().1;
    ben.opens(&path).await;
    ben.sees(code);
    let wants = |name: &'static str, invite: &'static str| {
        vec![
            ("username", name),
            ("email", "x@example.org"),
            ("password", "correct horse"),
            ("invite", invite),
        ]
    };
    ben.sends("/auth/sign_up", &wants("ben", "made-up-code")).await;
    ben.sees("does not hold any more");
    let code: &'static str = Box::leak(code.to_owned().into_boxed_str());
    ben.sends("/auth/sign_up", &wants("ben", code)).await;
    ben.sees("Who needs a hand?");
    eve.opens(&path).await;
    eve.sends("/auth/sign_up", &[&wants("eve", code)[..], &[("email", "e@example.org")]].concat())
        .await;
    eve.sees("does not hold any more");

    olga.opens("/operator/invites").await;
    olga.sees("None. Make one above");
    olga.sends("/operator/invites", &[("uses", "5"), ("days", "7")]).await;
    olga.sees("5 people");
    let end = path_after(&olga.page, "<td><form method=\"post\" action=\"");
    olga.sends(&end, &[]).await;
    olga.sees("That invite has ended");
    olga.sees("None. Make one above");
}

#[actix_web::test]
async fn an_operator_sees_how_it_stands_with_other_servers() {
    let (_folder, app) = node(&[]);
    operator(&app);
    let now = app.now();
    app.write_now(move |tx| {
        for n in 0..60 {
            let host = format!("s{n:02}.example");
            servers::meet(tx, &host, now)?;
        }
        servers::succeeded(tx, "s01.example", now)?;
        servers::failed(tx, "s02.example", "connection <refused>", now, now.plus_secs(9_000))?;
        Ok(())
    })
    .unwrap();
    let pages = pages!(app);
    let mut olga = browser!(pages);
    olga.signs_in("olga").await;
    olga.opens("/operator/servers").await;
    olga.sees("This server knows 60 servers");
    olga.sees("connection &#60;refused&#62;");
    olga.sees("next try in 2 hours");
    olga.sees("s49.example");
    olga.sees_no("s50.example");
    let next = path_after(&olga.page, "<a class=\"button\" href=\"").replace("&amp;", "&");
    olga.opens(&next).await;
    olga.sees("s59.example");
    olga.opens("/operator/servers?show=trouble").await;
    olga.sees("s02.example");
    olga.sees_no("s01.example");
}

#[actix_web::test]
async fn a_steward_decides_who_joins_a_private_group() {
    let (_folder, app) = node(&[]);
    let pages = pages!(app);
    let (mut ana, mut ben, mut eve) = (browser!(pages), browser!(pages), browser!(pages));
    ana.signs_up("ana").await;
    ana.opens("/groups/new").await;
    let fields = [
        ("purpose", "So that nobody is alone at night"),
        ("title", "Night shift"),
        ("name", "night"),
        ("private", "yes"),
    ];
    ana.sends("/groups/new", &fields).await;
    ana.sees("private: only members read it");
    for (who, name) in [(&mut ben, "ben"), (&mut eve, "eve")] {
        who.signs_up(name).await;
        who.opens("/@night").await;
        who.sees("Ask to join");
        who.sends("/@night/join", &[]).await;
        who.sees("You asked to join");
        assert_eq!(who.opens("/@night/requests").await.status, StatusCode::FORBIDDEN);
    }
    ana.opens("/notifications").await;
    ana.sees("2 people ask to join Night shift");
    ana.opens("/@night").await;
    ana.sees("2 people ask to join");
    ana.opens("/@night/requests").await;
    ana.sees("Let them in");
    ana.sends("/@night/requests/@ben", &[("decision", "yes")]).await;
    ana.sees("ben is a member of Night shift now.");
    ana.sends("/@night/requests/@eve", &[("decision", "no")]).await;
    ana.sees("eve is not let into Night shift.");
    ana.sees("Nobody asks right now");
    ana.opens("/@night").await;
    let again = ana.sends("/@night/requests/@eve", &[("decision", "yes")]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    ben.opens("/@night").await;
    ben.sees("you are a member");
    eve.opens("/@night").await;
    eve.sees("Ask to join");
}

#[actix_web::test]
async fn an_operator_says_who_belongs_to_them_and_is_asked() {
    let (_folder, app) = node(&[]);
    operator(&app);
    let pages = pages!(app);
    let mut olga = browser!(pages);
    let mut members = [browser!(pages), browser!(pages), browser!(pages), browser!(pages)];
    let names = ["ana", "ben", "chloe", "hans"];
    for (member, name) in members.iter_mut().zip(names) {
        member.signs_up(name).await;
        if name == "ana" {
            member.opens("/groups/new").await;
            let fields = [
                ("purpose", "So that nothing is thrown away"),
                ("title", "Repair café"),
                ("name", "repairs"),
                ("private", "no"),
            ];
            member.sends("/groups/new", &fields).await;
        } else {
            member.opens("/@repairs").await;
            member.sends("/@repairs/join", &[]).await;
        }
    }
    let [ana, ben, chloe, hans] = &mut members;
    ana.opens("/@repairs").await;
    ana.sees("/@repairs/log");
    ana.opens("/@repairs/log").await;
    ana.sees("Nothing was asked yet.");
    ana.sees_no("Ask the operator");
    ana.opens("/@repairs").await;
    let refused = ana.sends("/@repairs/log", &[("about", "hans")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    ana.sees("a member of this group for 30 days");

    app.skip_secs(31 * 86_400);
    for (member, name) in [(&mut *ana, "ana"), (ben, "ben"), (chloe, "chloe")] {
        member.signs_in(name).await;
        member.opens("/@repairs/log").await;
        member.sees("Ask the operator");
        member.sends("/@repairs/log", &[("about", "nobody")]).await;
        member.sees("Nobody of that address is known here.");
        member.sends("/@repairs/log", &[("about", "@hans")]).await;
    }
    ana.opens("/@repairs/log").await;
    ana.sees("Members ask whether this account belongs");
    hans.opens("/@repairs").await;
    hans.sees("The operator is asked about 1 person.");

    olga.signs_in("olga").await;
    olga.opens("/notifications").await;
    olga.sees("1 question about staff waits for your answer");
    olga.opens("/operator").await;
    olga.sees("1 question about staff waits for your answer");
    olga.opens("/operator/staff").await;
    olga.sees("does this account belong to you?");
    olga.sees("runs this server");
    let answer = path_after(&olga.page, "<form class=\"form\" method=\"post\" action=\"");
    olga.sends(&answer, &[("decision", "no")]).await;
    olga.sees("Say in a sentence how they stand to you.");
    olga.sends(&answer, &[("decision", "no"), ("statement", "My <b>neighbour</b>")]).await;
    olga.sees("The group reads your answer.");
    olga.sees_no("does this account belong to you?");
    hans.opens("/@repairs/log").await;
    hans.sees("It does not");
    hans.sees("My &#60;b&#62;neighbour");
    ana.sends("/@repairs/log", &[("about", "hans")]).await;
    ana.sees("This was asked lately");

    olga.sends("/operator/staff", &[("address", "olga")]).await;
    olga.sees("They run this server");
    olga.sends("/operator/staff", &[("address", "@x@nowhere.example")]).await;
    olga.sees("Nobody of that address is known here.");
    olga.sends("/operator/staff", &[("address", "@chloe")]).await;
    olga.sees("is staff from now on");
    olga.sees("Staff no longer: chloe");
    hans.opens("/@chloe").await;
    hans.sees("<span class=\"word\">staff</span>");
    olga.sends("/operator/staff/end", &[("address", "chloe")]).await;
    olga.sees("is staff no longer");
    let forbidden = ana.opens("/operator/staff").await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
}
