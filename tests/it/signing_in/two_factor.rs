//! A code from one's phone after the password, and what happens without the phone.
use super::{app, authorize_path, switched_on, token};
use crate::harness::{Api, Database, Member, Node, Surfer};

stories!(
    a_code_is_asked_for_and_works_once,
    of_two_who_bring_the_same_code_one_comes_in,
    without_the_phone_a_recovery_code_lets_in,
    an_app_is_let_in_through_both_steps,
    two_factor_ends_with_password_and_code_or_by_an_operator,
);

const REDIRECT: &str = "com.tapbots.Ivory.10217:/request_token";

async fn a_code_is_asked_for_and_works_once(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let mut home = Surfer::new(&node, "Mozilla/5.0 (X11; Linux) Firefox/140.0");
    home.signs_in("ana").await;
    home.opens("/settings/sign-in").await.sees("It is off").sees("Firefox on Linux");

    // Nothing is set up without the password, and nothing is on without a code.
    home.opens("/settings/two-factor").await;
    home.sends("begin", &[("password", "wrong")]).await.sees("This is not your password");
    home.sends("begin", &[("password", Member::PASSWORD)]).await.sees("<svg class=\"qr\"");
    let (secret, phone) = (home.text("secret"), super::Phone::with(&home.text("secret")));
    home.sends("finish", &[("code", &phone.wrong_code())]).await.sees("not the code of now");
    assert_eq!(home.text("secret"), secret, "the same one, to try again");
    let mut away = Surfer::new(&node, "curl/8");
    away.signs_in("ana").await;
    assert!(away.is_in().await, "not asked for yet");

    let (mut phone, codes) = switched_on(&mut home).await;
    assert_eq!(codes.len(), 10);
    home.sends("codes-file", &[]).await.sees(&codes[0]).sees("Recovery codes of ana@");
    let kept = home.answer();
    assert!(kept.header("content-disposition").contains("recovery-codes-ana.txt"));
    assert_eq!(kept.header("cache-control"), "no-store");
    home.opens("/settings/two-factor").await.sees("10 recovery codes left");
    for secret in codes.iter().chain([&secret]) {
        home.sees_no(secret);
    }
    home.opens("/settings/sign-in").await.sees("It is on since").sees("switched on");
    ana.api.get("/api/v1/accounts/verify_credentials").await;

    // The password alone opens nothing.
    let mut elsewhere = Surfer::new(&node, "Mozilla/5.0 (iPhone) Safari/604.1");
    elsewhere.signs_in("ana").await.sees("Your code");
    assert!(!elsewhere.is_in().await);
    elsewhere.opens("/auth/code?next=//evil.example").await.sees("Your code");
    let wrong = phone.wrong_code();
    elsewhere.sends("second-step", &[("code", &wrong)]).await.sees("This code is not right");
    assert_eq!(elsewhere.status, 422);
    let code = phone.code().await;
    elsewhere.sends("second-step", &[("code", &code)]).await;
    assert!(elsewhere.away.is_none(), "{:?}", elsewhere.away);
    assert!(elsewhere.is_in().await);

    // A code that somebody saw is worth nothing any more.
    let mut thief = Surfer::new(&node, "curl/8");
    thief.signs_in("ana").await;
    thief.sends("second-step", &[("code", &code)]).await.sees("was used before");
    assert!(!thief.is_in().await);
    // Guessing ends soon: after five codes the password is asked for again.
    thief.opens("/auth/code").await;
    for _ in 0..3 {
        thief.sends("second-step", &[("code", &wrong)]).await.sees("This code is not right");
    }
    thief.sends("second-step", &[("code", &wrong)]).await.sees("Begin again with your password");
    thief.opens("/auth/code").await;
    assert!(thief.at.starts_with("/auth/sign_in"), "{}", thief.at);

    // The password grant of development mode is no way around it.
    let app = app(&node, REDIRECT).await;
    let form = [
        ("grant_type", "password"),
        ("client_id", app["client_id"].as_str().unwrap()),
        ("client_secret", app["client_secret"].as_str().unwrap()),
        ("username", "ana@example.org"),
        ("password", Member::PASSWORD),
    ];
    assert_eq!(node.public().try_form("/oauth/token", &form).await.refused(400), "invalid_grant");
    assert!(!node.log().contains(&secret.replace(' ', "")), "a secret is in the log");
}

async fn of_two_who_bring_the_same_code_one_comes_in(database: Database) {
    let node = Node::start(database).await;
    node.member("ana").await;
    let mut home = Surfer::new(&node, "curl/8");
    home.signs_in("ana").await;
    let (mut phone, codes) = switched_on(&mut home).await;
    for code in [phone.code().await, codes[0].clone()] {
        let (mut one, mut other) = (Surfer::new(&node, "curl/8"), Surfer::new(&node, "curl/8"));
        one.signs_in("ana").await.sees("Your code");
        other.signs_in("ana").await.sees("Your code");
        let bring = [("code", &*code)];
        tokio::join!(one.sends("second-step", &bring), other.sends("second-step", &bring));
        let came_in = (one.is_in().await, other.is_in().await);
        assert!(came_in.0 != came_in.1, "{came_in:?}");
    }
}

