//! Those who look after a node or a group, in Chromium without scripts and on the command line.
use serde_json::Value;

use crate::harness::{Browser, Database, Look, Member, Setup};

stories!(an_operator_decides_who_comes_in, a_steward_decides_who_joins_a_private_group);

async fn an_operator_decides_who_comes_in(database: Database) {
    let node = Setup::new(database).with("SIGN_UP", "approval").start().await;
    node.operator("olga").await;
    let (newcomer, operator) = (Browser::open(Look::PHONE).await, Browser::open(Look::PHONE).await);
    for name in ["ben", "eve", "finn"] {
        newcomer.goes_to(&format!("{}/auth/sign_up", node.origin())).await;
        newcomer.fills("username", name).await;
        newcomer.fills("email", &format!("{name}@example.org")).await;
        newcomer.fills("password", Member::PASSWORD).await;
        newcomer.fills("reason", &format!("{name} would like to help")).await;
        newcomer.presses("Ask to join").await;
        newcomer.sees("on its way").await;
    }
    node.public().try_get("/api/v1/accounts/lookup?acct=ben").await.refused(404);
    let waiting: Value = serde_json::from_str(&node.run(&["--json", "member", "waiting"])).unwrap();
    let names: Vec<_> = waiting.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["ben", "eve", "finn"]);

    operator.signs_in(&node, "olga").await;
    operator.goes_to(&format!("{}/operator", node.origin())).await;
    operator.sees("ben would like to help").await;
    operator.pictures("phone-operator").await;
    operator.follows("[aria-label='Let them in: ben']").await;
    operator.sees("ben is in").await;
    node.run(&["member", "approve", "finn"]);
    node.run(&["member", "deny", "eve", "--reason", "We know you from elsewhere"]);
    operator.goes_to(&format!("{}/operator", node.origin())).await;
    operator.sees("Nobody waits").await;
    let refused = node.run_with(&["member", "deny", "ben"], "");
    assert!(!refused.status.success(), "a member is not turned away like that");

    newcomer.signs_in(&node, "eve").await;
    newcomer.sees("We know you from elsewhere").await;
    for name in ["ben", "finn"] {
        node.public().get(&format!("/api/v1/accounts/lookup?acct={name}")).await;
    }
    newcomer.signs_in(&node, "ben").await;
    newcomer.sees("Who needs a hand?").await;

    // An invite goes past the queue, as often as it says, until it is ended.
    let printed = node.run(&["invite", "create", "--uses", "2", "--expires", "3"]);
    let link = printed.split_whitespace().last().unwrap().to_owned();
    let id = printed.split_whitespace().nth(1).unwrap().to_owned();
    assert!(!node.run(&["invite", "list"]).contains(link.rsplit('=').next().unwrap()));
    assert!(node.run(&["invite", "list"]).contains("2 left"));
    newcomer.goes_to(&format!("{}/auth/sign_out", node.origin())).await;
    newcomer.follows("main form button").await;
    newcomer.goes_to(&link).await;
    newcomer.fills("username", "gerda").await;
    newcomer.fills("email", "gerda@example.org").await;
    newcomer.fills("password", Member::PASSWORD).await;
    newcomer.fills("reason", "Invited").await;
    newcomer.follows("#sign-up button").await;
    newcomer.sees("Who needs a hand?").await;
    assert!(node.run(&["invite", "list"]).contains("1 left"));
    node.run(&["invite", "revoke", &id]);
    assert!(node.run(&["invite", "list"]).contains("No invite holds"));
    assert!(!node.run_with(&["invite", "revoke", &id], "").status.success());
    newcomer.closes().await;
    operator.closes().await;
}

async fn a_steward_decides_who_joins_a_private_group(database: Database) {
    let node = Setup::new(database).start().await;
    node.member("ana").await;
    let (ben, eve) = (node.member("ben").await, node.member("eve").await);
    let (steward, asking) = (Browser::open(Look::PHONE).await, Browser::open(Look::PHONE).await);
    steward.signs_in(&node, "ana").await;
    steward.goes_to(&format!("{}/groups/new", node.origin())).await;
    steward.fills("purpose", "So that nobody who works at night is alone").await;
    steward.fills("title", "Night shift").await;
    steward.fills("name", "night").await;
    steward.find("#f-private-yes").await.click().await.unwrap();
    steward.presses("Start the group").await;
    steward.sees("private: only members read it").await;

    asking.signs_in(&node, "ben").await;
    asking.goes_to(&format!("{}/@night", node.origin())).await;
    asking.presses("Ask to join").await;
    asking.sees("You asked to join").await;
    let group = eve.finds(&format!("@night@{}", node.domain())).await;
    let follow = format!("/api/v1/accounts/{}/follow", crate::harness::id(&group));
    let answer = eve.api.post(&follow, serde_json::json!({})).await;
    assert_eq!((&answer["requested"], &answer["following"]), (&true.into(), &false.into()));

    steward.goes_to(&format!("{}/@night", node.origin())).await;
    steward.presses("2 people ask to join").await;
    steward.pictures("phone-requests").await;
    steward.follows("[aria-label='Let them in: ben']").await;
    steward.sees("ben is a member of Night shift now.").await;
    steward.follows("[aria-label='Do not let them in: eve']").await;
    steward.sees("Nobody asks right now").await;
    asking.goes_to(&format!("{}/@night", node.origin())).await;
    asking.sees("you are a member").await;
    let relationship = |member: &Member| {
        let path = format!("/api/v1/accounts/relationships?id[]={}", crate::harness::id(&group));
        let api = crate::harness::Api::with_token(&node.origin(), &member.token);
        async move { api.get(&path).await[0].clone() }
    };
    assert_eq!(relationship(&ben).await["following"], true);
    assert_eq!(relationship(&eve).await["requested"], false);
    steward.closes().await;
    asking.closes().await;
}