async fn without_the_phone_a_recovery_code_lets_in(database: Database) {
    let node = Node::start(database).await;
    node.member("ana").await;
    let mut home = Surfer::new(&node, "curl/8");
    home.signs_in("ana").await;
    let (mut phone, codes) = switched_on(&mut home).await;
    let mut away = Surfer::new(&node, "curl/8");
    away.signs_in("ana").await;
    // However it is typed.
    let typed = codes[3].to_uppercase().replace('-', " ");
    away.sends("second-step", &[("code", &typed)]).await;
    assert!(away.is_in().await);
    away.opens("/settings/two-factor").await.sees("9 recovery codes left");
    away.opens("/settings/sign-in").await.sees("A recovery code was used");
    let mut again = Surfer::new(&node, "curl/8");
    again.signs_in("ana").await;
    again.sends("second-step", &[("code", &codes[3])]).await.sees("was used before");

    // New ones end those before.
    away.opens("/settings/two-factor").await;
    away.sends("new-codes", &[("new_codes_code", "000-000")]).await.sees("This code is not right");
    let code = phone.code().await;
    away.sends("new-codes", &[("new_codes_code", &code)]).await.sees("Your recovery codes");
    away.sees_no(&codes[4]);
    again.sends("second-step", &[("code", &codes[4])]).await.sees("This code is not right");
    let fresh = away.page.split("name=\"code\" value=\"").nth(1).unwrap();
    let fresh = fresh.split('"').next().unwrap().to_owned();
    again.sends("second-step", &[("code", &fresh)]).await;
    assert!(again.is_in().await);
}

async fn an_app_is_let_in_through_both_steps(database: Database) {
    let node = Node::start(database).await;
    node.member("ana").await;
    let mut home = Surfer::new(&node, "curl/8");
    home.signs_in("ana").await;
    let (mut phone, _) = switched_on(&mut home).await;
    let app = app(&node, REDIRECT).await;

    let mut phone_browser = Surfer::new(&node, "Mozilla/5.0 (Linux; Android 10) Chrome/140.0");
    phone_browser.opens(&authorize_path(&app, REDIRECT, "read write")).await.sees("Ivory");
    let named = [("username", "ana@example.org"), ("password", Member::PASSWORD)];
    phone_browser.sends("sign-in", &named).await.sees("Your code").sees("Ivory");
    // A slip does not lose the way.
    let wrong = phone.wrong_code();
    phone_browser.sends("second-step", &[("code", &wrong)]).await.sees("This code is not right");
    let code = phone.code().await;
    phone_browser.sends("second-step", &[("code", &code)]).await.sees("Let <bdi>Ivory</bdi> in?");
    phone_browser.sends("authorize", &[("decision", "allow")]).await;
    let back = phone_browser.away.clone().expect("back to the app");
    assert!(back.starts_with(REDIRECT), "{back}");
    let token = token(&node, &app, REDIRECT, &back).await;
    let mine = Api::with_token(&node.origin(), &token);
    assert_eq!(mine.get("/api/v1/accounts/verify_credentials").await["username"], "ana");
}

async fn two_factor_ends_with_password_and_code_or_by_an_operator(database: Database) {
    let node = Node::start(database).await;
    node.operator("olga").await;
    for name in ["ana", "ben", "cleo"] {
        node.member(name).await;
    }
    let mut ana = Surfer::new(&node, "curl/8");
    ana.signs_in("ana").await;
    let (mut phone, _) = switched_on(&mut ana).await;
    ana.opens("/settings/two-factor").await;
    let code = phone.code().await;
    ana.sends("off", &[("password", "wrong"), ("code", &code)]).await.sees("not your password");
    let wrong = phone.wrong_code();
    ana.sends("off", &[("password", Member::PASSWORD), ("code", &wrong)]).await;
    ana.sees("This code is not right");
    ana.sends("off", &[("password", Member::PASSWORD), ("code", &code)]).await;
    ana.sees("Two-factor is off").sees("It is off");
    let mut again = Surfer::new(&node, "curl/8");
    again.signs_in("ana").await;
    assert!(again.is_in().await);

    // On the command line, and on the operator's page.
    let mut ben = Surfer::new(&node, "curl/8");
    ben.signs_in("ben").await;
    switched_on(&mut ben).await;
    node.run(&["member", "two-factor", "ben", "off"]);
    assert!(Surfer::new(&node, "curl/8").signs_in("ben").await.is_in().await);
    ben.opens("/settings/sign-in").await.sees("Two-factor was switched off");
    let refused = node.run_with(&["member", "two-factor", "ben", "off"], "");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not on"));
    assert!(!node.run_with(&["member", "two-factor", "ben", "on"], "").status.success());

    let mut cleo = Surfer::new(&node, "curl/8");
    cleo.signs_in("cleo").await;
    switched_on(&mut cleo).await;
    cleo.opens("/operator/accounts").await;
    assert_eq!(cleo.status, 403);
    let mut olga = Surfer::new(&node, "curl/8");
    olga.signs_in("olga").await;
    olga.opens("/operator/accounts").await;
    olga.sends("help-in", &[("name", "nobody"), ("act", "two-factor")]).await;
    olga.sees("Nobody here has that name");
    olga.sends("help-in", &[("name", "@cleo"), ("act", "two-factor")]).await;
    olga.sees("No code is asked of them");
    assert!(Surfer::new(&node, "curl/8").signs_in("cleo").await.is_in().await);
}
